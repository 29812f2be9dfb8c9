"""Hours in minutes: at most of its speed, for long, nothing may pile up.

Shoppers come, fill carts, buy, talk and leave for others, and what they bought is sent
to them, at 70 % of what the shop can do. Its memory, threads and descriptors are looked
at all the time: the last quarter is held against the second one, when all that is
warmed up was.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import aiohttp
from msgspec import Struct

from actors.runtime import LoopClock
from bench.buyers import Buyer, buyers, stock_up
from bench.figure import Figure, at_most
from bench.stage import Stage

MINUTES = 20.0
LOAD = 0.7
MEASURED_S = 10.0
LOOK_EVERY_S = 2.0
SKU = "AUD-009-COR"
UNITS = 900_000
PARCEL = {"carrier": "Post", "tracking_number": "T1"}
# After so many visits somebody else comes; each talks so often.
VISITS_EACH = 10
TALK_EVERY = 5
# An allocator keeps what it once took: a little more is no leak.
GROWTH = 1.05

CLOCK = LoopClock()


class Look(Struct, frozen=True):
    """What the server's process had at one moment."""

    memory_mb: float
    descriptors: int
    threads: int


class Visits(Struct, frozen=True):
    """How often somebody came, and how often the shop had no time for them."""

    came: int = 0
    turned_away: int = 0

    def __add__(self, more: "Visits") -> "Visits":
        """Return both together."""
        return Visits(self.came + more.came, self.turned_away + more.turned_away)


def run(minutes: float = MINUTES) -> list[Figure]:
    """Live through `minutes` of shopping."""
    with tempfile.TemporaryDirectory(prefix="souk-bench-") as folder:
        return asyncio.run(_soaked(Path(folder), minutes))


async def _soaked(folder: Path, minutes: float) -> list[Figure]:
    async with Stage(folder) as stage:
        await stock_up(stage.by, SKU, UNITS)
        fastest = (await _visits(stage, MEASURED_S, pause_s=0)).came
        # Each of the crowd waits so long between visits that 70 % is what comes out.
        visit_s = MEASURED_S * len(stage.crowd) / max(1, fastest)
        pause_s = visit_s * (1 / LOAD - 1)
        looks: list[Look] = []
        looking = asyncio.ensure_future(_watch(stage, looks))
        seen = await _visits(stage, minutes * 60, pause_s)
        looking.cancel()
    rate = seen.came / (minutes * 60)
    most = fastest / MEASURED_S
    beside = f"{minutes:g} min, {rate:.0f} visits a second, at most {most:.0f}"
    return [
        *_figures(looks, beside),
        at_most(
            "visits that the shop turned away",
            100 * seen.turned_away / max(1, seen.came),
            "%",
            goal=0.1,
            beside=f"{seen.turned_away} of {seen.came}",
        ),
    ]


def _figures(looks: Sequence[Look], beside: str) -> list[Figure]:
    kinds: dict[str, Callable[[Look], float]] = {
        "memory": lambda each: each.memory_mb,
        "descriptors": lambda each: each.descriptors,
        "threads": lambda each: each.threads,
    }
    figures = []
    for name, of in kinds.items():
        early, late = _quarter(looks, 1, of), _quarter(looks, 3, of)
        told = f"{early:.0f} -> {late:.0f}; {beside}"
        growth = late / early
        figures.append(
            at_most(f"{name} at the end", growth, "x", goal=GROWTH, beside=told)
        )
    return figures


def _quarter(looks: Sequence[Look], number: int, of: Callable[[Look], float]) -> float:
    size = len(looks) // 4
    return median(of(each) for each in looks[number * size : (number + 1) * size])


async def _visits(stage: Stage, seconds: float, pause_s: float) -> Visits:
    """Let as many as the crowd is come again and again."""
    until = time.monotonic() + seconds
    return sum(
        await asyncio.gather(*(_come(stage, until, pause_s) for _ in stage.crowd)),
        start=Visits(),
    )


async def _come(stage: Stage, until: float, pause_s: float) -> Visits:
    """Visit until it is over, every now and then as somebody else."""
    seen = Visits()
    while time.monotonic() < until:
        try:
            if seen.came % VISITS_EACH == 0:
                (buyer,) = await buyers(stage.http, stage.shop.url, 1)
            await _shop(stage, buyer)
            if seen.came % TALK_EVERY == 0:
                await _talk(buyer)
            seen += Visits(1)
        except RuntimeError:
            seen += Visits(1, 1)
        await CLOCK.sleep(pause_s)
    return seen


async def _shop(stage: Stage, buyer: Buyer) -> None:
    """Search, buy, and get what was bought."""
    await buyer.sure("GET", "/api/products/search?q=speaker")
    await buyer.fill(SKU)
    answer = await buyer.order()
    if answer.status != 201:
        raise RuntimeError(f"no order: {answer.body}")
    order = f"/api/admin/orders/{answer.body['id']}"
    await stage.by.sure("POST", f"{order}/process")
    await stage.by.sure("POST", f"{order}/ship", PARCEL)
    await stage.by.sure("POST", f"{order}/deliver")


async def _talk(buyer: Buyer) -> None:
    """Open a chat, ask one thing, hear the end of the answer, and leave."""
    socket = await buyer.socket()
    await socket.send_json({"message": "Do you have a speaker?"})
    async for message in socket:
        is_text = message.type is aiohttp.WSMsgType.TEXT
        if is_text and message.json()["type"] == "run_finished":
            break
    await socket.close()


async def _watch(stage: Stage, looks: list[Look]) -> None:
    while True:
        looks.append(_look(stage.shop.pid))
        await CLOCK.sleep(LOOK_EVERY_S)


def _look(pid: int) -> Look:
    status = Path(f"/proc/{pid}/status").read_text()
    told = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return Look(
        memory_mb=int(told["VmRSS"].split()[0]) / 1024,
        descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=int(told["Threads"]),
    )
