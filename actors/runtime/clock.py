"""The real clock: the machine's time and the running loop's timers."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from messages.clock import Cancellable


class LoopClock:
    """Fulfils `messages.clock.Clock`."""

    # Not loop.time(): uvloop keeps that to the millisecond and once per iteration.
    monotonic = staticmethod(time.monotonic)

    def now(self) -> datetime:
        """Return the time of day, aware, UTC."""
        return datetime.now(UTC)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Cancellable:
        """Call `callback` once, `delay_s` from now, on the running loop."""
        return asyncio.get_running_loop().call_later(delay_s, callback)

    async def sleep(self, delay_s: float) -> None:
        """Return `delay_s` later."""
        await asyncio.sleep(delay_s)
