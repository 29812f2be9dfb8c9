"""Card numbers in what people write, reduced to their last four digits.

They are found however they are written: with spaces, dashes or dots between the digits,
invisible characters among them, in full-width or any other script's digits, with the
security code right behind. Ten digits of a phone are none, nor is a number whose check
digit is wrong.
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
_DIGIT = re.compile(r"\d")
# What may stand between two digits of one number; a comma parts two numbers.
_APART = re.compile(r"[\s\u00a0\u2000-\u200f\u2060\ufeff._/\\|*\u2010-\u2015-]{0,3}")
_CODE = re.compile(
    r"\b(cvc2?|cvv2?|cid|csc|security code|card code)\b(\D{0,12}?)\d{3,4}\b",
    re.IGNORECASE,
)


class _Digit(NamedTuple):
    at: int
    value: str


def masked(text: str) -> str:
    """Return `text` without card numbers and the security codes named in it."""
    for start, end, last in reversed([*_numbers(text)]):
        text = f"{text[:start]}[card ending {last}]{text[end:]}"
    return _CODE.sub(r"\1\2[hidden]", text)


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each card number stands, and how it ends."""
    for run in _runs(text):
        at = 0
        while len(run) - at >= _SHORTEST:
            digits = "".join(each.value for each in run[at : at + _LONGEST])
            length = _length(digits)
            if length:
                last = digits[length - 4 : length]
                yield run[at].at, run[at + length - 1].at + 1, last
            at += length or 1


def _runs(text: str) -> Iterator[list[_Digit]]:
    """Yield the digits that stand close enough to be of one number."""
    run: list[_Digit] = []
    for found in _DIGIT.finditer(text):
        at = found.start()
        if run and not _APART.fullmatch(text, run[-1].at + 1, at):
            yield run
            run = []
        run.append(_Digit(at, str(unicodedata.decimal(found[0]))))
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
