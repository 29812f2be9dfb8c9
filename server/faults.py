"""A server, or its database, that dies when one wants, or lives at another time.

`[faults] stop_at` names a journal commit of an order: "after paying 8" ends the process
as kill -9 does, once the eighth commit in which an order comes to the phase `paying`
stands; "after paying 8 mongod" ends the database's process there; for
`bench/faults.py`. `[faults] now` names the time at which it starts, for
`bench/agent_eval.py`. Production does none of it.
"""

import os
import signal
from datetime import datetime, timedelta

from actors.runtime.clock import LoopClock
from messages.clock import Clock
from server.config import Config
from store.client import process_id
from store.commit import MongoStorage
from store.port import Write

ORDERS = "orders"


class Shifted(LoopClock):
    """The real clock, set to another time of day; it goes on from there."""

    def __init__(self, now: datetime) -> None:
        self._ahead: timedelta = now - super().now()

    def now(self) -> datetime:
        """Return the time that this server lives at."""
        return super().now() + self._ahead


def clock(config: Config) -> Clock:
    """Return the clock that the server lives by: the real one, or a shifted one."""
    now = config.faults.now
    return Shifted(now) if now and not config.production else LoopClock()


def real(clock: Clock) -> Clock:
    """Return the clock that tokens live by: the library that reads them knows no other.

    That of a test stays.
    """
    return LoopClock() if isinstance(clock, Shifted) else clock


class Mortal(MongoStorage):
    """The storage of a server that ends, or is left alone, at one of its commits."""

    when = ""
    phase = ""
    left = 0
    who = ""

    def dies(self, stop_at: str) -> None:
        """Let somebody end at `stop_at`, as the configuration names it."""
        self.when, self.phase, number, *who = stop_at.split()
        self.left = int(number)
        self.who = "".join(who)

    async def commit(self, write: Write) -> None:
        """Commit as always, but for what dies at this one."""
        is_last = self._is_last(write)
        if is_last and self.when == "before":
            await self._kill()
        await super().commit(write)
        if is_last and self.when == "after":
            await self._kill()

    async def _kill(self) -> None:
        pid = os.getpid()
        if self.who:
            # It must be on this machine, as the one that the server starts is.
            pid = await process_id(self._db)
        os.kill(pid, signal.SIGKILL)

    def _is_last(self, write: Write) -> bool:
        if write.collection != ORDERS or write.set_fields.get("phase") != self.phase:
            return False
        self.left -= 1
        return not self.left
