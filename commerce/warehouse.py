"""Where stock stands, and what of it can be sent."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from commerce.stock import Stock, counted


class Warehouse(Struct, frozen=True, kw_only=True):
    """One place that ships; among equals the lower `priority` goes first."""

    id: str
    name: str
    city: str
    state: str
    country: str
    priority: int = 0


def misplaced(stock: Stock, warehouses: Sequence[Warehouse]) -> tuple[str, ...]:
    """Return where units stand that is none of `warehouses`: a hand misspelt it.

    Where no warehouse is known yet, everything stands right.
    """
    known = {each.id for each in warehouses}
    if not known or stock.on_hand.keys() <= known:
        return ()
    return tuple(
        place
        for place, units in stock.on_hand.items()
        if units > 0 and place not in known
    )


def sendable(stock: Stock, warehouses: Sequence[Warehouse]) -> Stock:
    """Return `stock` without the units that no warehouse could send."""
    lost = misplaced(stock, warehouses)
    if not lost:
        return stock
    there = {place: n for place, n in stock.on_hand.items() if place not in lost}
    return counted(replace(stock, on_hand=there))
