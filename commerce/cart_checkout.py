"""A cart while it is being bought: its checkout session, frozen, and what was bought.

RULES.md section 6. A session watches the cart: any edit ends it. An order that is being
paid freezes the cart; on its confirmation only what was bought leaves.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from commerce.cart import Begun, Cart, checked
from commerce.checkout import CheckoutInProgress
from commerce.coupon import Goods
from commerce.errors import MaxPerOrder


def check_free(cart: Cart, order_id: str | None = None) -> Cart:
    """Return `cart` unless an order other than `order_id` has it frozen.

    Raises CheckoutInProgress.
    """
    if cart.frozen_by not in {None, order_id}:
        raise CheckoutInProgress(
            "the cart is being paid; wait until that is over", order_id=cart.frozen_by
        )
    return cart


def check_limits(goods: Sequence[Goods], limits: Mapping[str, int]) -> None:
    """Raise MaxPerOrder if `goods` are more of a product than its limit is now.

    It was kept when a line was put in; the shop may have lowered it since.
    """
    for each in goods:
        limit = limits[each.product_id]
        units = sum(one.quantity for one in goods if one.product_id == each.product_id)
        if units > limit:
            raise MaxPerOrder(
                f"{each.product_id}: at most {limit} in one order",
                product_id=each.product_id,
                sku=each.sku,
                max_per_order=limit,
                asked=units,
                in_cart=units,
            )


def freeze(cart: Cart, order_id: str, version: int, *, alone: bool = False) -> Cart:
    """Return `cart` frozen for the order; a second time changes nothing.

    What is added to a frozen cart, as by a guest's that moves in, is not what it buys.
    One that must be `alone` is no second try at what another order waits to be paid
    for. Raises CartMerged, CartChanged, CheckoutInProgress.
    """
    if cart.frozen_by == order_id:
        return cart
    check_free(checked(cart, version))
    if alone and cart.checkout != order_id:
        _check_alone(cart, order_id)
    begun = Begun(order_id, cart.version)
    return replace(cart, frozen_by=order_id, checkout=None, begun=begun)


def _check_alone(cart: Cart, order_id: str) -> None:
    if (other := order_of(cart)) not in {None, order_id}:
        raise CheckoutInProgress("an order of this cart is on its way", order_id=other)


def unfreeze(cart: Cart, order_id: str, *, ended: bool) -> Cart:
    """Return `cart` free to be edited again; `ended` begins another attempt to buy it.

    One that another order has frozen stays so.
    """
    if ended:
        cart = replace(cart, attempt=cart.attempt + 1)
        if cart.begun is not None and cart.begun.order_id == order_id:
            cart = replace(cart, begun=None)
    if cart.frozen_by == order_id:
        cart = replace(cart, frozen_by=None)
    if cart.checkout == order_id:
        cart = replace(cart, checkout=None)
    return cart


def watch(cart: Cart, order_id: str, version: int) -> Cart:
    """Return `cart` with the checkout session `order_id` set on it.

    Raises CartMerged, CartChanged, CheckoutInProgress.
    """
    check_free(checked(cart, version))
    return cart if cart.checkout == order_id else replace(cart, checkout=order_id)


def take_bought(cart: Cart, order_id: str, bought: Mapping[str, int]) -> Cart:
    """Return `cart` without the quantities `bought`, by sku, and unfrozen.

    What was put in since stays. Coupons and points were for what was bought: they go.
    """
    lines = []
    for line in cart.lines:
        left = line.quantity - bought.get(line.sku, 0)
        if left > 0:
            lines.append(replace(line, quantity=left) if line.sku in bought else line)
    cart, version = unfreeze(cart, order_id, ended=False), cart.version + 1
    # It may have waited for its customer while another began to buy the cart.
    buys = cart.frozen_by or (None if lines else order_id)
    return replace(
        cart,
        lines=tuple(lines),
        clamped=(),
        version=version,
        begun=Begun(buys, version) if buys else None,
        **_USED_UP,
    )


def order_of(cart: Cart) -> str | None:
    """Return the order that buys `cart` as it is, or has just emptied it.

    A buyer who clicks twice may come for the second time when the cart is empty.
    """
    begun = cart.begun
    return begun.order_id if begun and begun.version == cart.version else None


_USED_UP: Mapping[str, object] = {
    name: empty
    for name, empty in (("coupons", ()), ("points", 0))
    if name in Cart.__struct_fields__
}
