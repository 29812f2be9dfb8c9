"""News from the database: who follows a collection hears of every change to it.

One stream for all collections: each would cost the server as much, and wake for every
write to any of them. It is opened first, then the snapshots are read, then what
happened meanwhile is replayed by `rev`: nothing falls between. If history was lost,
the same again, and the differences are told as changes. Listeners may hear of one
thing twice; they drop by version what they know.
"""

import asyncio
from random import Random

import aiojobs
import structlog
from bson.errors import BSONError
from pymongo.errors import ConnectionFailure, PyMongoError

from messages.clock import Clock
from store.change import Change
from store.client import Database
from store.stream import Event, HistoryLost, Stream, ended
from store.watch import OnChange, OnLost, OnSnapshot, Watch

__all__ = ["Change", "Changes"]

log = structlog.get_logger(__name__)

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
        self.stream = Stream(db, owner)
        self._db = db
        self._owner = owner
        self._clock = clock
        self._random = random
        self._watches: dict[str, Watch] = {}
        self._jobs: aiojobs.Scheduler | None = None
        self._ready = asyncio.Event()
        self._closing = False
        self._failures = 0
        # Whether what was told lacks something: then all is read, not resumed.
        self._behind = True

    def follow(
        self,
        collection: str,
        on_change: OnChange,
        on_snapshot: OnSnapshot | None = None,
        on_lost: OnLost | None = None,
        *,
        echoes: bool = True,
    ) -> None:
        """Call `on_change` for each change from `start` on; to be called before it.

        `on_snapshot` gets all documents once, before the first change. A collection
        that nobody wants a snapshot of is never read: after lost history nothing is
        told of what was missed, but `on_lost` is called, once the stream is open
        again, for those who can find out by themselves. Where nobody wants `echoes`
        our own commits need not be told.
        """
        watch = self._watches.get(collection)
        if watch is None:
            watch = self._watches[collection] = Watch(self._db, collection, self._owner)
        watch.wants_echoes |= echoes
        watch.listeners.append(on_change)
        if on_snapshot is not None:
            watch.snapshot_listeners.append(on_snapshot)
        if on_lost is not None:
            watch.lost_listeners.append(on_lost)

    async def start(self) -> None:
        """Begin to watch; returns at once, and goes on until `close`."""
        self.stream.collections = {
            name: watch.wants_echoes for name, watch in self._watches.items()
        }
        self._jobs = aiojobs.Scheduler(limit=None)
        await self._jobs.spawn(self._run())

    async def ready(self) -> None:
        """Return when the stream is open and every snapshot was handed over."""
        await self._ready.wait()

    async def close(self) -> None:
        """Return when no listener will be called any more; twice does nothing."""
        self._closing = True
        await self.stream.interrupt()
        if self._jobs is not None:
            await self._jobs.close()

    async def _run(self) -> None:
        """Watch until closed, whatever happens to the database."""
        while not self._closing:
            try:
                await self._watch()
            except HistoryLost as lost:
                self._begin_anew(lost)
            except (PyMongoError, BSONError) as trouble:
                self._mind(trouble)
            finally:
                await self.stream.close()
            if not self._closing:
                await self._pause()
                self._failures += 1

    async def _watch(self) -> None:
        if self._behind:
            self.stream.token = None
        await self.stream.open()
        if self._behind:
            for watch in self._watches.values():
                await watch.read()
        self._behind = False
        self._ready.set()
        while not self._closing:
            events = await self.stream.next()
            # The stream stands after them already: it would not tell them again.
            self._behind = True
            for event in events:
                await self._hear(event)
            self._behind = False
            self._failures = 0

    async def _hear(self, event: Event) -> None:
        for name in ended(event):
            if (gone := self._watches.get(name)) is not None:
                log.warning("changes.lost", collection=name, why="dropped or renamed")
                await gone.begin_anew()
        # What was renamed to one of ours has a name that nobody follows.
        if (watch := self._watches.get(event["ns"]["coll"])) is not None:
            watch.hear(event)

    def _begin_anew(self, why: Exception) -> None:
        if not self._closing:
            log.warning("changes.lost", why=str(why))
        self._behind = True

    def _mind(self, trouble: Exception) -> None:
        if self._closing:
            return
        if not self._failures:
            log.warning("changes.cut", why=str(trouble))
        if not isinstance(trouble, ConnectionFailure) and self._failures >= _REFUSALS:
            self._begin_anew(trouble)

    async def _pause(self) -> None:
        pause_s = min(_FIRST_PAUSE_S * 2**self._failures, _LONGEST_PAUSE_S)
        # Jitter: the nodes of a cluster should not come back all at once.
        await self._clock.sleep(pause_s * self._random.uniform(0.5, 1.0))
