"""An order's life with the real rules, actors and bank."""

from collections.abc import AsyncIterator

import pytest

from commerce.errors import (
    CartEmpty,
    IllegalTransition,
    OrderNotFound,
    OutOfStock,
    PriceChanged,
)
from messages.cart import ApplyCoupon, RedeemPoints
from messages.order import CancelOrder, DeliverOrder, GetOrder, ProcessOrder
from tests.actors.order_shop import ONE, TWO, OrderShop, order_shop
from tests.actors.shelf import product
from tests.gateway.bank import (
    CAPTURE_FAILS,
    CHARGED_UNHEARD,
    DECLINED,
    THREE_DS,
    UNHEARD,
)


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as built:
        yield built


async def test_a_cart_is_bought_by_card(shop: OrderShop) -> None:
    await shop.add("lamp", 2)

    order = await shop.buy()

    assert order.status == "confirmed"
    assert order.totals.total == 10798
    assert [each.status for each in order.tenders] == ["captured"]
    assert [each.status for each in order.history] == ["pending", "confirmed"]
    assert (await shop.cart()).lines == ()
    stock = await shop.stock("lamp")
    assert (stock.free, stock.committed) == (8, {"east": 2})
    assert (await shop.points()).pending == 99
    assert shop.told() == ["confirmed"]
    await shop.check()


async def test_a_declined_card_gives_everything_back(shop: OrderShop) -> None:
    await shop.give_points(500)
    await shop.define("TEN")
    await shop.add("lamp")
    await shop.ask("ann", ApplyCoupon("TEN"))
    await shop.ask("ann", RedeemPoints(300))

    order = await shop.buy(DECLINED)

    assert (order.status, order.phase) == ("cancelled", "undone")
    assert order.refusal.status == 402
    assert order.refusal.details["decline_code"] == "generic_decline"
    assert (await shop.stock("lamp")).free == 10
    assert await shop.taken("TEN") == 0
    assert (await shop.points()).balance == 500
    cart = await shop.cart()
    assert (cart.attempt, cart.frozen_by, len(cart.lines)) == (1, None, 1)
    await shop.check()


