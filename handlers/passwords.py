"""Passwords are hashed on a few threads beside the loop; floods are turned away."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import bcrypt

from messages.base import Busy

T = TypeVar("T")

# One hash at cost 12 takes a quarter of a second of one core: more threads than this
# would starve the loop, a longer queue would outlast the patience of its clients.
THREADS = 2
QUEUE = 32
RETRY_AFTER_S = 5.0


class Passwords:
    """Hashes and compares passwords; `cost` doubles the work with each step."""

    def __init__(self, cost: int = 12, *, queue: int = QUEUE) -> None:
        self._cost = cost
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="bcrypt")
        self._places = threading.BoundedSemaphore(THREADS + queue)
        # Well-formed, and no password's: comparing with it takes as long as any.
        self._nobodys = bcrypt.gensalt(cost) + b"." * 31

    async def hashed(self, password: str) -> str:
        """Return the hash to store. Raises Busy when too many wait already."""
        return await self._run(
            lambda: bcrypt.hashpw(
                password.encode(), bcrypt.gensalt(self._cost)
            ).decode()
        )

    async def matches(self, password: str, stored: str | None) -> bool:
        """Say whether `password` belongs to the hash `stored`.

        None stands for an account that does not exist and takes the same time. Raises
        Busy when too many wait already.
        """
        against = stored.encode() if stored else self._nobodys
        given = password.encode()
        # bcrypt refuses these, so no account has one; the time must not tell.
        fits = len(given) <= 72 and b"\0" not in given
        same = await self._run(lambda: bcrypt.checkpw(given if fits else b"-", against))
        return same and fits and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Say whether a hash took another work than one that is made now."""
        return not stored.startswith(f"$2b${self._cost:02}$")

    def close(self) -> None:
        """Let the threads go; whoever still waits is cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Busy("too many passwords to hash", retry_after_s=RETRY_AFTER_S)
        job = self._threads.submit(work)
        # The place is free when the thread is, even if the asker went away before.
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)
