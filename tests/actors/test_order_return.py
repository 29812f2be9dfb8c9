"""Returns: part of an order comes back, is looked at, and is paid back once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from actors.runtime import redeliver
from commerce.errors import IllegalTransition
from commerce.order import ReturnLine
from commerce.returnable import NotDelivered, ReturnQuantity
from commerce.returns import Inspected
from gateway.errors import GatewayTimeout
from gateway.payment import Refund
from messages.base import Unavailable
from messages.order import (
    ApproveReturn,
    CancelOrder,
    CancelReturn,
    InspectReturn,
    NotePaidBack,
    PaymentNews,
    ReceiveReturn,
    RejectReturn,
    RequestReturn,
)
from messages.stock import SetStock
from tests.actors.order_shop import ONE, OrderShop, order_shop
from tests.gateway.bank import GOOD, REFUND_FLIPS, REFUND_PENDING


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as built:
        yield built


def asking(units: int, name: str = "ret_1") -> RequestReturn:
    return RequestReturn("ann", name, "too big", (ReturnLine("lamp", units),))


async def arrived(shop: OrderShop, units: int, name: str = "ret_1") -> None:
    await shop.ask(ONE, asking(units, name))
    await shop.ask(ONE, ApproveReturn(name))
    await shop.ask(ONE, ReceiveReturn(name))


async def test_one_of_two_comes_back_and_is_refunded(shop: OrderShop) -> None:
    await shop.add("lamp", 2)
    await shop.buy(gifts=("GIFT-2500-BBBB",))
    await shop.delivered()
    await arrived(shop, 1)

    order = await shop.ask(
        ONE, InspectReturn("ret_1", (Inspected("lamp", 1, resellable=True),))
    )

    await shop.node.quiet()
    assert order.status == "delivered"
    assert order.returns["ret_1"].amount == 5399
    assert sum(each.refunded for each in await shop.payments()) == 5399
    assert (await shop.stock("lamp")).on_hand == {"east": 9}
    assert (await shop.points()).balance == 49
    await shop.check()


async def test_broken_units_are_scrapped(shop: OrderShop) -> None:
    await shop.add("lamp", 2)
    await shop.buy()
    await shop.delivered()
    await arrived(shop, 2)

    order = await shop.ask(
        ONE,
        InspectReturn(
            "ret_1",
            (
                Inspected("lamp", 1, resellable=True),
                Inspected("lamp", 1, resellable=False),
            ),
        ),
    )

    await shop.node.quiet()
    stock = await shop.stock("lamp")
    assert order.status == "returned"
    assert (stock.on_hand, stock.scrapped) == ({"east": 9}, {"east": 1})
    await shop.check()


async def test_no_unit_comes_back_twice(shop: OrderShop) -> None:
    await shop.add("lamp", 2)
    await shop.buy()
    with pytest.raises(NotDelivered):
        await shop.ask(ONE, asking(1))
    await shop.delivered()
    await shop.ask(ONE, asking(2))

    with pytest.raises(ReturnQuantity):
        await shop.ask(ONE, asking(1, "ret_2"))
    again = await shop.ask(ONE, asking(2))

    assert list(again.returns) == ["ret_1"]


async def test_what_was_cancelled_or_rejected_may_be_asked_for_again(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")
    await shop.buy()
    await shop.delivered()
    await shop.ask(ONE, asking(1))
    await shop.ask(ONE, CancelReturn("ann", "ret_1"))
    await shop.ask(ONE, asking(1, "ret_2"))
    await shop.ask(ONE, RejectReturn("ret_2", "worn"))

    order = await shop.ask(ONE, asking(1, "ret_3"))

    assert order.returning == ("cancelled", "rejected", "requested")
    with pytest.raises(IllegalTransition):
        await shop.ask(ONE, ApproveReturn("ret_2"))


async def test_what_arrived_and_is_not_taken_back_is_not_paid_back(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")
    await shop.buy()
    await shop.delivered()
    await arrived(shop, 1)

    order = await shop.ask(ONE, RejectReturn("ret_1", "an empty box"))

    await shop.node.quiet()
    steps = [each.status for each in order.returns["ret_1"].history]
    assert steps == ["requested", "approved", "received", "inspected", "rejected"]
    assert (await shop.stock("lamp")).on_hand == {"east": 9}
    await shop.check()


async def test_units_that_an_item_refuses_wait_for_an_operator(
    shop: OrderShop,
) -> None:
    await shop.add("lamp", 2)
    await shop.buy()
    await shop.delivered()
    shop.storage.edit("stock", "lamp", {"on_hand.east": "many"})
    shop.node.system.refresh("stock", "lamp")
    await shop.node.quiet()

    await arrived(shop, 1)
    found = (Inspected("lamp", 1, resellable=True),)
    await shop.ask(ONE, InspectReturn("ret_1", found))
    await shop.node.quiet()
    [letter] = shop.storage.letters
    await shop.ask("lamp", SetStock("east", 8, "counted"))
    for _ in range(2):
        await redeliver(shop.node.system, letter)

    assert letter.error.startswith("Uncounted")
    assert (await shop.stock("lamp")).on_hand == {"east": 9}
    await shop.check()


async def returned(shop: OrderShop, number: str) -> None:
    """Pay by a card whose refunds do not end at once, and bring the lamp back."""
    await shop.add("lamp")
    await shop.buy(number)
    await shop.delivered()
    await arrived(shop, 1)
    found = (Inspected("lamp", 1, resellable=True),)
    await shop.ask(ONE, InspectReturn("ret_1", found))


async def cancelled(shop: OrderShop, number: str) -> None:
    """Pay by a card whose refunds do not end at once, and cancel."""
    await shop.add("lamp")
    await shop.buy(number)
    await shop.ask(ONE, CancelOrder("user", "no more", "ann"))


async def sleep(shop: OrderShop, hours: float) -> None:
    """Let hours pass at once, and then what is due happen."""
    shop.clock.advance(hours * 3600)
    await shop.rest(2)


async def test_what_becomes_of_a_refund_later_is_known(shop: OrderShop) -> None:
    await returned(shop, REFUND_PENDING)

    await shop.rest(2)

    order = await shop.order()
    assert [each.status for each in order.refunds.values()] == ["succeeded"]
    (payment,) = await shop.payments()
    assert order.tenders[0].refunded == payment.refunded


@pytest.mark.parametrize("number", [GOOD, REFUND_PENDING])
@pytest.mark.parametrize("given_back", [returned, cancelled])
async def test_a_refund_is_news_when_the_money_is_back(
    shop: OrderShop, number: str, given_back: Any
) -> None:
    await given_back(shop, number)

    await shop.rest(2)

    order, heard = await shop.order(), shop.heard()[-1]
    assert [each.status for each in order.refunds.values()] == ["succeeded"]
    assert (heard.refunds, heard.tenders) == (order.refunds, order.tenders)


@pytest.mark.parametrize("given_back", [returned, cancelled])
async def test_a_refund_that_failed_later_is_tried_again(
    shop: OrderShop, given_back: Any
) -> None:
    await given_back(shop, REFUND_FLIPS)
    await shop.rest(2)
    (page,) = shop.ledger.pages.values()
    shop.ledger.pages[page.id] = replace(page, case=replace(page.case, refund=""))
    sent = [each.status for each in (await shop.payments())[0].refunds]

    await shop.restart()
    await sleep(shop, 1)

    assert sent == ["failed"]
    order = await shop.order()
    assert [each.status for each in order.refunds.values()] == ["failed", "succeeded"]
    assert not order.attention
    await shop.check()


@pytest.mark.parametrize("given_back", [returned, cancelled])
async def test_a_refund_that_failed_before_its_answer_was_heard_is_tried_again(
    shop: OrderShop, given_back: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = shop.gateway.refund

    async def unheard(*told: Any) -> Refund:
        await refund(*told)
        shop.ledger.away = True
        raise GatewayTimeout("nobody heard")

    with monkeypatch.context() as patch:
        patch.setattr(shop.gateway, "refund", unheard)
        with pytest.raises(Unavailable):
            await given_back(shop, REFUND_FLIPS)
    await shop.node.advance(10)

    shop.ledger.away = False
    await shop.rest(3)
    (page,) = shop.ledger.pages.values()
    shop.ledger.pages[page.id] = replace(page, case=replace(page.case, refund=""))
    await sleep(shop, 1)

    order = await shop.order()
    assert [each.status for each in order.refunds.values()] == ["failed", "succeeded"]
    await shop.check()


@pytest.mark.parametrize("given_back", [returned, cancelled])
async def test_a_refund_that_fails_for_hours_is_left_to_a_person(
    shop: OrderShop, given_back: Any
) -> None:
    await given_back(shop, REFUND_FLIPS)

    for _ in range(6):
        await sleep(shop, 7)

    order = await shop.order()
    assert [each.status for each in order.refunds.values()] == ["failed"] * 5
    assert order.attention == "refund_failed"
    (payment,) = await shop.payments()
    assert len(payment.refunds) == 5
    assert order.tenders[0].refunded == payment.refunded == 0


async def test_what_a_person_gave_back_is_no_longer_looked_at(shop: OrderShop) -> None:
    await cancelled(shop, REFUND_FLIPS)
    for _ in range(6):
        await sleep(shop, 7)
    (payment,) = await shop.payments()

    noted = await shop.ask(ONE, NotePaidBack())
    again = await shop.ask(ONE, NotePaidBack())
    await shop.ask(ONE, PaymentNews(payment.id))

    assert noted.attention == ""
    assert noted.paid_by_hand == payment.captured
    assert again == noted
    assert (await shop.order()).attention == ""
