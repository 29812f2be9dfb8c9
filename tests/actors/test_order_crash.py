"""A crash at every commit: units, money, points and the cart add up afterwards."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from actors.runtime.testing import Fault, steps
from commerce.errors import CommerceError
from commerce.order import ReturnLine
from commerce.returns import Inspected
from messages.base import Unavailable
from messages.cart import ApplyCoupon, RedeemPoints
from messages.order import (
    ApproveReturn,
    CancelOrder,
    InspectReturn,
    ReceiveReturn,
    RequestReturn,
)
from tests.actors.order_shop import ONE, OrderShop, order_shop
from tests.gateway.bank import (
    CAPTURE_FAILS,
    CHARGED_UNHEARD,
    DECLINED,
    GOOD,
    SLOW,
    THREE_DS,
)

# More than any of the ways below commits.
EVERY_COMMIT = range(30)


class Crash:
    """Lets so many commits through; the next is lost or unheard, then the store is."""

    def __init__(self, shop: OrderShop, after: int, last: Fault) -> None:
        self.left = after
        self.last = last
        self.struck = False
        shop.storage.fault = self

    def __call__(self, _write: object) -> Fault | None:
        if self.struck:
            return Fault.AWAY
        if self.left == 0:
            self.struck = True
            return self.last
        self.left -= 1
        return None


async def prepared(shop: OrderShop) -> None:
    await shop.give_points(500)
    await shop.define("TEN", total_limit=1)
    await shop.add("lamp", 2)
    await shop.add("pen")
    await shop.ask("ann", ApplyCoupon("TEN"))
    await shop.ask("ann", RedeemPoints(300))
    await shop.node.quiet()


async def trying(work: Awaitable[Any]) -> None:
    """Let whoever waited give up, as the process that served him is gone."""
    try:
        await work
    except (Unavailable, CommerceError):
        return


async def checked(shop: OrderShop, *, confirmed: bool | None) -> None:
    """Check everything once the restarted shop has come to rest."""
    await shop.rest()
    await shop.check()
    orders = shop.storage.documents.get("orders", {})
    statuses = [each["status"] for each in orders.values()]
    if confirmed is not None:
        assert statuses == ["confirmed" if confirmed else "cancelled"], statuses
    is_sold = "confirmed" in statuses
    assert await shop.taken("TEN") == int(is_sold)
    points = await shop.points()
    assert points.balance == (200 if is_sold else 500)
    assert not any(each.held for each in points.orders.values())
    lines = {each.sku: each.quantity for each in (await shop.cart()).lines}
    assert lines == ({} if is_sold else {"lamp": 2, "pen": 1})


@pytest.mark.parametrize("last", [Fault.AWAY, Fault.ANSWER_LOST])
@pytest.mark.parametrize("number", [GOOD, DECLINED, CAPTURE_FAILS, CHARGED_UNHEARD])
@pytest.mark.parametrize("after", EVERY_COMMIT)
async def test_a_crash_at_any_commit_of_buying_is_resumed(
    after: int, number: str, last: Fault
) -> None:
    async with order_shop() as shop:
        await prepared(shop)
        crash = Crash(shop, after, last)
        await trying(shop.buy(number))

        await shop.restart()
        if crash.struck:
            await trying(shop.buy(number))

        await checked(shop, confirmed=number in {GOOD, CHARGED_UNHEARD})


@pytest.mark.parametrize("last", [Fault.AWAY, Fault.ANSWER_LOST])
@pytest.mark.parametrize("after", EVERY_COMMIT)
async def test_nobody_repeats_and_still_everything_adds_up(
    after: int, last: Fault
) -> None:
    async with order_shop() as shop:
        await prepared(shop)
        Crash(shop, after, last)
        await trying(shop.buy(gifts=("GIFT-5000-AAAA",)))

        await shop.restart()

        await checked(shop, confirmed=None)


async def test_a_bank_that_still_decides_after_a_crash_is_waited_for() -> None:
    async with order_shop() as shop:
        await prepared(shop)
        buying = asyncio.ensure_future(shop.buy(SLOW))
        await steps(300)
        assert [each.state for each in await shop.payments()] == ["created"]

        await shop.restart()
        buying.cancel()
        # The order is taken up before the bank has made up its mind, 6 s after it.
        shop.clock.advance(5.5)
        await steps(300)
        assert shop.saved().status == "pending"
        shop.clock.advance(1)

        await checked(shop, confirmed=True)


@pytest.mark.parametrize("result", ["authenticated", "failed"])
@pytest.mark.parametrize("after", EVERY_COMMIT)
async def test_a_crash_around_the_banks_page_is_resumed(
    after: int, result: Any
) -> None:
    async with order_shop() as shop:
        await prepared(shop)
        order = await shop.buy(THREE_DS)
        Crash(shop, after, Fault.AWAY)
        await trying(shop.gateway.answer_challenge(order.tenders[0].payment_id, result))

        await shop.restart()

        await checked(shop, confirmed=result == "authenticated")


@pytest.mark.parametrize("after", EVERY_COMMIT)
async def test_a_crash_while_cancelling_is_resumed(after: int) -> None:
    async with order_shop() as shop:
        await prepared(shop)
        await shop.buy(gifts=("GIFT-2500-BBBB",))
        Crash(shop, after, Fault.ANSWER_LOST)
        cancel = CancelOrder(by="user", user_id="ann")
        await trying(shop.ask(ONE, cancel))

        await shop.restart()
        await trying(shop.ask(ONE, cancel))

        await shop.rest()
        await shop.check()
        assert (await shop.order()).status == "cancelled"
        assert await shop.taken("TEN") == 0
        assert (await shop.points()).balance == 500


@pytest.mark.parametrize("after", range(16))
async def test_a_crash_while_a_return_is_refunded_is_resumed(after: int) -> None:
    async with order_shop() as shop:
        await prepared(shop)
        await shop.buy()
        await shop.delivered()
        lines = (ReturnLine("lamp", 1),)
        await shop.ask(ONE, RequestReturn("ann", "ret", "too big", lines))
        await shop.ask(ONE, ApproveReturn("ret"))
        await shop.ask(ONE, ReceiveReturn("ret"))
        await shop.node.quiet()
        Crash(shop, after, Fault.ANSWER_LOST)
        inspect = InspectReturn("ret", (Inspected("lamp", 1, resellable=True),))
        await trying(shop.ask(ONE, inspect))

        await shop.restart()
        await trying(shop.ask(ONE, inspect))

        await shop.rest()
        await shop.check()
        assert (await shop.order()).returns["ret"].status == "refunded"
