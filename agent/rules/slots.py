"""The parts of a message that are no names: places, quantities, sizes, colours.

Each takes the words it understood out of `spoken` by marking them in `taken`.
"""

import re
from collections.abc import Sequence

from agent.colours import PLAIN
from agent.rules import words
from agent.spelling import each_word


def ordinals(spoken: Sequence[str], taken: list[bool]) -> tuple[int, ...]:
    """Return the places in a list that are named, from 1; -1 is the last."""
    found: list[int] = []
    for at, word in enumerate(spoken):
        place = None if taken[at] else words.ORDINALS.get(word)
        # "A good first phone" is one to begin with.
        if at and spoken[at - 1] in {"a", "good", "my", "his", "her", "their"}:
            place = None
        after = spoken[at + 1] if at + 1 < len(spoken) else ""
        if place is None and word in {"number", "option", "no", "item"}:
            place = int(after) if after.isdecimal() and int(after) < 10 else None
            taken[at + 1 : at + 2] = [True] if place else taken[at + 1 : at + 2]
        # "the last heirloom watch" is one of its kind, not a place in a list.
        if place is None or (place == -1 and after not in {"one", "wala", "wali", ""}):
            continue
        taken[at] = True
        if after.isdecimal() and int(after) <= 5 and place in {1, -1}:
            taken[at + 1] = True
            found += [place * each for each in range(1, int(after) + 1)]
        else:
            found.append(place)
    return tuple(dict.fromkeys(found))


def ages(spoken: Sequence[str], taken: list[bool]) -> None:
    """Pass over how old somebody is: `he is 8`, `a 5 year old`, `turns 7`."""
    for at, word in enumerate(spoken):
        before = set(spoken[max(0, at - 2) : at])
        after = spoken[at + 1 : at + 2]
        said = before & _SOMEBODY or set(after) & {"year", "years", "yr", "yrs", "saal"}
        if said and word.isdecimal():
            taken[at] = True


def quantity(spoken: Sequence[str], taken: list[bool]) -> int | None:
    """Return how many are wanted, if a number says so."""
    if (instead := _ruled_out(spoken, taken)) is not None:
        return instead
    for at, word in enumerate(spoken):
        before = spoken[at - 1] if at else ""
        after = spoken[at + 1] if at + 1 < len(spoken) else ""
        units = None if taken[at] and word != "another" else _units(word, before, after)
        if units is None and not taken[at] and leads(spoken, at):
            units = _whole(word)
        if units is None and not taken[at] and _counts(spoken, at):
            units = words.HINDI_NUMBERS.get(word, 1)
        if units is not None:
            taken[at] = True
            if after in words.COUNTED and spoken[at + 2 : at + 3] == ["of"]:
                taken[at + 1] = True  # two *packs* of tea
            return units
    return None


def _ruled_out(spoken: Sequence[str], taken: list[bool]) -> int | None:
    """Pass over figures that count nothing; return the one beside a denied one."""
    for at, word in enumerate(spoken):
        if spoken[max(0, at - 2) : at] in _INSTEAD and _FIGURE.fullmatch(word):
            taken[at] = True  # "four instead of two"
        if at and spoken[at - 1] == "not" and _FIGURE.fullmatch(word):
            taken[at] = True  # "one, not two"
        after = spoken[at + 1 : at + 3]
        if word.isdecimal() and not _THINGS.isdisjoint(after[:1]):
            taken[at] = True  # "I need two things: a kettle and a lamp"
        if (
            word.isdecimal()
            and after[:1] in _NOT
            and after[1:]
            and after[1].isdecimal()
        ):
            taken[at] = taken[at + 2] = True  # "3 nahi 2 bottle"
            return _whole(after[1])
    return None


def leads(spoken: Sequence[str], at: int) -> bool:
    """Tell whether a message begins by a count of goods: `2 yoga mats in plum`."""
    word, after = spoken[at], spoken[at + 1 : at + 4]
    if not (word.isdecimal() and 0 < int(word[:9]) <= _HANDFUL):
        return False
    begins = all(each in words.FILLERS for each in spoken[:at])
    plural = any(each.endswith("s") and each not in words.STOP for each in after)
    return begins and plural and after[0] not in _MEASURES | words.STOP


def figure(spoken: Sequence[str], taken: list[bool]) -> int | None:
    """Return the first plain figure, whatever it stands before."""
    for at, word in enumerate(spoken):
        if word.isdecimal() and not taken[at]:
            taken[at] = True
            return _whole(word)
    return None


def _counts(spoken: Sequence[str], at: int) -> bool:
    """Tell whether `one` or a Hindi number counts what comes behind it.

    "I only want one speaker" does, "which one" does not; "do bottle chahiye" does,
    "do you have" and "daal do" do not.
    """
    after = spoken[at + 1] if at + 1 < len(spoken) else ""
    if spoken[at] == "one":
        enough = not {"enough", "plenty", "kaafi"}.isdisjoint(spoken[at:])
        enough = enough or " ".join(spoken[at + 1 : at + 3]) in _WILL_DO
        return enough or not {"only", "just"}.isdisjoint(spoken[max(0, at - 3) : at])
    if spoken[at] not in words.HINDI_NUMBERS or not after or after in words.STOP:
        return False
    before = spoken[at - 1] if at else ""
    return before not in words.HINDI_VERBS and not words.HINDI.isdisjoint(spoken)


