"""Plans that look through the shop: search, recommend."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from agent.fit import is_beside, named_kinds
from agent.rules import say
from agent.rules.fixed import REPLIES
from agent.rules.plan import Part, Plan, Use, use
from agent.rules.plans.kinds import several_kinds
from agent.rules.plans.look import other
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.rules.refer import Many, One, the_product
from agent.rules.wishes import wished
from agent.spelling import nearest, parts, slips
from agent.sums import money

# What shall be found, by cue, and how it is sorted then.
SORTS = {
    "cheapest": "price_asc",
    "dearest": "price_desc",
    "best": "rating",
    "newest": "newest",
    "cheaper": "price_asc",
    "dearer": "price_desc",
    "recommend": "rating",
}
_LEADS = {
    "price_asc": "The cheapest is the {name} at {price}.",
    "price_desc": "The most expensive is the {name} at {price}.",
    "rating": "The best rated is the {name} ({rating}) at {price}.",
    "newest": "The newest is the {name} at {price}.",
}


_BETWEEN = frozenset({"and", "aur", "plus", "or"})


def search(reading: Reading, memory: Memory) -> Plan:
    """Find what the words name, and say what is nearest if they ask too much."""
    asked = filters(reading)
    if needed := wished(reading):
        return (yield from fetched(needed, asked))
    if reading.rest:
        asked["query"] = " ".join(named_goods(reading))
    sort = next((SORTS[cue] for cue in SORTS if reading.has(cue)), None)
    if sort:
        asked["sort"] = sort
    if not asked:
        return REPLIES["search_what"]
    if reading.has("about") and memory.search:
        keep = ("max_price_cents", "min_price_cents")
        asked = {
            each: memory.search[each] for each in keep if each in memory.search
        } | asked
    if not _BETWEEN.isdisjoint(reading.words) and len(reading.rest) > 1:
        text = yield from several_kinds(reading, asked)
        if text is not None:
            return text
    result = yield from use("search_products", **asked)
    nouns = [each for each in named_goods(reading) if each not in reading.purpose]
    if reading.purpose and nouns and _only_for(result, nouns[-1]):
        # A laptop for college is a laptop before it is for college.
        asked["query"] = " ".join(nouns)
        result = yield from use("search_products", **asked)
    if not (result.get("products") or result.get("relax")) and _chat(reading):
        return REPLIES["unknown"]
    return (yield from told(result))


def fetched(needed: Sequence[str], asked: Data) -> Plan:
    """Answer a need by the best finds of several searches, the plainest one's first."""
    # What "cheaper" goes on from is the search made last.
    uses = [Use("search_products", {**asked, "query": each}) for each in needed[::-1]]
    results = yield tuple(uses)
    found = [each.get("products", ()) for each in reversed(results)]
    cards = {
        each["product_id"]: each for row in zip_longest(*found) for each in row if each
    }
    if not cards:
        return (yield from told(results[-1]))
    text = say.lines([*cards.values()][: say.AT_ONCE])
    lead = _limit(asked, "For that I would look at these")
    return f"{lead}:\n{text}\nWhich one do you like?"


def _chat(reading: Reading) -> bool:
    """Tell whether a message is a whole sentence without a word of shopping."""
    return len(reading.words) > 3 and not reading.cues and not reading.purpose


def _only_for(result: Data, noun: str) -> bool:
    """Tell whether all hits are something for it, such as a laptop's backpack.

    Or the best one is something else, and there are some of that kind.
    """
    stem, found = parts(noun)[-1:], result.get("products", ())
    if not stem or not found:
        return False
    kind = [stem[0] in named_kinds(each["name"], each["tags"]) for each in found]
    if any(kind):
        return not kind[0]
    return all(stem[0] in parts(each["name"]) for each in found)


def recommend(reading: Reading, memory: Memory) -> Plan:
    """Suggest what goes with the cart, or with the product just spoken of."""
    bought = reading.has("bought", "order")
    spoken_of = "history" if bought else memory.focus if reading.refers else None
    if reading.has("pair") and reading.rest:
        meant = yield from the_product(reading, memory)
        first = meant.cards[0]["product_id"] if isinstance(meant, Many) else None
        spoken_of = meant.id if isinstance(meant, One) else first
    result = yield from use("get_recommendations", based_on=spoken_of or "cart")
    found = result.get("products")
    if not found:
        return say.error(result) or REPLIES["search_what"]
    because = result["because_of"]
    lead = (
        f"Goes well with your {say.listed(because[:2])}:"
        if because
        else "These are what our shoppers rate best:"
    )
    return f"{lead}\n{say.lines(found)}\nShall I tell you more about one of them?"


def told(result: Data) -> Part[str]:
    """Put a search's result into words, checking stock where one variant was asked."""
    hits: Sequence[Data] = result.get("products", ())
    if say.error(result) or not hits:
        return say.error(result) or _nothing(result)
    asked, top = result["asked"], hits[0]
    wanted = top.get("variants") or []
    exact = bool(asked.get("colour") and asked.get("size")) or len(hits) == 1
    text = _hits(result)
    if exact and len(wanted) == 1:
        stock = yield from use("check_stock", sku=wanted[0]["sku"])
        if len(hits) > 1:
            name = say.variant(top["name"], wanted[0])
            left = f"{name}: {say.units(stock['items'][0])} ({say.clock(stock)})."
            return f"{text}\n{left} Which one do you like?"
        return f"{text}\n{(yield from _stock(top, stock))}"
    if len(hits) == 1 and not top["available"]:
        stock = yield from use("check_stock", product_id=top["product_id"])
        return f"{text}\n{(yield from _stock(top, stock))}"
    there = _there(asked, wanted) if len(hits) == 1 else ""
    return f"{text}\n{there}{_question(result, hits)}"


