"""What a cart costs, line by line: phase 0 of a checkout. It writes nothing."""

from msgspec import Struct

from actors.cart_holds import own
from actors.order_outside import OrderLike, Outside
from commerce.allocation import Destination, allocate, check_available
from commerce.cart import Cart
from commerce.cart_checkout import check_free, check_limits
from commerce.cart_costs import costs
from commerce.errors import CartChanged, CartEmpty, ProductNotFound
from commerce.order import Address, CouponUsed, OrderLine, Totals, ordered, totals
from commerce.pricing import ShippingMethod
from commerce.stock import by_warehouse
from messages.cart import GetCart
from messages.cart_view import goods
from messages.stock import GetAvailable

Places = dict[str, tuple[str, ...]]
"""From where each sku is best sent, the first choice first."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be quoted.

    `version` is the one of the cart that the customer saw; None: whatever it is.
    """

    user_id: str
    method: ShippingMethod = "standard"
    address: Address | None = None
    version: int | None = None


class Quote(Struct, frozen=True, kw_only=True):
    """A cart as it can be bought now; what is shown is what is charged."""

    cart: Cart
    lines: tuple[OrderLine, ...]
    totals: Totals
    coupons: tuple[CouponUsed, ...]
    tier: str
    points: int
    prefer: Places


async def quoted(order: OrderLike, outside: Outside, wanted: Wanted) -> Quote:
    """Return what the cart costs now.

    Raises CartEmpty, CartChanged, CheckoutInProgress, MaxPerOrder, and OutOfStock
    naming the lines.
    """
    cart = await order.ask(wanted.user_id, GetCart())
    check_free(cart, order.key)
    if wanted.version not in {None, cart.version}:
        raise CartChanged(
            f"the cart is at version {cart.version}, not {wanted.version}",
            version=cart.version,
        )
    if not cart.lines:
        raise CartEmpty("there is nothing in the cart")
    prefer = await _places(order, outside, cart, wanted.address)
    products = [outside.shelf.by_sku(each.sku)[0] for each in cart.lines]
    wares = goods(cart, outside.shelf.by_sku)
    check_limits(wares, {each.id: each.max_per_order for each in products})
    found = costs(cart, wares, wanted.method)
    return Quote(
        cart=cart,
        lines=ordered(cart.lines, found.breakdown.items, outside.shelf.by_sku),
        totals=totals(found.breakdown, outside.tariff.currency),
        coupons=tuple(
            CouponUsed(each.code, each.discount)
            for each in found.coupons
            if each.inactive_reason is None
        ),
        tier=cart.terms.shopper.tier if cart.terms else "bronze",
        points=found.breakdown.points_discount,
        prefer=prefer,
    )


async def _places(
    order: OrderLike, outside: Outside, cart: Cart, address: Address | None
) -> Places:
    """Return from where to send each sku. Raises OutOfStock."""
    units = {each.sku: each.quantity for each in cart.lines}
    shelves = {sku: _shelf(outside, sku) for sku in units}
    for sku in sorted(units):
        if sum(shelves[sku].values()) < units[sku]:
            # Memory may be a moment old, and knows not what the cart itself holds.
            await _recount(order, cart, sku, shelves[sku])
    check_available(units, shelves)
    to = Destination(address.state, address.country) if address else NOWHERE
    found = allocate(units, shelves, outside.shelf.warehouses, to)
    return {sku: tuple(places) for sku, places in found.items()}


NOWHERE = Destination("", "")
"""Nobody said yet where it goes to: then the shop's own order of warehouses holds."""


def _shelf(outside: Outside, sku: str) -> dict[str, int]:
    try:
        product, _ = outside.shelf.by_sku(sku)
        return {} if product.retired else by_warehouse(outside.shelf.stock(sku))
    except ProductNotFound:
        return {}


async def _recount(
    order: OrderLike, cart: Cart, sku: str, shelf: dict[str, int]
) -> None:
    """Put on `shelf` what the item says there is, besides what this cart holds."""
    if not shelf:
        return
    there = await order.ask(sku, GetAvailable(own(cart, sku)))
    fullest = max(shelf, key=lambda each: (shelf[each], each))
    shelf[fullest] = max(0, shelf[fullest] + there - sum(shelf.values()))
