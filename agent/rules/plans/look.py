"""Plans about single products: pick, details, price, compare, stock."""

from collections.abc import Sequence

from agent.rules import say
from agent.rules.plan import Part, Plan, use
from agent.rules.plans.compare import side_by_side
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.rules.refer import (
    Many,
    Meant,
    Nobody,
    One,
    chosen,
    the_product,
    unsure,
)
from agent.rules.variants import Choice, choose


def pick(reading: Reading, memory: Memory) -> Plan:
    """Tell of the product pointed at, and offer it."""
    several = chosen(reading, memory)
    if len(several) > 1:
        return (yield from side_by_side(several))
    page = yield from page_of((yield from the_product(reading, memory)))
    if isinstance(page, str):
        return page
    own = [each for each in page["variants"] if each["sku"] == reading.code]
    choice = Choice(fitting=own) if own else choose(page, reading.words, reading)
    if choice.missing:
        return missing(page, choice)
    if (reading.colour or reading.size) and len(choice.fitting) == 1:
        return (yield from availability(page, choice))
    return f"{_summary(page)} {offer(page, choice)}"


def page_of(meant: Meant) -> Part[Data | str]:
    """Return the page of the product meant, or why there is none."""
    if not isinstance(meant, One):
        return unsure(meant)
    result = yield from use("get_product", product_id=meant.id)
    return say.error(result) or result["product"]


def details(reading: Reading, memory: Memory) -> Plan:
    """Tell what the product's page says, also of a property asked about."""
    meant = yield from the_product(reading, memory)
    if isinstance(meant, Nobody) and memory.focus and reading.rest:
        meant = One(memory.focus)
    if isinstance(meant, Many) and not meant.new and reading.refers:
        meant = One(meant.cards[0]["product_id"])
    page = yield from page_of(meant)
    if isinstance(page, str):
        return page
    rated = f" Rated {page['rating']} by {page['reviews']} shoppers."
    choice = choose(page, (), reading)
    return f"{_summary(page)}{rated if page['reviews'] else ''} {offer(page, choice)}"


def price(reading: Reading, memory: Memory) -> Plan:
    """Tell what the products meant cost."""
    meant = yield from the_product(reading, memory)
    if isinstance(meant, Many):
        shown = meant.cards[: say.AT_ONCE]
        return f"{say.lines(shown)}\nWhich one do you mean?"
    page = yield from page_of(meant)
    if isinstance(page, str):
        return page
    there = offer(page, choose(page, (), reading))
    return f"The {page['name']} costs {page['price']}. {there}"


def stock(reading: Reading, memory: Memory) -> Plan:
    """Tell whether it can be bought now, in the variant asked for."""
    meant = yield from the_product(reading, memory)
    if isinstance(meant, Many) and not meant.new and not reading.rest:
        meant = One(meant.cards[0]["product_id"]) if len(meant.cards) == 1 else meant
    look = reading.colour or reading.size
    whole = reading.colour and reading.size and len(getattr(meant, "cards", ())) < 4
    if isinstance(meant, Many) and (whole or (look and not meant.new)):
        return (yield from _which_in_look(meant, reading))
    page = yield from page_of(meant)
    if isinstance(page, str):
        return page
    sku = (
        memory.sku if reading.refers and not (reading.colour or reading.size) else None
    )
    own = [each for each in page["variants"] if each["sku"] in {sku, reading.code}]
    choice = (
        Choice(fitting=own) if own else choose(page, _said(reading, memory), reading)
    )
    if choice.missing:
        return missing(page, choice)
    return (yield from availability(page, choice))


def _which_in_look(meant: Many, reading: Reading) -> Part[str]:
    """Tell which of those shown can be had in the colour and size asked for."""
    texts: list[str] = []
    for card in meant.cards[: say.AT_ONCE]:
        page = yield from page_of(One(card["product_id"]))
        choice = None if isinstance(page, str) else choose(page, (), reading)
        if isinstance(page, str) or choice is None or choice.missing:
            texts.append(f"The {card['name']} does not come like that.")
            continue
        one = choice.fitting[0]
        whole = {"product_id": page["product_id"]}
        asked = {"sku": one["sku"]} if len(choice.fitting) == 1 else whole
        result = yield from use("check_stock", **asked)
        look = say.variant(page["name"], one) if "sku" in asked else page["name"]
        units = (
            say.units(result)
            if "sku" in asked
            else say.listed(
                say.options(choice.buyable, "size")
                or say.options(choice.buyable, "color")
            )
        )
        texts.append(f"{look}: {units or 'out of stock'}.")
    return "{} Which one would you like?".format("\n".join(texts))


