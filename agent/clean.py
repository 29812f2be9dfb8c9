"""Text of others made harmless: product texts for models, card numbers for anybody.

What a supplier or an operator wrote about a product is data, never an instruction:
comments that no shopper sees and characters that no shopper can read are dropped.
"""

import re
import unicodedata

# Long enough for any honest description, short enough to keep results small.
TEXT_LIMIT = 600

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SPACES = re.compile(r"\s+")
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` in one line without comments and unreadable characters.

    Cut to `limit` code points.
    """
    shown = _SPACES.sub(" ", _COMMENT.sub(" ", text))
    if not shown.isprintable():
        shown = "".join(each for each in shown if not _hidden(each))
    return shown.strip()[:limit]


def masked(text: str) -> str:
    """Return `text` with every payment card number reduced to its last four digits."""
    return _CARD.sub(_mask, text)


def _hidden(character: str) -> bool:
    # Cc: control; Cf: zero-width and direction marks; Co, Cs: private, surrogates.
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"}


def _mask(found: re.Match[str]) -> str:
    digits = [int(each) for each in found[0] if each.isdigit()]
    if not _luhn(digits):
        return found[0]
    return f"[card ending {''.join(map(str, digits[-4:]))}]"


def _luhn(digits: list[int]) -> bool:
    doubled = [sum(divmod(2 * each, 10)) for each in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
