"""Volatile timers: mail to oneself, later, if still alive."""

from collections.abc import Callable

from actors.runtime.cell import Cell
from messages.clock import Cancellable


class Timer:
    """One timer of one activation, which is not idle while it runs."""

    __slots__ = ("_armed", "_cell", "_fired")

    def __init__(self, cell: Cell, delay_s: float, fired: Callable[[], None]) -> None:
        self._cell = cell
        self._fired = fired
        cell.enter(self)
        clock = cell.roster.system.clock
        self._armed: Cancellable | None = clock.call_later(delay_s, self._fire)

    def cancel(self) -> None:
        """Disarm; a second call and a call after firing do nothing."""
        if self._armed is not None:
            self._armed.cancel()
            self._armed = None
            self._cell.leave(self)

    def _fire(self) -> None:
        self._armed = None
        self._cell.leave(self)
        self._fired()
