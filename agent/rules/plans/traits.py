"""Plans about what a product is or has: `is it waterproof?`, `how tall is it?`."""

import re
from collections.abc import Sequence

from agent.rules import say
from agent.rules.asking import asks_of_it
from agent.rules.plan import Part, Plan, use
from agent.rules.plans.look import page_of, stock
from agent.rules.properties import ALIKE, MEASURED
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.rules.refer import Many, Meant, One, likeliest, named_before, the_product
from agent.spelling import parts


def property_of(reading: Reading, memory: Memory) -> Plan:
    """Tell whether the product's page speaks of a property, and what it says."""
    of_it = reading.refers or asks_of_it(reading, memory)
    if of_it and memory.focus and not named_before(reading, memory):
        meant: Meant = One(memory.focus)
    elif reading.refers and len(memory.listing) > 1:
        cards = [memory.cards[each] for each in memory.listing]
        meant = likeliest(Many(cards), reading.rest)
        if isinstance(meant, Many):
            shown = memory.listing[: say.AT_ONCE]
            return (yield from _property_of_all(reading, shown))
    else:
        meant = yield from the_product(reading, memory, asks=True)
        meant = likeliest(meant, reading.rest)
        if isinstance(meant, Many) and len(meant.cards) <= say.AT_ONCE:
            ids = [each["product_id"] for each in meant.cards]
            return (yield from _property_of_all(reading, ids))
    page = yield from page_of(meant)
    if isinstance(page, str):
        return page
    wanted = _besides(page["name"], reading.rest) or [
        each for each in reading.words if each in MEASURED
    ]
    if not wanted and (reading.colour or reading.size):
        return (yield from stock(reading, memory))
    return _property(page, wanted)


def _property_of_all(reading: Reading, ids: Sequence[str]) -> Part[str]:
    result = yield from use("compare_products", product_ids=list(ids))
    if error := say.error(result):
        return error
    pages = result["products"]
    told = [_property(each, _besides(each["name"], reading.rest)) for each in pages]
    return "\n".join(told)


def _besides(name: str, words: Sequence[str]) -> list[str]:
    """Return the words that are not of the name: what is asked about it."""
    own = parts(name)
    return [each for each in words if not set(parts(each)) <= set(own)]


def _property(page: Data, wanted: Sequence[str]) -> str:
    asked = " ".join(each for each in wanted if not each.isdecimal()) or "that"
    if MEASURED & {*wanted}:
        figures = [
            each for each in page["description"].split(". ") if _FIGURE.search(each)
        ]
        measures = " ".join(f"{each.rstrip('.')}." for each in figures[:2])
        if page["sizes"]:
            measures = f"It comes in {say.listed(page['sizes'])}. {measures}"
        if measures or _FIGURE.search(page["name"]):
            return f"All I have of that: {page['name']}. {measures}".rstrip()
    stems = set(parts(" ".join(ALIKE.get(each, each) for each in wanted)))
    told = [each.rstrip(".") for each in page["description"].split(". ")]
    best = max(told, key=lambda each: len(stems & {*parts(each)}))
    tags = [each for each in page["tags"] if stems & {*parts(each)}]
    if stems and stems <= {*parts(best)}:
        return f"The {page['name']}'s page says: {best}."
    if stems and stems <= {word for each in tags for word in parts(each)}:
        return f"Yes, the {page['name']} is listed as {say.listed(tags)}."
    if stems & {*parts(best)}:
        return f"The {page['name']}'s page says: {best}."
    if tags:
        return f"The {page['name']} is listed as {say.listed(tags)}."
    return (
        f"The page of the {page['name']} does not say anything about “{asked}”, so I "
        f"can't tell. It says: {say.first_sentences(page['description'], 1)}"
    )


_FIGURE = re.compile(r"\d")
