"""Time as the floors are given it; nobody below `server` reads a clock of its own."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Cancellable(Protocol):
    """What an armed timer can be asked."""

    def cancel(self) -> None:
        """Disarm; a second call and a call after firing do nothing."""
        ...


class Clock(Protocol):
    """The wall's time for people, a steady time for durations (seconds)."""

    def now(self) -> datetime:
        """Return the time of day, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Cancellable:
        """Call `callback` once, `delay_s` from now, unless cancelled."""
        ...

    async def sleep(self, delay_s: float) -> None:
        """Return `delay_s` later."""
        ...
