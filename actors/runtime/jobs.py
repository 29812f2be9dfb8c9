"""Long work of actors: aiojobs, begun after the commit and ended with their actor."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context
from typing import Any

import aiojobs
import structlog

from messages.base import Unavailable

_log = structlog.get_logger(__name__)

Work = Coroutine[Any, Any, None]


class Job:
    """One piece of long work; begins when the turn that started it is durable."""

    __slots__ = ("_ended", "_job", "_jobs", "_names", "_work", "done")

    def __init__(
        self,
        jobs: "Jobs",
        work: Work,
        ended: Callable[["Job"], None],
        names: Mapping[str, str],
    ) -> None:
        self._jobs = jobs
        self._names = names
        self._work = work
        self._ended = ended
        self._job: aiojobs.Job[None] | None = None
        self.done = False

    def begin(self) -> None:
        """Start the work, unless it was cancelled before."""
        if not self.done:
            self._job = self._jobs.spawn(self._run())

    def cancel(self) -> None:
        """End the work at its next await; a second call does nothing."""
        if self._job is None:
            self._work.close()
            self._finish()
        elif not self.done:
            self._jobs.close(self._job)

    async def close(self) -> None:
        """End the work and wait until it has ended."""
        self.cancel()
        if self._job is not None:
            await self._job.close()

    async def _run(self) -> None:
        structlog.contextvars.bind_contextvars(**self._names)
        try:
            await self._work
        except Unavailable as trouble:
            # Trouble outside, or the end of this node: no fault of the work's.
            _log.warning("job.cut_short", work=repr(self._work), why=str(trouble))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # What it awaited was cancelled, and it is not.
            _log.exception("job.failed", work=repr(self._work))
        except Exception:  # noqa: BLE001 - a job has nobody to raise to
            # The actor hears of it by what it did not hear; the log has the reason.
            _log.exception("job.failed", work=repr(self._work))
        finally:
            self._finish()

    def _finish(self) -> None:
        if not self.done:
            self.done = True
            self._ended(self)


class Jobs:
    """All jobs of one node."""

    def __init__(self, close_within_s: float) -> None:
        # The default limit of 100 would park the rest silently.
        self._scheduler = aiojobs.Scheduler(limit=None, close_timeout=close_within_s)
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._scheduler)

    def spawn(self, work: Work) -> aiojobs.Job[None]:
        """Start `work` now, in a context of its own."""
        spawning = self._scheduler.spawn(work)
        try:
            # Without a limit spawn never waits: its first step is its last.
            Context().run(spawning.send, None)
        except StopIteration as spawned:
            job: aiojobs.Job[None] = spawned.value
            return job
        raise RuntimeError("aiojobs waited although it has no limit")

    def close(self, job: aiojobs.Job[None]) -> None:
        """End `job` without waiting for it."""
        closing = asyncio.get_running_loop().create_task(job.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closed)

    def _closed(self, closing: asyncio.Task[None]) -> None:
        self._closing.discard(closing)
        if not closing.cancelled() and (error := closing.exception()) is not None:
            _log.error("job.would_not_end", exc_info=error)

    async def stop(self) -> None:
        """End all jobs; each is given the time of the constructor."""
        await self._scheduler.close()
        await asyncio.gather(*self._closing, return_exceptions=True)
