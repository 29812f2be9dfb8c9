"""How this node does: its actors, sockets and commits, and what the shop's books say.

Memory is looked at each time; the database every few seconds at most, however many
look, and while it is away the books of before are shown.
"""

from typing import Protocol

from actors.runtime import System
from commerce.stock import VARIANT_LOW
from handlers.admin_stock import below
from handlers.sockets import Sockets
from messages.clock import Clock
from messages.ops import Books, Crowd, Low, Vitals
from server.measures import Flushes
from store.catalogue import Catalogue
from store.job import JobRepository
from store.order import OrderRepository
from store.port import StorageError
from store.session import SessionRepository

BOOKS_EVERY_S = 5.0
SHOWN_LOW = 50
# Rates over a shorter time than this would only tremble.
RATE_OVER_S = 0.5
ERRORS = ("restarts", "dead_letters", "lost", "unknown", "away", "busy", "refused")


class Ledgers(Protocol):
    """Who counts what is in the database."""

    async def books(self) -> Books:
        """Return the counts of now. Raises StorageError."""
        ...


class Counts:
    """Fulfils `Ledgers` by asking the repositories."""

    def __init__(
        self,
        clock: Clock,
        jobs: JobRepository,
        orders: OrderRepository,
        sessions: SessionRepository,
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._orders = orders
        self._sessions = sessions

    async def books(self) -> Books:
        """Return the counts of now. Raises StorageError."""
        return Books(
            at=self._clock.now(),
            jobs=await self._jobs.all(),
            orders=await self._orders.count_by("status"),
            returns=await self._orders.count_by("returning"),
            waiting_chats=await self._sessions.count_waiting(),
        )


class NodeDoctor:
    """Fulfils `handlers.ops.Doctor`."""

    def __init__(
        self,
        system: System,
        flushes: Flushes,
        sockets: Sockets,
        catalogue: Catalogue,
        ledgers: Ledgers,
    ) -> None:
        self._system = system
        self._flushes = flushes
        self._sockets = sockets
        self._catalogue = catalogue
        self._ledgers = ledgers
        self._books: Books | None = None
        self._read_at = 0.0
        self._database = True
        self._rate = Rate()

    async def look(self) -> Vitals:
        """Return how this node does now."""
        await self._read_books()
        low = below(self._catalogue, VARIANT_LOW)
        self._rate.count(self._system.clock.monotonic(), *self._commits())
        return Vitals(
            actors=self._crowds(),
            sockets=len(self._sockets),
            commits_per_s=round(self._rate.per_s, 1),
            commit_batch=round(self._rate.batch, 1),
            errors=self._errors(),
            low_stock=[
                Low(sku=each.sku, product_id=each.product_id, available=each.free)
                for each in low[:SHOWN_LOW]
            ],
            low_stock_count=len(low),
            database=self._database,
            books=self._books,
        )

    async def _read_books(self) -> None:
        now = self._system.clock.monotonic()
        if self._books is not None and now - self._read_at < BOOKS_EVERY_S:
            return
        try:
            self._books = await self._ledgers.books()
            self._database, self._read_at = True, now
        except StorageError:
            self._database = False

    def _crowds(self) -> list[Crowd]:
        now = self._system.clock.monotonic()
        crowds = []
        for kind, roster in self._system.rosters.items():
            waiting = [each.info(now) for each in roster.cells.values() if each.inbox]
            crowds.append(
                Crowd(
                    kind=kind,
                    count=len(roster.cells),
                    mailbox=sum(each.mailbox for each in waiting),
                    oldest_s=max((each.oldest_s for each in waiting), default=0.0),
                )
            )
        return crowds

    def _commits(self) -> tuple[int, int]:
        """Return how many commits there were, in how many round trips."""
        lanes = [
            lane["items"]
            for name, lane in self._flushes.lanes.items()
            if name.startswith("commit ")
        ]
        return sum(each.sum for each in lanes), sum(each.count for each in lanes)

    def _errors(self) -> dict[str, int]:
        metrics = self._system.metrics
        kinds = metrics.kinds.values()
        found = {name: sum(getattr(each, name) for each in kinds) for name in ERRORS}
        return {**found, "asks_expired": metrics.asks_expired}


class Rate:
    """Commits in a second, and in a round trip, over the last while."""

    def __init__(self) -> None:
        self.per_s = 0.0
        self.batch = 0.0
        self._before: tuple[float, int, int] | None = None

    def count(self, now: float, commits: int, trips: int) -> None:
        """Know that there were so many in all by `now`."""
        if self._before is None:
            self._before = now, commits, trips
            return
        since, commits_then, trips_then = self._before
        if now - since < RATE_OVER_S:
            return
        made = commits - commits_then
        self.per_s = made / (now - since)
        self.batch = made / (trips - trips_then) if trips > trips_then else 0.0
        self._before = now, commits, trips
