"""How a cart is shown: at the prices of the moment, whatever became of its products."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commerce.cart import Cart, Line
from commerce.cart_terms import CartTerms
from commerce.coupon import Coupon
from commerce.coupon_check import Offered, Shopper
from commerce.pricing import ShippingMethod, Tier
from messages.base import encode_json
from messages.cart_view import shown, totals
from tests.actors.shelf import Shelf, product

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LAMP = product("lamp", price=4999)
SHELF = Shelf(LAMP, product("rug", price=12999), product("pen", price=1))


def cart_of(**quantities: int) -> Cart:
    lines = tuple(Line(sku, sku, sku, each) for sku, each in quantities.items())
    return Cart(id="ann", lines=lines)


def fixed(amount: int) -> tuple[Offered, ...]:
    """A coupon that takes `amount` off any cart."""
    coupon = Coupon(
        code="LESS",
        discount_type="fixed",
        discount_value=amount,
        valid_from=NOON,
        valid_until=NOON,
    )
    return (Offered("LESS", coupon),)


def under_terms(cart: Cart, told: CartTerms) -> Cart:
    return replace(cart, terms=told, coupons=("LESS",), points=10**6)


carts = st.fixed_dictionaries(
    {}, optional={sku: st.integers(1, 100) for sku in ("lamp", "rug", "pen", "gone")}
).map(lambda quantities: cart_of(**quantities))
terms = st.builds(
    CartTerms,
    at=st.just(NOON),
    shopper=st.just(Shopper(user_id="ann")),
    tier=st.builds(Tier, st.integers(0, 100)),
    points=st.integers(0, 10**6),
    offered=st.builds(fixed, st.integers(1, 10**6)),
)


@given(carts, terms)
def test_what_is_shown_adds_up_to_the_cent(cart: Cart, under: CartTerms) -> None:
    view = shown(under_terms(cart, under), SHELF.by_sku, SHELF.available)

    assert view.subtotal == sum((each.subtotal for each in view.items), Decimal(0))
    assert view.total == (
        view.subtotal - view.discount - view.loyalty_discount - view.points_discount
    )


@given(carts, terms, st.sampled_from(["standard", "express"]))
def test_what_is_to_pay_adds_up_to_the_cent(
    cart: Cart, under: CartTerms, method: ShippingMethod
) -> None:
    cart = under_terms(cart, under)
    view = shown(cart, SHELF.by_sku, SHELF.available)
    costs = totals(cart, SHELF.by_sku, method)

    assert costs.total == view.total + costs.tax + costs.shipping


def test_money_leaves_as_a_decimal_number() -> None:
    view = shown(cart_of(lamp=2), SHELF.by_sku, SHELF.available)

    assert b'"subtotal":99.98' in encode_json(view)


def test_a_retired_product_is_shown_with_nothing_available() -> None:
    shelf = Shelf(replace(LAMP, retired=True))

    item = shown(cart_of(lamp=2), shelf.by_sku, shelf.available).items[0]

    assert (item.product_name, item.available, item.price) == (
        "Lamp",
        0,
        Decimal("49.99"),
    )


def test_a_product_nobody_knows_is_shown_by_its_sku() -> None:
    item = shown(cart_of(gone=2), SHELF.by_sku, SHELF.available).items[0]

    assert (item.product_name, item.available) == ("gone", 0)
    assert item.price == 0
