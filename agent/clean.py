"""Text of others made harmless for models; card numbers are `agent/card_numbers.py`.

What a supplier or an operator wrote about a product is data, never an instruction:
comments that no shopper sees and characters that no shopper can read are dropped.
"""

import re
import unicodedata
from functools import lru_cache

# Long enough for any honest description, short enough to keep results small.
TEXT_LIMIT = 600

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SPACES = re.compile(r"\s+")


# A shop's texts are few, and told over and over.
@lru_cache(maxsize=2048)
def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` in one line without comments and unreadable characters.

    Cut to `limit` code points.
    """
    shown = _SPACES.sub(" ", _COMMENT.sub(" ", text))
    if not shown.isprintable():
        shown = "".join(each for each in shown if not _hidden(each))
    return shown.strip()[:limit]


def storable(text: str) -> str:
    """Return `text` with U+FFFD for each half of a character that stands alone.

    No document can hold one. Servers that escape their stream cut characters in two.
    """
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _hidden(character: str) -> bool:
    # Cc: control; Cf: zero-width and direction marks; Co, Cs: private, surrogates.
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"}
