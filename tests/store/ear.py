"""Somebody who follows a collection, and can wait for the next news of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from actors.runtime.clock import LoopClock
from store.change import Change
from store.changes import Changes
from store.client import Database
from tests.store.shelf import THINGS


class Ear:
    """Hears the changes of one collection, and lets a test wait for the next."""

    def __init__(self) -> None:
        self.snapshots: list[Sequence[Mapping[str, Any]]] = []
        self._heard: asyncio.Queue[Change] = asyncio.Queue()

    def on_change(self, change: Change) -> None:
        self._heard.put_nowait(change)

    def on_snapshot(self, documents: Sequence[Mapping[str, Any]]) -> None:
        self.snapshots.append(documents)

    async def next(self) -> Change:
        async with asyncio.timeout(20):
            return await self._heard.get()


def changes_of(db: Database) -> Changes:
    return Changes(db, owner="a", clock=LoopClock(), random=Random(1))


@asynccontextmanager
async def listening(db: Database) -> AsyncIterator[tuple[Ear, Changes]]:
    ear, changes = Ear(), changes_of(db)
    changes.follow(THINGS, ear.on_change, ear.on_snapshot)
    await changes.start()
    async with asyncio.timeout(20):
        await changes.ready()
    try:
        yield ear, changes
    finally:
        await changes.close()
