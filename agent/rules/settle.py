"""Words that only what was shown explains: `ocean` is a colour of that yoga mat."""

from collections.abc import Iterable
from itertools import pairwise

from msgspec.structs import replace

from agent.rules.reading import Reading
from agent.rules.recall import Memory
from agent.rules.words import COLOURS
from agent.spelling import parts


def settled(reading: Reading, memory: Memory) -> Reading:
    """Return `reading` with words for goods taken as a colour, if all of them are."""
    if sizes := _sizes(reading, memory):
        return replace(reading, size=sizes[-1], numbers=(), quantity=None)
    if not reading.rest or reading.ordinals or reading.has("show", "recommend", "pair"):
        return reading
    if not set(parts(" ".join(reading.rest))) <= _colour_words(memory):
        return reading
    said = [each for each in reading.words if each in {*reading.rest, *COLOURS}]
    return replace(reading, rest=(), colour=" ".join(said))


def _sizes(reading: Reading, memory: Memory) -> list[str]:
    """Return the sizes in "no, not 11, 10", said of what was just put in."""
    pending = memory.pending
    if pending and pending.product_id and not (reading.size or reading.rest):
        # We asked which size: a figure among its sizes answers that.
        sizes = memory.cards.get(pending.product_id, {}).get("sizes", ())
        told = [*reading.numbers, str(reading.quantity)]
        if found := [each for each in told if each in sizes]:
            return found
    again = reading.has("no", "mean", "want") or "not" in reading.words
    if not (memory.added and memory.focus and again) or reading.has("change"):
        return []
    sizes = memory.cards.get(memory.focus, {}).get("sizes", ())
    denied = {b for a, b in pairwise(_bare(reading)) if a == "not"}
    told = [each for each in reading.words if each in sizes and each not in denied]
    return told if reading.has("no", "mean") or denied else []


def _bare(reading: Reading) -> list[str]:
    """Return what was said without articles: not *an* 8."""
    return [each for each in reading.words if each not in {"a", "an", "the", "size"}]


def _colour_words(memory: Memory) -> set[str]:
    pending = memory.pending.product_id if memory.pending else None
    if pending:
        # We asked for a colour: any that was seen in the shop may be the answer.
        ids: Iterable[str] = memory.cards
    else:
        ids = [memory.focus] if memory.focus else memory.listing
    return {
        word
        for each in ids
        for colour in memory.cards.get(each, {}).get("colors", ())
        for word in parts(colour)
    }
