"""What a message rules out: not leather, without laces, anything but black."""

import re
from collections.abc import Sequence

from agent.rules import words
from agent.spelling import each_word, stem

_SAID = re.compile(
    r"\b(?:(?:not|no|non|nothing|without|except|excluding|minus|besides|bar|"
    r"other than|apart from|anything but|but not|rather than|instead of)"
    r"(?: (?:in|with|made|of|from|the|a|an|any|want|need|like|for|that|is|are|do))*"
    r"|(?P<free>free of)) (?P<what>[a-z][\w-]*)(?: (?:or|and|nor) "
    r"(?!not\b|no\b)(?P<other>[a-z][\w-]*))?"
)
# "Leather nahi", "cotton ke alawa".
_AFTER = re.compile(
    r"\b(?P<what>[a-z][\w-]*) (?:nahi|nahin|ke alawa|chhodke|mat|ke bina|free)\b"
)


# Without one of these nothing is ruled out, and most messages have none.
_SIGNS = frozenset(
    each_word("""
    not no non nothing without except excluding minus besides bar than from but of free
    nahi nahin alawa chhodke mat bina
    """)
)


def denied(text: str, goods: Sequence[str]) -> tuple[str, ...]:
    """Return those words for goods that `text` rules out."""
    if _SIGNS.isdisjoint(text.split()):
        return ()
    found: list[str] = []
    for pattern in (_SAID, _AFTER):
        for each in pattern.finditer(text):
            told = each.groupdict()
            found += [told["what"], told.get("other") or ""]
    kinds = {*goods, *words.COLOURS}
    stems = {stem(each) for each in kinds}
    return tuple(
        dict.fromkeys(each for each in found if each in kinds or stem(each) in stems)
    )
