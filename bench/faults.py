"""Kills, silences and double clicks under 32 buyers: the books must still add up.

Real processes: the server is killed at each journal commit of an order, its database
at any moment and stopped for five seconds. Buyers repeat with the same key until they
know. Then what was acknowledged, charged, set aside and left in carts must agree.
"""

import asyncio
import os
import secrets
import signal
import tempfile
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
from bench.figure import Figure
from bench.standing import Standing

BUYERS = 32
UNITS = 24
ROUNDS = 2
SKU = "AUD-009-COR"
# In the midst of it: some orders are done then, some have not begun.
NUMBER = 8
SILENT_S = 5.0
DEFINITE_WITHIN_S = 90.0
SETTLED_WITHIN_S = 60.0
TIMES = 20

PHASES = ("opened", "paying", "confirmed")
STOPS = [f"{when} {phase} {NUMBER}" for phase in PHASES for when in ("before", "after")]
CLOCK = LoopClock()

Trouble = Callable[[Standing], Awaitable[None]]


def run() -> list[Figure]:
    """Meet every trouble, each twice."""
    with tempfile.TemporaryDirectory(prefix="souk-bench-") as folder:
        return asyncio.run(_all(Path(folder)))


async def _all(folder: Path) -> list[Figure]:
    figures = []
    async with Stage(folder) as stage:
        for stop_at in STOPS:
            name = f"server killed {stop_at.rpartition(' ')[0]}"
            figures.append(await _rounds(name, stage, dying(stop_at), stop_at))
        figures.append(await _rounds("server killed anywhere", stage, server_killed))
        figures.append(await _rounds("mongod killed", stage, mongod_killed))
        figures.append(await _rounds("mongod silent for 5 s", stage, mongod_silent))
        for name, faults in (await stage.repeated()).items():
            figures.append(_figure(name, faults))
    return figures


async def _rounds(
    name: str, stage: "Stage", trouble: Trouble, stop_at: str = ""
) -> Figure:
    faults: list[str] = []
    for _ in range(ROUNDS):
        faults += await stage.sale(trouble, stop_at)
    return _figure(name, faults)


def _figure(name: str, faults: Sequence[str]) -> Figure:
    beside = "; ".join(faults[:3])
    return Figure(name, len(faults), "faults", beside, "= 0 faults", not faults)


# What goes wrong


def dying(stop_at: str) -> Trouble:
    """Return the trouble of a server that ends itself at `stop_at`."""

    async def died(shop: Standing) -> None:
        await shop.dies(within_s=30)
        await shop.start()

    died.__name__ = stop_at
    return died


async def server_killed(shop: Standing) -> None:
    """Kill the server soon after the sale begins."""
    await CLOCK.sleep(0.1)
    await shop.kill()
    await shop.start()


async def mongod_killed(shop: Standing) -> None:
    """Kill the database soon after the sale begins; the server starts it again."""
    await CLOCK.sleep(0.1)
    os.kill(shop.mongod, signal.SIGKILL)


async def mongod_silent(shop: Standing) -> None:
    """Let the database answer nobody for a while."""
    await CLOCK.sleep(0.1)
    mongod = shop.mongod
    os.kill(mongod, signal.SIGSTOP)
    await CLOCK.sleep(SILENT_S)
    os.kill(mongod, signal.SIGCONT)


# Where it happens


class Stage:
    """A shop with an operator and a crowd, in which trouble may happen again."""

    def __init__(self, folder: Path) -> None:
        self.shop = Standing(folder, **CROWD)
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

    async def bought(self, buyer: Buyer) -> Answer:
        """Order the cart, under the same key again until the answer is definite."""
        key = secrets.token_hex(8)
        async with asyncio.timeout(DEFINITE_WITHIN_S):
            while True:
                try:
                    answer = await buyer.order(key)
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
        await stock_up(self.by, SKU, TIMES * 2)
        one, other, third = self.crowd[:3]
        return {
            "one key, 20 orders at once": await self._one_order(one, "once"),
            "one cart, 20 orders without a key": await self._one_order(other, None),
            "first adds at once to one cart": await self._adds(third),
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


def _in_flight(answer: Answer) -> bool:
    return answer.status == 409 and answer.body.get("code") == "request_in_flight"
