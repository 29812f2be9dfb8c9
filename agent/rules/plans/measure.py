"""Plans for a larger or smaller one: by the measures in tags, by the same line."""

from collections.abc import Sequence
from typing import Any

from agent.rules import say
from agent.rules.plan import Part, Plan, use
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.rules.refer import LARGE, SMALL, One, likeliest, the_product

_NAMED = {-1: SMALL, 1: LARGE}


def in_size(reading: Reading, memory: Memory, base: Data) -> Plan:
    """Find larger or smaller ones of the thing spoken of."""
    sign = 1 if reading.has("bigger") else -1
    word = "bigger" if sign > 0 else "smaller"
    card = yield from _meant(reading, memory)
    if card is None:
        return f"{word.capitalize()} than what? Tell me which product you mean."
    if reading.rest:
        base = {"query": str((card.get("tags") or (card["name"],))[0])}
    fitting = yield from _of_line(card, sign)
    fitting = fitting or (yield from _measured(card, base, sign))
    if not fitting and len(card.get("sizes", ())) > 1:
        sizes = say.listed(card["sizes"])
        return f"The {card['name']} comes in {sizes}. Which size do you want?"
    if not fitting:
        return (
            f"I see nothing {word} of that kind by the measures I have. "
            "Shall I look for something else?"
        )
    shown = say.lines(fitting[: say.AT_ONCE])
    ask = "Which one do you like?" if len(fitting) > 1 else "Would that do?"
    return f"Here is what is {word}:\n{shown}\n{ask}"


def _meant(reading: Reading, memory: Memory) -> Part[Data | None]:
    """Return the card of what shall be larger or smaller."""
    if reading.rest:
        found = likeliest((yield from the_product(reading, memory)), reading.rest)
        if isinstance(found, One):
            known = memory.cards.get(found.id)
            if known is not None:
                return known
            result = yield from use("get_product", product_id=found.id)
            page: Data | None = result.get("product")
            return page
        return None
    here = memory.focus or (memory.listing[0] if memory.listing else None)
    return memory.cards.get(here) if here else None


def _of_line(card: Data, sign: int) -> Part[Sequence[Data]]:
    """Return its sisters of the same line by the name: the Mini of a Boulder."""
    line = " ".join(str(card["name"]).split()[:2])
    result = yield from use("search_products", query=line, limit=10)
    return [
        each
        for each in result.get("products", ())
        if each["name"].startswith(f"{line} ")
        and each["product_id"] != card["product_id"]
        and _is_step(card, each, sign)
    ]


def _is_step(card: Data, other: Data, sign: int) -> bool:
    """Tell whether `other` is the larger one (sign 1), or the smaller one (-1)."""
    own, its = (frozenset(_words(each)) for each in (card, other))
    if its & _NAMED[sign] - own or own & _NAMED[-sign] - its:
        return True
    here, there = _measure(card), _measure(other)
    known = here[0] is not None and there[0] is not None and here[1] == there[1]
    return known and ((there[0] or 0) - (here[0] or 0)) * sign > 0


def _words(card: Data) -> Sequence[str]:
    return str(card["name"]).casefold().split()


def _measured(card: Data, base: Data, sign: int) -> Part[Sequence[Data]]:
    """Return those of the last search whose tags measure more, or less."""
    asked: dict[str, Any] = {**base, "limit": 10}
    result = yield from use("search_products", **asked)
    size, unit = _measure(card)
    return [
        each
        for each in result.get("products", ())
        if size is not None
        and _measure(each)[1] == unit
        and ((_measure(each)[0] or size) - size) * sign > 0
    ]


def _measure(card: Data) -> tuple[float | None, str]:
    for tag in card.get("tags", ()):
        figure = "".join(each for each in tag if each.isdigit() or each == ".")
        unit = tag.removeprefix(figure).strip("-")
        if (
            figure
            and tag.startswith(figure)
            and unit.isalpha()
            and figure.count(".") < 2
        ):
            return float(figure), unit
    return None, ""
