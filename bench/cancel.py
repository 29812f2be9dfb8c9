"""How long after "cancel" a reply still goes on, while many replies stream at once.

Each socket lets a model talk that never comes to an end, says cancel at some moment,
and listens: silence begins with the last frame of that turn, whatever its kind.
"""

import asyncio
import time
from random import Random
from statistics import median
from typing import Any

import aiohttp

from bench.agent import GUESTS
from bench.buyers import CROWD, together
from bench.cancel_server import TALK
from bench.figure import Figure, at_most, p99
from bench.server import Served, serving

SOCKETS = 20
ROUNDS = 5
# By then a reply is well under way.
SPEAKS_S = (0.1, 0.6)
# Whatever comes so long after the end was not stopped at all.
LISTEN_S = 0.5


def run() -> list[Figure]:
    """Start a server with a talkative model and cancel a hundred replies of it."""
    with serving("-m", "bench.cancel_server", **CROWD, **GUESTS) as shop:
        silences = asyncio.run(_measure(shop))
    middle, most = median(silences) * 1000, max(silences) * 1000
    return [
        at_most(
            f"cancel to silence, p99 of {len(silences)}",
            p99(silences) * 1000,
            "ms",
            goal=200,
            beside=(
                f"{SOCKETS} replies stream at once; median {middle:.0f} ms, "
                f"longest {most:.0f} ms"
            ),
        )
    ]


async def _measure(shop: Served) -> list[float]:
    random = Random(1)
    async with aiohttp.ClientSession() as http:

        async def one(number: int) -> list[float]:
            async with http.post(f"{shop.url}/api/auth/guest") as answer:
                token = (await answer.json())["access_token"]
            url = f"{shop.url}/ws/chat/bench-{number}"
            async with http.ws_connect(url, params={"token": token}) as socket:
                await socket.receive_json()
                return [
                    await _silence(socket, random.uniform(*SPEAKS_S))
                    for _ in range(ROUNDS)
                ]

        found = await together(one(number) for number in range(SOCKETS))
    return [each for some in found for each in some]


async def _silence(socket: aiohttp.ClientWebSocketResponse, speaks_s: float) -> float:
    """Let the model talk for a while, cancel, and return how long it still did."""
    await socket.send_json({"message": TALK})
    words = 0
    begun: float | None = None
    while begun is None or time.perf_counter() < begun + speaks_s:
        frame: dict[str, Any] = await socket.receive_json()
        words += frame["type"] == "assistant_delta"
        begun = begun or (time.perf_counter() if words else None)
    await socket.send_json({"type": "cancel"})
    sent = last = time.perf_counter()
    status = ""
    while True:
        try:
            frame = await socket.receive_json(timeout=LISTEN_S)
        except TimeoutError:
            break
        if "turn_id" in frame:
            last = time.perf_counter()
            status = frame.get("status", "") if "seq" in frame else status
    if status != "cancelled":
        raise RuntimeError(f"the reply ended as {status!r}")
    return last - sent
