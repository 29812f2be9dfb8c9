"""What a shop still does while its database is away, and how soon all of it is back."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import aiohttp
from msgspec import Struct

from actors.runtime import LoopClock
from bench.buyers import Answer, Buyer
from bench.figure import Figure, at_most

AWAY_S = 6.0
WRITES = 8

CLOCK = LoopClock()


class Outage(Struct, frozen=True):
    """What was seen from outside while the database was away, and afterwards."""

    live: int
    ready: int
    read: int
    writes: tuple[Answer, ...]
    said_when: bool
    """Whether every 503 says when to ask again."""
    sockets: bool
    """Whether a socket that was open stayed so."""
    back_after_s: float
    lost: int
    """Acknowledged edits that are not there afterwards."""

    @property
    def slowest_s(self) -> float:
        """How long the slowest write waited for its 503."""
        return max(each.after_s for each in self.writes)

    def wrong(self) -> list[str]:
        """Return what was promised otherwise."""
        seen = (self.live, self.ready, self.read)
        wrong = []
        if seen != (200, 503, 200):
            wrong.append(f"live, ready, a read answered {seen}")
        statuses = {each.status for each in self.writes}
        if statuses != {503} or not self.said_when:
            wrong.append(f"writes answered {statuses}, Retry-After {self.said_when}")
        if not self.sockets:
            wrong.append("a socket was closed")
        if self.lost:
            wrong.append(f"{self.lost} acknowledged edits are lost")
        return wrong

    def figures(self, name: str, *, within_s: float = 3) -> list[Figure]:
        """Return it as rows of the table."""
        wrong = self.wrong()
        return [
            Figure(
                name, len(wrong), "faults", "; ".join(wrong), "= 0 faults", not wrong
            ),
            at_most(
                f"{name}: a write is refused",
                self.slowest_s,
                "s",
                goal=within_s,
                beside="503 with Retry-After",
            ),
            at_most(
                f"{name}: back afterwards",
                self.back_after_s,
                "s",
                goal=5,
                beside="without a restart",
            ),
        ]


async def outage(
    buyer: Buyer,
    begin: Callable[[], Awaitable[None]],
    end: Callable[[], Awaitable[None]],
) -> Outage:
    """Take the database away and give it back; return what `buyer` saw."""
    http, url = buyer.http, buyer.url
    await buyer.sure("DELETE", "/api/cart")
    (found,) = await buyer.sure("GET", "/api/products?in_stock=true&limit=1")
    sku = next(each["sku"] for each in found["variants"] if each["stock"])
    await buyer.sure("POST", "/api/cart/items", {"sku": sku})
    socket = await buyer.socket()
    await begin()
    begun = time.monotonic()
    writes, when = await _writes(buyer, sku)
    async with asyncio.timeout(AWAY_S * 3):
        while (ready := await _status(http, f"{url}/health/ready")) == 200:
            await CLOCK.sleep(0.1)
    live = await _status(http, f"{url}/health/live")
    read = await _status(http, f"{url}/api/products?limit=5")
    await CLOCK.sleep(max(0.0, AWAY_S - (time.monotonic() - begun)))
    await end()
    back_after_s = await _back(buyer, sku)
    stayed = await _answers(socket)
    await socket.close()
    cart = await buyer.sure("GET", "/api/cart")
    lost = int(not any(each["sku"] == sku for each in cart["items"]))
    return Outage(live, ready, read, writes, when, stayed, back_after_s, lost)


async def _writes(buyer: Buyer, sku: str) -> tuple[tuple[Answer, ...], bool]:
    """Try to change the cart, several at once; and whether all say when to retry."""
    tries = [buyer.ask("POST", "/api/cart/items", {"sku": sku}) for _ in range(WRITES)]
    answers = tuple(await asyncio.gather(*tries))
    return answers, all(each.retry_after for each in answers if each.status == 503)


async def _back(buyer: Buyer, sku: str) -> float:
    """Return after how long a write succeeds again and the shop says it is ready."""
    begun = time.monotonic()
    async with asyncio.timeout(60):
        while True:
            answer = await buyer.ask("POST", "/api/cart/items", {"sku": sku})
            ready = await _status(buyer.http, f"{buyer.url}/health/ready")
            if answer.status < 500 and ready == 200:
                return time.monotonic() - begun
            await CLOCK.sleep(0.1)


async def _status(http: aiohttp.ClientSession, url: str) -> int:
    async with http.get(url) as answer:
        await answer.read()
        return answer.status


async def _answers(socket: aiohttp.ClientWebSocketResponse) -> bool:
    """Tell whether somebody is at the other end still."""
    with contextlib.suppress(aiohttp.ClientError):
        await socket.send_json({"message": "hello"})
        async with asyncio.timeout(20):
            async for message in socket:
                if message.json()["type"] == "ack":
                    return True
    return False
