"""Checkout sessions: held for 900 s, ended by an edit, bought by an order."""

from collections.abc import AsyncIterator

import pytest

from commerce.checkout import CheckoutEnded, CheckoutInProgress
from commerce.errors import OrderNotFound, OutOfStock, PriceChanged
from messages.cart import AddLine, ApplyCoupon, Freeze, RedeemPoints, RemoveLine
from messages.cart_view import shown
from messages.loyalty import AdjustPoints
from messages.order import CloseCheckout, GetOrder, OpenCheckout
from tests.actors.order_shop import ONE, TWO, OrderShop, order_shop
from tests.actors.shelf import product
from tests.gateway.bank import DECLINED


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as built:
        yield built


async def test_a_session_holds_the_cart_and_is_no_order(shop: OrderShop) -> None:
    await shop.add("lamp", 3)

    session = await shop.open()

    assert session.totals is not None
    assert session.totals.total == 16197
    stock = await shop.stock("lamp")
    assert (stock.free, stock.held) == (7, {"east": 3})
    with pytest.raises(OrderNotFound):
        await shop.ask(ONE, GetOrder("ann"))
    assert shop.told() == []


async def test_what_a_session_holds_is_shown_to_its_shopper_as_available(
    shop: OrderShop,
) -> None:
    await shop.add("lamp", 10)
    await shop.add("lamp", 1, user="bob")
    await shop.open()

    mine, bobs = await shop.cart(), await shop.cart("bob")

    views = [
        shown(each, shop.shelf.by_sku, shop.shelf.available) for each in (mine, bobs)
    ]
    assert [each.items[0].available for each in views] == [10, 0]


async def test_a_session_lapses_after_900_seconds(shop: OrderShop) -> None:
    await shop.add("lamp", 3)
    await shop.open()

    await shop.later(899)
    assert shop.saved().status == "pending"
    await shop.later(3)

    assert shop.saved().reason == "checkout_expired"
    assert shop.saved().gone_at is not None
    assert (await shop.cart()).checkout is None
    await shop.check()


@pytest.mark.parametrize("edit", [AddLine("pen"), RemoveLine("lamp")])
async def test_an_edit_of_the_cart_ends_its_session(
    shop: OrderShop, edit: AddLine | RemoveLine
) -> None:
    await shop.add("lamp")
    await shop.open()

    await shop.ask("ann", edit)
    await shop.node.quiet()

    assert shop.saved().reason == "cart_changed"
    with pytest.raises(CheckoutEnded):
        await shop.buy()
    await shop.check()


async def test_a_session_is_bought_at_the_price_it_showed(shop: OrderShop) -> None:
    await shop.add("lamp", 10)
    await shop.define("TEN", total_limit=1)
    await shop.ask("ann", ApplyCoupon("TEN"))
    session = await shop.open()

    order = await shop.buy(from_session=True)

    assert order.status == "confirmed"
    assert order.totals == session.totals
    assert await shop.taken("TEN") == 1
    await shop.check()


@pytest.mark.parametrize(
    ("shown", "bought", "uses"),
    [("express", "standard", 1), ("standard", "express", 0)],
)
async def test_another_shipping_takes_and_leaves_the_coupons_that_go_with_it(
    shop: OrderShop, shown: str, bought: str, uses: int
) -> None:
    free = {"discount_type": "free_shipping", "discount_value": None}
    await shop.define("FREE", **free, group="shipping", total_limit=1)
    await shop.add("lamp")
    await shop.ask("ann", ApplyCoupon("FREE"))
    await shop.open(shipping_method=shown)

    order = await shop.buy(from_session=True, shipping_method=bought)

    await shop.node.quiet()
    assert order.status == "confirmed"
    assert await shop.taken("FREE") == uses
    await shop.check()


async def test_another_price_is_told_whatever_the_shipping(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.open()
    shop.shelf.put(product("lamp", price=5999))

    with pytest.raises(PriceChanged):
        await shop.buy(from_session=True, shipping_method="express")

    assert shop.saved().placed_at is None


async def test_a_session_pays_with_the_points_it_holds_or_not_at_all(
    shop: OrderShop,
) -> None:
    await shop.give_points(500)
    await shop.add("lamp")
    await shop.ask("ann", RedeemPoints(500))
    await shop.ask("ann", AdjustPoints("mistake", -300, "counted twice"))
    session = await shop.open()
    await shop.ask("ann", AdjustPoints("mended", 300, "counted once"))
    assert session.points == 200

    with pytest.raises(CheckoutEnded):
        await shop.buy(from_session=True, expected_total=5458)
    await shop.open(TWO)
    order = await shop.buy(order_id=TWO, from_session=True, expected_total=5458)

    await shop.node.quiet()
    assert (order.status, order.points) == ("confirmed", 500)
    assert (await shop.points()).balance == 0
    await shop.check()


async def test_a_decline_ends_the_session(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.open()

    order = await shop.buy(DECLINED, from_session=True)

    assert order.status == "cancelled"
    await shop.node.quiet()
    assert (await shop.cart()).checkout is None
    await shop.check()


async def test_a_new_session_takes_over_what_the_old_one_held(shop: OrderShop) -> None:
    await shop.add("lamp", 10)
    await shop.define("TEN", total_limit=1)
    await shop.ask("ann", ApplyCoupon("TEN"))
    await shop.open()

    await shop.ask(ONE, CloseCheckout("ann"))
    session = await shop.open(TWO, shipping_method="express")

    assert session.phase == "reserved"
    await shop.node.quiet()
    assert shop.saved(ONE).status == "cancelled"
    await shop.check()


async def test_a_session_that_cannot_hold_everything_holds_nothing(
    shop: OrderShop,
) -> None:
    await shop.add("lamp", 10)
    await shop.add("lamp", 1, user="bob")
    await shop.open()

    with pytest.raises(OutOfStock):
        await shop.ask(TWO, OpenCheckout("bob"))

    await shop.node.quiet()
    await shop.check("ann", "bob")


async def test_a_session_that_nobody_opened_cannot_be_bought(shop: OrderShop) -> None:
    await shop.add("lamp")

    with pytest.raises(OrderNotFound):
        await shop.buy(from_session=True)


async def test_a_frozen_cart_takes_no_edit(shop: OrderShop) -> None:
    await shop.add("lamp")
    cart = await shop.cart()
    await shop.ask("ann", Freeze(ONE, cart.version))

    with pytest.raises(CheckoutInProgress):
        await shop.add("pen")
    with pytest.raises(CheckoutInProgress):
        await shop.buy(order_id=TWO)

    assert (await shop.buy()).status == "confirmed"