def _units(word: str, before: str, after: str) -> int | None:
    times = word.strip("x")
    if word.count("x") == 1 and times.isdecimal():
        return _whole(times)
    if _FIGURE.fullmatch(word) and before not in {"size", "in", "uk", "us"}:
        bound = after in words.COUNTED or before in words.COUNTING
        return _whole(word) if bound and after not in _MEASURES else None
    if word in words.HINDI_NUMBERS and after in words.COUNTED:
        return words.HINDI_NUMBERS[word]
    if word == "one" and (
        after in {"more", "less", "fewer", "of"}
        or before in {"just", "only", "it", "to", "remove", "out", "delete", "drop"}
    ):
        return 1
    if word == "another" and after not in {"one", "colour", "color", "brand", "size"}:
        return 1
    return 2 if word == "couple" else None


def _whole(figure: str) -> int:
    """Return a quantity; 0, which no cart takes, for one that makes no sense."""
    return min(int(figure[:9]), _TOO_MANY) if figure.isdecimal() else 0


_THINGS = frozenset(each_word("things stuff kinds sorts different"))
_INSTEAD = (["instead", "of"], ["rather", "than"])
_NOT = (["nahi"], ["nahin"], ["not"])
_WILL_DO = frozenset({"is fine", "is ok", "is good", "will do", "is all", "would do"})
_SOMEBODY = frozenset(
    {"he", "she", "turn", "turns", "turning", "turned", "aged", "age"}
)
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?")
_HANDFUL = 20
_TOO_MANY = 1_000_000
_BEFORE_A_SIZE = words.FILLERS | {"in", "a", "", "be", "to"}
# No shoe, no trousers and no shirt is numbered higher.
_LARGEST = 60

# A figure before one of these measures, it does not count.
_MEASURES = frozenset(
    each_word("""
    m mm cm kg g gb tb l ml inch inches w k person season
""")
)


def size(spoken: Sequence[str], taken: list[bool]) -> str | None:  # noqa: C901, PLR0911 - the first sign that fits
    """Return the size that is named."""
    for at, word in enumerate(spoken):
        before = spoken[at - 1] if at else ""
        after = spoken[at + 1] if at + 1 < len(spoken) else ""
        if taken[at]:
            continue
        if before in {"size", "uk", "us", "eu"} and _sized(word):
            taken[at - 1] = taken[at] = True
            if "not" in spoken[max(0, at - 4) : at]:
                continue
            return words.SIZES.get(word, word.upper()[:12])
        in_a = before in {"a", "an"} and spoken[max(0, at - 2) : at - 1] == ["in"]
        if (before == "in" or (in_a and _bare_size(spoken, at))) and word.isdecimal():
            taken[at] = True
            return word
        be_a = in_a or (
            before in {"a", "an", "be"} and "be" in spoken[max(0, at - 2) : at]
        )
        if be_a and "size" in spoken and _bare_size(spoken, at):
            taken[at] = True
            return word  # "it is the wrong size, it should be a ten"
        if before in words.COLOURS and _bare_size(spoken, at):
            taken[at] = True
            return word
        if before == "not":
            continue
        if (word in words.SIZES or word in words.SIZE_NAMES) and after == "size":
            taken[at] = True  # "queen size"
            return words.SIZES.get(word, word.upper())
        letters = word in words.SIZES and (len(word) > 1 or _alone(spoken, at))
        ends = at == len(spoken) - 1
        if letters and (len(word) <= 4 or before in _BEFORE_A_SIZE or ends):
            taken[at] = True
            return words.SIZES[word]
    return None


def _bare_size(spoken: Sequence[str], at: int) -> bool:
    """Tell whether a figure behind a colour ends what is said of one: `olive 34`."""
    after = spoken[at + 1] if at + 1 < len(spoken) else ""
    figure = spoken[at].isdecimal() and int(spoken[at][:9]) <= _LARGEST
    return figure and after not in words.COUNTED | _MEASURES


def _sized(word: str) -> bool:
    named = word in words.SIZES or word in words.SIZE_NAMES
    named = named or all(each in words.SIZES for each in word.split("/"))
    return named or (word.isalnum() and any(each.isdecimal() for each in word))


def _alone(spoken: Sequence[str], at: int) -> bool:
    """Tell whether a single letter stands for a size: `in m`, `M me`, `black, L`."""
    before = spoken[at - 1] if at else ""
    after = spoken[at + 1] if at + 1 < len(spoken) else ""
    return (
        before in {"", "in", "size", "a", "and"}
        or before in words.COLOURS
        or after in {"", "me", "mein", "size", "please"}
    ) and not before.isdecimal()


def colour(spoken: Sequence[str], taken: list[bool]) -> str | None:
    """Return the plain colour that is named; one that is ruled out is skipped."""
    found = None
    for at, word in enumerate(spoken):
        plain = words.COLOURS.get(word) or _shade(spoken, at)
        if plain is None or taken[at]:
            continue
        if at and spoken[at - 1] in {"not", "nahi"}:
            taken[at] = True
            continue
        taken[at] = True
        found = found or plain
    return found


_SHADES = frozenset().union(*PLAIN.values())
_A_LOOK = frozenset(each_word("one ones wala wali wale colour color shade"))


def _shade(spoken: Sequence[str], at: int) -> str | None:
    """Return a maker's name for a shade where it can be no thing: `the sky one`."""
    after = spoken[at + 1] if at + 1 < len(spoken) else ""
    before = spoken[at - 1] if at else ""
    shown = after in _A_LOOK or before in {"colour", "color", "shade"}
    shown = shown or spoken[max(0, at - 2) : at] in _TO_A_LOOK
    return spoken[at] if shown and spoken[at] in _SHADES else None


_TO_A_LOOK = (["colour", "to"], ["color", "to"], ["colour", "in"], ["color", "in"])
