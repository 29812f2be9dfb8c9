"""The tasks of a node, and how to wait until it rests."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

import structlog

_log = structlog.get_logger(__name__)

Work = Coroutine[Any, Any, None]
Broke = Callable[[BaseException], None]


class Errands:
    """Runs what must wait, each in a fresh context; ends it all at once."""

    def __init__(self) -> None:
        self.awaited: list[asyncio.Future[None]] = []
        """Those who wait for something to come to rest."""
        # In the order in which they began: a simulated crash is the same each time.
        self._tasks: dict[asyncio.Task[None], Broke | None] = {}
        self._is_over = False

    def __len__(self) -> int:
        return len(self._tasks)

    def run(
        self,
        work: Work,
        handler: Coroutine[Any, Any, Any] | None = None,
        broke: Broke | None = None,
    ) -> None:
        """Run `work`, which may run a `handler`, as a task; `broke` hears if it fails.

        That it was cancelled is a failure, too, where nobody here has cancelled it.
        """
        if self._is_over:
            _close(work, handler)
            return
        loop = asyncio.get_running_loop()
        task = loop.create_task(work, context=Context())
        self._tasks[task] = broke
        task.add_done_callback(self._ended)
        if handler is not None:
            # A task that is cancelled before its first step would leave it unawaited.
            task.add_done_callback(lambda _task: handler.close())

    def _ended(self, task: asyncio.Task[None]) -> None:
        broke = self._tasks.pop(task, None)
        error: BaseException | None = None
        if not task.cancelled():
            error = task.exception()
        elif not self._is_over:
            error = asyncio.CancelledError("by nobody here")
        if error is not None:
            _log.critical("runtime.broke", exc_info=error)
            if broke is not None:
                broke(error)
        self.rested()

    def rested(self) -> None:
        """Tell those who wait that something came to rest."""
        awaited, self.awaited = self.awaited, []
        for each in awaited:
            if not each.done():
                each.set_result(None)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when `is_so`, which can only begin when something comes to rest."""
        while not is_so():
            rested = asyncio.get_running_loop().create_future()
            self.awaited.append(rested)
            await rested

    def cancel(self) -> None:
        """Let no task go on, and none begin."""
        self._is_over = True
        for task in self._tasks:
            task.cancel()

    async def join(self) -> None:
        """Return when all tasks have ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _close(*works: Coroutine[Any, Any, Any] | None) -> None:
    for work in works:
        if work is not None:
            work.close()
