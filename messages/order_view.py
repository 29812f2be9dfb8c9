"""What a client sees of an order and of a checkout; money in major units.

How it is made from an order stands in `messages/order_shown.py`.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from commerce.checkout import NextStep
from commerce.order import Address
from messages.base import Money


class OrderLineView(Struct, frozen=True, kw_only=True):
    """One line as it was bought."""

    id: str
    product_id: str
    sku: str
    product_name: str
    product_image: str
    color: str | None
    size: str | None
    quantity: int
    price: Money
    subtotal: Money


class PaidWithView(Struct, frozen=True, kw_only=True):
    """With what it was paid; never a number."""

    type: str
    brand: str
    last_four: str


class TenderView(Struct, frozen=True, kw_only=True):
    """One part of the payment."""

    type: str
    brand: str
    last_four: str
    amount: Money
    status: str
    refunded: Money


class PaymentView(Struct, frozen=True, kw_only=True):
    """How the payment stands; `next_action` is what the customer has to do."""

    id: str | None
    status: str
    captured: Money
    refunded: Money
    tenders: tuple[TenderView, ...]
    next_action: NextStep | UnsetType = UNSET
    decline_code: str | UnsetType = UNSET


class ShipmentView(Struct, frozen=True, kw_only=True):
    """One parcel: units by line id."""

    warehouse: str
    carrier: str
    tracking_number: str
    items: Mapping[str, int]


class OrderView(Struct, frozen=True, kw_only=True):
    """One order."""

    id: str
    order_number: str
    status: str
    items: tuple[OrderLineView, ...]
    subtotal: Money
    discount: Money
    loyalty_discount: Money
    points_discount: Money
    tax: Money
    shipping: Money
    total: Money
    currency: str
    coupons: tuple[str, ...]
    payment_method: PaidWithView | None
    payment: PaymentView
    shipping_address: Address | None
    shipping_method: str
    tracking_number: str | None
    shipments: tuple[ShipmentView, ...]
    return_status: str | None
    cancel_reason: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class AdminOrderView(OrderView, frozen=True, kw_only=True):
    """One order as operators see it; `attention` says why a person must look."""

    user_id: str
    attention: str | None


class TrackedView(Struct, frozen=True, kw_only=True):
    """Something that happened to an order."""

    status: str
    timestamp: datetime
    location: str
    description: str


class TrackingView(Struct, frozen=True, kw_only=True):
    """Where an order is; `history` has nothing but what happened."""

    order_id: str
    order_number: str
    status: str
    tracking_number: str | None
    estimated_delivery: datetime | None
    history: tuple[TrackedView, ...]


class ReturnLineView(Struct, frozen=True, kw_only=True):
    """Units of one line that come back."""

    id: str
    product_name: str
    quantity: int
    resellable: int


class ReturnView(Struct, frozen=True, kw_only=True):
    """One return."""

    return_id: str
    order_id: str
    status: str
    reason: str
    comments: str
    items: tuple[ReturnLineView, ...]
    refund: Money
    history: tuple[TrackedView, ...]


class HoldView(Struct, frozen=True, kw_only=True):
    """Units that are kept for the customer."""

    sku: str
    quantity: int
    expires_at: datetime


class CheckoutView(Struct, frozen=True, kw_only=True):
    """A checkout session: what it costs and until when it is held."""

    session_id: str
    cart_id: str
    items: tuple[OrderLineView, ...]
    subtotal: Money
    discount: Money
    loyalty_discount: Money
    points_discount: Money
    tax: Money
    shipping: Money
    total: Money
    currency: str
    shipping_method: str
    coupons: tuple[str, ...]
    expires_at: datetime
    server_now: datetime
    holds: tuple[HoldView, ...]
