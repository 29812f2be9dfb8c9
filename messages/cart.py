"""What may be said to a cart, what it tells, and how a client sees it."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Generic, Literal

from msgspec import Struct

from commerce.cart import Cart, Clamped, Line
from commerce.errors import ProductNotFound
from commerce.money import major
from commerce.pricing import Breakdown, Item, Terms, breakdown
from commerce.product import Product, Variant
from messages.base import Command, Event, Money, R

Hand = Literal["user", "agent"]


class ToCart(Command[R], Generic[R], frozen=True):
    """To one shopper's cart; key = user id (guests have one too)."""

    to: ClassVar[str] = "cart"


class GetCart(ToCart[Cart], frozen=True, tag=True):
    """Return the cart as it is."""


class AddLine(ToCart[Cart], frozen=True, tag=True):
    """Put `quantity` more of `sku` into the cart; the same sku adds up.

    `expected_version` refuses with CartChanged when the cart moved on.
    """

    sku: str
    quantity: int = 1
    by: Hand = "user"
    expected_version: int | None = None


class ChangeLine(ToCart[Cart], frozen=True, tag=True):
    """Hold exactly `quantity` in the line `line_id`; 0 removes it."""

    line_id: str
    quantity: int
    by: Hand = "user"
    expected_version: int | None = None


class RemoveLine(ToCart[Cart], frozen=True, tag=True):
    """Take the line `line_id` out. Raises LineNotFound."""

    line_id: str
    by: Hand = "user"
    expected_version: int | None = None


class EmptyCart(ToCart[Cart], frozen=True, tag=True):
    """Take everything out."""

    by: Hand = "user"
    expected_version: int | None = None


class MergeGuest(ToCart[Cart], frozen=True, tag=True):
    """Take over the cart of the guest `guest_id`, clamped to what may be bought.

    What did not fit stands in `clamped` of the answer. Asked again for the same guest
    it changes nothing. Raises NotAGuest, and CartMerged where another account has it.
    """

    guest_id: str


class CloseInto(ToCart[Cart], frozen=True, tag=True):
    """Close this guest's cart in favour of `user_id` and return what it held.

    Asked again by the same user it returns the same; anybody else is refused with
    CartMerged, as is every later change. Raises NotAGuest for an account's cart.
    """

    user_id: str


CartCommand = (
    GetCart | AddLine | ChangeLine | RemoveLine | EmptyCart | MergeGuest | CloseInto
)


class CartUpdated(Event, frozen=True, tag="cart_update"):
    """The cart reached `cart.version` by somebody's hand; to topic `user/<id>`."""

    cart: Cart
    by: Hand


class LineView(Struct, frozen=True, kw_only=True):
    """One line as a client sees it; `id` is the line's, `available` is now."""

    id: str
    product_id: str
    sku: str
    product_name: str
    product_image: str | None
    color: str | None
    size: str | None
    quantity: int
    price: Money
    subtotal: Money
    available: int
    hold_expires_at: datetime | None = None


class CartView(Struct, frozen=True, kw_only=True):
    """A cart as a client sees it; `total` is without tax and shipping."""

    id: str
    version: int
    currency: str
    items: tuple[LineView, ...]
    items_count: int
    subtotal: Money
    discount: Money
    loyalty_discount: Money
    points_discount: Money
    total: Money
    coupons: tuple[str, ...] = ()
    # What the last merge of a guest's cart left out, until the next change.
    clamped: tuple[Clamped, ...] = ()


class TotalsView(Struct, frozen=True, kw_only=True):
    """What a cart costs all in; `shipping` is net of a shipping coupon."""

    subtotal: Money
    discount: Money
    loyalty_discount: Money
    points_discount: Money
    tax: Money
    shipping: Money
    total: Money
    currency: str


LookUp = Callable[[str], tuple[Product, Variant]]
"""Gives a variant and its product, retired or not. Raises ProductNotFound."""

Available = Callable[[str], int]
"""Gives how many of a sku can be bought now. Raises ProductNotFound."""


def priced(cart: Cart, look_up: LookUp, terms: Terms | None = None) -> Breakdown:
    """Return what `cart` costs at the catalogue's prices of the moment.

    What left the catalogue altogether costs nothing: nobody knows its price.
    """
    return breakdown(
        [Item(each.sku, each.quantity, _price(each, look_up)) for each in cart.lines],
        terms or Terms(),
    )


def shown(
    cart: Cart, look_up: LookUp, available: Available, terms: Terms | None = None
) -> CartView:
    """Return `cart` as a client sees it, whoever shows it: HTTP, a socket, the agent.

    A line whose product was retired stays, with nothing available.
    """
    terms = terms or Terms()
    costs = priced(cart, look_up, terms)
    return CartView(
        id=cart.id,
        version=cart.version,
        currency=terms.tariff.currency,
        items=tuple(_line(each, look_up, available) for each in cart.lines),
        items_count=len(cart.lines),
        subtotal=major(costs.subtotal),
        discount=major(costs.discount),
        loyalty_discount=major(costs.loyalty_discount),
        points_discount=major(costs.points_discount),
        total=major(costs.merchandise),
        clamped=cart.clamped,
    )


def totals(cart: Cart, look_up: LookUp, terms: Terms) -> TotalsView:
    """Return what `cart` costs all in, under `terms`."""
    costs = priced(cart, look_up, terms)
    return TotalsView(
        subtotal=major(costs.subtotal),
        discount=major(costs.discount),
        loyalty_discount=major(costs.loyalty_discount),
        points_discount=major(costs.points_discount),
        tax=major(costs.tax),
        shipping=major(costs.shipping),
        total=major(costs.total),
        currency=terms.tariff.currency,
    )


def _line(line: Line, look_up: LookUp, available: Available) -> LineView:
    try:
        product, variant = look_up(line.sku)
    except ProductNotFound:
        return _gone(line)
    return LineView(
        id=line.id,
        product_id=product.id,
        sku=line.sku,
        product_name=product.name,
        product_image=product.images[0] if product.images else None,
        color=variant.color,
        size=variant.size,
        quantity=line.quantity,
        price=major(product.price),
        subtotal=major(product.price * line.quantity),
        available=0 if product.retired else available(line.sku),
    )


def _gone(line: Line) -> LineView:
    # Deleted from the database by hand: the shopper can still see and remove it.
    return LineView(
        id=line.id,
        product_id=line.product_id,
        sku=line.sku,
        product_name=line.sku,
        product_image=None,
        color=None,
        size=None,
        quantity=line.quantity,
        price=major(0),
        subtotal=major(0),
        available=0,
    )


def _price(line: Line, look_up: LookUp) -> int:
    try:
        return look_up(line.sku)[0].price
    except ProductNotFound:
        return 0
