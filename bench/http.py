"""What HTTP costs: the product list, a durable cart edit, every other route."""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import aiohttp

from bench.figure import Figure, at_most, p99
from bench.server import Served, free_port, serving

LIST = "/api/products?limit=20"
USERS = 64
EDITS = 40
# Routes that hash no password.
READS = (
    LIST,
    "/api/products?category=Audio&sort=price_asc&in_stock=true",
    "/api/products?search=running+shoes&max_price=150",
    "/api/products/search?q=watreproof+speeker",
    "/api/products/facets",
    "/api/products/AUD-009",
    "/api/products/inventory/AUD-009",
    "/api/auth/me",
    "/api/cart",
    "/api/cart/total",
    "/api/chat/sessions",
    "/health/ready",
)


def run() -> list[Figure]:
    """Start a server with a database of its own and measure it."""
    with serving("-m", "server", "--port", str(free_port())) as shop:
        return asyncio.run(_measure(shop))


async def _measure(shop: Served) -> list[Figure]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        listed = await _product_list(http, shop)
        tokens = [await _guest(http, shop) for _ in range(USERS)]
        edits = await _together(http, shop, tokens, _edits)
        reads = await _together(http, shop, tokens, _reads)
    return [
        at_most(
            "product list of 20, CPU over bare aiohttp",
            listed,
            "us",
            goal=60,
            beside="aiohttp alone answering the same bytes",
        ),
        at_most(
            f"durable cart edit, {USERS} users, p99",
            p99(edits) * 1000,
            "ms",
            goal=50,
            beside=f"median {median(edits) * 1000:.1f} ms of {len(edits)}",
        ),
        at_most(
            f"every other route, {USERS} users, p99",
            p99(reads) * 1000,
            "ms",
            goal=200,
            beside=f"median {median(reads) * 1000:.1f} ms of {len(reads)}",
        ),
    ]


async def _product_list(http: aiohttp.ClientSession, shop: Served) -> float:
    """Return our CPU microseconds per list beyond what bare aiohttp needs."""
    async with http.get(shop.url + LIST) as answer:
        body = await answer.read()
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(body)
        with serving("-m", "bench.bare", file.name) as bare:
            await _cpu_us(http, shop, 200)
            await _cpu_us(http, bare, 200)
            return median(
                [
                    await _cpu_us(http, shop, 2000) - await _cpu_us(http, bare, 2000)
                    for _ in range(7)
                ]
            )


async def _cpu_us(http: aiohttp.ClientSession, served: Served, times: int) -> float:
    before = served.cpu_s()

    async def lane(requests: int) -> None:
        for _ in range(requests):
            async with http.get(served.url + LIST) as answer:
                await answer.read()

    await asyncio.gather(*(lane(times // 8) for _ in range(8)))
    return (served.cpu_s() - before) / times * 1e6


async def _guest(http: aiohttp.ClientSession, shop: Served) -> str:
    async with http.post(f"{shop.url}/api/auth/guest") as answer:
        answer.raise_for_status()
        token: str = (await answer.json())["access_token"]
        return token


Lane = Callable[[aiohttp.ClientSession, Served, str, int], Awaitable[list[float]]]


async def _together(
    http: aiohttp.ClientSession, shop: Served, tokens: Sequence[str], lane: Lane
) -> list[float]:
    """Run one lane per user at once and return every request's seconds."""
    lanes = (lane(http, shop, token, at) for at, token in enumerate(tokens))
    return [taken for each in await asyncio.gather(*lanes) for taken in each]


async def _edits(
    http: aiohttp.ClientSession, shop: Served, token: str, at: int
) -> list[float]:
    taken = []
    sku = await _sku(http, shop, at)
    line = f"/api/cart/items/{sku}"
    await _timed(http, "POST", shop.url + "/api/cart/items", token, {"sku": sku})
    for quantity in islice(cycle((2, 3, 1)), EDITS):
        body = {"quantity": quantity}
        taken.append(await _timed(http, "PUT", shop.url + line, token, body))
    return taken


async def _sku(http: aiohttp.ClientSession, shop: Served, at: int) -> str:
    """Return a variant of which there is enough, another one for each `at`."""
    query = "/api/products?in_stock=true&sort=name&limit=100"
    async with http.get(shop.url + query) as answer:
        products = await answer.json()
    plenty = [
        each["sku"]
        for product in products
        for each in product["variants"]
        if each["stock"] >= 10
    ]
    return str(plenty[at])


async def _reads(
    http: aiohttp.ClientSession, shop: Served, token: str, at: int
) -> list[float]:
    order = random.Random(at).sample(READS * 3, len(READS) * 3)
    return [await _timed(http, "GET", shop.url + path, token) for path in order]


async def _timed(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    token: str,
    body: object = None,
) -> float:
    begun = time.perf_counter()
    headers = {"Authorization": f"Bearer {token}"}
    async with http.request(method, url, headers=headers, json=body) as answer:
        await answer.read()
        answer.raise_for_status()
    return time.perf_counter() - begun
