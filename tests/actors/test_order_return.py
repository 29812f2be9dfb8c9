"""Returns: part of an order comes back, is looked at, and is paid back once."""

from collections.abc import AsyncIterator

import pytest

from commerce.errors import IllegalTransition
from commerce.order import ReturnLine
from commerce.returnable import NotDelivered, ReturnQuantity
from commerce.returns import Inspected
from messages.order import (
    ApproveReturn,
    CancelReturn,
    InspectReturn,
    ReceiveReturn,
    RejectReturn,
    RequestReturn,
)
from tests.actors.order_shop import ONE, OrderShop, order_shop
from tests.gateway.bank import REFUND_FLIPS, REFUND_PENDING


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


@pytest.mark.parametrize(
    ("number", "status"), [(REFUND_PENDING, "succeeded"), (REFUND_FLIPS, "failed")]
)
async def test_what_becomes_of_a_refund_later_is_known(
    shop: OrderShop, number: str, status: str
) -> None:
    await shop.add("lamp")
    await shop.buy(number)
    await shop.delivered()
    await arrived(shop, 1)
    found = (Inspected("lamp", 1, resellable=True),)
    await shop.ask(ONE, InspectReturn("ret_1", found))

    await shop.rest(40)

    order = await shop.order()
    assert [each.status for each in order.refunds.values()] == [status]
    (payment,) = await shop.payments()
    assert order.tenders[0].refunded == payment.refunded
