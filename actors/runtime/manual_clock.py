"""A clock that stands still until a test turns it."""

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class ManualTimer:
    """One armed call; `at` is the clock's monotonic time."""

    def __init__(self, at: float, order: int, callback: Callable[[], None]) -> None:
        self.at = at
        self.order = order
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """Disarm; a second call does nothing."""
        self.cancelled = True

    def __lt__(self, other: "ManualTimer") -> bool:
        return (self.at, self.order) < (other.at, other.order)


class ManualClock:
    """Fulfils `messages.clock.Clock`; only `advance` moves it."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._passed = 0.0
        self._armed = 0
        self._timers: list[ManualTimer] = []

    def now(self) -> datetime:
        """Return the start plus what was advanced."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Return the seconds advanced so far."""
        return self._passed

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> ManualTimer:
        """Call `callback` once the clock has been turned `delay_s` further."""
        self._armed += 1
        timer = ManualTimer(self._passed + max(0.0, delay_s), self._armed, callback)
        heapq.heappush(self._timers, timer)
        return timer

    async def sleep(self, delay_s: float) -> None:
        """Return once the clock has been turned `delay_s` further."""
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(delay_s, lambda: _wake(awake))
        try:
            await awake
        finally:
            timer.cancel()

    def advance(self, seconds: float) -> None:
        """Turn the clock, firing in order what comes due on the way.

        Sleepers go on when the loop next runs; see `Harness.advance` for hours that
        must be lived through step by step.
        """
        end = self._passed + seconds
        while (timer := self.next_timer()) is not None and timer.at <= end:
            heapq.heappop(self._timers)
            self._passed = max(self._passed, timer.at)
            timer.callback()
        self._passed = end

    def set_back(self, seconds: float) -> None:
        """Let the time of day be earlier; durations go on as they are."""
        self._start -= timedelta(seconds=seconds)

    def next_timer(self) -> ManualTimer | None:
        """Return the armed timer that fires first, if any is armed."""
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0] if self._timers else None


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