def _there(asked: Data, wanted: Sequence[Data]) -> str:
    """Return what there is of a product in the colour or the size asked for."""
    left = [each for each in wanted if each["available"]]
    if asked.get("size"):
        looks, lead = say.options(left, "color"), f"In size {asked['size']}"
    else:
        looks, lead = say.options(left, "size"), f"In {asked.get('colour')}"
    if not looks:
        return "That one is out of stock just now. " if wanted else ""
    sized = "" if asked.get("size") else "size "
    return f"{lead} there is {sized}{say.listed(looks)}. "


def _hits(result: Data) -> str:
    hits, asked = result["products"], result["asked"]
    alone = len(hits) == 1
    query = asked.get("query", "")
    if alone and not is_beside(query, hits[0]["name"], hits[0]["tags"]):
        lead = _limit(asked, "I have one match") + "."
    elif asked.get("sort") in _LEADS and not alone:
        lead = _LEADS[asked["sort"]].format(**hits[0])
    elif alone or _beside(asked, hits):
        lead = f"I see no exact match for “{say.wish(asked)}”. The nearest:"
    else:
        wish = say.wish(asked)
        lead = _limit(asked, f"I found {result['count']}{wish and ' for '}{wish}")
        lead += ":" if result["count"] <= say.AT_ONCE else ". The best matches:"
    text = f"{lead}\n{say.lines(hits[: say.AT_ONCE])}"
    if near := _over_budget(result):
        budget = money(asked["max_price_cents"])
        text += f"\nClose, but over your {budget} budget:\n"
        text += say.lines(near, len(hits) + 1, ", over your budget")
    return text


def _beside(asked: Data, hits: Sequence[Data]) -> bool:
    """Tell whether none of the hits has what the search named last: its noun."""
    words = parts(asked.get("query", ""))
    if len(words) < 2:
        return False
    told = {word for each in hits for word in parts(each["name"])}
    told |= {word for each in hits for tag in each["tags"] for word in parts(tag)}
    near = (nearest(word, told, slips(word)) for word in words[-1:])
    return not any(near)


def _over_budget(result: Data) -> Sequence[Data]:
    """Return the nearest product beyond the budget, where little is within."""
    relax = result["relax"]
    if not relax or relax["filter"] != "max_price_cents":
        return ()
    return list(relax["products"][:1]) if result["asked"].get("query") else ()


def _question(result: Data, hits: Sequence[Data]) -> str:
    if len(hits) > 1 or _over_budget(result):
        return "Which one do you like?"
    return "Shall I put it into your cart?"


def _nothing(result: Data) -> str:
    asked, relax = result["asked"], result["relax"]
    wish = say.wish(asked) or "that"
    if relax is None:
        return (
            f"Sorry, I found nothing for “{wish}” in this shop. "
            "Shall I look for something else?"
        )
    lead = {
        "max_price_cents": "Nothing of that kind is within {most}. The nearest:",
        "min_price_cents": "Nothing of that kind costs {least} or more. The nearest:",
        "in_stock": "It is out of stock just now. What I found:",
        "size": "I have it, but not in size {size}. What comes near:",
        "colour": "I have it, but not in {colour}. What comes near:",
        "without": "Nothing of that kind is without {without}. What there is:",
    }.get(relax["filter"], "Not exactly that. What comes near:")
    lead = lead.format(
        most=money(asked.get("max_price_cents", 0)),
        least=money(asked.get("min_price_cents", 0)),
        size=asked.get("size"),
        colour=asked.get("colour"),
        without=asked.get("without"),
    )
    over = ", over your budget" if relax["filter"] == "max_price_cents" else ""
    near = say.lines(relax["products"][: say.AT_ONCE], note=over)
    ask = "one of these" if len(relax["products"]) > 1 else "that"
    return f"{lead}\n{near}\nWould {ask} do?"


def _stock(card: Data, stock: Data) -> Part[str]:
    item = stock["items"][0]
    look = say.look(item) if len(stock["items"]) == 1 else ""
    named = f"{look[0].upper()}{look[1:]}: " if look else ""
    if not stock["available"]:
        result = yield from use("get_product", product_id=card["product_id"])
        there = other(result["product"], item) if "product" in result else ""
        return f"{named}out of stock ({say.clock(stock)}).{there}"
    return (
        f"{named}{say.units(item)} ({say.clock(stock)}). Shall I put it into your cart?"
    )


def filters(reading: Reading) -> dict[str, Any]:
    """Return what this message narrows a search by."""
    asked: dict[str, Any] = {}
    if reading.most is not None:
        asked["max_price_cents"] = reading.most
    if reading.least is not None:
        asked["min_price_cents"] = reading.least
    if reading.colour:
        asked["colour"] = reading.colour
    if reading.size:
        asked["size"] = reading.size
    if reading.has("stock"):
        asked["in_stock"] = True
    if reading.without:
        asked["without"] = " ".join(reading.without)
    return asked


def named_goods(reading: Reading) -> Sequence[str]:
    """Return the words for goods, without those that are ruled out."""
    wanted = [each for each in reading.rest if each not in reading.without]
    return wanted or reading.rest


def for_what(result: Data) -> str:
    """Return ` for <what was searched for>`, or nothing."""
    wish = say.wish(result["asked"])
    return f" for {wish}" if wish else ""


def _limit(asked: Data, text: str) -> str:
    most, least = asked.get("max_price_cents"), asked.get("min_price_cents")
    if most is not None and least is not None:
        return f"{text} between {money(least)} and {money(most)}"
    if most is not None:
        return f"{text} within {money(most)}"
    return f"{text} from {money(least)}" if least is not None else text
