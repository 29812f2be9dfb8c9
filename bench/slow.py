"""Three hundred half requests, by the clock: how long they hold what they hold.

A third never end the head of their request, a byte every second; a third say half a
line and then nothing; a third send their body a byte every second. Meanwhile one
customer with a new connection for each request goes on as if nobody else were there.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import aiohttp

from bench.buyers import Visitor
from bench.figure import Figure, at_most, p99
from bench.server import Served, free_port, serving
from bench.stage import CLOCK, SKU

MANY = 300
GONE_WITHIN_S = 35.0
# Edits may have opened a connection to the database more.
LEFT_BEHIND = 4
A_BYTE_EVERY_S = 1.0
BETWEEN_EDITS_S = 0.05

POST = b"POST /api/auth/signin HTTP/1.1\r\nHost: souk\r\n"
HALVES = (
    b"GET /api/products HTTP/1.1\r\nHost: souk\r\nX-Slow: ",
    b"GET /api/products HT",
    POST + b"Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{",
)
SILENT = HALVES[1]


def run() -> list[Figure]:
    """Start a server with a database of its own and be slow with it."""
    with serving("-m", "server", "--port", str(free_port())) as shop:
        return asyncio.run(_slowly(shop))


async def _slowly(shop: Served) -> list[Figure]:
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as http:
        async with http.post(shop.url + "/api/auth/guest") as answer:
            token = (await answer.json())["access_token"]
        customer = Visitor(http, shop.url, token)
        await customer.sure("POST", "/api/cart/items", {"sku": SKU})
        before = _descriptors(shop.pid)
        halves = asyncio.gather(
            *(_half(shop.url, begun) for begun in islice(cycle(HALVES), MANY))
        )
        edits = await _edits(customer, halves)
        held = await halves
        left = _descriptors(shop.pid) - before
    return _figures(held, edits, left)


def _figures(held: Sequence[float], edits: Sequence[float], left: int) -> list[Figure]:
    kinds = ("a head by the byte", "half a head", "a body by the byte")
    longest = {kind: max(held[n :: len(HALVES)]) for n, kind in enumerate(kinds)}
    return [
        at_most(
            f"{MANY} half requests: the last is gone",
            max(held),
            "s",
            goal=GONE_WITHIN_S,
            beside=", ".join(f"{kind} {s:.1f} s" for kind, s in longest.items()),
        ),
        at_most(
            "meanwhile a customer's cart edit, p99",
            p99(edits) * 1000,
            "ms",
            goal=250,
            beside=f"median {median(edits) * 1000:.0f} ms of {len(edits)}, none failed",
        ),
        at_most(
            "descriptors that they leave behind",
            left,
            "",
            goal=LEFT_BEHIND,
            beside=f"of {MANY}",
        ),
    ]


async def _half(url: str, begun: bytes) -> float:
    """Begin a request and never end it; return after how long the server did."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    since = time.monotonic()
    writer.write(begun)
    hung_up = asyncio.ensure_future(reader.read())
    while not (await asyncio.wait([hung_up], timeout=A_BYTE_EVERY_S))[0]:
        if begun != SILENT:
            writer.write(b"x")
    held = time.monotonic() - since
    with suppress(ConnectionError):
        await hung_up
    writer.close()
    return held


async def _edits(
    customer: Visitor, halves: asyncio.Future[list[float]]
) -> Sequence[float]:
    """Change a cart until `halves` are gone; return how long each edit took."""
    took: list[float] = []
    while not halves.done():
        begun = time.perf_counter()
        quantity = len(took) % 2 + 1
        await customer.sure("PUT", f"/api/cart/items/{SKU}", {"quantity": quantity})
        took.append(time.perf_counter() - begun)
        await CLOCK.sleep(BETWEEN_EDITS_S)
    return took


def _descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
