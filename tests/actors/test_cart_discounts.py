"""Coupons and points on a cart: asked anew at each look, set aside by nobody."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from commerce.cart import Cart
from commerce.cart_costs import Costs, costs
from commerce.checkout import CheckoutInProgress
from commerce.coupon_refusals import CouponNotFound
from messages.base import Unavailable
from messages.cart import (
    ApplyCoupon,
    CartUpdated,
    EmptyCart,
    Freeze,
    GetCart,
    RedeemPoints,
    RemoveCoupon,
    SetCheckout,
    TakeBought,
    Unfreeze,
    UnredeemPoints,
)
from messages.cart_view import goods
from messages.coupon import DefineCoupon, ReserveCoupon
from messages.loyalty import AdjustPoints, HoldPoints
from store.port import Away
from tests.actors.cart_shop import CartShop
from tests.actors.club import coupon


@pytest.fixture
async def shop() -> AsyncIterator[CartShop]:
    made = CartShop()
    await made.open()
    once = coupon(total_limit=1)
    await made.system.ask("TENTH", DefineCoupon(once))
    await made.system.ask("ann", AdjustPoints("gift", 500, "welcome"))
    yield made
    await made.system.stop()


async def bargain(shop: CartShop) -> Cart:
    """Put two lamps, a coupon and 300 points on ann's cart: version 3."""
    await shop.add("ann", "lamp", 2)
    await shop.system.ask("ann", ApplyCoupon("TENTH"))
    return await shop.system.ask("ann", RedeemPoints(300))


def cost(shop: CartShop, cart: Cart) -> Costs:
    return costs(cart, goods(cart, shop.shelf.by_sku))


async def seen(shop: CartShop) -> Costs:
    return cost(shop, await shop.system.ask("ann", GetCart()))


async def check_out(shop: CartShop, order_id: str) -> None:
    until = shop.clock.now() + timedelta(seconds=900)
    await shop.system.ask("TENTH", ReserveCoupon(order_id, "ann", until))
    await shop.system.ask("ann", HoldPoints(order_id, 300))


async def test_an_answer_carries_the_terms_it_was_made_under(shop: CartShop) -> None:
    sums = cost(shop, await bargain(shop)).breakdown

    assert (sums.subtotal, sums.discount, sums.points_discount) == (3998, 400, 300)


async def test_who_watches_hears_the_same_sum(shop: CartShop) -> None:
    answer = await bargain(shop)

    last = shop.heard[-1]
    assert isinstance(last, CartUpdated)
    assert cost(shop, last.cart) == cost(shop, answer)
    assert last.cart.version == answer.version == 3


async def test_nothing_is_set_aside_for_a_cart(shop: CartShop) -> None:
    await bargain(shop)

    await shop.system.ask("bob", AdjustPoints("gift", 500, "welcome"))
    await shop.add("bob", "lamp")
    await shop.system.ask("bob", ApplyCoupon("TENTH"))

    assert (await seen(shop)).breakdown.discount == 400


async def test_ones_own_checkout_does_not_stand_in_the_carts_way(
    shop: CartShop,
) -> None:
    cart = await bargain(shop)
    await check_out(shop, "ord_1")
    before = await seen(shop)

    await shop.system.ask("ann", SetCheckout("ord_1", cart.version))

    after = await seen(shop)
    assert before.coupons[0].inactive_reason == "coupon_limit_reached"
    assert before.breakdown.points_discount == 200
    assert (after.breakdown.discount, after.breakdown.points_discount) == (400, 300)


async def test_another_buyers_checkout_does(shop: CartShop) -> None:
    await bargain(shop)
    until = shop.clock.now() + timedelta(seconds=900)

    await shop.system.ask("TENTH", ReserveCoupon("ord_2", "bob", until))

    assert (await seen(shop)).coupons[0].inactive_reason == "coupon_limit_reached"


async def test_coupon_and_points_leave_with_what_was_bought(shop: CartShop) -> None:
    cart = await bargain(shop)
    await shop.system.ask("ann", Freeze("ord_1", cart.version))

    after = await shop.system.ask("ann", TakeBought("ord_1", {"lamp": 2}))

    assert (after.lines, after.coupons, after.points) == ((), (), 0)


@pytest.mark.parametrize(
    "command",
    [
        ApplyCoupon("TENTH"),
        RemoveCoupon("TENTH"),
        RedeemPoints(100),
        UnredeemPoints(),
    ],
)
async def test_a_frozen_cart_keeps_its_discounts(
    shop: CartShop, command: ApplyCoupon | RemoveCoupon | RedeemPoints | UnredeemPoints
) -> None:
    cart = await bargain(shop)
    await shop.system.ask("ann", Freeze("ord_1", cart.version))

    with pytest.raises(CheckoutInProgress):
        await shop.system.ask("ann", command)

    await shop.system.ask("ann", Unfreeze("ord_1", ended=True))
    kept = await shop.cart()
    assert (kept.coupons, kept.points) == (("TENTH",), 300)


async def test_they_are_taken_off_again(shop: CartShop) -> None:
    await bargain(shop)

    await shop.system.ask("ann", RemoveCoupon(" tenth "))
    await shop.system.ask("ann", UnredeemPoints())

    sums = (await seen(shop)).breakdown
    assert (sums.discount, sums.points_discount) == (0, 0)
    with pytest.raises(CouponNotFound):
        await shop.system.ask("ann", RemoveCoupon("TENTH"))


async def test_an_emptied_cart_keeps_its_coupon_for_what_comes(shop: CartShop) -> None:
    await bargain(shop)

    await shop.system.ask("ann", EmptyCart())

    empty = await seen(shop)
    assert empty.coupons[0].inactive_reason == "coupon_no_eligible_items"
    await shop.add("ann", "lamp")
    assert (await seen(shop)).coupons[0].discount == 200


async def test_a_guest_puts_no_coupon_on(shop: CartShop) -> None:
    await shop.add("guest-1", "lamp")

    with pytest.raises(CouponNotFound):
        await shop.system.ask("guest-1", ApplyCoupon("TENTH"))


async def test_a_failed_commit_leaves_the_cart_without_the_coupon(
    shop: CartShop,
) -> None:
    await shop.add("ann", "lamp")
    shop.storage.fail_next(Away("gone"))

    with pytest.raises(Unavailable):
        await shop.system.ask("ann", ApplyCoupon("TENTH"))

    assert (await shop.cart()).coupons == ()


async def test_looking_writes_nothing(shop: CartShop) -> None:
    await bargain(shop)
    rev = shop.storage.documents["carts"]["ann"]["rev"]

    await seen(shop)

    assert shop.storage.documents["carts"]["ann"]["rev"] == rev
    assert "carol" not in shop.storage.documents["carts"]
    await shop.system.ask("carol", GetCart())
    assert "carol" not in shop.storage.documents["carts"]
