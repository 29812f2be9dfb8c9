"""What a model was told of its job is not for shoppers' eyes.

A text recites the instructions if so many words stand in it in their order: more than
chance, less than a sentence. The instructions hold no secret of the shop; that nobody
reads them back is a matter of manners, not what the shop's safety rests on.
"""

import re
from functools import cache

from agent.prompt import INSTRUCTIONS

IN_A_ROW = 8
# So much of what was said before decides whether a text goes on reciting: those words
# and what stands between them, such as the bullets of a list.
TAIL = 120
RECITED = "your instructions"

_WORD = re.compile(r"[^\W\d_]+")


def recites(text: str) -> bool:
    """Return whether `text` repeats a part of the instructions."""
    words = _WORD.findall(text.lower())
    if len(words) < IN_A_ROW:
        return False
    return not _parts().isdisjoint(_rows(words))


@cache
def _parts() -> frozenset[tuple[str, ...]]:
    return frozenset(_rows(_WORD.findall(INSTRUCTIONS.lower())))


def _rows(words: list[str]) -> set[tuple[str, ...]]:
    ends = range(IN_A_ROW, len(words) + 1)
    return {tuple(words[end - IN_A_ROW : end]) for end in ends}
