"""Words compared the way people write them: plural or not, with slips of a finger."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_PARTS = re.compile(r"[^\W_]+")


def each_word(text: str) -> list[str]:
    """Return the words of a table that is written as running text."""
    return text.split()


# The same few names and words are compared at every turn.
@lru_cache(maxsize=4096)
def parts(text: str) -> Sequence[str]:
    """Return the stems of the words of `text`; hyphens part words."""
    return tuple(stem(each) for each in _PARTS.findall(text.casefold()))


def stem(word: str) -> str:
    """Return `word` without a plural's ending: boxes -> box, berries -> berry."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses", "zzes")):
        return word[:-2]
    return word[:-1]


def slips(word: str) -> int:
    """Return how many slips of the finger a word of this length may hold."""
    return 0 if len(word) < 5 else 1 if len(word) < 8 else 2


def nearest(word: str, known: Iterable[str], most: int) -> str | None:
    """Return the word of `known` that is at most `most` slips away, the nearest."""
    best, found = most + 1, None
    for each in known:
        if abs(len(each) - len(word)) < best:
            away = distance(word, each, best)
            if away < best:
                best, found = away, each
    return found


def distance(left: str, right: str, limit: int = 3) -> int:
    """Return in how many slips `left` becomes `right`, or `limit` if not in fewer.

    A slip is a letter too many, too few, another one, or two swapped neighbours
    (Damerau's distance, optimal string alignment).
    """
    if abs(len(left) - len(right)) >= limit:
        return limit
    older: list[int] = []
    old = list(range(len(right) + 1))
    for i, one in enumerate(left, 1):
        new = [i]
        for j, other in enumerate(right, 1):
            cost = min(old[j] + 1, new[j - 1] + 1, old[j - 1] + (one != other))
            if i > 1 and j > 1 and one == right[j - 2] and left[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            new.append(cost)
        if min(new) >= limit:
            return limit
        older, old = old, new
    return min(old[-1], limit)
