"""What becomes of messages that cannot be handled or committed.

Refusals are answers. Trouble outside keeps the old state and is told to the asker.
Anything else is a bug: memory is dropped, batch-mates run again, and the actor takes
its next turns the later the more often it fails. Tells are tried three times.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from actors.runtime import letters
from actors.runtime.errors import Bug
from actors.runtime.mail import Mail, Note, Refresh, command_name
from messages.base import Unavailable
from store.port import StorageError, Unwritable

if TYPE_CHECKING:
    from actors.runtime.cell import Cell

RUNS = 8
"""How often a message is run because a commit was lost to somebody else."""

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 5.0

_log = structlog.get_logger(__name__)


class Again(Unavailable):
    """Nothing of this message was saved; it may run again."""


def pause(cell: "Cell") -> float:
    """Return how long `cell` waits before its next turn: the first failure is free."""
    if cell.failures < 2:
        return 0.0
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (cell.failures - 2))


def roll_back(cell: "Cell", before: Any) -> None:
    """Forget what the message at hand decided: the state is `before` again."""
    cell.state = before
    if cell.draft is not None:
        cell.draft.discard()
        cell.draft = None


def postpone(cell: "Cell", error: Exception) -> None:
    """Take the turn again later: the store cannot be read now."""
    cell.failures += 1
    cell.last_error = str(error)
    cell.back_off(max(pause(cell), FIRST_PAUSE_S))


def message(
    cell: "Cell", mail: Mail, error: Exception, finish: Callable[["Cell"], None]
) -> Callable[[], None] | None:
    """Answer a message that failed; return what must be done before the next.

    `finish` ends the turn where what stands must be committed first.
    """
    system = cell.roster.system
    if isinstance(error, Again):
        if not mail.landed and mail.runs < RUNS:
            run_again(cell, [mail])
            return None
        # To its asker, who may be an actor, it is trouble like any other.
        error = Unavailable(str(error))
    if isinstance(error, system.refusals):
        cell.roster.metrics.refused += 1
        refuse(cell, mail, error)
        return None
    if isinstance(error, StorageError) and is_outside(error):
        error = Unavailable(f"{cell.address} cannot reach its store")
    if not isinstance(error, Unavailable | Bug):
        return partial(crash, cell, mail, error)
    if mail.reply is not None:
        refuse(cell, mail, error)
        return None
    return partial(_trouble_with_tell, cell, mail, error, finish)


def refuse(cell: "Cell", mail: Mail, error: Exception) -> None:
    """Let the asker have `error`, together with what is uncommitted before it."""
    if cell.batch is not None:
        cell.batch.refuse(mail, error)
    else:
        answer(cell, mail, error)


def answer(cell: "Cell", mail: Mail, error: BaseException) -> None:
    """Give the asker `error` now; a refused tell is over."""
    if mail.reply is None:
        _log.info(
            "tell.refused",
            actor=str(cell.address),
            command=command_name(mail.command),
            error=str(error),
        )
    elif not mail.reply.done():
        mail.reply.set_exception(error)


def _trouble_with_tell(
    cell: "Cell", mail: Mail, error: Exception, finish: Callable[["Cell"], None]
) -> None:
    """Leave a tell in its place, for a later turn, unless it had its three."""
    if letters.strike(cell, mail, error):
        cell.put_back([mail])
    cell.failures += 1
    if cell.batch is not None:
        finish(cell)
    else:
        cell.back_off(pause(cell) or FIRST_PAUSE_S)


def crash(cell: "Cell", mail: Mail | None, error: Exception) -> None:
    """Restart the actor after a bug in handling `mail` (None: not one message's)."""
    name = "?" if mail is None else command_name(mail.command)
    restart(cell, name, error)
    if mail is not None and _still_wanted(cell, mail, name, error):
        cell.put_back([mail])
    mates = [] if cell.batch is None else cell.batch.mails()
    cell.drop_memory()
    run_again(cell, mates)
    cell.back_off(pause(cell))


def broke(cell: "Cell", error: BaseException) -> None:
    """Go on after a turn that broke the runtime itself, which has said so."""
    cell.failures += 1
    cell.last_error = f"{type(error).__name__}: {error}"
    cell.roster.metrics.restarts += 1
    mails = [] if cell.batch is None else cell.batch.mails()
    cell.drop_memory()
    again = []
    for mail in mails:
        name = command_name(mail.command)
        if mail.reply is not None:
            answer(cell, mail, bug(cell, name, error))
        elif letters.strike(cell, mail, error):
            again.append(mail)
    cell.put_back(again)
    cell.back_off(max(pause(cell), FIRST_PAUSE_S))


def is_outside(error: Exception) -> bool:
    """Say whether `error` is trouble outside, which is nobody's bug here."""
    return isinstance(error, Unavailable | StorageError) and not isinstance(
        error, Unwritable
    )


def culprit(cell: "Cell", mail: Mail, error: Exception) -> None:
    """Restart the actor because what `mail` decided cannot be written."""
    name = command_name(mail.command)
    restart(cell, name, error)
    cell.drop_memory()
    if _still_wanted(cell, mail, name, error):
        cell.put_back([mail])


def restart(cell: "Cell", command: str, error: Exception) -> None:
    """Write down that `cell` broke on `command`."""
    cell.failures += 1
    cell.last_error = f"{type(error).__name__}: {error}"
    cell.roster.metrics.restarts += 1
    _log.error(
        "actor.restarted",
        actor=str(cell.address),
        command=command,
        exc_info=error,
    )


def _still_wanted(cell: "Cell", mail: Mail, name: str, error: Exception) -> bool:
    if mail.reply is None:
        return letters.strike(cell, mail, error)
    answer(cell, mail, bug(cell, name, error))
    return False


def bug(cell: "Cell", command: str, error: BaseException) -> Bug:
    """Return what an asker gets for `error`; the log has the rest."""
    found = Bug(f"{cell.address} failed on {command}")
    found.__cause__ = error
    return found


def run_again(cell: "Cell", mails: list[Mail]) -> None:
    """Put `mails` in front again, but those that had their share or landed in part."""
    again = []
    for mail in mails:
        mail.runs += 1
        if mail.reply is None or (mail.runs < RUNS and not mail.landed):
            again.append(mail)
        else:
            answer(cell, mail, Unavailable(f"{cell.address} is contended"))
    cell.put_back(again)


def cannot_open(cell: "Cell", error: Exception) -> None:
    """Answer all that waits for an actor that cannot be loaded."""
    if is_outside(error):
        cell.failures += 1
        cell.last_error = str(error)
        fail_asks(cell, Unavailable(f"{cell.address} cannot be loaded now"))
    else:
        restart(cell, "opened", error)
        fail_asks(cell, bug(cell, "opened", error))
        cell.inbox = [
            mail for mail in cell.inbox or () if letters.strike(cell, mail, error)
        ] or None
    # Nobody tells a second time that a hand has edited the document.
    edits: list[Note] = [
        note for note in cell.control or () if isinstance(note, Refresh)
    ]
    cell.control = edits if edits and is_outside(error) else None
    cell.drop_memory()
    # With what cannot be answered with an error there must be a pause.
    is_waited_for = cell.inbox is not None or cell.control is not None
    cell.back_off(max(pause(cell), FIRST_PAUSE_S) if is_waited_for else pause(cell))


def fail_asks(cell: "Cell", error: Exception) -> None:
    """Answer the asks that wait with `error`; tells stay."""
    tells = []
    for mail in cell.inbox or ():
        if mail.reply is None:
            tells.append(mail)
        else:
            answer(cell, mail, error)
    cell.inbox = tells or None
