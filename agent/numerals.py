"""Numbers written out: `twenty-five` is 25, `one hundred and twenty` is 120."""

from collections.abc import Sequence

from agent.spelling import each_word

_UNITS = each_word("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen
    fourteen fifteen sixteen seventeen eighteen nineteen
""")
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_LARGE = {"hundred": 100, "thousand": 1000}
_SMALL = {word: at for at, word in enumerate(_UNITS)} | {
    word: 10 * at for at, word in enumerate(_TENS, 2)
}
# "one" and "zero" are left out: "which one" counts nothing.
NUMBER_WORDS = {word: value for word, value in _SMALL.items() if value > 1}
NUMBER_WORDS |= {"dozen": 12, **_LARGE}

WORDS = "|".join([*_SMALL, *_LARGE, "dozen"])


def numbers(words: Sequence[str]) -> Sequence[int]:
    """Return what `words` count: one number, or several said one after the other."""
    found: list[int] = []
    whole = part = None
    for word in words:
        if word in _LARGE and word == "hundred":
            part = (part or 1) * 100
        elif word == "thousand":
            whole, part = (whole or 0) + (part or 1) * 1000, None
        elif word == "dozen":
            part = (part or 1) * 12
        elif part is None or _goes_on(part, _SMALL[word]):
            part = (part or 0) + _SMALL[word]
        else:
            found.append((whole or 0) + part)
            whole, part = None, _SMALL[word]
    if whole is not None or part is not None:
        found.append((whole or 0) + (part or 0))
    return found


def _goes_on(so_far: int, more: int) -> bool:
    """Return whether `more` belongs to the number that `so_far` began."""
    if so_far % 100 == 0:
        return so_far > 0
    return so_far % 100 >= 20 and so_far % 10 == 0 and 0 < more < 10
