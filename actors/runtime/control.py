"""The control lane: the runtime's notes to itself, read before any mail."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from actors.runtime import failing, gate, hooks, letters, promises
from actors.runtime.activation import load, take
from actors.runtime.commit import same_document
from actors.runtime.draft import Decided, Draft
from actors.runtime.errors import Bug
from actors.runtime.mail import (
    Flush,
    Forget,
    Kept,
    Note,
    Refresh,
    Remind,
    Resend,
    Wake,
)
from actors.runtime.stored import Stored
from messages.base import Unavailable
from store.port import StorageError

if TYPE_CHECKING:
    from actors.runtime.cell import Cell

# Whoever is woken for another reason is woken again when it is time.
NEAR = timedelta(seconds=2)

_log = structlog.get_logger(__name__)


async def prepare(cell: "Cell") -> bool:
    """Load the actor if need be and read its notes; False: the turn is over."""
    is_fresh = cell.actor is None
    if is_fresh and not await load(cell):
        return False
    while cell.control is not None:
        note = cell.control.pop(0)
        cell.control = cell.control or None
        try:
            await _read(cell, note, is_fresh=is_fresh)
        except Exception as error:  # noqa: BLE001 - of the store, or of a hook
            if failing.is_outside(error):
                cell.control = [note, *(cell.control or ())]
                failing.postpone(cell, error)
            else:
                failing.crash(cell, None, error)
            return False
        if cell.actor is None:
            is_fresh = False
            if not await load(cell):
                return False
    return True


async def _read(cell: "Cell", note: Note, *, is_fresh: bool) -> None:
    stored = cell.stored
    if stored is None:
        return
    match note:
        case Kept(step):
            _keep(cell, stored, step)
        case Forget(effect):
            promises.forget(cell, effect)
        case Flush():
            hooks.batch_of(cell).touch = True
        case Resend(step):
            await _refresh(cell)
            promises.send(cell, step)
        case Wake():
            await _wake(cell)
        case Remind(mail):
            batch = hooks.batch_of(cell)
            batch.remind = cell.roster.system.clock.now()
            batch.add(Decided(mail))
        case Refresh() if is_fresh and not (stored.is_missing or _has_decided(cell)):
            # Nobody remembers what it was before the edit.
            await hooks.adopt(cell, cell.state)
        case Refresh():
            await _refresh(cell)


def _has_decided(cell: "Cell") -> bool:
    return cell.batch is not None and cell.batch.is_the_runtimes


def _keep(cell: "Cell", stored: Stored, step: str) -> None:
    if stored.promises and step in stored.promises:
        hooks.batch_of(cell).kept.append(step)


async def _refresh(cell: "Cell") -> None:
    """Read the document; what a hand wrote there is adopted."""
    if cell.batch is not None and (error := await gate.commit(cell)) is not None:
        # What the note asks for is still to be done.
        raise error
    roster, known, stored = cell.roster, cell.state, cell.stored
    assert stored is not None
    storage = roster.system.storage
    found = await storage.claim(roster.kind.collection, cell.key)
    is_same = same_document(cell, found)
    # A hand leaves the writer as it was, whichever process that was.
    ours = found.writer.startswith(f"{storage.owner}:")
    by_hand = ours or found.writer in {"", stored.writer}
    is_there = bool(found.rev or found.fields or found.tail)
    if not is_same and not (by_hand and is_there):
        # Another node committed, or a hand deleted: there is nothing to keep.
        cell.drop_memory()
        return
    state = roster.layout.state(found, cell.actor.initial(cell.key))
    take(cell, found, state)
    assert cell.stored is not None
    cell.state = known
    if is_same:
        cell.stored.state = known
    else:
        await hooks.adopt(cell, state)


async def _wake(cell: "Cell") -> None:
    """Call `woke` if the reminder is due; see after promises that nobody kept."""
    now: datetime = cell.roster.system.clock.now()
    remind = cell.stored.remind if cell.stored is not None else None
    if remind is not None and remind <= now:
        await _woke(cell)
    elif remind is not None and remind <= now + NEAR:
        cell.roster.system.wake_at(cell, remind)
    if cell.stored is not None:
        # A `due` that nothing stands behind any more is taken away, too.
        hooks.batch_of(cell).touch = True
        promises.send_all(cell)


async def _woke(cell: "Cell") -> None:
    over = Draft()
    over.remind = None
    system, strikes = cell.roster.system, cell.roster.strikes
    try:
        await hooks.call(cell, cell.actor.woke, draft=over)
    except system.refusals as refusal:
        strikes.pop(cell.key, None)
        _log.info("reminder.refused", actor=str(cell.address), error=str(refusal))
        _forget_reminder(cell)
    except StorageError:
        raise
    except Exception as error:
        # The reminder stays due: the next poll tries again.
        strikes[cell.key] = strikes.get(cell.key, 0) + 1
        if strikes[cell.key] >= letters.STRIKES:
            del strikes[cell.key]
            letters.bury(cell, None, error)
            if cell.actor is not None:
                _forget_reminder(cell)
        elif not isinstance(error, Unavailable | Bug):
            raise
    else:
        strikes.pop(cell.key, None)


def _forget_reminder(cell: "Cell") -> None:
    hooks.batch_of(cell).remind = None
