"""Promises: commands saved with a commit and sent until they are answered.

    promised --commit--> sent --answer--> kept --commit--> forgotten by the addressee
                          ^  |
                          +--+ no answer: later, and only if it still stands

Refused it is kept, too: as a dead letter, which people may send again.

The addressee writes down its answer under the effect's id with the effect, so that a
repeat changes nothing, until `Forget` says that nobody will repeat it.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from actors.runtime import letters, tidy
from actors.runtime.codec import builtins
from actors.runtime.draft import Draft, Promise
from actors.runtime.mail import Forget, Resend
from messages.base import Command, Unavailable
from store.port import StorageError

if TYPE_CHECKING:
    from actors.runtime.cell import Cell
    from actors.runtime.system import System

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 60.0

_log = structlog.get_logger(__name__)


def add(cell: "Cell", draft: Draft, step: str, key: str, command: Command[Any]) -> None:
    """Promise `command` in `draft`; the same promise again changes nothing."""
    promise = Promise(
        to=command.to,
        key=key,
        command=builtins(command),
        at=cell.roster.system.clock.now(),
        told=command,
    )
    before = draft.promises.get(step) or standing(cell, step)
    if before is None:
        draft.promises[step] = promise
    elif (before.to, before.key, before.command) != (
        promise.to,
        promise.key,
        promise.command,
    ):
        raise ValueError(f"{cell.address} has promised something else as {step}")


def standing(cell: "Cell", step: str) -> Promise | None:
    """Return the promise `step` of `cell`, committed or about to be."""
    if cell.batch is not None and step in cell.batch.promises:
        return cell.batch.promises[step]
    if cell.stored is None or cell.stored.promises is None:
        return None
    return cell.stored.promises.get(step)


def effect_of(cell: "Cell", step: str) -> str:
    """Return the name under which the addressee knows the effect of `step`."""
    return f"{cell.address}/{step}"


def send_all(cell: "Cell") -> None:
    """Send what `cell` has promised and is not being sent."""
    for step in cell.stored.promises or () if cell.stored is not None else ():
        send(cell, step)


def send(cell: "Cell", step: str) -> None:
    """Send the committed promise `step`, unless it is on its way."""
    system = cell.roster.system
    effect = effect_of(cell, step)
    promise = standing(cell, step)
    if promise is None or effect in system.sending or system.stopping:
        return
    if step in system.answered.get(cell.address, ()):
        return
    system.sending.add(effect)
    system.metrics.promises_sent += 1
    system.errands.run(_deliver(system, cell, step, promise))


async def _deliver(system: "System", cell: "Cell", step: str, promise: Promise) -> None:
    effect = effect_of(cell, step)
    try:
        await _hand_over(system, cell, effect, promise)
    except Exception as error:  # noqa: BLE001 - whatever it was, it must arrive
        if not isinstance(error, Unavailable | StorageError):
            _log.error("promise.failed", effect=effect, exc_info=error)
        system.sending.discard(effect)
        _send_later(system, cell, step, effect)
        _write_down(system, cell)
        return
    system.sending.discard(effect)
    system.attempts.pop(effect, None)
    system.metrics.promises_kept += 1
    system.answered.setdefault(cell.address, []).append(step)
    _write_down(system, cell)


async def _hand_over(
    system: "System", cell: "Cell", effect: str, promise: Promise
) -> None:
    """Return once the promise was answered; a refusal is left for people to see."""
    command = promise.told or system.command(promise.to, promise.command)
    try:
        await system.ask(promise.key, command, once=effect, sender=str(cell.address))
    except system.refusals as refusal:
        addressee = system.cell(promise.to, promise.key)
        await letters.bury_promise(addressee, effect, command, refusal)


def _write_down(system: "System", cell: "Cell") -> None:
    """Let `cell` save which of its promises were answered, all of them at once.

    Not before the others that are on their way have ended: that is a commit for each.
    """
    promised = cell.stored.promises or () if cell.stored is not None else ()
    if any(effect_of(cell, step) in system.sending for step in promised):
        return
    if (steps := system.answered.pop(cell.address, ())) and not system.stopping:
        tidy.keep(system.cell(*cell.address), steps)


def _send_later(system: "System", cell: "Cell", step: str, effect: str) -> None:
    if system.stopping:
        return
    attempts = system.attempts[effect] = system.attempts.get(effect, 0) + 1
    delay_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** (attempts - 1))
    # Not sent blindly: another node may own the actor by then and have seen the answer
    # and had it forgotten. So the actor reads its document first.
    again = partial(_resend, system, *cell.address, step)
    system.clock.call_later(delay_s, again)


def _resend(system: "System", kind: str, key: str, step: str) -> None:
    if not system.stopping:
        system.cell(kind, key).note(Resend(step))


def forget_kept(cell: "Cell", kept: Mapping[str, Promise]) -> None:
    """Tell the addressees of what is no longer promised that they may forget it."""
    system = cell.roster.system
    if system.stopping:
        return
    for step, promise in kept.items():
        addressee = system.cell(promise.to, promise.key)
        effect = effect_of(cell, step)
        if addressee.stored is None:
            addressee.note(Forget(effect))
        else:
            forget(addressee, effect)


def forget(cell: "Cell", effect: str) -> None:
    """Let `cell` forget an effect, once nobody can still be repeating it."""
    assert cell.stored is not None
    if cell.stored.outcome(effect) is not None:
        cell.stored.leave(effect, cell.roster.monotonic())
        cell.roster.system.leaving[cell] = None
