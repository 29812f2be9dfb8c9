"""A store in memory that behaves like the real one and fails on demand.

It passes the conformance suite of `store.port.Storage`. Several owners may share one
`Disk`: that is how tests play two nodes, or a crash and the start after it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import Any

from actors.runtime.memory_document import (
    LONG_AGO,
    applied,
    changed,
    copied,
    found,
    lookup,
    stored,
    without,
)
from store.port import Away, DeadLetter, Found, Lost, OutcomeUnknown, Write

Document = dict[str, Any]


class Disk:
    """What survives a crash: the documents by collection and key."""

    def __init__(self) -> None:
        self.collections: dict[str, dict[str, Document]] = {}
        self.letters: dict[str, DeadLetter] = {}
        self.commits: list[Write] = []

    def of(self, collection: str) -> dict[str, Document]:
        """Return the documents of `collection` by key."""
        return self.collections.setdefault(collection, {})


class Fault(Enum):
    """What may go wrong with one commit."""

    AWAY = auto()
    """Refused before anything was sent."""
    REQUEST_LOST = auto()
    """Sent, never arrived; the sender cannot know."""
    ANSWER_LOST = auto()
    """Done, but the answer never came."""
    LATE = auto()
    """Given up by the sender, and tried by the store some time afterwards."""
    TWICE = auto()
    """Done, then repeated by the network, which reports the second, losing try."""


class MemoryStorage:
    """Fulfils `store.port.Storage`; `owner` is who claims."""

    def __init__(self, owner: str = "memory", disk: Disk | None = None) -> None:
        self.owner = owner
        self.disk = disk or Disk()
        self.fault: Callable[[Write], Fault | None] = lambda _write: None
        self.away: Callable[[], bool] = lambda: False
        self.delay: Callable[[], float] = lambda: 0.0
        self._failures: list[BaseException] = []
        self._open = asyncio.Event()
        self._open.set()
        self._waiting = asyncio.Event()
        self._under_way: set[tuple[str, str]] = set()

    @property
    def documents(self) -> dict[str, dict[str, Document]]:
        """The documents by collection and key, as they are stored."""
        return self.disk.collections

    @property
    def letters(self) -> Sequence[DeadLetter]:
        """The dead letters buried so far."""
        return tuple(self.disk.letters.values())

    def beside(self, owner: str) -> "MemoryStorage":
        """Return another owner's view of the same disk."""
        return MemoryStorage(owner, self.disk)

    # What a test may do to it

    def fail_next(self, error: BaseException, times: int = 1) -> None:
        """Let the next commit (claim, reclaim or read, if Away) raise `error`."""
        self._failures.extend([error] * times)

    def hold(self) -> None:
        """Let no call finish until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Let calls finish again."""
        self._open.set()

    async def held(self) -> None:
        """Return when a call waits for `release`."""
        await self._waiting.wait()

    def edit(self, collection: str, key: str, fields: Mapping[str, Any]) -> None:
        """Write dotted `fields` by hand, as an operator does: no rev, no writer."""
        document = self.disk.of(collection).setdefault(
            key, {"_id": key, "born": LONG_AGO}
        )
        for path, value in fields.items():
            applied(document, path, stored(value))

    def delete(self, collection: str, key: str) -> None:
        """Delete the document by hand."""
        self.disk.of(collection).pop(key, None)

    # store.port.Storage

    async def claim(self, collection: str, key: str) -> Found:
        """Own the document unless owned, and return it; see `Storage`."""
        await self._travel()
        document = self.disk.of(collection).get(key)
        if document is None:
            return Found(key=key)
        if document.get("owner") != self.owner:
            document["epoch"] = document.get("epoch", 0) + 1
            document.setdefault("rev", 0)
            document["owner"] = self.owner
        return found(document)

    async def reclaim(self, collection: str, key: str) -> Found:
        """Raise the epoch whoever owns it, and return it; see `Storage`."""
        await self._travel()
        document = self.disk.of(collection).setdefault(
            key, {"_id": key, "rev": 0, "epoch": 0, "born": LONG_AGO}
        )
        document.setdefault("writer", f"{self.owner}:reclaimed")
        document["epoch"] = document.get("epoch", 0) + 1
        document.setdefault("rev", 0)
        document["owner"] = self.owner
        return found(document)

    async def commit(self, write: Write) -> None:
        """Compare and set; see `Storage`."""
        place = (write.collection, write.key)
        assert place not in self._under_way, f"two writes of {place} under way"
        self._under_way.add(place)
        try:
            await self._commit(partial(self._land, write), self.fault(write))
        finally:
            self._under_way.discard(place)

    async def commit_without(
        self,
        collection: str,
        fields: Sequence[str],
        last: Mapping[str, str],
        writer: str,
    ) -> None:
        """Commit to all keys of `last` at once that `fields` go; see `Storage`."""
        places = {(collection, key) for key in last}
        assert not places & self._under_way, f"two writes under way of {places}"
        self._under_way |= places
        first = without(collection, fields, {"_id": next(iter(last))}, writer)
        land = partial(self._land_without, collection, fields, last, writer)
        try:
            await self._commit(land, self.fault(first))
        finally:
            self._under_way -= places

    async def seal(
        self, collection: str, key: str, first: int, entries: Sequence[Any]
    ) -> None:
        """Save a chunk of the log; see `Storage`."""
        await self._travel()
        chunk = f"{key}/{first}"
        self.disk.of(f"{collection}_log")[chunk] = {
            "_id": chunk,
            "entries": stored(entries),
        }

    async def log(
        self, collection: str, key: str, first: int, last: int
    ) -> Sequence[Any]:
        """Return entries of the log, sealed or not; see `Storage`."""
        await self._travel()
        document = self.disk.of(collection).get(key, {})
        sealed = document.get("sealed_to", 0)
        numbered = dict(enumerate(document.get("tail", ()), sealed))
        for chunk, content in self.disk.of(f"{collection}_log").items():
            owner, _, start = chunk.rpartition("/")
            if owner == key:
                entries = enumerate(content["entries"], int(start))
                numbered |= {at: entry for at, entry in entries if at < sealed}
        return [copied(numbered[at]) for at in sorted(numbered) if first <= at <= last]

    async def due(self, collection: str, before: datetime, limit: int) -> Sequence[str]:
        """Return the keys that are due, the oldest first; see `Storage`."""
        # The poll is nobody's next call: it leaves `fail_next` alone.
        await self._wait()
        if self.away():
            raise Away("the store is away")
        waiting = [
            (document["due"], key)
            for key, document in self.disk.of(collection).items()
            if document.get("due") is not None and document["due"] <= before
        ]
        return [key for _due, key in sorted(waiting)[:limit]]

    async def bury(self, letter: DeadLetter) -> None:
        """Keep a dead letter; see `Storage`."""
        await self._travel()
        self.disk.letters[letter.id] = letter

    async def _travel(self) -> None:
        await self._wait()
        if self.away() or (self._failures and isinstance(self._failures[0], Away)):
            raise self._failures.pop(0) if self._failures else Away("the store is away")

    async def _wait(self) -> None:
        delay_s = self.delay()
        # Even a fast store answers in a later step of the loop, never in this one.
        await asyncio.sleep(delay_s)
        if not self._open.is_set():
            self._waiting.set()
            await self._open.wait()
            self._waiting.clear()

    async def _commit(self, land: Callable[[], None], fault: Fault | None) -> None:
        await self._wait()
        if self._failures:
            raise self._failures.pop(0)
        match fault:
            case Fault.AWAY:
                raise Away("the store is away")
            case Fault.REQUEST_LOST:
                raise OutcomeUnknown("no answer")
            case Fault.LATE:
                loop = asyncio.get_running_loop()
                loop.call_later(self.delay() * 3, _land_late, land)
                raise OutcomeUnknown("no answer")
            case _:
                land()
        if fault is Fault.ANSWER_LOST:
            raise OutcomeUnknown("no answer")
        if fault is Fault.TWICE:
            raise Lost("repeated by the network")
        # The way back takes a step too: others may act before the sender learns.
        await asyncio.sleep(0)

    def _land_without(
        self,
        collection: str,
        fields: Sequence[str],
        last: Mapping[str, str],
        writer: str,
    ) -> None:
        documents = self.disk.of(collection)
        as_known = [
            document
            for key, known in last.items()
            if (document := documents.get(key)) is not None
            and (document.get("writer"), document.get("owner")) == (known, self.owner)
        ]
        for document in as_known:
            self._land(without(collection, fields, document, writer))
        if len(as_known) < len(last):
            raise Lost(f"{collection}: {len(as_known)} of {len(last)} were as known")

    def _land(self, write: Write) -> None:
        documents = self.disk.of(write.collection)
        document = documents.get(write.key)
        if document is None:
            if write.rev:
                raise Lost(f"{write.key} was deleted")
            document = {"_id": write.key, "rev": 0, "epoch": write.epoch}
        elif not self._matches(document, write):
            raise Lost(f"{write.key} is no longer as it was at rev {write.rev}")
        documents[write.key] = changed(document, write, self.owner)
        self.disk.commits.append(write)

    @staticmethod
    def _matches(document: Document, write: Write) -> bool:
        return (
            document.get("rev") == write.rev
            and document.get("epoch") == write.epoch
            and all(
                lookup(document, path) == stored(value)
                for path, value in write.guards.items()
            )
        )


def _land_late(land: Callable[[], None]) -> None:
    with suppress(Lost):
        land()
