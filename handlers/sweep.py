"""The one timer that writes to all sockets whose peers lag."""

from typing import Protocol

from messages.clock import Cancellable, Clock

TICK_S = 0.05
LONGEST_TICK_S = 1.0
# Writes a second that one core should spend on sweeping and fan-out: 0.7 to 9 us each.
WRITES_PER_S = 40_000


def tick_after(writes: int) -> float:
    """Return how long to rest after so many writes: 50 ms, up to 1 s under load."""
    return min(LONGEST_TICK_S, max(TICK_S, writes / WRITES_PER_S))


class Laggard(Protocol):
    """What the sweep needs of an outbox."""

    lagging: bool

    def swept(self, now: float) -> int:
        """Write what the peer can take by now and return how many frames that were."""
        ...


class Sweep:
    """Sweeps whoever lags, every 50 ms while somebody does."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._lagging: dict[Laggard, None] = {}
        self._timer: Cancellable | None = None

    def __len__(self) -> int:
        """Return how many sockets lag."""
        return len(self._lagging)

    def watch(self, outbox: Laggard) -> None:
        """Sweep `outbox` until it lags no more."""
        self._lagging[outbox] = None
        if self._timer is None:
            self._timer = self.clock.call_later(TICK_S, self._tick)

    def stop(self) -> None:
        """Sweep no more."""
        self._lagging.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        now = self.clock.monotonic()
        writes = sum(outbox.swept(now) for outbox in self._lagging)
        self._lagging = {each: None for each in self._lagging if each.lagging}
        self._timer = (
            self.clock.call_later(tick_after(writes), self._tick)
            if self._lagging
            else None
        )
