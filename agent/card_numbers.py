"""Card numbers in what people write, reduced to their last four digits.

They are found however they are written: with spaces, dashes, commas or brackets between
the digits, invisible characters among them, in any script's digits or in circles. The
security code behind one is hidden. Ten digits of a phone are none, nor is a number with
a wrong check digit.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# How long numbers are, by how they begin; the longest fit first.
_BRANDS = (
    (re.compile(r"4"), (19, 16, 13)),
    (re.compile(r"5[1-5]|2[2-7]"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"3[0689]"), (16, 14)),
    (re.compile(r"35"), (16,)),
    (re.compile(r"6|5[06-8]|8[12]"), (19, 18, 17, 16)),
)
_SHORTEST, _LONGEST = 13, 19
# Besides those of all scripts: superscripts, subscripts, and digits in circles.
_DIGIT = re.compile(
    r"[\d\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c"
    r"\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]"
)
# What may stand between two digits of one number: nearly nothing at first, so that the
# number ends where it ends; a comma parts two numbers, if they are two.
_CLOSE = re.compile(r"[\s\u00a0\u2000-\u200f\u2060\ufeff._/\\|*\u2010-\u2015-]{0,3}")
_LOOSE = re.compile(r"[\W_]{0,8}")
_CODE = re.compile(
    r"\b(cv[cvn]2?|cid|csc|(?:security|verification|card) (?:code|number|value))"
    r"(?![a-z])(\D{0,20}?)\d{3,4}(?!\d)",
    re.IGNORECASE,
)
# Unnamed, right behind the number or behind the month in which the card ends.
_BEHIND = re.compile(
    r"(\[card ending \d{4}\][\s,;:/|-]{1,4}"
    r"(?:\d{1,2}\s?[/.-]\s?\d{2,4}[\s,;:/|-]{1,4})?)\d{3,4}(?![\w/])"
)


class _Digit(NamedTuple):
    at: int
    value: str


def masked(text: str) -> str:
    """Return `text` without card numbers and the security codes told with them."""
    if len(_DIGIT.findall(text)) >= _SHORTEST:
        for apart in (_CLOSE, _LOOSE):
            text = _without_numbers(text, apart)
        text = _BEHIND.sub(r"\1[hidden]", text)
    return _CODE.sub(r"\1\2[hidden]", text)


def _without_numbers(text: str, apart: re.Pattern[str]) -> str:
    # What is left of one number may be the beginning of another: until none is left.
    while found := [*_numbers(text, apart)]:
        for start, end, last in reversed(found):
            text = f"{text[:start]}[card ending {last}]{text[end:]}"
    return text


def _numbers(text: str, apart: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    """Yield where each card number stands, and how it ends."""
    for run in _runs(text, apart):
        at = 0
        while len(run) - at >= _SHORTEST:
            digits = "".join(each.value for each in run[at : at + _LONGEST])
            length = _length(digits)
            if length:
                last = digits[length - 4 : length]
                yield run[at].at, run[at + length - 1].at + 1, last
            at += length or 1


def _runs(text: str, apart: re.Pattern[str]) -> Iterator[list[_Digit]]:
    """Yield the digits that stand close enough to be of one number."""
    run: list[_Digit] = []
    for found in _DIGIT.finditer(text):
        at = found.start()
        if run and not apart.fullmatch(text, run[-1].at + 1, at):
            yield run
            run = []
        run.append(_Digit(at, str(unicodedata.digit(found[0]))))
    yield run


def _length(digits: str) -> int:
    """Return how many of the first digits are a card number; 0: they are none."""
    for beginning, lengths in _BRANDS:
        if beginning.match(digits):
            for length in lengths:
                if length <= len(digits) and _luhn(digits[:length]):
                    return length
    return 0


def _luhn(digits: str) -> bool:
    figures = [int(each) for each in digits]
    doubled = [sum(divmod(2 * each, 10)) for each in figures[-2::-2]]
    return (sum(figures[-1::-2]) + sum(doubled)) % 10 == 0
