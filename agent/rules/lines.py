"""Which lines of the cart are meant by what was said of them."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from agent.rules import edits
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.spelling import parts

_EXCEPT = frozenset({"except", "but", "besides", "excluding", "chhodkar", "chhodke"})


def meant(lines: Sequence[Data], reading: Reading, memory: Memory) -> Sequence[Data]:  # noqa: PLR0911 - the first rule that fits
    """Return the cart lines that are meant; all of them if nothing tells which."""
    everything = reading.has("all") or {"everything", "all"} & set(reading.words)
    if (_EXCEPT & set(reading.words) and everything) or edits.keeps_only(reading):
        kept = meant(lines, replace(reading, words=(), cues=frozenset()), memory)
        return [each for each in lines if each not in kept]
    if reading.ordinals:
        at = [each - 1 if each > 0 else len(lines) + each for each in reading.ordinals]
        return [lines[each] for each in at if 0 <= each < len(lines)]
    if lines and reading.has("cheapest", "dearest", "cheaper", "dearer"):
        pick = max if reading.has("dearest", "dearer") else min
        return [pick(lines, key=lambda each: each["price_cents"])]
    if reading.rest:
        # "Make the bottle three": how many is no name of it.
        named = [each for each in reading.rest if each not in reading.numbers]
        wanted = set(parts(" ".join(named or reading.rest)))
        return _best(lines, wanted | set(parts(reading.colour or "")))
    if reading.colour or reading.size:
        wanted = set(parts(f"{reading.colour or ''} {reading.size or ''}"))
        return _best(lines, wanted)
    if reading.both or reading.has("all"):
        return lines
    here = [each for each in lines if each["sku"] in {memory.line, memory.sku}]
    product = [each for each in lines if each.get("product_id") == memory.focus]
    return here or product or lines


def _best(lines: Sequence[Data], wanted: set[str]) -> Sequence[Data]:
    scores = [len(wanted & _words_of(each)) for each in lines]
    most = max(scores, default=0)
    if not most:
        return ()
    return [each for each, score in zip(lines, scores, strict=True) if score == most]


def _words_of(told: Data) -> set[str]:
    texts = (told["name"], told.get("color"), told.get("size"), *told.get("tags", ()))
    said = [parts(str(each)) for each in texts if each]
    # People write `lunchbox` for what a shop calls a lunch box.
    joined = {f"{one}{other}" for each in said for one, other in pairwise(each)}
    return joined.union(*said)
