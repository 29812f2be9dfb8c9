"""Commits through `MongoStorage` beside the driver's single updates, in one run."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from actors.runtime import LoopClock
from bench.figure import Figure, at_least, at_most, ratio
from messages.clock import Clock
from store.client import Database, close, connect, prepare_actor_collection
from store.commit import MongoStorage
from store.embedded import PrivateMongod
from store.port import Write

ACTORS = 1_000
ROUNDS = 9
LONE_COMMITS = 300

_COLLECTION = "bench_commits"


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
    figures = [await gathered(database, clock), await lone(database, clock)]
    close(database)
    await mongod.stop()
    return figures


async def gathered(db: Database, clock: Clock) -> Figure:
    """1,000 actors commit at once, in turn with 1,000 single updates.

    Both ways write the same compare-and-set; both wait in the driver's one queue for
    its 32 connections.
    """
    bench = await _prepared(db, clock)
    together, single = [], []
    for rev in range(ROUNDS):
        together.append(await _timed(bench.storage.commit, bench.writes("g", rev)))
        single.append(await _timed(bench.update_one, bench.writes("s", rev)))
    await bench.close()
    rates = ACTORS / median(together), ACTORS / median(single)
    return at_least(
        f"{ACTORS:,} actors' writes gathered, over single ones",
        ratio(single, together),
        "x",
        goal=4,
        beside=f"{rates[0]:,.0f}/s against {rates[1]:,.0f} single writes/s",
    )


async def lone(db: Database, clock: Clock) -> Figure:
    """One actor commits, then one single update is made, and so on, one at a time."""
    bench = await _prepared(db, clock)
    commits, single = [], []
    for rev in range(LONE_COMMITS):
        commits.append(await _timed(bench.storage.commit, [bench.write("gl", rev)]))
        single.append(await _timed(bench.update_one, [bench.write("sl", rev)]))
    await bench.close()
    commit_ms, single_ms = median(commits) * 1e3, median(single) * 1e3
    return at_most(
        "p50 of a lone commit, over a single write's",
        commit_ms - single_ms,
        "ms",
        goal=1,
        beside=f"{commit_ms:.2f} ms against {single_ms:.2f} ms",
    )


class _Bench:
    def __init__(self, db: Database, clock: Clock) -> None:
        self.storage = MongoStorage(db, clock=clock, owner="bench")
        self._documents = db[_COLLECTION]

    def writes(self, name: str, rev: int) -> Sequence[Write]:
        return [self.write(f"{name}{number}", rev) for number in range(ACTORS)]

    def write(self, key: str, rev: int) -> Write:
        return Write(
            collection=_COLLECTION,
            key=key,
            rev=rev,
            epoch=0,
            writer=f"bench:{rev}",
            set_fields={"units": rev, "cents": 12_999, "note": "x" * 200},
        )

    async def update_one(self, write: Write) -> None:
        """What a repository would do for each write on its own."""
        fields = dict(write.set_fields) | {
            "rev": write.rev + 1,
            "writer": write.writer,
            "owner": "bench",
        }
        change: dict[str, Any] = {"$set": fields}
        if write.rev == 0:
            change["$currentDate"] = {"born": True}
        seen = {"_id": write.key, "rev": write.rev, "epoch": write.epoch}
        await self._documents.update_one(seen, change, upsert=True)

    async def close(self) -> None:
        await self.storage.close()
        await self._documents.drop()


async def _prepared(db: Database, clock: Clock) -> _Bench:
    await db[_COLLECTION].drop()
    await prepare_actor_collection(db, _COLLECTION)
    bench = _Bench(db, clock)
    # Connections, threads and caches are there before anything is timed.
    await _timed(bench.storage.commit, bench.writes("warm", 0))
    await _timed(bench.update_one, bench.writes("warm", 1))
    return bench


async def _timed(
    write: Callable[[Write], Awaitable[None]], writes: Sequence[Write]
) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(write(each) for each in writes))
    return time.perf_counter() - began
