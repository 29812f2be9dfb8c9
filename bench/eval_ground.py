"""What a reply states and no tool result of its session tells: found independently.

The agent has a check of its own; this one reads nothing of it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

_AMOUNT = re.compile(r"(?:[$€£₹]|\b(?:USD|Rs\.?)\s?)(\d[\d,]*(?:\.\d+)?)")
_UNITS = re.compile(
    r"\b(\d+)\s+(?:left|available|in stock|units?|pieces?|more)\b", re.IGNORECASE
)
_ISO = re.compile(r"\b\d{4}-\d\d-\d\d(?!\d)")
_DAY = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)?\s+([A-Z][a-z]{2,8})|([A-Z][a-z]{2,8})\s+(\d{1,2}))\b"
)
_NUMBERED = re.compile(r"\b(?:ORD|RET|TRK)-[\w-]+", re.IGNORECASE)
_MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)


class Evidence:
    """All that the tool results of one session tell."""

    def __init__(self) -> None:
        self._cents: set[int] = set()
        self._numbers: set[str] = set()
        self._texts: list[str] = []

    def add(self, content: Any) -> None:
        """Believe a tool result."""
        for key, value in _leaves(content):
            if isinstance(value, bool) or value is None:
                continue
            if isinstance(value, (int, float)):
                self._numbers.add(str(value))
                cents = value if key.endswith("_cents") else value * 100
                self._cents.add(round(cents))
            else:
                self._texts.append(str(value))
                self._cents.update(map(_cents, _AMOUNT.findall(str(value))))
                self._numbers.update(re.findall(r"\d+", str(value)))

    def orphans(self, reply: str, codes: Collection[str]) -> list[str]:
        """Return what `reply` states of these kinds and no result tells."""
        return [*self._stated(reply), *self._named(reply, codes)]

    def _stated(self, reply: str) -> Iterator[str]:
        for amount in _AMOUNT.findall(reply):
            if _cents(amount) not in self._cents:
                yield f"amount {amount}"
        for units in _UNITS.findall(reply):
            if units not in self._numbers:
                yield f"number {units}"
        for day in _dates(reply):
            if not any(day in each for each in self._days()):
                yield f"date {day}"

    def _named(self, reply: str, codes: Collection[str]) -> Iterator[str]:
        told = "\n".join(self._texts).upper()
        for number in _NUMBERED.findall(reply):
            if number.upper() not in told:
                yield f"number {number}"
        for word in re.findall(r"\b[A-Z0-9_-]{4,}\b", reply):
            if word in codes and word not in told:
                yield f"coupon {word}"

    def _days(self) -> Iterator[str]:
        for text in self._texts:
            yield from _dates(text)


def _dates(text: str) -> Iterator[str]:
    """Yield the dates in `text` as month and day."""
    for iso in _ISO.findall(text):
        yield iso[5:]
    for day, month, month2, day2 in _DAY.findall(text):
        name = (month or month2)[:3].lower()
        if name in _MONTHS:
            yield f"{_MONTHS.index(name) + 1:02d}-{int(day or day2):02d}"


def _cents(figure: str) -> int:
    return round(float(figure.replace(",", "")) * 100)


def _leaves(content: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, Mapping):
        for name, each in content.items():
            yield from _leaves(each, name)
    elif isinstance(content, Iterable) and not isinstance(content, str):
        for each in content:
            yield from _leaves(each, key)
    else:
        yield key, content
