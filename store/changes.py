"""News from the database: who follows a collection hears of every change to it.

One stream per collection. It is opened first, then the snapshot is read, then what
happened meanwhile is replayed by `rev`: nothing falls between. If history was lost,
the same again, and the differences are told as changes. Listeners may hear of one
thing twice; they drop by version what they know.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import aiojobs
import structlog
from pymongo.errors import OperationFailure, PyMongoError

from messages.clock import Clock
from store.change import Change, Seen, missed, seen, told
from store.client import Database
from store.stream import HistoryLost, Stream

__all__ = ["Change", "Changes"]

log = structlog.get_logger(__name__)

OnChange = Callable[[Change], None]
OnSnapshot = Callable[[Sequence[Mapping[str, Any]]], None]
OnLost = Callable[[], None]

# A database that comes back is heard again within 5 s, most of it the driver's wait.
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 1.0
# A server that refuses the token so often will not take it, whatever it calls that.
_REFUSALS = 3


class Changes:
    """The changes of a database; `owner` tells our own commits from others'."""

    def __init__(
        self, db: Database, *, owner: str, clock: Clock, random: Random
    ) -> None:
        self._db = db
        self._owner = owner
        self._clock = clock
        self._random = random
        self._watches: dict[str, Watch] = {}
        self._jobs: aiojobs.Scheduler | None = None

    def follow(
        self,
        collection: str,
        on_change: OnChange,
        on_snapshot: OnSnapshot | None = None,
        on_lost: OnLost | None = None,
    ) -> None:
        """Call `on_change` for each change from `start` on; to be called before it.

        `on_snapshot` gets all documents once, before the first change. A collection
        that nobody wants a snapshot of is never read: after lost history nothing is
        told of what was missed, but `on_lost` is called, once the stream is open
        again, for those who can find out by themselves.
        """
        watch = self._watches.get(collection)
        if watch is None:
            watch = Watch(self._db, collection, self._owner, self._pause)
            self._watches[collection] = watch
        watch.listeners.append(on_change)
        if on_snapshot is not None:
            watch.snapshot_listeners.append(on_snapshot)
        if on_lost is not None:
            watch.lost_listeners.append(on_lost)

    async def start(self) -> None:
        """Begin to watch; returns at once, and goes on until `close`."""
        self._jobs = aiojobs.Scheduler(limit=None)
        for watch in self._watches.values():
            await self._jobs.spawn(watch.run())

    async def ready(self) -> None:
        """Return when every stream is open and every snapshot was handed over."""
        for watch in self._watches.values():
            await watch.ready.wait()

    async def close(self) -> None:
        """Return when no listener will be called any more; twice does nothing."""
        for watch in self._watches.values():
            await watch.close()
        if self._jobs is not None:
            await self._jobs.close()

    async def _pause(self, failures: int) -> None:
        pause_s = min(_FIRST_PAUSE_S * 2**failures, _LONGEST_PAUSE_S)
        # Jitter: the nodes of a cluster should not come back all at once.
        await self._clock.sleep(pause_s * self._random.uniform(0.5, 1.0))


class Watch:
    """One collection being watched."""

    def __init__(
        self,
        db: Database,
        collection: str,
        owner: str,
        pause: Callable[[int], Any],
    ) -> None:
        self.listeners: list[OnChange] = []
        self.snapshot_listeners: list[OnSnapshot] = []
        self.lost_listeners: list[OnLost] = []
        self.ready = asyncio.Event()
        self.stream = Stream(db, collection)
        self._documents = db[collection]
        self._collection = collection
        self._owner = owner
        self._pause = pause
        self._seen: dict[str, Seen] = {}
        self._closing = False
        self._failures = 0

    async def run(self) -> None:
        """Watch until closed, whatever happens to the database."""
        while not self._closing:
            try:
                await self._watch()
            except HistoryLost as lost:
                self._begin_anew(lost)
            except PyMongoError as trouble:
                self._mind(trouble)
            finally:
                await self.stream.close()
            if not self._closing:
                await self._pause(self._failures)
                self._failures += 1

    async def close(self) -> None:
        """Ask `run` to end, and end its wait."""
        self._closing = True
        await self.stream.interrupt()

    def _begin_anew(self, why: Exception) -> None:
        if not self._closing:
            log.warning("changes.lost", collection=self._collection, why=str(why))
        self.stream.token = None

    def _mind(self, trouble: PyMongoError) -> None:
        if self._closing:
            return
        if not self._failures:
            log.warning("changes.cut", collection=self._collection, why=str(trouble))
        if isinstance(trouble, OperationFailure) and self._failures >= _REFUSALS:
            self._begin_anew(trouble)

    async def _watch(self) -> None:
        begins_anew = self.stream.token is None
        await self.stream.open()
        if begins_anew:
            await self._read_all()
            if self.ready.is_set():
                for listener in self.lost_listeners:
                    self._call(listener)
        self.ready.set()
        while not self._closing:
            for event in await self.stream.next():
                self._hear(event)
            self._failures = 0

    async def _read_all(self) -> None:
        if not self.snapshot_listeners:
            return
        documents = await self._documents.find().to_list(None)
        if not self.ready.is_set():
            for listener in self.snapshot_listeners:
                self._call(listener, documents)
            self._seen = {document["_id"]: seen(document) for document in documents}
            return
        self._tell_differences({document["_id"]: document for document in documents})

    def _tell_differences(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for key in self._seen.keys() - documents.keys():
            self._tell(missed(self._collection, key, None, known=True))
        for key, document in documents.items():
            before = self._seen.get(key)
            if before is None or before.print != seen(document).print:
                known = before is not None
                self._tell(missed(self._collection, key, document, known=known))

    def _hear(self, event: Mapping[str, Any]) -> None:
        change = told(event, self._collection, self._owner)
        if change is None:
            return
        known = self._seen.get(change.key)
        committed = change.rev is not None and not change.foreign
        if committed and known is not None and known.rev is not None:
            assert change.rev is not None
            if change.rev <= known.rev:
                return
        self._tell(change)

    def _tell(self, change: Change) -> None:
        self._remember(change)
        for listener in self.listeners:
            self._call(listener, change)

    def _remember(self, change: Change) -> None:
        if not self.snapshot_listeners:
            return
        if change.kind == "delete":
            self._seen.pop(change.key, None)
        elif change.kind == "update":
            known = self._seen.get(change.key)
            rev = change.rev if change.rev is not None or known is None else known.rev
            self._seen[change.key] = Seen(rev, None)
        else:
            self._seen[change.key] = seen(change.fields)

    def _call(self, listener: Callable[..., None], *news: Any) -> None:
        """Call one listener; what it raises is its own bug and stops nobody else."""
        try:
            listener(*news)
        except Exception:
            log.exception("changes.listener_failed", collection=self._collection)
