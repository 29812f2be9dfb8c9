"""How text becomes words, for the index and for queries alike.

"T-Shirts", "t shirt" and "tshirts" must meet, and so must "Two-Person" and "2 person":
accents and plurals are taken off, number words become digits, and neighbours are also
known joined.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

_WORDS = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['\u2019`\u00b4]s?\b")
_ACCENTS = re.compile(r"[\u0300-\u036f]")

_NUMBERS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
}
_IRREGULAR = {
    "knives": "knife",
    "scarves": "scarf",
    "shelves": "shelf",
    "mice": "mouse",
    "feet": "foot",
    "woman": "women",
    "man": "men",
    "womens": "women",
    "mens": "men",
    "child": "children",
    "kid": "kids",
}
_HISSING = ("ches", "shes", "sses", "xes", "zzes")

MAX_WORD = 40
"""Longer ones are no words; an automaton over them would only cost."""


def typed(text: str) -> list[str]:
    """Return the words of `text` as they stand, without case and accents."""
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    text = _APOSTROPHES.sub("", text.casefold())
    return [each[:MAX_WORD] for each in _WORDS.findall(text)]


def words(text: str) -> list[str]:
    """Return the words of `text`, each in the form that stands for all its forms."""
    return list(map(form, typed(text)))


def joined(parts: Sequence[str]) -> Iterator[str]:
    """Yield every two and three neighbours as one word: power bank -> powerbank."""
    for first, second in pairwise(parts):
        yield first + second
    for at in range(len(parts) - 2):
        yield "".join(parts[at : at + 3])


@lru_cache(maxsize=20_000)
def form(word: str) -> str:
    """Return the form of `word` that stands for all its forms."""
    word = _NUMBERS.get(word, word)
    return _IRREGULAR.get(word) or _singular(word)


def _singular(word: str) -> str:
    if len(word) <= 3 or word.endswith(("ss", "us", "is")) or not word.endswith("s"):
        return word
    if word in _IRREGULAR.values():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_HISSING) else word[:-1]


def plural(word: str) -> str:
    """Return what people may type for many of `word`; rough, for near misses only."""
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"
