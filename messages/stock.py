"""What may be said to a stock item, and what it answers."""

from collections.abc import Mapping
from typing import ClassVar, Generic

from commerce.stock import Stock
from messages.base import Command, R


class ToStock(Command[R], Generic[R], frozen=True):
    """To the stock of one variant; key = sku."""

    to: ClassVar[str] = "stock"


class GetStock(ToStock[Stock], frozen=True, tag=True):
    """Return all that is known of this item's stock. Raises ProductNotFound."""


class GetAvailable(ToStock[int], frozen=True, tag=True):
    """Return how many can be bought now. Raises ProductNotFound."""


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


StockCommand = (
    GetStock | GetAvailable | AdjustStock | SetStock | TransferStock | StockItem
)
