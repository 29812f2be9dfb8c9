"""So many of one look and so many of another: `two minis, one coral one sky`."""

import re
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from agent.colours import PLAIN
from agent.rules import words
from agent.rules.reading import Reading
from agent.spelling import each_word

_LOOKS = frozenset().union(*PLAIN.values(), words.COLOURS, words.SIZES)
_SHARE = re.compile(
    r"\b(?P<many>one|ek|another|a|\d{1,2})"
    r"(?: (?:of|them|these|in|size|should|be|each|the|colou?r))* "
    rf"(?P<look>{'|'.join(sorted(_LOOKS, key=len, reverse=True))})\b"
)
_EACH = re.compile(
    r"\b(?:one|1|ek) (?:each )?(?:of |in )*(?P<one>[a-z]+)(?: and| aur| plus)? (?:in )?"
    r"(?P<other>[a-z]+)(?: each)?\b"
)
_COUNTS = frozenset(each_word("one ek another a"))


class Share(Struct, frozen=True):
    """So many in this colour or size."""

    quantity: int
    look: str


def shares(reading: Reading) -> tuple[Share, ...]:
    """Return the looks with how many are wanted of each; () if there is only one."""
    if len(_LOOKS.intersection(reading.words)) < 2:
        return ()
    return _shares(" ".join(reading.words))


@lru_cache(maxsize=2048)
def _shares(text: str) -> tuple[Share, ...]:
    said = ((each["many"], each["look"]) for each in _SHARE.finditer(text))
    found = [Share(int(n) if n.isdecimal() else 1, look) for n, look in said]
    if len(found) < 2 and "each" in text.split():
        found = [
            Share(1, look)
            for each in _EACH.finditer(text)
            for look in (each["one"], each["other"])
            if look in _LOOKS
        ]
    return tuple(found) if len({each.look for each in found}) > 1 else ()


def without_looks(reading: Reading) -> Reading:
    """Return `reading` with nothing left but what the goods are called."""
    told = {*_LOOKS, *_COUNTS, *reading.numbers}
    named = tuple(
        each for each in reading.rest if each not in told and not each.isdecimal()
    )
    sizes = {words.SIZES.get(each.look) for each in shares(reading)}
    counts = {str(each.quantity) for each in shares(reading)}
    size = reading.size if sizes == {None} and reading.size not in counts else None
    return replace(reading, rest=named, colour=None, size=size, numbers=())


def of_share(reading: Reading, share: Share) -> Reading:
    """Return `reading` as if this share of it were all that is said."""
    size = words.SIZES.get(share.look)
    return replace(
        reading,
        words=(share.look,),
        cues=frozenset({"add"}),
        quantity=share.quantity,
        size=size or reading.size,
        colour=None if size else words.COLOURS.get(share.look, share.look),
    )
