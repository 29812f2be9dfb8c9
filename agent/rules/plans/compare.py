"""Plans that put several products side by side."""

from collections.abc import Sequence

from agent.rules import say
from agent.rules.goods import called
from agent.rules.plan import Part, Plan, Use, use
from agent.rules.reading import Reading, parted
from agent.rules.recall import Memory
from agent.rules.refer import Nobody, One, among, chosen, unsure


def compare(reading: Reading, memory: Memory) -> Plan:
    """Put two or more products side by side."""
    ids = [] if reading.rest else chosen(reading, memory)
    if reading.rest and (reading.ordinals or reading.both):
        ids = yield from _first_found(reading)
    if len(ids) == 1 and memory.focus and memory.focus not in ids:
        ids = [memory.focus, *ids]
    if len(ids) < 2 and reading.rest:
        found = yield from _by_names(reading, memory)
        if isinstance(found, str):
            return found
        ids = found
    if len(ids) < 2:
        ids = list(memory.listing[:2])
    if len(ids) < 2:
        return "Which products shall I compare? Tell me their names."
    return (yield from side_by_side(ids))


def _first_found(reading: Reading) -> Part[list[str]]:
    """Return those of "the first two laptops" that a search for laptops gives."""
    found = yield from use("search_products", query=" ".join(reading.rest))
    ids = [each["product_id"] for each in found.get("products", ())]
    places = (1, 2) if reading.both else reading.ordinals
    return [ids[each - 1] for each in places if 0 < each <= len(ids)]


def _by_names(reading: Reading, memory: Memory) -> Part[list[str] | str]:
    """Find the products whose names are parted by `and`, `vs` and the like."""
    names = _names(reading)
    if len(names) < 2:
        found = yield from use("search_products", query=" ".join(reading.rest))
        cards = found.get("products", ())
        ids = [each["product_id"] for each in cards[:2]]
        if memory.focus and memory.focus not in ids:
            ids = [memory.focus, *ids[:1]]
        return ids if len(ids) > 1 else unsure(Nobody(" ".join(reading.rest)))
    results = yield tuple(
        Use("search_products", {"query": " ".join(each)}) for each in names
    )
    taken: dict[int, str] = {}
    # The longest name first: of "fable 8 and fable 8 max" it leaves the other.
    for at in sorted(range(len(names)), key=lambda each: -len(names[each])):
        cards = [
            each
            for each in results[at].get("products", ())
            if each["product_id"] not in taken.values()
        ]
        meant = among(cards, names[at])
        if isinstance(meant, Nobody):
            return unsure(meant)
        first = cards[0]["product_id"]
        taken[at] = meant.id if isinstance(meant, One) else first
    return [taken[at] for at in sorted(taken)]


_BETWEEN = frozenset(
    {
        "and",
        "vs",
        "versus",
        "or",
        "with",
        "aur",
        "to",
        "ya",
        "than",
        "from",
        "se",
        "over",
        "against",
        "that",
    }
)


def _names(reading: Reading) -> list[list[str]]:
    """Return the words of each product named."""
    rest = set(reading.rest)
    names = [
        [each for word in part for each in called(word) if each in rest]
        for part in parted(reading.words, _BETWEEN)
    ]
    return [each for each in names if each][:4]


def side_by_side(ids: Sequence[str]) -> Plan:
    """Compare these products and say which to take for what."""
    result = yield from use("compare_products", product_ids=list(ids[:4]))
    if error := say.error(result):
        return error
    pages = {each["product_id"]: each for each in result["products"]}
    if len(pages) < 2:
        return "That is one and the same product. Which other one shall I compare?"
    text = say.lines(list(pages.values()))
    best, cheap = pages[result["best_rated"]], pages[result["cheapest"]]
    if best is cheap:
        less = result["price_difference"]
        differ = len({each["price_cents"] for each in pages.values()}) == len(pages)
        clear = differ and len(pages) == 2
        why = f"and {less} cheaper" if clear else "and nothing costs less"
        verdict = f"I'd take the {best['name']}: rated best, {why}."
    else:
        verdict = (
            f"The {best['name']} is rated best ({best['rating']}); "
            f"the {cheap['name']} costs {result['price_difference']} less."
        )
        if len(pages) > 2:
            verdict = (
                f"The {best['name']} is rated best ({best['rating']}); "
                f"the {cheap['name']} is the cheapest at {cheap['price']}."
            )
    return f"{text}\n{verdict} Which one would you like?"
