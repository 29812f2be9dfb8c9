"""What a turn of the agent costs at 100 sockets, by part, and who feels a stalled one.

A real server on one core with the built-in model; the sockets talk from the other one.
CPU is the process's own; its parts are samples of whose code was running.
"""

import asyncio
import json
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import aiohttp

from bench.agent_server import COUNTS, STALL
from bench.buyers import CROWD, together
from bench.eval_talk import Talk
from bench.figure import Figure, at_least, at_most, p99
from bench.server import Served, free_port, pin, serving

SOCKETS = 100
TURNS = 20
CONVERSATIONS = 200
SAID = (
    "show me waterproof bluetooth speakers under $50",
    "is the first one in stock?",
    "what's the cheapest laptop you sell?",
    "what is in my cart?",
)
# On a busy machine a hundred turns at once take a while.
PATIENCE_S = 300.0
GUESTS = {"SOUK__ACCOUNTS__GUESTS_PER_ADDRESS": "1000000"}
PARTS = ("graph", "tools", "actors", "frames", "commit", "loop")


def run() -> list[Figure]:
    """Start a server of its own and measure it."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="souk-bench-") as folder,
        serving(
            *("-m", "bench.agent_server", str(port)),
            **CROWD,
            **GUESTS,
            SOUK__STORE__PATH=folder,
        ) as shop,
    ):
        pin(shop.pid, 0)
        os.sched_setaffinity(0, {1})
        return asyncio.run(_measure(shop, Path(folder)))


async def _measure(shop: Served, folder: Path) -> list[Figure]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        talks = await _talks(http, shop, SOCKETS)
        await _rounds(talks, 2)
        os.kill(shop.pid, signal.SIGUSR1)
        begun, cpu = time.perf_counter(), shop.cpu_s()
        await _rounds(talks, TURNS)
        took, cpu = time.perf_counter() - begun, shop.cpu_s() - cpu
        os.kill(shop.pid, signal.SIGUSR2)
        figures = _costs(await _counts(folder), SOCKETS * TURNS, took, cpu)
        return [*figures, await _stalled(http, shop)]


def _costs(counts: dict[str, int], turns: int, took: float, cpu: float) -> list[Figure]:
    whole = sum(counts.values()) or 1
    parts = {name: cpu / turns * counts.get(name, 0) / whole * 1000 for name in PARTS}
    told = ", ".join(f"{name} {ms:.2f}" for name, ms in parts.items())
    outside = sum(parts.values()) - parts["graph"]
    return [
        at_least(
            f"turns at {SOCKETS} sockets, one core",
            turns / took,
            "/s",
            goal=200,
            beside=f"CPU {cpu / turns * 1000:.2f} ms a turn",
        ),
        at_most(
            "CPU of a turn outside the graph",
            outside,
            "ms",
            goal=1.5,
            beside=told,
        ),
    ]


async def _stalled(http: aiohttp.ClientSession, shop: Served) -> Figure:
    """Return how much longer turns take while one model thinks for ever."""
    *talks, victim = await _talks(http, shop, CONVERSATIONS + 1)
    await _rounds(talks, 1)
    ratios, calm = [], 0.0
    for _ in range(3):
        before = p99(await _rounds(talks, 2))
        lost = asyncio.ensure_future(victim.say(STALL))
        beside = p99(await _rounds(talks, 2))
        lost.cancel()
        calm = before
        ratios.append(beside / before)
        *_, victim = await _talks(http, shop, 1)
    return at_most(
        f"p99 of {CONVERSATIONS} conversations beside a stalled one",
        median(ratios),
        "x",
        goal=1.5,
        beside=f"p99 {calm * 1000:.0f} ms without it",
    )


async def _talks(
    http: aiohttp.ClientSession, shop: Served, many: int
) -> Sequence[Talk]:
    async def one(number: int) -> Talk:
        async with http.post(f"{shop.url}/api/auth/guest") as answer:
            token = (await answer.json())["access_token"]
        name = f"bench-{many}-{number}-{time.monotonic_ns()}"
        url = f"{shop.url}/ws/chat/{name}"
        socket = await http.ws_connect(url, params={"token": token})
        await socket.receive_json()
        return Talk(socket, PATIENCE_S)

    return await together(one(number) for number in range(many))


async def _rounds(talks: Sequence[Talk], turns: int) -> list[float]:
    """Let everybody talk at once; return how long each turn took."""

    async def one(talk: Talk) -> list[float]:
        times = []
        for number in range(turns):
            begun = time.perf_counter()
            heard = await talk.say(SAID[number % len(SAID)])
            if heard.error or not heard.reply:
                raise RuntimeError(f"no reply: {heard}")
            times.append(time.perf_counter() - begun)
        return times

    return [each for some in await asyncio.gather(*map(one, talks)) for each in some]


async def _counts(folder: Path) -> dict[str, int]:
    file = folder / COUNTS
    for _ in range(200):
        if file.exists():
            counts: dict[str, int] = json.loads(file.read_text())
            return counts
        await asyncio.sleep(0.05)
    raise RuntimeError("the server has counted nothing")
