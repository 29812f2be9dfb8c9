"""Which variant of a product is meant by the words said about it."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from agent.colours import closest
from agent.rules.reading import Reading
from agent.rules.recall import Data
from agent.rules.words import COLOURS, SIZES


class Choice(Struct, frozen=True, kw_only=True):
    """What fits: exactly one variant, or several to choose from, or none.

    `missing` are the colour or size that were asked for and do not exist.
    """

    fitting: Sequence[Data]
    missing: Sequence[str] = ()
    free: bool = False
    """Any of them will do."""
    near: bool = False
    """The colour is only a shade of the one that was said."""

    @property
    def one(self) -> Data | None:
        """The variant, if it is decided."""
        buyable = self.buyable
        if self.free and buyable:
            return buyable[0]
        if len(self.fitting) == 1:
            return self.fitting[0]
        return buyable[0] if len(buyable) == 1 else None

    @property
    def buyable(self) -> Sequence[Data]:
        """Those that fit and are in stock."""
        return [each for each in self.fitting if each["available"]]


def choose(page: Data, said: Sequence[str], reading: Reading) -> Choice:
    """Return what fits of `page`, after everything `said` about colour and size.

    What this message says of either (`reading`) replaces what was said before.
    """
    colours = _colours(page, reading.words, reading.colour) or _colours(page, said)
    size = _size(page, reading) or _size_said(page, said)
    missing: list[str] = []
    if reading.colour and page["colors"] and not colours:
        missing.append(reading.colour)
    if reading.size and page["sizes"] and size is None:
        # Unnamed: no tool result has told of a size that does not exist.
        missing.append("that size")
    fitting: list[Any] = [
        each
        for each in page["variants"]
        if (not colours or each["color"] in colours)
        and (size is None or each["size"] == size)
    ]
    return Choice(
        fitting=fitting,
        missing=missing,
        free=reading.has("anycolour"),
        near=bool(colours) and _only_near(colours, reading.colour),
    )


def _only_near(colours: Sequence[str], wanted: str | None) -> bool:
    words = set((wanted or "").split())
    return bool(words) and not any(words & {*_spoken(each).split()} for each in colours)


def _colours(
    page: Data, said: Sequence[str], plain: str | None = None
) -> tuple[str, ...]:
    text = f" {' '.join(said)} "
    places = {each: text.rfind(f" {_spoken(each)} ") for each in page["colors"]}
    if any(at >= 0 for at in places.values()):
        # The last one said counts; of `White` and `White/Green` the longer one.
        ends = {each: places[each] + len(each) for each in places if places[each] >= 0}
        return (max(ends, key=lambda each: (ends[each], len(each))),)
    if plain is None:
        plains = [COLOURS[word] for word in said if word in COLOURS]
        plain = plains[-1] if plains else None
    if plain and (near := closest(plain, page["colors"])):
        return near
    # "the moss one", "midnight": a word that is in one colour's name only.
    for word in said:
        holding = [each for each in page["colors"] if word in _spoken(each).split()]
        if len(holding) == 1:
            return (holding[0],)
    return ()


def _size(page: Data, reading: Reading) -> str | None:
    if reading.size is not None:
        for each in page["sizes"]:
            if _bare(reading.size) in {_bare(each), *map(_bare, each.split("/"))}:
                return str(each)
        return None
    return _size_said(page, reading.words)


def _size_said(page: Data, said: Sequence[str]) -> str | None:
    """Return the size whose letters and figures stand in what was said."""
    spoken = [_bare(SIZES.get(word, word)) for word in said if word != "sizes"]
    runs = {
        "".join(spoken[at : at + many])
        for at in range(len(spoken))
        for many in (1, 2, 3)
    }
    fitting = [
        str(each)
        for each in page["sizes"]
        if runs & {_bare(each), *map(_bare, each.split("/"))}
    ]
    return max(fitting, key=len, default=None)


def _spoken(colour: str) -> str:
    return colour.casefold().replace("/", " ").replace("gray", "grey")


def _bare(size: str) -> str:
    bare = "".join(each for each in size.casefold() if each.isalnum())
    return bare.removeprefix("size")
