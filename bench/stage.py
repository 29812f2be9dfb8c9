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
        buying = together((self.bought(each) for each in self.crowd), at_once=BUYERS)
        # Where trouble has an end that nobody wanted, nobody waits for an answer.
        async with asyncio.TaskGroup() as group:
            group.create_task(_met(trouble, self.shop))
            answers = group.create_task(buying)
        return await self._faults(before, answers.result())

    async def _faults(self, before: Books, answers: Sequence[Answer]) -> list[str]:
        """Return what is wrong, and does not come right by itself."""
        until = CLOCK.monotonic() + SETTLED_WITHIN_S
        while True:
            after = await self.settled()
            wrong = after.faults(before, answers, UNITS, self.crowd)
            # What was promised, such as to empty a cart, may still be on its way.
            if not wrong or CLOCK.monotonic() > until:
                return wrong
            await CLOCK.sleep(0.25)

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
                if answer.status < 500 and not in_flight(answer):
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


async def _met(trouble: Trouble, shop: Standing) -> None:
    await trouble(shop)


def in_flight(answer: Answer) -> bool:
    """Tell whether the same request is being worked on elsewhere."""
    return answer.status == 409 and answer.body.get("code") == "request_in_flight"
