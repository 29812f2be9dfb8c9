"""One collection of actors, however stored, and a hand that reaches into it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from actors.runtime.clock import LoopClock
from actors.runtime.testing import MemoryStorage
from store.client import Database
from store.commit import MongoStorage
from store.port import Found, Storage, Write

THINGS = "things"
NOON = datetime(2026, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)


class Shelf(Protocol):
    """What the conformance suite needs of a store besides its port."""

    storage: Storage

    def beside(self, owner: str) -> Storage:
        """Another process on the same database."""
        ...

    async def edit(self, key: str, fields: Mapping[str, Any]) -> None: ...

    async def delete(self, key: str) -> None: ...

    async def document(self, key: str) -> Mapping[str, Any] | None: ...


class MongoShelf:
    def __init__(self, db: Database) -> None:
        self.storage: Storage = MongoStorage(db, clock=LoopClock(), owner="a")
        self._db = db

    def beside(self, owner: str) -> Storage:
        return MongoStorage(self._db, clock=LoopClock(), owner=owner)

    async def edit(self, key: str, fields: Mapping[str, Any]) -> None:
        by_hand = {"$set": dict(fields), "$currentDate": {"born": True}}
        await self._db[THINGS].update_one({"_id": key}, by_hand, upsert=True)

    async def delete(self, key: str) -> None:
        await self._db[THINGS].delete_one({"_id": key})

    async def document(self, key: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = await self._db[THINGS].find_one({"_id": key})
        return found


class MemoryShelf:
    def __init__(self) -> None:
        self._memory = MemoryStorage("a")
        self.storage: Storage = self._memory

    def beside(self, owner: str) -> Storage:
        return self._memory.beside(owner)

    async def edit(self, key: str, fields: Mapping[str, Any]) -> None:
        self._memory.edit(THINGS, key, fields)

    async def delete(self, key: str) -> None:
        self._memory.delete(THINGS, key)

    async def document(self, key: str) -> Mapping[str, Any] | None:
        return self._memory.documents.get(THINGS, {}).get(key)


def write_to(found: Found, **changes: Any) -> Write:
    """The next commit of who read `found`."""
    defaults = {"writer": f"a:{found.rev + 1}", "set_fields": {"title": "lamp"}}
    return Write(
        collection=THINGS,
        key=found.key,
        rev=found.rev,
        epoch=found.epoch,
        **(defaults | changes),
    )


async def stored(storage: Storage, key: str, **changes: Any) -> Found:
    """Commit `changes` as the first ones to `key` and return what is stored."""
    await storage.commit(write_to(await storage.claim(THINGS, key), **changes))
    return await storage.claim(THINGS, key)


async def a_turn_of_the_loop() -> None:
    """Return when every task that was ready has made its next step."""
    loop = asyncio.get_running_loop()
    turned = loop.create_future()
    loop.call_soon(turned.set_result, None)
    await turned
