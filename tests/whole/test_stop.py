"""Told to stop, the server goes in order and loses nothing it acknowledged."""

import asyncio

import aiohttp

from tests.whole.shop import Shop, Visitor

SHOPPERS = 8


async def shop_until_closed(visitor: Visitor) -> int:
    """Edit a cart until the server is gone; return the last acknowledged quantity."""
    await visitor.request("POST", "/api/cart/items", {"sku": "AUD-009-COR"})
    acknowledged, quantity = 1, 1
    while True:
        quantity = quantity % 9 + 1
        try:
            status, _ = await visitor.request(
                "PUT", "/api/cart/items/AUD-009-COR", {"quantity": quantity}
            )
        except aiohttp.ClientError:
            return acknowledged
        if status != 200:
            return acknowledged
        acknowledged = quantity


async def test_a_stop_under_load_loses_nothing_that_was_acknowledged(
    shop: Shop, visitor: Visitor
) -> None:
    shoppers = [Visitor(visitor.http, shop) for _ in range(SHOPPERS)]
    for each in shoppers:
        await each.enter("/api/auth/guest")
    tab = await shoppers[0].socket("goodbye")
    shopping = [asyncio.ensure_future(shop_until_closed(each)) for each in shoppers]
    await tab.type("cart_update")
    listening = asyncio.ensure_future(tab.closed())

    async with asyncio.timeout(15):
        status = await shop.stop()

    assert status == 0
    assert await listening == 1001
    acknowledged = await asyncio.gather(*shopping)
    await shop.start()
    for shopper, quantity in zip(shoppers, acknowledged, strict=True):
        _, cart = await shopper.request("GET", "/api/cart")
        # A last edit may have been saved without its answer getting through.
        assert cart["items"][0]["quantity"] in {quantity, quantity % 9 + 1}
