"""Many askers of one durable actor, against one write per message."""

import asyncio
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from statistics import median
from typing import ClassVar

import uvloop
from msgspec import Struct

from actors.runtime import Actor, Kind, LoopClock, System, turn
from bench.figure import Figure, at_least
from messages.base import Command
from store.client import Database, close, connect, prepare_actor_collection
from store.commit import MongoStorage
from store.embedded import PrivateMongod

ROUNDS = 5
GOALS = {64: 15, 512: 30}


class Taken(Struct, frozen=True):
    """How many were taken from one shelf."""

    units: int = 0


class Take(Command[int], frozen=True, tag=True):
    """Take one; the answer is durable before it is given."""

    to: ClassVar[str] = "shelf"


class Shelf(Actor[Take, Taken]):
    """One hot item."""

    def initial(self, key: str) -> Taken:  # noqa: ARG002 - every shelf begins alike
        """Begin with nothing taken."""
        return Taken()

    def receive(self, command: Take) -> int:  # noqa: ARG002 - it has one command
        """Take one more."""
        self.become(Taken(self.state.units + 1))
        return self.state.units


def run() -> list[Figure]:
    """Measure on a private mongod of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="souk-bench-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Figure]:
    clock = LoopClock()
    mongod = PrivateMongod(folder, clock)
    database = await connect(await mongod.start())
    await prepare_actor_collection(database, "shelves")
    storage = MongoStorage(database, clock=clock, owner="bench")
    kind = Kind(
        name="shelf", actor=Shelf, state=Taken, commands=Take, collection="shelves"
    )
    system = System([kind], storage, clock, refusals=(), random=Random(1))
    await system.start()
    figures = [await _askers(system, database, many) for many in GOALS]
    await system.stop()
    await storage.close()
    close(database)
    await mongod.stop()
    return figures


async def _askers(system: System, database: Database, many: int) -> Figure:
    await _gathered(system, many, each=20)
    ratios, rates = [], []
    for _ in range(ROUNDS):
        each = max(2, 1024 // many)
        single = await _one_by_one(system, many, each)
        native = await _native(database, many, each)
        gathered = await _gathered(system, many, each=max(20, 20_480 // many))
        ratios.append(gathered / single)
        rates.append((gathered, single, native))
    gathered, single, native = (median(each) for each in zip(*rates, strict=True))
    return at_least(
        f"{many} askers of one hot actor, over a write each",
        median(ratios),
        "x",
        goal=GOALS[many],
        beside=f"{gathered:,.0f}/s against {single:,.0f}/s; without an actor, "
        f"{many} find_one_and_update at once: {native:,.0f}/s",
    )


async def _one_by_one(system: System, many: int, each: int) -> float:
    """Return the same of the same actor where every message is a commit."""
    most, turn.MOST = turn.MOST, 1
    try:
        return await _gathered(system, many, each)
    finally:
        turn.MOST = most


async def _gathered(system: System, many: int, each: int) -> float:
    """Return the durable answers per second of `many` askers."""

    async def asker() -> None:
        for _ in range(each):
            await system.ask("lamp", Take())

    return await _per_second(many * each, [asker() for _ in range(many)])


async def _native(database: Database, many: int, each: int) -> float:
    """Return the answers per second of the database alone, a write for each.

    It gives what the actor gives: a durable change and the count that it made.
    """
    shelves = database["single"]

    async def asker() -> None:
        for _ in range(each):
            await shelves.find_one_and_update(
                {"_id": "lamp"},
                {"$inc": {"units": 1}},
                upsert=True,
                projection=["units"],
            )

    await asker()
    return await _per_second(many * each, [asker() for _ in range(many)])


async def _per_second(count: int, lanes: list[Coroutine[None, None, None]]) -> float:
    begun = time.perf_counter()
    await asyncio.gather(*lanes)
    return count / (time.perf_counter() - begun)
