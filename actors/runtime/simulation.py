"""A world in which a seed decides what happens first, so that any failure replays.

Time is virtual: it jumps to the next timer when nothing is ready. Each step costs a
little of it, drawn by the seed (with free steps nothing ever races), and what is ready
is run in an order drawn by the seed.
"""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from contextvars import Context
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

LONGEST_STEP_S = 0.0005


class SimulatedLoop(asyncio.AbstractEventLoop):
    """An event loop without sockets or a real clock; made for one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a seed is the point of it
        self.steps = 0
        self._time = 0.0
        self._order = 0
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._closed = False
        self.broken: list[dict[str, Any]] = []

    # The world

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Return what `main` returns. RuntimeError: nothing will ever happen again."""
        asyncio._set_running_loop(self)  # noqa: SLF001 - meant for loops
        try:
            task = self.create_task(main)
            while not task.done():
                self._step()
            return task.result()
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001 - meant for loops

    def leap(self, seconds: float) -> None:
        """Let so much time pass at once; what came due meanwhile comes late."""
        self._time += seconds

    def _step(self) -> None:
        self.steps += 1
        self._time += self.random.random() * LONGEST_STEP_S
        self._move_due()
        if not self._ready:
            if not self._timers:
                raise RuntimeError("nothing will ever happen again")
            self._time = max(self._time, self._timers[0][0])
            self._move_due()
        at = self.random.randrange(len(self._ready))
        handle = self._ready.pop(at)
        if not handle.cancelled():
            handle._run()  # noqa: SLF001 - meant for loops

    def _move_due(self) -> None:
        while self._timers and self._timers[0][0] <= self._time:
            self._ready.append(heapq.heappop(self._timers)[2])

    # asyncio.AbstractEventLoop, as far as tasks and futures need it

    def time(self) -> float:
        """Return the virtual seconds since the beginning."""
        return self._time

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run `callback` in one of the next steps."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., Any],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run `callback` after `delay` virtual seconds."""
        return self.call_at(self._time + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., Any],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run `callback` when the virtual time is `when`."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._order += 1
        heapq.heappush(self._timers, (when, self._order, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self,
        coro: Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        """Return a task of this loop that runs `coro`."""
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Remember what nobody caught."""
        self.broken.append(context)

    def get_debug(self) -> bool:
        """Return False: what is slow here is no matter."""
        return False

    def is_running(self) -> bool:
        """Return whether it runs now."""
        return asyncio._get_running_loop() is self  # noqa: SLF001 - meant for loops

    def is_closed(self) -> bool:
        """Return False: there is nothing to close."""
        return self._closed

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Do nothing: a cancelled timer is skipped when its time comes."""


class VirtualClock:
    """Fulfils `messages.clock.Clock` by the virtual time of the running loop."""

    START = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the virtual time of day."""
        return self.START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the virtual seconds since the beginning."""
        return asyncio.get_running_loop().time()

    def call_later(
        self, delay_s: float, callback: Callable[[], None]
    ) -> asyncio.TimerHandle:
        """Call `callback` after `delay_s` virtual seconds."""
        return asyncio.get_running_loop().call_later(delay_s, callback)

    async def sleep(self, delay_s: float) -> None:
        """Return `delay_s` virtual seconds later."""
        await asyncio.sleep(delay_s)


def simulate(seed: int, main: Callable[[SimulatedLoop], Coroutine[Any, Any, T]]) -> T:
    """Return what `main` returns in the world of `seed`; the same each time."""
    # What it does not define, such as sockets, raises NotImplementedError.
    loop = SimulatedLoop(seed)  # type: ignore[abstract]
    return loop.run(main(loop))
