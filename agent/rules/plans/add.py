"""Plans that put things into the cart, or others in their place."""

from collections.abc import Sequence

from msgspec.structs import replace

from agent.rules import say
from agent.rules.lines import meant
from agent.rules.orders import the_orders
from agent.rules.plan import Part, Plan, use
from agent.rules.plans.look import availability, missing
from agent.rules.reading import Reading, parted, read
from agent.rules.recall import Data, Memory, Pending
from agent.rules.refer import (
    Nobody,
    One,
    chosen,
    is_named,
    likeliest,
    the_product,
    unsure,
)
from agent.rules.shares import Share, of_share, shares, without_looks
from agent.rules.variants import Choice, choose
from agent.spelling import parts


def add(reading: Reading, memory: Memory) -> Plan:
    """Put what is meant into the cart, asking for what is missing."""
    more = reading.quantity is not None or "another" in reading.words
    if memory.added and not (_says_which(reading) or more):
        return (yield from _there_already(memory))
    if "same" in reading.words and reading.rest:
        return (yield from _same(reading, memory))
    if parts_of_it := shares(reading):
        return (yield from _shared(parts_of_it, reading, memory))
    several = chosen(reading, memory)
    if len(several) < 2:
        return (yield from _add_one(reading, memory))
    texts: list[str] = []
    for product_id in several:
        texts += [(yield from _put(product_id, reading, memory))]
    return _questions_last(texts)


def _shared(each_look: Sequence[Share], reading: Reading, memory: Memory) -> Plan:
    """Put in so many of one look and so many of another."""
    named = without_looks(reading)
    found = yield from the_product(named, memory)
    if not isinstance(found, One):
        found = likeliest(found, named.rest)
    if not isinstance(found, One):
        return unsure(found)
    texts: list[str] = []
    for share in each_look:
        texts += [(yield from _put(found.id, of_share(named, share), Memory()))]
    return _questions_last(texts)


def _same(reading: Reading, memory: Memory) -> Plan:
    """Put in another look of what the cart has: "the same tote in black as well"."""
    if _BEFORE & {*reading.words}:
        return (yield from _as_before(reading, memory))
    result = yield from use("get_cart")
    lines = result.get("cart", {}).get("lines", ())
    named = replace(reading, colour=None, size=None)
    there = {each["product_id"] for each in meant(lines, named, memory)}
    if len(there) == 1:
        return (yield from _put(there.pop(), reading, memory))
    return say.error(result) or (yield from _add_one(reading, memory))


_BEFORE = frozenset({"last", "before", "previous", "earlier", "again", "previously"})


def _as_before(reading: Reading, memory: Memory) -> Plan:
    """Put in what was ordered before: "the same bottle as last time"."""
    found = yield from the_orders([reading], memory)
    if isinstance(found, str):
        return found
    skus = {each["sku"] for each in found.lines}
    if found.named and len(skus) == 1:
        return (yield from added(skus.pop(), reading.quantity or 1, None, reading))
    return (yield from _add_one(reading, memory))


def _says_which(reading: Reading) -> bool:
    look = reading.colour or reading.size or reading.numbers
    return bool(
        reading.rest or reading.ordinals or reading.both or reading.code or look
    )


def _there_already(memory: Memory) -> Part[str]:
    result = yield from use("get_cart")
    lines = result.get("cart", {}).get("lines", ())
    there = [each for each in lines if each["sku"] == memory.line]
    if not there:
        return say.error(result) or "Which product shall I put into your cart?"
    return (
        f"That is in your cart already: {say.cart_line(there[0])}. "
        "Tell me if you want more of it."
    )


def _add_one(reading: Reading, memory: Memory) -> Plan:  # noqa: PLR0911 - the first rule that fits
    pending = memory.pending
    if pending and pending.intent not in {"add", "stock"}:
        pending = None
    named = reading.rest or reading.ordinals or reading.code
    if pending and pending.sku and not (named or reading.colour or reading.size):
        quantity = _units(reading, pending)
        return (yield from added(pending.sku, quantity, None, reading))
    if pending and pending.product_id and not _names_another(reading, memory):
        return (yield from _put(pending.product_id, reading, memory))
    goods = _several(reading)
    if goods and not (yield from _one_name(reading)):
        texts: list[str] = []
        for each in goods:
            texts += [(yield from _add_one(each, Memory()))]
        return _questions_last(texts)
    meant = yield from the_product(reading, memory)
    if isinstance(meant, One):
        return (yield from _put(meant.id, reading, memory))
    if isinstance(meant, Nobody) and not meant.words:
        return (
            "Which product shall I put into your cart? To buy what is in it, "
            "say “checkout”."
        )
    if isinstance(meant, Nobody):
        return unsure(meant)
    shown = meant.cards[: say.AT_ONCE]
    more = ["colour"] if any(len(each["colors"]) > 1 for each in shown) else []
    more += ["size"] if any(each["sizes"] for each in shown) else []
    look = f", and in which {say.listed(more)}" if more else ""
    return f"More than one fits:\n{say.lines(shown)}\nWhich one would you like{look}?"


_BETWEEN = frozenset({"and", "aur", "plus", "also"})


def _several(reading: Reading) -> list[Reading]:
    """Return the parts of "the mini in black and two mugs", if each names goods."""
    readings = [
        read(f"add {' '.join(each)}") for each in parted(reading.words, _BETWEEN)
    ]
    return readings if len(readings) > 1 and all(r.rest for r in readings) else []


def _one_name(reading: Reading) -> Part[bool]:
    """Tell whether one product's name has all the words: `Keyboard and Mouse Set`."""
    found = yield from use("search_products", query=" ".join(reading.rest))
    return any(
        is_named(each["name"], reading.rest) for each in found.get("products", ())
    )


