"""The output gate: nobody outside sees what is not durable.

One commit holds all that a turn decided. Only when it stands do answers, events, tells,
promises and jobs go out, in order. When it fails nothing of it was seen, so its
messages may run again on what is true now.
"""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import structlog

from actors.runtime import failing, promises, tidy
from actors.runtime.commit import Draught, drawn, same_document
from actors.runtime.draft import Batch
from actors.runtime.failing import Again
from actors.runtime.mail import Mail, Refresh
from actors.runtime.stored import Stored
from messages.base import Expired, Unavailable
from store.port import Away, Found, Lost, StorageError, Unwritable

if TYPE_CHECKING:
    from actors.runtime.cell import Cell

_log = structlog.get_logger(__name__)


def is_needed(cell: "Cell", batch: Batch) -> bool:
    """Say whether `batch` changes anything that is stored."""
    if not cell.roster.durable:
        return bool(batch.outcomes)
    assert cell.stored is not None
    return batch.writes or cell.state is not cell.stored.state


async def commit(cell: "Cell") -> Exception | None:
    """Commit the batch of `cell` and let it out; return why it does not stand.

    Then its messages have been answered or will run again.
    """
    batch = cell.batch
    assert batch is not None
    if not cell.roster.durable:
        _remember_outcomes(cell, batch)
        release(cell, batch)
        return None
    try:
        draught = drawn(cell, batch)
    except Exception as error:  # noqa: BLE001 - a state that cannot be written is a bug
        return _unwritable(cell, error)
    if draught is None:
        release(cell, batch)
        return None
    failure = await _save(cell, draught)
    match failure:
        case None:
            _landed(cell, draught)
        case Lost():
            failure = await _lost(cell, draught)
        case Away():
            failure = _away(cell, failure)
        case Unwritable():
            failure = _unwritable(cell, failure)
        case _:
            failure = await _unknown(cell, draught, failure)
    return failure


async def _save(cell: "Cell", draught: Draught) -> Exception | None:
    """Hand `draught` to the store; return what it says, if not that it stands."""
    storage, started = cell.roster.system.storage, cell.roster.monotonic()
    try:
        if draught.sealed:
            await storage.seal(
                draught.write.collection,
                cell.key,
                draught.sealed_from,
                draught.sealed,
            )
        await storage.commit(draught.write)
    except Exception as error:  # noqa: BLE001 - whatever broke, the write may be there
        return error
    else:
        return None
    finally:
        cell.roster.metrics.committed(cell.roster.monotonic() - started)


def _remember_outcomes(cell: "Cell", batch: Batch) -> None:
    """Know what a volatile actor did under a name; only its memory knows."""
    if batch.outcomes:
        if cell.stored is None:
            cell.stored = Stored(Found(key=cell.key), None, ())
        now = cell.roster.system.clock.now()
        cell.stored.remember(batch.outcomes, cell.stored.expired_outcomes(now))


def _landed(cell: "Cell", draught: Draught) -> None:
    batch, stored = cell.batch, cell.stored
    assert batch is not None
    assert stored is not None
    kept = {k: one for k, one in (stored.promises or {}).items() if k in batch.kept}
    stored.landed(draught, batch)
    # The actor goes on without what was sealed; not in the middle of a message.
    cell.state = stored.state = cell.roster.layout.without_log(
        cell.state, len(draught.sealed)
    )
    cell.failures = 0
    release(cell, batch)
    for step in batch.promises:
        promises.send(cell, step)
    promises.forget_kept(cell, kept)


def release(cell: "Cell", batch: Batch) -> None:
    """Let out all that `batch` holds, in order."""
    cell.batch = None
    for decided in batch.decided:
        draft, mail = decided.draft, decided.mail
        for function, *arguments in draft.outputs if draft is not None else ():
            try:
                function(*arguments)
            except Exception:  # noqa: BLE001 - the commit stands, so must the rest
                _log.exception("actor.output_failed", actor=str(cell.address))
        if mail is None or decided.is_checkpoint:
            continue
        if decided.error is not None:
            failing.answer(cell, mail, decided.error)
        else:
            answer(mail, decided.answer)


def answer(mail: Mail, value: Any) -> None:
    """Give the asker `value`, if somebody still waits for it."""
    if mail.reply is not None and not mail.reply.done():
        mail.reply.set_result(value)


# When it does not stand


async def _lost(cell: "Cell", draught: Draught) -> Exception | None:
    """Somebody else owns, wrote or edited the document: see what is true now."""
    write = draught.write
    cell.roster.metrics.lost += 1
    claim = cell.roster.system.storage.claim
    found = await _asked(cell, claim(write.collection, write.key))
    if found is None:
        return _in_doubt(cell)
    if found.writer == write.writer and found.rev == write.rev + 1:
        # Told twice: the second try lost against the first, which was ours.
        _is_mine(cell, found, draught)
        return None
    assert cell.stored is not None
    cell.lost_at = (cell.stored.rev, cell.stored.writer)
    return _drop(cell)


