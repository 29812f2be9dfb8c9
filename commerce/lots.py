"""Points in lots that expire together: taken from the oldest, put back where they were.

A set of lots is a map by lot id; every function returns new ones and loses no point.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from commerce.money import split


class Lot(Struct, frozen=True):
    """Points that expire together."""

    points: int
    expires_at: datetime


Lots = Mapping[str, Lot]


def units(lots: Lots) -> int:
    """Return how many points there are in all."""
    return sum(each.points for each in lots.values())


def by_age(lots: Lots) -> list[tuple[str, Lot]]:
    """Return the lots, the one that expires first first; equals by id."""
    return sorted(lots.items(), key=lambda each: (each[1].expires_at, each[0]))


def take(lots: Lots, points: int, *, first: str = "") -> tuple[Lots, Lots]:
    """Return what is left, and the parts taken: up to `points`, the oldest first.

    The lot `first`, if it is there, goes before the oldest.
    """
    parts: dict[str, Lot] = {}
    for key, each in sorted(by_age(lots), key=lambda lot: lot[0] != first):
        if taken := min(each.points, points):
            parts[key] = Lot(taken, each.expires_at)
            points -= taken
    return less(lots, parts), parts


def joined(lots: Lots, parts: Lots) -> Lots:
    """Return `lots` with `parts` put into the lots of the same ids, or as new ones."""
    whole = dict(lots)
    for key, each in parts.items():
        there = whole[key].points if key in whole else 0
        whole[key] = Lot(there + each.points, each.expires_at)
    return whole


def less(lots: Lots, parts: Lots) -> Lots:
    """Return `lots` without `parts`; what becomes empty is gone."""
    left = {}
    for key, each in lots.items():
        points = each.points - (parts[key].points if key in parts else 0)
        if points:
            left[key] = Lot(points, each.expires_at)
    return left


def shares(lots: Lots, points: int) -> Lots:
    """Return `points`, at most all, as parts of `lots` in proportion to them."""
    each_takes = split(points, [each.points for each in lots.values()])
    return {
        key: Lot(share, each.expires_at)
        for (key, each), share in zip(lots.items(), each_takes, strict=True)
        if share
    }