def _questions_last(texts: Sequence[str]) -> str:
    """Join replies so that the last thing heard is the one to be answered."""
    return "\n".join(sorted(texts, key=lambda each: each.endswith("?")))


def _names_another(reading: Reading, memory: Memory) -> bool:
    """Tell whether a product other than the one we asked about is named."""
    if reading.ordinals or reading.code:
        return True
    pending = memory.pending
    card = memory.cards.get(pending.product_id or "", {}) if pending else {}
    own = parts(" ".join([
        str(card.get("name", "")), *card.get("colors", ()), *card.get("sizes", ()),
    ]))  # fmt: skip
    return any(word not in own for word in parts(" ".join(reading.rest)))


def _put(product_id: str, reading: Reading, memory: Memory) -> Part[str]:
    """Find the variant of a product and put it into the cart."""
    result = yield from use("get_product", product_id=product_id)
    if error := say.error(result):
        return error
    page = result["product"]
    pending = memory.pending
    said = reading.words
    quantity = _units(reading, pending)
    agrees = reading.has("yes") or not (reading.colour or reading.size or reading.rest)
    if pending is not None and pending.intent == "stock" and agrees:
        # What they asked for is sold out: yes is to what there is instead.
        said = ("yes",)
    elif pending is not None and pending.intent in {"add", "stock"}:
        said = (*pending.words, *said)
    further = {"another", "same"} & set(reading.words) or reading.has("more")
    if further and memory.added:
        said = (*_look_words(memory), *said)
    said = (*_searched(product_id, memory), *said)
    # "Put two in" after one was put in: the same one.
    named = reading.rest or reading.colour or reading.size
    same = memory.sku if memory.added and not named else None
    exact = [each for each in page["variants"] if each["sku"] in {reading.code, same}]
    choice = choose(page, said, reading)
    if exact:
        return (yield from added(exact[0]["sku"], quantity, page, reading))
    one = yield from the_variant(page, choice)
    if isinstance(one, str):
        return one
    if choice.near and not reading.has("yes"):
        look = say.look(one)
        return (
            f"The {page['name']} does not come in {reading.colour}; the nearest is "
            f"{look}. Shall I put that into your cart?"
        )
    return (yield from added(one["sku"], quantity, page, reading))


def _look_words(memory: Memory) -> tuple[str, ...]:
    """Return how the line last changed looks, in words."""
    lines = [each for each in memory.lines if each["sku"] == memory.line]
    looks = [each.get(key) for each in lines for key in ("size", "color")]
    return tuple(word for each in looks if each for word in each.casefold().split())


def the_variant(page: Data, choice: Choice) -> Part[Data | str]:
    """Return the one variant that is meant, or what to say where it is not one."""
    if choice.missing:
        return missing(page, choice)
    if not choice.buyable:
        return (yield from availability(page, choice))
    return which(page, choice.buyable) if choice.one is None else choice.one


def _searched(product_id: str, memory: Memory) -> tuple[str, ...]:
    """Return the size and colour that the search was for that found the product."""
    if memory.search is None or product_id not in memory.listing:
        return ()
    told = [str(memory.search.get(each) or "") for each in ("size", "colour")]
    return tuple(word for each in told for word in each.casefold().split())


def _units(reading: Reading, pending: Pending | None) -> int:
    if reading.quantity is not None:
        return reading.quantity
    return (pending.quantity if pending else None) or 1


def which(page: Data, buyable: Sequence[Data]) -> str:
    """Ask for the colour or the size that is still open."""
    colours, sizes = say.options(buyable, "color"), say.options(buyable, "size")
    asked = ["colour"] * (len(colours) > 1) + ["size"] * (len(sizes) > 1)
    there = [f"{say.listed(colours, 'or')}"] if len(colours) > 1 else []
    there += [f"size {say.listed(sizes, 'or')}"] if len(sizes) > 1 else []
    return (
        f"Which {say.listed(asked)} of the {page['name']} ({page['price']}) would you "
        f"like: {'; '.join(there)}?"
    )


def added(sku: str, quantity: int, page: Data | None, reading: Reading) -> Part[str]:
    """Put a variant into the cart and tell of it, or why not."""
    result = yield from use("add_to_cart", sku=sku, quantity=quantity)
    if "error" in result:
        return refused(result, page)
    told = result["added"]
    text = (
        f"Added {say.times(told['quantity'], say.variant(told['name'], told))} at "
        f"{told['price']}. {say.subtotal(result['cart'])}"
    )
    if "hold_minutes_left" in told:
        minutes, until = told["hold_minutes_left"], told["hold_expires_at"][11:16]
        text += f" It is held for you for {minutes} minutes, until {until} UTC."
    elif {"keep", "hold", "reserve"} & set(reading.words):
        text += " A cart holds nothing back, so check out soon to be sure of it."
    return text


def refused(result: Data, page: Data | None) -> str:
    """Return a refused quantity in words, with an offer of what is possible."""
    details = result["details"]
    it = f"the {page['name']}" if page else "it"
    held = details.get("in_cart") or 0
    match result["error"]:
        case "insufficient_stock" if details.get("available"):
            text = f"Only {details['available']} of {it} can be had just now"
        case "malformed_arguments" if page and "max_per_order" in page:
            most = page["max_per_order"]
            return (
                "Please tell me a whole number, one or more; one order may have at "
                f"most {most} of {it}."
            )
        case "insufficient_stock":
            return f"Sorry, {it} is out of stock just now."
        case "max_per_order":
            text = f"One order may have at most {details['max_per_order']} of {it}"
        case _:
            return say.error(result) or ""
    if held:
        return f"{text}, and your cart has {held}. I left it as it is."
    room = details.get("available", details.get("max_per_order"))
    return f"{text}. Shall I put {room} into your cart?"
