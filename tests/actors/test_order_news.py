"""What an order hears from others: it believes nobody, and looks for itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from commerce.errors import (
    Malformed,
    MaxPerOrder,
    OrderNotFound,
    OutOfStock,
    Uncounted,
)
from commerce.instrument import GiftCardEmpty, GiftCardExpired
from commerce.payment import PaymentMethodRequired
from messages.base import Unavailable
from messages.cart import RedeemPoints
from messages.order import (
    CancelOrder,
    CartMoved,
    GoOn,
    OrderUpdated,
    Pay,
    PaymentNews,
    PlaceOrder,
    ProcessOrder,
    ShipOrder,
)
from messages.stock import OPERATORS, SetStock
from tests.actors.order_shop import HOME, ONE, TWO, OrderShop, order_shop
from tests.actors.shelf import product
from tests.gateway.bank import THREE_DS


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as built:
        yield built


async def test_news_that_tell_nothing_new_change_nothing(shop: OrderShop) -> None:
    await shop.add("lamp")
    order = await shop.buy()
    await shop.node.quiet()
    payment_id = order.tenders[0].payment_id

    await shop.ask(ONE, PaymentNews(payment_id))
    await shop.ask(ONE, CartMoved(99))
    await shop.ask(ONE, GoOn())

    assert await shop.order() == order
    assert shop.told() == ["confirmed"]


async def test_news_of_a_strangers_payment_change_nothing(shop: OrderShop) -> None:
    await shop.add("lamp")
    parked = await shop.buy(THREE_DS)
    await shop.node.quiet()
    await shop.add("pen", user="bob")
    other = await shop.buy(order_id=TWO, user="bob")

    await shop.ask(ONE, PaymentNews(other.tenders[0].payment_id))
    await shop.ask(f"ord_{3:024x}", PaymentNews(other.tenders[0].payment_id))

    assert (await shop.order()).status == "pending"
    assert (await shop.order()).tenders == parked.tenders


async def test_a_parked_order_asked_for_again_is_the_same(shop: OrderShop) -> None:
    await shop.add("lamp")
    parked = await shop.buy(THREE_DS)

    again = await shop.buy(THREE_DS)

    assert again == parked
    assert len(await shop.payments()) == 1


async def test_nothing_is_shipped_without_a_tracking_number(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.buy()
    await shop.ask(ONE, ProcessOrder())

    with pytest.raises(Malformed):
        await shop.ask(ONE, ShipOrder(" ", "DHL"))
    with pytest.raises(OrderNotFound):
        await shop.ask(TWO, ShipOrder("T1", "DHL"))


@pytest.mark.parametrize(("counted", "refusal"), [(2, OutOfStock), ("many", Uncounted)])
async def test_what_a_hand_edit_left_too_few_of_is_counted_before_it_is_shipped(
    shop: OrderShop, counted: Any, refusal: type[Exception]
) -> None:
    await shop.add("lamp", 5)
    await shop.buy()
    await shop.node.quiet()
    shop.storage.edit("stock", "lamp", {"on_hand.east": counted})
    shop.node.system.refresh("stock", "lamp")
    await shop.node.quiet()

    with pytest.raises(refusal):
        await shop.delivered()
    await shop.ask("lamp", SetStock("east", 10, "counted"))
    await shop.delivered()

    stock = await shop.stock("lamp")
    assert (stock.on_hand, stock.committed) == ({"east": 5}, {})
    await shop.check()


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("GIFT-EXPD-2024", GiftCardExpired), ("GIFT-0000-ZERO", GiftCardEmpty)],
)
async def test_a_gift_card_that_is_no_good_is_said_to_be_so(
    shop: OrderShop, code: str, refusal: type[Exception]
) -> None:
    await shop.add("lamp")

    with pytest.raises(refusal):
        await shop.buy(gifts=(code,))

    await shop.check()


async def test_more_than_one_order_may_have_by_now_is_not_bought(
    shop: OrderShop,
) -> None:
    await shop.add("lamp", 5)
    shop.shelf.put(product("lamp", limit=2, price=4999))

    with pytest.raises(MaxPerOrder):
        await shop.open()
    with pytest.raises(MaxPerOrder):
        await shop.buy(order_id=TWO)

    await shop.check()


async def test_a_variant_that_is_another_products_by_now_is_bought(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")
    lamp, _ = shop.shelf.by_sku("lamp")
    shop.shelf.put(replace(lamp, id="lantern"))

    assert (await shop.buy()).status == "confirmed"


async def test_what_is_not_covered_needs_another_way_to_pay(shop: OrderShop) -> None:
    await shop.add("lamp")
    gift = await shop.pay("", gifts=("GIFT-0500-CCCC",))

    with pytest.raises(PaymentMethodRequired):
        await shop.ask(ONE, PlaceOrder("ann", HOME, gift))


async def test_a_token_that_the_bank_never_made_ends_the_order(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")

    order = await shop.ask(ONE, PlaceOrder("ann", HOME, Pay(token="nonsense")))

    assert (order.status, order.reason) == ("cancelled", "unknown_instrument")
    await shop.node.quiet()
    await shop.check()


async def test_a_bank_that_is_away_is_asked_again_later(shop: OrderShop) -> None:
    await shop.add("lamp")
    shop.ledger.away = True
    with pytest.raises(Unavailable):
        await shop.ask(ONE, PlaceOrder("ann", HOME, await shop.pay()))
    assert (await shop.order()).status == "pending"

    shop.ledger.away = False
    await shop.rest()

    assert (await shop.order()).status == "confirmed"
    await shop.check()


async def test_a_bank_that_stays_away_ends_the_order_after_900_seconds(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")
    pay = await shop.pay()
    shop.ledger.away = True
    with pytest.raises(Unavailable):
        await shop.ask(ONE, PlaceOrder("ann", HOME, pay))

    await shop.node.advance(1000)
    assert (await shop.order()).reason == "payment_expired"
    assert (await shop.stock("lamp")).free == 10
    shop.ledger.away = False
    await shop.rest(30)

    assert (await shop.order()).phase == "undone"
    await shop.check()


async def test_nobody_is_asked_to_pay_for_a_cancelled_order(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.buy("late@mock")

    order = await shop.ask(ONE, CancelOrder(by="user", user_id="ann"))

    # The money may come still, and goes back then.
    assert [each.status for each in order.tenders] == ["processing"]
    assert order.next_action is None


async def test_an_order_that_earns_nothing_leaves_nothing_waiting(
    shop: OrderShop,
) -> None:
    await shop.give_points(10_000)
    await shop.add("lamp", 2)
    await shop.ask("ann", RedeemPoints(10_000))
    await shop.buy("")

    await shop.delivered()

    assert (await shop.points()).waiting == {}


async def test_operators_hear_what_the_customer_hears(shop: OrderShop) -> None:
    await shop.add("lamp")
    await shop.buy()

    heard = {
        topic: [each for where, each in shop.node.published if where == topic]
        for topic in (OPERATORS, "user/ann")
    }

    orders = [each for each in heard["user/ann"] if isinstance(each, OrderUpdated)]
    assert heard[OPERATORS] == orders != []
