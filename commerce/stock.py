"""How much there is of one variant, per warehouse.

on_hand is what stands on the shelf, held what a checkout keeps for a while, committed
what is sold and not yet shipped. available = on_hand - held - committed, never below
zero; `free` is its sum over the warehouses.

People may edit `on_hand` in the database by hand. A count below zero is no count:
until somebody counts again, nothing of this item can be bought.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from commerce.errors import (
    BelowCommitted,
    Malformed,
    OutOfStock,
    ProductNotFound,
    StockChanged,
    Uncounted,
    UnknownWarehouse,
)

StockStatus = Literal["in_stock", "low_stock", "out_of_stock"]

PRODUCT_LOW = 10
VARIANT_LOW = 3

MAX_ON_HAND = 1_000_000
"""More of one variant in one warehouse is a slip of the finger."""

UNCOUNTED = -1
"""Stands in `on_hand` for a count that nobody can read as a number."""

# A warning is given once when stock falls below VARIANT_LOW, again only after it has
# risen clearly above, and not more than hourly: stock that trembles is no news.
ALERT_ARMED_ABOVE = VARIANT_LOW + 2
ALERT_EVERY = timedelta(hours=1)


class Hold(Struct, frozen=True, kw_only=True):
    """Units set aside, by warehouse id: until `expires_at`, or sold if `committed`.

    `owner` is the user who hears of it. The rules are in `commerce/hold.py`.
    """

    places: Mapping[str, int]
    expires_at: datetime
    committed: bool = False
    owner: str = ""

    @property
    def units(self) -> int:
        """How many are set aside, over all warehouses."""
        return sum(self.places.values())


class Stock(Struct, frozen=True, kw_only=True):
    """One variant's units, each map by warehouse id; a change raises `version`."""

    sku: str
    product_id: str = ""
    on_hand: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    committed: Mapping[str, int] = field(default_factory=dict)
    # By hold id; `held` and `committed` are their sums, kept by `commerce/hold.py`.
    holds: Mapping[str, Hold] = field(default_factory=dict)
    # Came back unfit to be sold again: counted, on no shelf.
    scrapped: Mapping[str, int] = field(default_factory=dict)
    free: int = 0
    version: int = 0
    changed_at: datetime | None = None
    # The low-stock warning: given and not yet armed again; when last given.
    warned: bool = False
    warned_at: datetime | None = None


def known(stock: Stock) -> Stock:
    """Return `stock` if it is of a variant that is sold. Raises ProductNotFound."""
    if not stock.product_id:
        raise ProductNotFound(f"{stock.sku} is not sold here", sku=stock.sku)
    return stock


def checked(stock: Stock, expected_version: int | None) -> Stock:
    """Return `stock` if it is sold and still as seen; None expects nothing.

    Raises ProductNotFound, StockChanged.
    """
    known(stock)
    if expected_version not in {None, stock.version}:
        raise StockChanged(
            f"{stock.sku} is at version {stock.version}, not {expected_version}",
            sku=stock.sku,
            version=stock.version,
        )
    return stock


def check_places(named: Iterable[str], there: Collection[str]) -> None:
    """Raise UnknownWarehouse unless all warehouses `named` are `there`."""
    for warehouse in named:
        if warehouse not in there:
            raise UnknownWarehouse(
                f"there is no warehouse {warehouse}",
                warehouse=warehouse,
                warehouses=sorted(there),
            )


def reserved(stock: Stock, warehouse: str) -> int:
    """Return what is held and committed in `warehouse`."""
    return stock.held.get(warehouse, 0) + stock.committed.get(warehouse, 0)


def available(stock: Stock, warehouse: str) -> int:
    """Return what can be bought from `warehouse` now."""
    if uncounted(stock):
        return 0
    return max(0, stock.on_hand.get(warehouse, 0) - reserved(stock, warehouse))


def by_warehouse(stock: Stock) -> dict[str, int]:
    """Return what can be bought, per warehouse; it adds up to `free`."""
    if uncounted(stock):
        return dict.fromkeys(stock.on_hand, 0)
    return {
        warehouse: max(0, units - reserved(stock, warehouse))
        for warehouse, units in stock.on_hand.items()
    }


def uncounted(stock: Stock) -> tuple[str, ...]:
    """Return the warehouses whose count is no number of units."""
    return tuple(each for each, units in stock.on_hand.items() if units < 0)


def oversubscribed(stock: Stock) -> tuple[str, ...]:
    """Return the warehouses where less stands than is held and committed."""
    places = {*stock.on_hand, *stock.held, *stock.committed}
    return tuple(
        sorted(
            each
            for each in places
            if stock.on_hand.get(each, 0) < reserved(stock, each)
        )
    )


def counted(stock: Stock) -> Stock:
    """Return `stock` with `free` made true again."""
    free = sum(by_warehouse(stock).values())
    return stock if free == stock.free else replace(stock, free=free)