def availability(page: Data, choice: Choice) -> Part[str]:
    """Check the stock of what was chosen and tell of it, with alternatives."""
    one = choice.fitting[0] if len(choice.fitting) == 1 else None
    if one is None:
        result = yield from use("check_stock", product_id=page["product_id"])
        return say.error(result) or _several(page, result, choice)
    result = yield from use("check_stock", sku=one["sku"])
    if error := say.error(result):
        return error
    item = result["items"][0]
    name = say.variant(page["name"], item)
    if item["available"]:
        return (
            f"Yes, the {name} is available: {say.units(item)} ({say.clock(result)}), "
            f"{page['price']}. Shall I put it into your cart?"
        )
    return f"Sorry, the {name} is out of stock ({say.clock(result)}).{other(page, one)}"


def other(page: Data, gone: Data | None = None) -> str:
    """Return what else there is of a product, or when it comes back."""
    left = [each for each in page["variants"] if each["available"]]
    if not left:
        back = page["restock_eta"]
        when = f"It is expected back on {back}." if back else "No date is known yet."
        return f" {when} Shall I let you know when it is back?"
    if gone and gone["size"] and gone["color"]:
        same = [each for each in left if each["color"] == gone["color"]]
        if same:
            sizes = say.listed(say.options(same, "size"))
            ask = "one of these" if len(same) > 1 else "that"
            return f" {gone['color']} is there in size {sizes}. Would {ask} do?"
    looks = say.options(left, "color") or say.options(left, "size")
    ask = "one of these" if len(looks) > 1 else "that"
    return f" There is {say.listed(looks)}. Would {ask} do?"


def missing(page: Data, choice: Choice) -> str:
    """Say that a colour or size does not exist, and which do."""
    wanted = say.listed(choice.missing, "or")
    there = say.options(page["variants"], "color")
    if "that size" in choice.missing:
        there = say.options(choice.fitting, "size")
    ask = "one of these" if len(there) > 1 else "that"
    return (
        f"The {page['name']} does not come in {wanted}. "
        f"There is {say.listed(there)}. Would {ask} do?"
    )


def offer(page: Data, choice: Choice) -> str:
    """Return what can be had of a product, as an offer."""
    if not any(each["available"] for each in page["variants"]):
        return f"It is out of stock just now.{other(page)}"
    left = choice.buyable or [each for each in page["variants"] if each["available"]]
    if len(left) == 1:
        look = say.look(left[0])
        return f"Shall I put {'the ' + look if look else 'it'} into your cart?"
    colours, sizes = say.options(left, "color"), say.options(left, "size")
    there = [f"in {say.listed(colours)}"] if len(colours) > 1 else []
    there += [f"in size {say.listed(sizes)}"] if len(sizes) > 1 else []
    return f"In stock {', '.join(there)}. Shall I put one into your cart?"


def _said(reading: Reading, memory: Memory) -> Sequence[str]:
    """Return what was said of the variant: an open question's words count on."""
    pending = memory.pending
    if pending is not None and not reading.rest and not reading.ordinals:
        return (*pending.words, *reading.words)
    return reading.words


def _summary(page: Data) -> str:
    text = say.first_sentences(page["description"])
    return f"{page['name']}, {page['price']}. {text}"


def _several(page: Data, result: Data, choice: Choice) -> str:
    left = [each for each in choice.fitting if each["available"]]
    gone = [each for each in choice.fitting if not each["available"]]
    if not left:
        return (
            f"Sorry, the {page['name']} is out of stock ({say.clock(result)})."
            f"{other(page)}"
        )
    colours, sizes = say.options(left, "color"), say.options(left, "size")
    there = [say.listed(colours)] if colours else []
    there += [f"size {say.listed(sizes)}"] if sizes else []
    out = [each for each in say.options(gone, "color") if each not in colours]
    sold = f" {say.listed(out)} is out of stock." if out else ""
    whole = len(choice.fitting) == len(page["variants"])
    units = f": {result['available']} left in all" if whole else ""
    return (
        f"Yes, the {page['name']} is available in {', '.join(there)}"
        f"{units} ({say.clock(result)}).{sold} "
        "Shall I put one into your cart?"
    )
