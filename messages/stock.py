"""What may be said to a stock item, and what it answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Generic

from msgspec import Struct

from commerce.stock import Stock
from messages.base import Command, Event, R

OPERATORS = "operators"
"""The topic of what operators should hear."""


class ToStock(Command[R], Generic[R], frozen=True):
    """To the stock of one variant; key = sku."""

    to: ClassVar[str] = "stock"


class GetStock(ToStock[Stock], frozen=True, tag=True):
    """Return all that is known of this item's stock. Raises ProductNotFound."""


class GetAvailable(ToStock[int], frozen=True, tag=True):
    """Return how many can be bought now. Raises ProductNotFound.

    What the holds `besides` keep counts as free: they are the asker's own.
    """

    besides: tuple[str, ...] = ()


class AdjustStock(ToStock[Stock], frozen=True, tag=True):
    """Add `delta` (may be negative) to what `warehouse` has on hand.

    Raises BelowCommitted if it would leave less than is held and committed there,
    Uncounted where there is no count to add to, UnknownWarehouse, and StockChanged
    unless the version is `expected_version` (None: any).
    """

    warehouse: str
    delta: int
    reason: str
    expected_version: int | None = None


class SetStock(ToStock[Stock], frozen=True, tag=True):
    """Set what `warehouse` has on hand after a count, under the same rule."""

    warehouse: str
    on_hand: int
    reason: str
    expected_version: int | None = None


class TransferStock(ToStock[Stock], frozen=True, tag=True):
    """Move `quantity` available units from one warehouse to another, as one change.

    Raises OutOfStock, UnknownWarehouse and StockChanged.
    """

    source: str
    target: str
    quantity: int
    expected_version: int | None = None


class StockItem(ToStock[Stock], frozen=True, tag=True):
    """Begin to count a new variant of `product_id`, `on_hand` by warehouse.

    A second time changes nothing. Raises UnknownWarehouse.
    """

    product_id: str
    on_hand: Mapping[str, int]


class Held(Struct, frozen=True):
    """What a hold sets aside: units by warehouse, until `expires_at` unless sold."""

    hold_id: str
    places: Mapping[str, int]
    expires_at: datetime


class HoldUnits(ToStock[Held], frozen=True, tag=True):
    """Set `units` aside as `hold_id` for `user_id` until `until`; with `sell` for good.

    Taken from the warehouses in the order of `prefer`, then from the fullest. A
    repeat gets the same answer and changes nothing. What the user's cart holds of
    this item is given up for it in the same change; so are the holds `instead_of`,
    among which the hold itself may stand: then its units or its time are changed.
    What is sold is given back by `ReleaseHold` alone.
    Raises OutOfStock, HoldLapsed (it was there, but over; or `until` is), Malformed,
    ProductNotFound and IllegalTransition (what is to be given up is sold).
    """

    hold_id: str
    units: int
    prefer: tuple[str, ...]
    until: datetime
    user_id: str
    instead_of: tuple[str, ...] = ()
    sell: bool = False


class ReleaseHold(ToStock[None], frozen=True, tag=True):
    """Give back what the hold keeps, sold or not; an unknown one is given back.

    With `until`, only a hold that ends exactly then: a newer one of that id stays.
    """

    hold_id: str
    until: datetime | None = None


class ShipHold(ToStock[None], frozen=True, tag=True):
    """Take what was sold off the shelves; an unknown hold has left already.

    Raises IllegalTransition if it is not sold, and OutOfStock or Uncounted where a
    hand edit left less than was sold.
    """

    hold_id: str


class Restock(ToStock[None], frozen=True, tag=True):
    """Put `units` that came back on the shelf of `warehouse`; ask with `once=effect`.

    Under the name of one effect it is done once, however often it is asked.
    Raises UnknownWarehouse, Uncounted and Malformed.
    """

    effect: str
    warehouse: str
    units: int


class Scrap(ToStock[None], frozen=True, tag=True):
    """Count `units` that came back unfit to be sold; `effect` as for Restock.

    Raises UnknownWarehouse and Malformed.
    """

    effect: str
    warehouse: str
    units: int


class LapseHolds(ToStock[None], frozen=True, tag=True):
    """Give back what is held too long and warn of what soon will be.

    The item's own timer sends it; at any other moment it changes nothing.
    """


StockCommand = (
    GetStock
    | GetAvailable
    | AdjustStock
    | SetStock
    | TransferStock
    | StockItem
    | HoldUnits
    | ReleaseHold
    | ShipHold
    | Restock
    | Scrap
    | LapseHolds
)


class HoldPlaced(Event, frozen=True, tag="hold"):
    """`quantity` of `sku` are kept for this shopper; to topic `user/<id>`."""

    sku: str
    quantity: int
    expires_at: datetime


class HoldExpiring(Event, frozen=True, tag="hold_expiring"):
    """They are kept for two minutes more at most; to topic `user/<id>`."""

    sku: str
    quantity: int
    expires_at: datetime


class HoldExpired(Event, frozen=True, tag="hold_expired"):
    """They are kept no longer: the time is over; to topic `user/<id>`."""

    sku: str
    quantity: int


class StockLow(Event, frozen=True, tag="stock_low"):
    """Few can be bought any more; once as they fall that low; to topic `operators`."""

    sku: str
    available: int
    version: int


class StockDiffers(Event, frozen=True, tag="stock_differs"):
    """Shelves and orders do not agree in `differences` places; to `operators`."""

    differences: int


class BackInStock(Event, frozen=True, tag="back_in_stock"):
    """What this customer waited for can be bought again; to topic `user/<id>`."""

    sku: str
    product_id: str
    available: int


def cart_hold_id(user_id: str, sku: str) -> str:
    """Return the id of the hold by which a cart keeps a limited item."""
    return f"cart/{user_id}/{sku}"