def changed(stock: Stock, **news: object) -> Stock:
    """Return `stock` with `news` in its fields, as its next version."""
    return counted(replace(stock, version=stock.version + 1, **news))


def begin(stock: Stock, product_id: str, on_hand: Mapping[str, int]) -> Stock:
    """Begin to count a variant; one that is counted already stays as it is."""
    if stock.product_id:
        return stock
    for units in on_hand.values():
        _check_count(units)
    return changed(stock, product_id=product_id, on_hand=dict(on_hand))


def adjust(stock: Stock, warehouse: str, delta: int) -> Stock:
    """Add `delta`, which may be negative, to what `warehouse` has on hand.

    Raises BelowCommitted, and Uncounted where there is no number to add to.
    """
    known(stock)
    before = stock.on_hand.get(warehouse, 0)
    if before < 0:
        raise Uncounted(
            f"{stock.sku}: {warehouse} must be counted first",
            sku=stock.sku,
            warehouse=warehouse,
        )
    return _shelved(stock, {warehouse: before + delta}) if delta else stock


def recount(stock: Stock, warehouse: str, on_hand: int) -> Stock:
    """Set what `warehouse` has on hand. Raises BelowCommitted."""
    known(stock)
    if stock.on_hand.get(warehouse) == on_hand:
        return stock
    return _shelved(stock, {warehouse: on_hand})


def transfer(stock: Stock, source: str, target: str, quantity: int) -> Stock:
    """Move `quantity` available units from `source` to `target`, as one change.

    Raises OutOfStock when fewer are available at `source`.
    """
    known(stock)
    if source == target or quantity < 1:
        raise Malformed(
            "a transfer moves at least one unit to another warehouse",
            source=source,
            target=target,
            quantity=quantity,
        )
    left = available(stock, source)
    if quantity > left:
        raise OutOfStock(
            f"{stock.sku}: {quantity} asked, {left} available in {source}",
            sku=stock.sku,
            asked=quantity,
            available=left,
            warehouse=source,
        )
    return _shelved(
        stock,
        {
            source: stock.on_hand[source] - quantity,
            target: stock.on_hand.get(target, 0) + quantity,
        },
    )


def restock(stock: Stock, warehouse: str, units: int) -> Stock:
    """Put `units` that came back, fit to be sold again, on the shelf of `warehouse`.

    RULES section 8. Raises Malformed, and Uncounted where nobody knows the count.
    """
    _check_count(units)
    return adjust(stock, warehouse, units)


def scrap(stock: Stock, warehouse: str, units: int) -> Stock:
    """Count `units` that came back broken; no shelf sees them. RULES section 8."""
    known(stock)
    _check_count(units)
    if not units:
        return stock
    whole = stock.scrapped.get(warehouse, 0) + units
    return changed(stock, scrapped={**stock.scrapped, warehouse: whole})


def watched(before: Stock, after: Stock, now: datetime) -> tuple[Stock, bool]:
    """Return `after` with its low-stock warning kept, and whether to warn now."""
    if after.free >= ALERT_ARMED_ABOVE:
        return (replace(after, warned=False) if after.warned else after), False
    crossed = before.free >= VARIANT_LOW > after.free
    if not crossed or after.warned:
        return after, False
    due = after.warned_at is None or now - after.warned_at >= ALERT_EVERY
    at = now if due else after.warned_at
    return replace(after, warned=True, warned_at=at), due


def variant_status(units: int) -> StockStatus:
    """Return the word for `units` of one variant."""
    return _status(units, VARIANT_LOW)


def product_status(units: int) -> StockStatus:
    """Return the word for `units` of a product, over all its variants."""
    return _status(units, PRODUCT_LOW)


def _status(units: int, low: int) -> StockStatus:
    if units <= 0:
        return "out_of_stock"
    return "low_stock" if units < low else "in_stock"


def _shelved(stock: Stock, counts: Mapping[str, int]) -> Stock:
    for warehouse, units in counts.items():
        floor = reserved(stock, warehouse)
        # A raise is welcome even where it does not yet cover what is held.
        if units < floor and units < stock.on_hand.get(warehouse, 0):
            raise BelowCommitted(
                f"{stock.sku}: {units} would be left in {warehouse}, "
                f"{floor} are held or sold",
                sku=stock.sku,
                warehouse=warehouse,
                on_hand=units,
                held=stock.held.get(warehouse, 0),
                committed=stock.committed.get(warehouse, 0),
            )
        _check_count(units)
    return changed(stock, on_hand={**stock.on_hand, **counts})


def _check_count(units: int) -> None:
    if not 0 <= units <= MAX_ON_HAND:
        raise Malformed(
            f"{units} is no count: 0 to {MAX_ON_HAND}", minimum=0, maximum=MAX_ON_HAND
        )
