"""The live actors of one kind: made at the first message, forgotten when idle."""

import heapq
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from actors.runtime import failing
from actors.runtime.cell import WORKING, Cell
from actors.runtime.kind import Kind
from actors.runtime.layout import Layout
from actors.runtime.metrics import KindMetrics

if TYPE_CHECKING:
    from actors.runtime.system import System

# A sweep looks at this many actors at least, so that a small node is swept at once
# and a large one in slices that nobody notices.
SLICE = 500


class Roster:
    """The cells of one kind by key, and what they share."""

    def __init__(self, system: "System", kind: Kind) -> None:
        self.system = system
        self.kind = kind
        self.name = kind.name
        self.durable = kind.durable
        self.layout = Layout(kind)
        self.metrics = KindMetrics()
        self.cells: dict[str, Cell] = {}
        # Keys of which a write may still be under way: claimed by raising the epoch.
        self.doubtful: set[str] = set()
        # Whose promises were all answered, and which; see `tidy.py`.
        self.kept: dict[Cell, Sequence[str]] = {}
        self.keeps = False
        # How often the reminder of a key failed in a row.
        self.strikes: dict[str, int] = {}
        self.monotonic = system.clock.monotonic
        self.errands = system.errands
        self.soon: Callable[[Cell], Any]
        """Lets a cell take its turn; known once the node has started."""
        self._walk: Iterator[Cell] = iter(())

    def cell(self, key: str) -> Cell:
        """Return the cell of `key`, made now if there is none."""
        cell = self.cells.get(key)
        if cell is None:
            # Room is made before it is there: nobody is idler than a newcomer.
            self._make_room()
            cell = self.cells[key] = Cell(self, key)
            cell.touched = self.monotonic()
            self.metrics.activations += 1
        return cell

    def _make_room(self) -> None:
        keep = self.kind.keep
        if keep and len(self.cells) >= keep:
            shed(self.cells.values(), len(self.cells) - keep + 1 + keep // 16)
        self.system.make_room()

    def work(
        self,
        cell: Cell,
        task: Coroutine[Any, Any, None],
        handler: Coroutine[Any, Any, Any] | None = None,
    ) -> None:
        """Let the turn of `cell` go on as a task, which may run a `handler`."""
        cell.status = WORKING
        self.errands.run(task, handler, partial(failing.broke, cell))

    def forget(self, cell: Cell) -> None:
        """Passivate an idle actor: nothing is written."""
        del self.cells[cell.key]
        cell.vacate()
        self.metrics.passivations += 1

    def abandon(self) -> None:
        """Lose all memory, as in a crash."""
        for cell in self.cells.values():
            cell.control = cell.inbox = None
            cell.drop_memory()
        self.cells.clear()

    def sweep(self, now: float) -> None:
        """Look at the next slice of actors and forget those that were idle too long."""
        before = now - self.kind.idle_s
        for _ in range(max(SLICE, len(self.cells) // 30)):
            cell = next(self._walk, None)
            if cell is None:
                self._walk = iter(list(self.cells.values()))
                return
            # It may have gone meanwhile, and another may have its key.
            is_here = self.cells.get(cell.key) is cell
            if is_here and cell.touched <= before and cell.is_idle():
                self.forget(cell)


def shed(cells: Iterable[Cell], count: int) -> int:
    """Forget up to `count` idle ones, the longest idle first; return how many."""
    idle = (cell for cell in cells if cell.is_idle())
    oldest = heapq.nsmallest(count, idle, key=lambda cell: cell.touched)
    for cell in oldest:
        cell.roster.forget(cell)
    return len(oldest)
