"""What one run may cost, and the clock that ends it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from messages.clock import Clock

CALLS = 8
WRITES = 3
RUN_S = 30.0


class OutOfTime(Exception):
    """The run took longer than it may."""


@contextmanager
def until(clock: Clock, deadline: float) -> Iterator[None]:
    """Interrupt what is awaited inside when `clock` passes `deadline` (monotonic).

    Raises OutOfTime then. Somebody else's cancellation goes through untouched.
    """
    task = asyncio.current_task()
    left = deadline - clock.monotonic()
    if left <= 0 or task is None:
        raise OutOfTime
    rung: list[bool] = []

    def ring() -> None:
        rung.append(True)
        task.cancel()

    timer = clock.call_later(left, ring)
    try:
        yield
    except asyncio.CancelledError:
        # uncancel() tells whether others want this task to end, too.
        if rung and task.uncancel() == 0:
            raise OutOfTime from None
        raise
    finally:
        timer.cancel()
