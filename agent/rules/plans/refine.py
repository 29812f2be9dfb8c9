"""Plans that go on from the last search: cheaper, bigger, in blue, more."""

from collections.abc import Mapping
from typing import Any

from agent.fit import named_kinds
from agent.rules import say
from agent.rules.plan import Plan, use
from agent.rules.plans.measure import in_size
from agent.rules.plans.search import SORTS, fetched, filters, for_what, told
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.rules.refer import is_named
from agent.spelling import parts


def refine(reading: Reading, memory: Memory) -> Plan:
    """Search again for the same, narrowed or moved by what was said now."""
    base = _base(reading, memory)
    if reading.has("bigger", "smaller"):
        return (yield from in_size(reading, memory, base))
    if memory.wish and memory.focus is None:
        return (yield from fetched(memory.wish, _narrower(reading, memory, base)))
    pivot = _pivot(reading, memory)
    asked = {**base, **filters(reading)}
    if reading.numbers and base.get("size") and not reading.size:
        asked["size"] = reading.numbers[-1]  # "not in 14, what about 11?"
    if pivot is not None and reading.has("cheaper"):
        # A limit of their own says better what is too much.
        most = reading.most or max(0, pivot["price_cents"] - 1)
        asked |= {"max_price_cents": most}
        asked.pop("min_price_cents", None)
    elif pivot is not None and reading.has("dearer"):
        asked |= {"min_price_cents": pivot["price_cents"] + 1, "sort": "price_asc"}
        asked.pop("max_price_cents", None)
    sort = next((SORTS[cue] for cue in SORTS if reading.has(cue)), None)
    if sort and (pivot is None or not reading.has("cheaper", "dearer")):
        asked["sort"] = sort
    result = yield from use("search_products", **asked)
    kind = _kind(pivot, asked)
    if pivot is not None and kind and not result.get("products"):
        # No cheaper *gaming monitor*: then a cheaper monitor.
        result = yield from use("search_products", **{**asked, "query": kind})
    step = "Cheaper" if reading.has("cheaper") else "Above that"
    if pivot is None or not reading.has("cheaper", "dearer"):
        return (yield from told(result))
    return _stepped(result, pivot, step, memory)


def _base(reading: Reading, memory: Memory) -> dict[str, Any]:
    """Return the search that is gone on from."""
    base = dict(memory.search or {})
    base.pop("limit", None)
    if memory.focus and (not base or _named_by(base, memory.named(memory.focus))):
        # They named this very product: its kind is what they want another one of.
        tags = memory.cards[memory.focus].get("tags") or (memory.named(memory.focus),)
        base = {"query": tags[0].replace("-", " ")}
    if reading.rest:
        base["query"] = " ".join([*reading.rest, base.get("query", "")]).strip()
    return base


def _narrower(reading: Reading, memory: Memory, base: Data) -> dict[str, Any]:
    """Return the filters of the searches for a need, narrowed by what was said now."""
    asked = {**base, **filters(reading)}
    asked.pop("query", None)
    asked.pop("sort", None)
    shown = [memory.cards[each]["price_cents"] for each in memory.listing]
    if reading.has("cheaper") and reading.most is None and shown:
        asked["max_price_cents"] = max(0, max(shown) - 1)
    return asked


def _named_by(asked: Data, name: str) -> bool:
    query = asked.get("query")
    return query is not None and is_named(name, query.split())


def more(_: Reading, memory: Memory) -> Plan:
    """Show the next ones of the last search."""
    asked = {**(memory.search or {}), "limit": 10}
    result = yield from use("search_products", **asked)
    fresh = [each for each in _all(result) if each["product_id"] not in memory.seen]
    if not fresh:
        return (
            f"That was everything I have{for_what(result)}. "
            "Shall I look for something else?"
        )
    return f"Here is more:\n{say.lines(fresh[: say.AT_ONCE])}\nWhich one do you like?"


def _stepped(result: Data, pivot: Data, step: str, memory: Memory) -> str:
    hits = result.get("products", ())
    if not hits:
        return (
            f"I have nothing {step.lower()} than the {pivot['name']} at "
            f"{pivot['price']}{for_what(result)}. Shall I look for something else?"
        ).replace("above that than", "above")
    held = any(each.get("product_id") == pivot["product_id"] for each in memory.lines)
    text = f"{step} than the last one:" if step == "Cheaper" else f"{step}:"
    text += f"\n{say.lines(hits[: say.AT_ONCE])}\n"
    if held:
        text += "Your cart is unchanged. "
    if len(hits) > 1:
        return f"{text}Which one do you like?"
    return f"{text}Shall I put it into your cart?"


def _pivot(reading: Reading, memory: Memory) -> Data | None:
    """Return the product that cheaper or dearer is measured by."""
    if memory.focus is not None:
        return memory.cards[memory.focus]
    cards = [memory.cards[each] for each in memory.listing if each in memory.cards]
    if not cards:
        return None
    best = max if reading.has("dearer") else min
    return best(cards, key=lambda each: each["price_cents"])


def _kind(pivot: Data | None, asked: Mapping[str, Any]) -> str:
    """Return the one word of a search that says what kind of thing it was for."""
    words = parts(asked.get("query", ""))
    if pivot is None or len(words) < 2:
        return ""
    kinds = named_kinds(pivot["name"], pivot.get("tags", ()))
    return next((each for each in words if each in kinds), "")


def _all(result: Data) -> list[Data]:
    return list(result.get("products", ()))