async def _unknown(
    cell: "Cell", draught: Draught, error: Exception
) -> Exception | None:
    """No answer came: fence off the write, then see whether it landed."""
    write = draught.write
    cell.roster.metrics.unknown += 1
    if not isinstance(error, StorageError):
        _log.error("commit.broke", actor=str(cell.address), exc_info=error)
    reclaim = cell.roster.system.storage.reclaim
    found = await _asked(cell, reclaim(write.collection, write.key))
    if found is None:
        return _in_doubt(cell)
    if found.writer == write.writer and found.rev == write.rev + 1:
        _is_mine(cell, found, draught)
        return None
    assert cell.stored is not None
    if not _is_old(cell.stored, found):
        # Somebody wrote meanwhile, perhaps on top of ours: nobody can tell any more.
        return _in_doubt(cell)
    return _never_happened(cell, found)


async def _asked(cell: "Cell", claim: Awaitable[Found]) -> Found | None:
    """Return what the store says now; None: whoever loads next must fence first."""
    try:
        return await claim
    except Exception as error:  # noqa: BLE001 - whatever broke, the doubt remains
        if not isinstance(error, StorageError):
            _log.error("claim.broke", actor=str(cell.address), exc_info=error)
        cell.roster.doubtful.add(cell.key)
        return None


def _is_old(stored: Stored, found: Found) -> bool:
    # What nobody has committed yet has no writer that says anything.
    return found.rev == stored.rev and (not found.rev or found.writer == stored.writer)


def _is_mine(cell: "Cell", found: Found, draught: Draught) -> None:
    assert cell.stored is not None
    cell.stored.epoch = found.epoch
    _landed(cell, draught)


def _in_doubt(cell: "Cell") -> Exception:
    """Whether it was saved is unknown; repeats under the same name are safe."""
    unknown = Expired(f"{cell.address}: whether it was saved is unknown")
    _fail_batch(cell, unknown)
    cell.drop_memory()
    return unknown


def _never_happened(cell: "Cell", found: Found) -> Exception:
    """The write is fenced off. What is known stays, if nobody else wrote."""
    stored, batch = cell.stored, cell.batch
    assert stored is not None
    assert batch is not None
    if batch.is_the_runtimes or not same_document(cell, found):
        return _drop(cell)
    stored.epoch = found.epoch
    cell.state = stored.state
    cell.batch = None
    batch.discard()
    _note_again(cell, batch)
    failing.run_again(cell, batch.mails())
    return Again(f"{cell.address}: nothing was saved")


def _drop(cell: "Cell") -> Exception:
    """Memory is worth nothing any more: load, and run the batch again."""
    batch = cell.batch
    assert batch is not None
    _note_again(cell, batch)
    mails = batch.mails()
    cell.drop_memory()
    failing.run_again(cell, mails)
    return Again(f"{cell.address}: somebody else wrote")


def _away(cell: "Cell", error: Exception) -> Exception:
    """Nothing was written and nothing can be: keep the old state."""
    cell.roster.metrics.away += 1
    unavailable = Unavailable(f"{cell.address} cannot reach its store")
    unavailable.__cause__ = error
    batch = cell.batch
    assert batch is not None
    _fail_batch(cell, unavailable)
    if batch.is_the_runtimes:
        # What `opened` or `adopt` decided must be decided again.
        cell.drop_memory()
    return unavailable


def _fail_batch(cell: "Cell", error: Exception) -> None:
    """Answer the asks of the batch with `error`; its tells stay in front."""
    batch, stored = cell.batch, cell.stored
    assert batch is not None
    assert stored is not None
    cell.batch = None
    batch.discard()
    cell.state = stored.state
    cell.failures += 1
    cell.last_error = str(error)
    _note_again(cell, batch)
    tells = []
    for mail in batch.mails():
        if mail.reply is None:
            tells.append(mail)
        else:
            failing.answer(cell, mail, error)
    if tells:
        # A tell has no asker to wait for the store in its stead.
        cell.failures = max(cell.failures, 2)
        cell.put_back(tells)


def _note_again(cell: "Cell", batch: Batch) -> None:
    tidy.note_kept(cell, batch.kept)
    if batch.adopts:
        cell.note(Refresh())


def _unwritable(cell: "Cell", error: Exception) -> Exception | None:
    """Find the message whose state cannot be written; its mates run again."""
    batch, stored = cell.batch, cell.stored
    assert batch is not None
    assert stored is not None
    mails = batch.mails()
    if len(mails) == 1:
        failing.culprit(cell, mails[0], error)
    elif mails:
        cell.batch = None
        batch.discard()
        cell.state = stored.state
        cell.singly = len(mails)
        _note_again(cell, batch)
        failing.run_again(cell, mails)
    else:
        failing.restart(cell, "a decision of its own", error)
        cell.drop_memory()
    return error