async def test_after_a_decline_another_card_buys_the_same_cart(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.buy(DECLINED)

    order = await shop.buy(order_id=TWO)

    assert order.status == "confirmed"
    await shop.check()


async def test_coupon_and_points_are_used_up_by_a_confirmed_order(
    shop: OrderShop,
) -> None:
    await shop.give_points(500)
    await shop.define("TEN", total_limit=1)
    await shop.add("lamp")
    await shop.ask("ann", ApplyCoupon("TEN"))
    await shop.ask("ann", RedeemPoints(300))

    order = await shop.buy()

    assert order.totals.discount == 500
    assert order.totals.points_discount == 300
    assert await shop.taken("TEN") == 1
    assert (await shop.points()).balance == 200
    assert (await shop.cart()).coupons == ()
    await shop.check()


async def test_a_sold_out_cart_is_refused_and_writes_nothing(shop: OrderShop) -> None:
    await shop.add("lamp", 10)
    await shop.add("lamp", 10, user="bob")
    await shop.buy()
    before = len(shop.storage.disk.commits)

    with pytest.raises(OutOfStock) as refused:
        await shop.buy(order_id=TWO, user="bob")

    assert refused.value.details["lines"] == [
        {"sku": "lamp", "asked": 10, "available": 0}
    ]
    await shop.node.quiet()
    assert not [w for w in shop.storage.disk.commits[before:] if w.key != "lamp"]
    assert await shop.payments(TWO) == ()


async def test_another_price_than_the_one_shown_is_told_and_nothing_bought(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")
    shop.shelf.put(product("lamp", price=5999))

    with pytest.raises(PriceChanged) as refused:
        await shop.buy(expected_total=5998)

    assert str(refused.value.details["new"]) == "64.79"
    await shop.check()


async def test_an_empty_cart_cannot_be_bought(shop: OrderShop) -> None:
    with pytest.raises(CartEmpty):
        await shop.buy()


async def test_a_total_of_nothing_needs_no_payment(shop: OrderShop) -> None:
    await shop.give_points(10_000)
    await shop.add("lamp", 2)
    await shop.ask("ann", RedeemPoints(10_000))

    order = await shop.buy("")

    assert (order.status, order.totals.total, order.tenders) == ("confirmed", 0, ())
    await shop.check()


async def test_gift_cards_are_used_up_first_and_the_card_pays_the_rest(
    shop: OrderShop,
) -> None:
    await shop.add("lamp", 2)

    order = await shop.buy(gifts=("GIFT-5000-AAAA", "GIFT-2500-BBBB"))

    assert [each.amount for each in order.tenders] == [5000, 2500, 3298]
    assert order.status == "confirmed"
    await shop.check()


async def test_a_decline_lets_the_gift_card_go(shop: OrderShop) -> None:
    await shop.add("lamp", 2)

    order = await shop.buy(DECLINED, gifts=("GIFT-5000-AAAA",))

    assert order.status == "cancelled"
    token = order.tenders[0].id
    assert (await shop.gateway.balance(token)).available == 5000
    await shop.check()


async def test_a_failed_capture_undoes_everything(shop: OrderShop) -> None:
    await shop.add("lamp")

    order = await shop.buy(CAPTURE_FAILS, gifts=("GIFT-0500-CCCC",))

    assert order.status == "cancelled"
    await shop.check()


@pytest.mark.parametrize("number", [CHARGED_UNHEARD, UNHEARD])
async def test_an_answer_that_never_came_is_looked_up_and_charged_once(
    shop: OrderShop, number: str
) -> None:
    await shop.add("lamp")

    order = await shop.buy(number)

    assert order.status == "confirmed"
    assert len(await shop.payments()) == 1
    await shop.check()


async def test_a_parked_order_is_confirmed_when_the_bank_says_yes(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")
    order = await shop.buy(THREE_DS)
    assert order.status == "pending"
    assert order.next_action.url == f"/mock-bank/3ds/{order.tenders[0].payment_id}"
    await shop.add("pen")

    await shop.gateway.answer_challenge(order.tenders[0].payment_id, "authenticated")
    await shop.node.quiet()

    assert (await shop.order()).status == "confirmed"
    assert [each.sku for each in (await shop.cart()).lines] == ["pen"]
    assert shop.told() == ["pending", "confirmed"]
    await shop.check()


async def test_a_parked_order_is_cancelled_when_the_bank_says_no(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")
    order = await shop.buy(THREE_DS)

    await shop.gateway.answer_challenge(order.tenders[0].payment_id, "failed")
    await shop.node.quiet()

    order = await shop.order()
    assert order.status == "cancelled"
    assert order.refusal.details["decline_code"] == "authentication_failed"
    await shop.check()


async def test_a_parked_order_expires_after_900_seconds(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.buy(THREE_DS)

    await shop.later(890)
    assert (await shop.order()).status == "pending"
    await shop.later(20)
    await shop.node.quiet()

    assert (await shop.order()).reason == "payment_expired"
    await shop.check()


async def test_a_parked_order_can_be_cancelled(shop: OrderShop) -> None:
    await shop.add("lamp")
    order = await shop.buy(THREE_DS)

    await shop.ask(ONE, CancelOrder(by="user", user_id="ann"))
    await shop.node.quiet()

    assert (await shop.order()).status == "cancelled"
    with pytest.raises(IllegalTransition):
        await shop.gateway.answer_challenge(
            order.tenders[0].payment_id, "authenticated"
        )
    await shop.check()


async def test_upi_is_pending_until_the_customer_approved(shop: OrderShop) -> None:
    await shop.add("lamp")

    order = await shop.buy("success@mock")

    assert (order.status, order.next_action.type) == ("pending", "upi_intent")
    await shop.later(2)
    await shop.node.quiet()
    assert (await shop.order()).status == "confirmed"
    await shop.check()


@pytest.mark.parametrize("vpa", ["instant@mock", "failure@mock", "cancel@mock"])
async def test_upi_ends_as_its_instrument_says(shop: OrderShop, vpa: str) -> None:
    await shop.add("lamp")

    await shop.buy(vpa)
    await shop.rest(2)

    expected = "confirmed" if vpa == "instant@mock" else "cancelled"
    assert (await shop.order()).status == expected
    await shop.check()


async def test_late_money_is_refunded_at_once(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.buy("late@mock")

    await shop.later(901)
    assert (await shop.order()).status == "cancelled"
    await shop.later(10)
    await shop.node.quiet()

    assert (await shop.order()).status == "cancelled"
    (payment,) = await shop.payments()
    assert (payment.captured, payment.refunded) == (5998, 5998)
    assert shop.heard()[-1].tenders[0].refunded == 5998
    await shop.check()


async def test_a_confirmed_order_is_cancelled_with_all_its_money(
    shop: OrderShop,
) -> None:
    await shop.give_points(500)
    await shop.define("TEN", total_limit=1)
    await shop.add("lamp", 2)
    await shop.ask("ann", ApplyCoupon("TEN"))
    await shop.ask("ann", RedeemPoints(300))
    await shop.buy(gifts=("GIFT-2500-BBBB",))

    order = await shop.ask(ONE, CancelOrder(by="user", reason="no", user_id="ann"))
    await shop.node.quiet()

    assert order.status == "cancelled"
    assert (await shop.stock("lamp")).free == 10
    assert await shop.taken("TEN") == 0
    points = await shop.points()
    assert (points.balance, points.pending) == (500, 0)
    await shop.check()


async def test_only_an_operator_cancels_what_is_being_packed(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.buy()
    await shop.ask(ONE, ProcessOrder())

    with pytest.raises(IllegalTransition):
        await shop.ask(ONE, CancelOrder(by="user", user_id="ann"))
    order = await shop.ask(ONE, CancelOrder(by="operator", reason="gone"))

    assert order.status == "cancelled"
    await shop.node.quiet()
    await shop.check()


async def test_an_order_is_shipped_and_delivered_step_by_step(shop: OrderShop) -> None:
    await shop.add("lamp", 2)
    await shop.buy()
    with pytest.raises(IllegalTransition) as refused:
        await shop.ask(ONE, DeliverOrder())
    assert refused.value.details["allowed"] == ["cancelled", "processing"]

    order = await shop.delivered()

    assert [each.status for each in order.history][-3:] == [
        "processing",
        "shipped",
        "delivered",
    ]
    assert (await shop.stock("lamp")).on_hand == {"east": 8}
    assert (await shop.points()).balance == 99
    await shop.check()


async def test_somebody_elses_order_is_not_there(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.buy()

    with pytest.raises(OrderNotFound):
        await shop.ask(ONE, GetOrder("bob"))
    with pytest.raises(OrderNotFound):
        await shop.ask(ONE, CancelOrder(by="user", user_id="bob"))
    with pytest.raises(OrderNotFound):
        await shop.buy(user="bob")
