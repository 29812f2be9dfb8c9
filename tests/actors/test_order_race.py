"""Many at once: one cart, one order; the last units go once; nobody is left over."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from commerce.checkout import Journal
from commerce.errors import OutOfStock
from messages.order import PlaceOrder
from tests.actors.order_shop import HOME, ONE, OrderShop, order_shop


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as built:
        yield built


async def test_one_order_asked_for_twenty_times_is_one(shop: OrderShop) -> None:
    await shop.add("lamp")
    command = PlaceOrder("ann", HOME, await shop.pay())

    orders = await asyncio.gather(*(shop.ask(ONE, command) for _ in range(20)))

    assert {each.status for each in orders} == {"confirmed"}
    assert len(await shop.payments()) == 1
    await shop.node.quiet()
    await shop.check()


async def test_one_cart_bought_by_twenty_orders_is_bought_once(
    shop: OrderShop,
) -> None:
    await shop.add("lamp")
    command = PlaceOrder("ann", HOME, await shop.pay())

    ends = await asyncio.gather(
        *(shop.ask(f"ord_{n:024x}", command) for n in range(20)),
        return_exceptions=True,
    )

    orders = [each for each in ends if isinstance(each, Journal)]
    assert [each.status for each in orders].count("confirmed") == 1
    await shop.rest(2)
    assert len([each for each in await shop.payments() if each.captured]) == 1
    await shop.check()


async def test_ten_lamps_make_ten_orders_of_thirty_buyers(shop: OrderShop) -> None:
    buyers = [f"buyer-{n}" for n in range(30)]
    for each in buyers:
        await shop.add("lamp", user=each)
    pay = await shop.pay()

    ends = await asyncio.gather(
        *(
            shop.ask(f"ord_{n:024x}", PlaceOrder(each, HOME, pay))
            for n, each in enumerate(buyers)
        ),
        return_exceptions=True,
    )

    refused = [each for each in ends if isinstance(each, OutOfStock)]
    orders = [each for each in ends if isinstance(each, Journal)]
    sold = [each for each in orders if each.status == "confirmed"]
    no_stock = [each for each in orders if each.reason == "insufficient_stock"]
    assert len(sold) == 10
    assert len(refused) + len(no_stock) == 20
    await shop.rest(2)
    await shop.check(*buyers)
