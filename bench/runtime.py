"""What the runtime itself costs: an ask, and an actor that does nothing."""

import asyncio
import gc
import time
import tracemalloc
from random import Random
from statistics import median
from typing import ClassVar

import uvloop
from msgspec import Struct

from actors.runtime import Actor, Kind, LoopClock, System
from actors.runtime.testing import MemoryStorage
from bench.figure import Figure, at_least, at_most
from messages.base import Command

ASKS = 20_000
ROUNDS = 9
IDLE = 50_000


class Counted(Struct, frozen=True):
    """The smallest state there is."""

    count: int = 0


class GetCount(Command[int], frozen=True, tag=True):
    """Answer without waiting for anybody."""

    to: ClassVar[str] = "counter"


class Counter(Actor[GetCount, Counted]):
    """Answers; that is all."""

    def initial(self, key: str) -> Counted:  # noqa: ARG002 - every counter begins alike
        """Begin at nothing."""
        return NOTHING

    def receive(self, command: GetCount) -> int:  # noqa: ARG002 - it has one command
        """Tell the count."""
        return self.state.count


# One state for all, so that only what the runtime adds is measured.
NOTHING = Counted()


def counters() -> System:
    """Return a node of volatile counters; nothing is persisted."""
    kind = Kind(
        name="counter",
        actor=Counter,
        state=Counted,
        commands=GetCount,
        durable=False,
        keep=10**6,
    )
    return System(
        [kind],
        MemoryStorage(),
        LoopClock(),
        refusals=(),
        random=Random(1),
        most_actors=10**6,
    )


def run() -> list[Figure]:
    """Measure both on uvloop, as the server runs."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        share, ask_us = runner.run(_asks())
        size = runner.run(_idle())
    return [
        at_least(
            "ask of a plain handler, share of a raw round trip",
            share,
            "x",
            goal=0.3,
            beside=f"create_future + call_soon; an ask takes {ask_us:.1f} us",
        ),
        at_most(
            "idle actor over its state",
            size,
            "bytes",
            goal=600,
            beside=f"{IDLE:,} actors, measured by tracemalloc, keys included",
        ),
    ]


async def _asks() -> tuple[float, float]:
    system = counters()
    await system.start()
    shares, asks = [], []
    for _ in range(ROUNDS):
        raw = await _raw()
        asked = await _asked(system)
        shares.append(raw / asked)
        asks.append(asked / ASKS * 1e6)
    await system.stop()
    return median(shares), median(asks)


async def _raw() -> float:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    for _ in range(ASKS):
        future = loop.create_future()
        loop.call_soon(future.set_result, 1)
        await future
    return time.perf_counter() - begun


async def _asked(system: System) -> float:
    command = GetCount()
    begun = time.perf_counter()
    for _ in range(ASKS):
        await system.ask("one", command)
    return time.perf_counter() - begun


async def _idle() -> float:
    system = counters()
    await system.start()
    await system.ask("first", GetCount())
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(IDLE):
        await system.ask(f"counter-{number}", GetCount())
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    await system.stop()
    return used / IDLE
