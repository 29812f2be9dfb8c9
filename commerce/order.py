"""An order from its quote to its return: all that is known of it.

RULES.md sections 6 and 7. The struct is the journal of the order's actor: what a
restart needs to go on stands in it. How it moves is in `commerce/order_status.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

from msgspec import Struct, field

from commerce.cart import Line
from commerce.errors import PriceChanged
from commerce.money import major
from commerce.payment import Refund, Tender
from commerce.pricing import Breakdown, ItemPrice, ShippingMethod
from commerce.product import Product, Variant

Status = Literal[
    "pending", "confirmed", "processing", "shipped", "delivered", "returned",
    "cancelled",
]  # fmt: skip
Phase = Literal["opened", "reserved", "paying", "confirmed", "undoing", "undone"]
ReturnStatus = Literal[
    "requested", "approved", "in_transit", "received", "inspected", "refunded",
    "rejected", "cancelled",
]  # fmt: skip

# What the carriers of the demo promise.
ON_THE_WAY: Mapping[ShippingMethod, timedelta] = {
    "standard": timedelta(days=5),
    "express": timedelta(days=2),
}

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Address(Struct, frozen=True, kw_only=True):
    """Where it goes to, as it was when it was ordered."""

    street: str
    city: str
    state: str
    zip_code: str
    country: str


class OrderLine(Struct, frozen=True, kw_only=True):
    """So many of one variant as it was bought; `net` and `tax` are the line's shares.

    `places` says which warehouse sends how many.
    """

    id: str
    sku: str
    product_id: str
    name: str
    category: str
    quantity: int
    price: int
    net: int
    tax: int
    color: str | None = None
    size: str | None = None
    image: str = ""
    places: Mapping[str, int] = field(default_factory=dict)


def ordered(
    lines: Iterable[Line],
    prices: Iterable[ItemPrice],
    by_sku: Callable[[str], tuple[Product, Variant]],
) -> tuple[OrderLine, ...]:
    """Return the lines of a cart as they are bought, each at its price of now."""
    return tuple(
        _ordered(line, price, *by_sku(line.sku))
        for line, price in zip(lines, prices, strict=True)
    )


def _ordered(
    line: Line, price: ItemPrice, product: Product, variant: Variant
) -> OrderLine:
    return OrderLine(
        id=line.id,
        sku=line.sku,
        product_id=product.id,
        name=product.name,
        category=product.category,
        quantity=line.quantity,
        price=price.price,
        net=price.net,
        tax=price.tax,
        color=variant.color,
        size=variant.size,
        image=product.images[0] if product.images else "",
    )


class Totals(Struct, frozen=True, kw_only=True):
    """The sums of an order, as `pricing.Breakdown` has them, in cents."""

    currency: str
    subtotal: int
    loyalty_discount: int
    discount: int
    points_discount: int
    merchandise: int
    shipping: int
    shipping_discount: int
    tax: int
    total: int
    points_to_earn: int


class CouponUsed(Struct, frozen=True):
    """One coupon of the order and what it took off."""

    code: str
    discount: int


class Happened(Struct, frozen=True, omit_defaults=True):
    """One thing that happened to the order or to a return."""

    status: str
    at: datetime
    description: str = ""
    location: str = ""


class Parcel(Struct, frozen=True):
    """What one warehouse sent: units by line id."""

    warehouse: str
    units: Mapping[str, int]
    carrier: str
    tracking_number: str


class ReturnLine(Struct, frozen=True):
    """So many units of one line come back; after inspection so many of them sound."""

    id: str
    quantity: int
    resellable: int = 0


class Return(Struct, frozen=True, kw_only=True):
    """Units that come back; `amount` is what was refunded for them."""

    id: str
    reason: str
    lines: tuple[ReturnLine, ...]
    status: ReturnStatus = "requested"
    comments: str = ""
    warehouse: str = ""
    amount: int = 0
    points_reversed: int = 0
    points_restored: int = 0
    history: tuple[Happened, ...] = ()


class Order(Struct, frozen=True, kw_only=True):
    """One order, or the checkout session that may become one (`placed_at` is None).

    `shown_total` is what the customer agreed to, `expires_at` when what it holds
    lapses, `reason` why it was cancelled.
    """

    id: str
    user_id: str
    cart_id: str = ""
    cart_version: int = 0
    status: Status = "pending"
    phase: Phase = "opened"
    lines: tuple[OrderLine, ...] = ()
    totals: Totals | None = None
    coupons: tuple[CouponUsed, ...] = ()
    tier: str = "bronze"
    points: int = 0
    address: Address | None = None
    shipping_method: ShippingMethod = "standard"
    tenders: tuple[Tender, ...] = ()
    refunds: Mapping[str, Refund] = field(default_factory=dict)
    returns: Mapping[str, Return] = field(default_factory=dict)
    parcels: tuple[Parcel, ...] = ()
    history: tuple[Happened, ...] = ()
    reason: str = ""
    created_at: datetime
    updated_at: datetime
    placed_at: datetime | None = None
    expires_at: datetime | None = None
    version: int = 0


@lru_cache(maxsize=1024)
def number(order_id: str) -> str:
    """Return the number that people read: the same for the same id, always.

    40 bits of a hash in Crockford's base 32, which has no I, L, O or U to misread.
    """
    bits = int.from_bytes(blake2b(order_id.encode(), digest_size=5).digest())
    letters = (_CROCKFORD[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"ORD-{''.join(letters)}"


def totals(found: Breakdown, currency: str) -> Totals:
    """Return the sums of `found` without its lines."""
    names = [each for each in Totals.__struct_fields__ if each != "currency"]
    return Totals(currency=currency, **{each: getattr(found, each) for each in names})


def check_price(shown: int | None, now: int) -> None:
    """Raise PriceChanged if it costs another sum than `shown`; None was shown none."""
    if shown not in {None, now}:
        assert shown is not None
        raise PriceChanged(
            f"it costs {major(now)} now, not {major(shown)}",
            old=major(shown),
            new=major(now),
        )


def is_session(order: Order) -> bool:
    """Tell whether it is a checkout session still: such are shown in no list."""
    return order.placed_at is None


def happened_at(order: Order, status: Status) -> datetime | None:
    """Return when the order became `status`, if it did."""
    return next((each.at for each in order.history if each.status == status), None)


def estimated_delivery(order: Order) -> datetime | None:
    """Return when it should arrive, counted from its last step; None before it is paid.

    A promise, so it stands beside the history and never in it.
    """
    begun = happened_at(order, "shipped") or happened_at(order, "confirmed")
    return begun and begun + ON_THE_WAY[order.shipping_method]


def tracking_number(order: Order) -> str | None:
    """Return the carrier's number once there is one."""
    return order.parcels[0].tracking_number if order.parcels else None
