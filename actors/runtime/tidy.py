"""What nobody waits for and is the same for many: committed for all of them at once.

That everything promised is kept, and that effects may be forgotten which nobody will
repeat. It takes no turn: those who rest, and have nothing else to write, travel
together. Everybody else writes it down in a turn of their own.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from actors.runtime import promises
from actors.runtime.cell import REST, WORKING, Cell
from actors.runtime.mail import Flush, Kept, Wake
from store.port import Away, StorageError

if TYPE_CHECKING:
    from actors.runtime.roster import Roster

# 500 documents take the server some 20 ms: more would make others wait for longer.
AT_ONCE = 500

_log = structlog.get_logger(__name__)


class _Chore(Struct, frozen=True):
    """What is taken out of many documents, and what an actor does about it."""

    fields: Sequence[str]
    landed: Callable[[Cell, str], None]
    """Knows that the writer of this name has done it."""
    away: Callable[[Cell], None]
    """Sees to it that it is done later."""


def keep(cell: Cell, steps: Sequence[str]) -> None:
    """Let `cell` write down that its promises `steps` were answered."""
    roster = cell.roster
    if not _keeps_all(cell, steps):
        note_kept(cell, steps)
        return
    roster.kept[cell] = steps
    if not roster.keeps:
        roster.keeps = True
        roster.errands.run(_keep(roster))


async def _keep(roster: "Roster") -> None:
    """Write down what is kept; what is answered meanwhile goes with the next."""
    while roster.kept:
        taken = dict(islice(roster.kept.items(), AT_ONCE))
        ready = []
        for cell, steps in taken.items():
            del roster.kept[cell]
            if _keeps_all(cell, steps):
                ready.append(cell)
            else:
                note_kept(cell, steps)
        await _do(_KEPT, roster, ready)
    roster.keeps = False


def _keeps_all(cell: Cell, steps: Sequence[str]) -> bool:
    stored = cell.stored
    return (
        _has_time(cell)
        and stored is not None
        and stored.promises is not None
        and stored.promises.keys() == {*steps}
        and stored.remind is None
    )


def note_kept(cell: Cell, steps: Iterable[str]) -> None:
    """Let `cell` write it down in a turn of its own."""
    system = cell.roster.system
    if not system.stopping:
        for step in steps:
            # It may have been forgotten meanwhile, and be another.
            system.cell(*cell.address).note(Kept(step))


def _all_kept(cell: Cell, writer: str) -> None:
    assert cell.stored is not None
    kept = cell.stored.promises or {}
    cell.stored.kept_all(writer)
    promises.forget_kept(cell, kept)


def _keep_later(cell: Cell) -> None:
    assert cell.stored is not None
    note_kept(cell, cell.stored.promises or ())


_KEPT = _Chore(("promises", "due"), _all_kept, _keep_later)


def forget(roster: "Roster", cells: Sequence[Cell]) -> None:
    """Let `cells` forget the effects that nobody will repeat any more."""
    ready = []
    for cell in cells:
        if _forgets_all(cell):
            ready.append(cell)
        else:
            cell.note(Flush())
    for at in range(0, len(ready), AT_ONCE):
        roster.errands.run(_forget(roster, ready[at : at + AT_ONCE]))


async def _forget(roster: "Roster", cells: Sequence[Cell]) -> None:
    # Whoever has got mail since is asked again twice a second.
    await _do(_FORGOTTEN, roster, [cell for cell in cells if _forgets_all(cell)])


def _forgets_all(cell: Cell) -> bool:
    stored = cell.stored
    if not _has_time(cell) or stored is None or stored.outcomes is None:
        return False
    ripe = stored.ripe(cell.roster.monotonic(), cell.roster.system.clock.now())
    return stored.outcomes.keys() == {*ripe}


def _all_forgotten(cell: Cell, writer: str) -> None:
    assert cell.stored is not None
    cell.stored.forgot_all(writer)


_FORGOTTEN = _Chore(("outcomes",), _all_forgotten, lambda _: None)


def _has_time(cell: Cell) -> bool:
    """Say whether `cell` rests, and its document is as this process wrote it."""
    stored = cell.stored
    return cell.status is REST and not (stored and (stored.whole or stored.broken))


async def _do(chore: _Chore, roster: "Roster", cells: Sequence[Cell]) -> None:
    """Do `chore` for `cells`, which rest, for each of them as if it took a turn."""
    if not cells:
        return
    system, writer = roster.system, roster.system.next_writer()
    last = {cell.key: cell.stored.writer for cell in cells if cell.stored is not None}
    started = roster.monotonic()
    for cell in cells:
        cell.status = WORKING
    try:
        await system.storage.commit_without(
            roster.kind.collection, chore.fields, last, writer
        )
    except Away:
        for cell in cells:
            chore.away(cell)
    except Exception as error:  # noqa: BLE001 - whatever broke, it may be written
        if not isinstance(error, StorageError):
            _log.error("commit.broke", kind=roster.name, exc_info=error)
        _doubt(cells)
    else:
        for cell in cells:
            chore.landed(cell, writer)
    roster.metrics.committed(roster.monotonic() - started)
    for cell in cells:
        cell.settle()


def _doubt(cells: Sequence[Cell]) -> None:
    """Let `cells` fence off the write and read what is true, before anything else."""
    for cell in cells:
        cell.roster.doubtful.add(cell.key)
        cell.drop_memory()
        cell.note(Wake())
