"""How a cart looks to its owner, whoever shows it: HTTP, a socket, the agent."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from commerce.cart import Cart, Clamped, Line
from commerce.cart_costs import costs
from commerce.coupon import Goods
from commerce.coupon_check import Reviewed
from commerce.errors import ProductNotFound
from commerce.money import major
from commerce.pricing import Breakdown, ShippingMethod
from commerce.product import Product, Variant
from messages.base import Money


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


class CouponView(Struct, frozen=True, kw_only=True):
    """A coupon on the cart, with what it takes off now, or why it takes nothing."""

    code: str
    discount: Money
    inactive_reason: str | None = None


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
    coupons: tuple[CouponView, ...] = ()
    # What the last merge of a guest's cart left out, until the next change.
    clamped: tuple[Clamped, ...] = ()
    checkout: str | None = None
    """The checkout session that holds it, or the order that is being paid."""


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


def goods(cart: Cart, look_up: LookUp) -> tuple[Goods, ...]:
    """Return what is in `cart`, at the catalogue's prices of the moment.

    What left the catalogue altogether costs nothing: nobody knows its price.
    """
    return tuple(_goods(each, look_up) for each in cart.lines)


def priced(
    cart: Cart, look_up: LookUp, method: ShippingMethod = "standard"
) -> Breakdown:
    """Return what `cart` costs at the prices of the moment, under its terms."""
    return costs(cart, goods(cart, look_up), method).breakdown


def shown(cart: Cart, look_up: LookUp, available: Available) -> CartView:
    """Return `cart` as a client sees it, whoever shows it: HTTP, a socket, the agent.

    A line whose product was retired stays, with nothing available.
    """
    found = costs(cart, goods(cart, look_up))
    sums = found.breakdown
    # A checkout holds every line, the cart itself only those that are limited.
    bought = cart.checkout is not None or cart.frozen_by is not None
    kept = {each.sku for each in cart.lines} if bought else set(cart.holds)
    return CartView(
        id=cart.id,
        version=cart.version,
        currency=found.terms.tariff.currency,
        items=tuple(
            _line(
                each,
                look_up,
                available,
                own=each.quantity if each.sku in kept else 0,
                until=cart.holds.get(each.sku),
            )
            for each in cart.lines
        ),
        items_count=len(cart.lines),
        subtotal=major(sums.subtotal),
        discount=major(sums.discount),
        loyalty_discount=major(sums.loyalty_discount),
        points_discount=major(sums.points_discount),
        total=major(sums.merchandise),
        coupons=tuple(_coupon(each) for each in found.coupons),
        clamped=cart.clamped,
        checkout=cart.frozen_by or cart.checkout,
    )


def totals(
    cart: Cart, look_up: LookUp, method: ShippingMethod = "standard"
) -> TotalsView:
    """Return what `cart` costs all in, sent by `method`."""
    found = costs(cart, goods(cart, look_up), method)
    sums = found.breakdown
    return TotalsView(
        subtotal=major(sums.subtotal),
        discount=major(sums.discount),
        loyalty_discount=major(sums.loyalty_discount),
        points_discount=major(sums.points_discount),
        tax=major(sums.tax),
        shipping=major(sums.shipping),
        total=major(sums.total),
        currency=found.terms.tariff.currency,
    )


def _coupon(found: Reviewed) -> CouponView:
    return CouponView(
        code=found.code,
        discount=major(found.discount),
        inactive_reason=found.inactive_reason,
    )


def _line(
    line: Line,
    look_up: LookUp,
    available: Available,
    *,
    own: int,
    until: datetime | None,
) -> LineView:
    """Return a line; `own` units of it are held for this cart, until then."""
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
        # What is held for this cart can be bought by its shopper.
        available=0 if product.retired else available(line.sku) + own,
        hold_expires_at=until,
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


def _goods(line: Line, look_up: LookUp) -> Goods:
    try:
        product, _ = look_up(line.sku)
    except ProductNotFound:
        return Goods(line.sku, line.product_id, "", line.quantity, 0)
    return Goods(line.sku, product.id, product.category, line.quantity, product.price)
