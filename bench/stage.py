"""A shop with an operator and a crowd, in which trouble may happen again and again."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Self

import aiohttp

from actors.runtime import LoopClock
from bench.books import Books, books
from bench.buyers import (
    CROWD,
    Answer,
    Buyer,
    Visitor,
    buyers,
    listed,
    operator,
    stock_up,
    together,
)
from bench.standing import Standing

BUYERS = 32
UNITS = 24
SKU = "AUD-009-COR"
DEFINITE_WITHIN_S = 90.0
SETTLED_WITHIN_S = 90.0
TIMES = 20
# One card of 50.00 that everybody has the code of.
GIFT, GIFT_CENTS = "GIFT-5000-AAAA", 5000

CLOCK = LoopClock()

Trouble = Callable[[Standing], Awaitable[None]]


class Stage:
    """Where it happens: run `by` itself or another, with `settings` around it."""

    def __init__(
        self, folder: Path, by: type[Standing] = Standing, **settings: str
    ) -> None:
        self.shop = by(folder, **CROWD, **settings)
        self.http: aiohttp.ClientSession
        self.by: Visitor
        self.crowd: Sequence[Buyer]

    async def __aenter__(self) -> Self:
        """Open the shop and let the crowd in."""
        await self.shop.start()
        connector = aiohttp.TCPConnector(limit=0)
        self.http = aiohttp.ClientSession(connector=connector)
        self.by = await operator(self.http, self.shop.url, self.shop.environment)
        self.crowd = await buyers(self.http, self.shop.url, BUYERS)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the shop."""
        await self.http.close()
        await self.shop.stop()

    async def sale(self, trouble: Trouble, stop_at: str = "") -> list[str]:
        """Sell to everybody at once through `trouble`; return what is wrong then."""
        await stock_up(self.by, SKU, UNITS)
        await together(each.fill(SKU) for each in self.crowd)
        if stop_at:
            await self.shop.stop()
            await self.shop.start(stop_at=stop_at)
        before = await self.settled()
        met = asyncio.ensure_future(trouble(self.shop))
        answers = await together(
            (self.bought(each) for each in self.crowd), at_once=BUYERS
        )
        await met
        after = await self.settled()
        return after.faults(before, answers, UNITS, self.crowd)

    async def bought(self, buyer: Buyer, gift: str = "") -> Answer:
        """Order the cart, under the same key again until the answer is definite."""
        key = secrets.token_hex(8)
        async with asyncio.timeout(DEFINITE_WITHIN_S):
            while True:
                try:
                    answer = await buyer.order(key, gift)
                except (aiohttp.ClientError, TimeoutError):
                    await self.shop.up.wait()
                    await CLOCK.sleep(0.05)
                    continue
                if answer.status < 500 and not _in_flight(answer):
                    return answer
                await CLOCK.sleep(0.1)

    async def settled(self) -> Books:
        """Return the books once nothing in them is on its way."""
        async with asyncio.timeout(SETTLED_WITHIN_S):
            while True:
                found = await books(self.by, self.crowd, SKU)
                if found.settled:
                    return found
                await CLOCK.sleep(0.25)

    async def repeated(self) -> dict[str, list[str]]:
        """Do each thing many times at once; return what is wrong, by name."""
        await stock_up(self.by, SKU, TIMES * 3)
        one, other, third = self.crowd[:3]
        return {
            "one key, 20 orders at once": await self._one_order(one, "once"),
            "one cart, 20 orders without a key": await self._one_order(other, None),
            "first adds at once to one cart": await self._adds(third),
            "one gift card, 20 buyers at once": await self._one_gift_card(),
        }

    async def _one_order(self, buyer: Buyer, key: str | None) -> list[str]:
        await buyer.fill(SKU)
        before = await self.settled()
        answers = await together((self._known(buyer, key) for _ in range(TIMES)), TIMES)
        after = await self.settled()
        ids = {each.body["id"] for each in answers if each.status == 201}
        refused = [each for each in answers if each.status != 201]
        wrong = []
        if len(ids) != 1 or (key and refused):
            wrong.append(f"{len(ids)} orders were answered, {len(refused)} refused")
        if key and len({str(each.body) for each in answers}) != 1:
            wrong.append("one key was answered in several ways")
        if (new := len(after.confirmed) - len(before.confirmed)) != 1:
            wrong.append(f"{new} orders were made")
        return wrong

    async def _known(self, buyer: Buyer, key: str | None) -> Answer:
        while _in_flight(answer := await buyer.order(key)):
            await CLOCK.sleep(0.05)
        return answer

    async def _adds(self, buyer: Buyer) -> list[str]:
        """Let twenty things come first into one cart, each a line of its own."""
        await buyer.sure("DELETE", "/api/cart")
        products = await buyer.sure("GET", f"/api/products?in_stock=true&limit={TIMES}")
        skus = [
            next(v["sku"] for v in each["variants"] if v["stock"]) for each in products
        ]
        adds = (buyer.ask("POST", "/api/cart/items", {"sku": sku}) for sku in skus)
        await together(adds, TIMES)
        there = {
            each["sku"] for each in (await buyer.sure("GET", "/api/cart"))["items"]
        }
        return [f"{sku} is not there" for sku in set(skus) - there]

    async def _one_gift_card(self) -> list[str]:
        """Let twenty redeem one balance at once, and their cards pay the rest."""
        crowd = self.crowd[-TIMES:]
        await together(each.fill(SKU) for each in crowd)
        before = await self.settled()
        answers = await together((self.bought(each, GIFT) for each in crowd), TIMES)
        after = await self.settled()
        ids = {each.body["id"] for each in answers if each.status == 201}
        wrong = []
        if ids != after.confirmed.keys() - before.confirmed.keys():
            wrong.append("orders were made that nobody was told of, or lost")
        spent = sum(
            round((each["captured"] - each["refunded"]) * 100)
            for each in await listed(self.by, "/api/admin/payments")
            if each["tenders"][0]["type"] == "gift_card"
        )
        if not 0 < spent <= GIFT_CENTS:
            wrong.append(f"{spent} of {GIFT_CENTS} cents were spent")
        return wrong


def _in_flight(answer: Answer) -> bool:
    return answer.status == 409 and answer.body.get("code") == "request_in_flight"
