"""Whether the shelves agree with the orders: every sold unit is set aside, no other is.

What is only held lapses by itself. What is sold (`committed`) belongs to an order that
is paid and not yet shipped, with exactly its units; while an order is placed, or
undone, either may be true for a moment.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct

from commerce import hold as holds
from commerce.order import Phase, Status
from commerce.stock import Hold, Stock, oversubscribed, uncounted

What = Literal[
    "sums", "uncounted", "oversubscribed", "nothing_set_aside", "other_units",
    "nobodys", "left_behind",
]  # fmt: skip
"""`left_behind` is sold to an order that was cancelled: nobody will ever ask for it."""


class Claim(Struct, frozen=True, kw_only=True):
    """What one order claims of the shelves: units by sku."""

    order_id: str
    status: Status
    phase: Phase
    units: Mapping[str, int]

    @property
    def is_owed(self) -> bool:
        """Whether its units must be set aside: it is paid and has not left."""
        return self.phase == "confirmed" and self.status in {"confirmed", "processing"}

    @property
    def is_moving(self) -> bool:
        """Whether its units may be set aside or not: its saga is under way."""
        return self.phase in {"paying", "undoing"}


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that does not add up; `expected` and `found` are units."""

    what: What
    sku: str
    order_id: str = ""
    expected: int = 0
    found: int = 0


def differences(
    stocks: Iterable[Stock], claims: Mapping[str, Claim]
) -> tuple[Difference, ...]:
    """Return what does not add up; `claims` hold at least every order that owes."""
    every = {each.sku: each for each in stocks}
    found = [one for stock in every.values() for one in _of_shelf(stock, claims)]
    found.extend(one for claim in claims.values() for one in _of_order(claim, every))
    return tuple(sorted(found, key=lambda each: (each.sku, each.order_id, each.what)))


def _of_shelf(stock: Stock, claims: Mapping[str, Claim]) -> Iterator[Difference]:
    if holds.summed(stock) != stock:
        yield Difference(what="sums", sku=stock.sku)
    if uncounted(stock):
        yield Difference(what="uncounted", sku=stock.sku)
    elif oversubscribed(stock):
        yield Difference(what="oversubscribed", sku=stock.sku)
    for hold_id, hold in stock.holds.items():
        claim = claims.get(hold_id)
        kept = claim is not None and (claim.is_owed or claim.is_moving)
        if hold.committed and not kept:
            is_over = claim is not None and claim.status == "cancelled"
            what: What = "left_behind" if is_over else "nobodys"
            yield Difference(
                what=what, sku=stock.sku, order_id=hold_id, found=hold.units
            )


def _of_order(claim: Claim, stocks: Mapping[str, Stock]) -> Iterator[Difference]:
    if not claim.is_owed:
        return
    for sku, units in claim.units.items():
        stock = stocks.get(sku)
        set_aside = _sold(stock.holds.get(claim.order_id)) if stock else 0
        if set_aside != units:
            yield Difference(
                what="other_units" if set_aside else "nothing_set_aside",
                sku=sku,
                order_id=claim.order_id,
                expected=units,
                found=set_aside,
            )


def _sold(hold: Hold | None) -> int:
    return hold.units if hold is not None and hold.committed else 0
