"""Tells on their way, and the dead letters of what never arrived."""

from functools import partial
from hashlib import blake2b
from math import inf
from typing import TYPE_CHECKING, Any

import structlog

from actors.runtime.address import Address
from actors.runtime.codec import builtins
from actors.runtime.mail import Mail, command_name
from messages.base import Busy, Command
from store.port import DeadLetter

if TYPE_CHECKING:
    from actors.runtime.cell import Cell
    from actors.runtime.system import System

STRIKES = 3
"""How often a tell, or a reminder, is tried before it is a dead letter."""

AGAIN_S = 0.1

WOKE = "woke"
"""What a letter calls a reminder, which no command stands for."""

_log = structlog.get_logger(__name__)


def tell(
    system: "System",
    key: str,
    command: Command[Any],
    sender: str,
    request_id: str | None,
) -> None:
    """Send `command` and forget it."""
    post(system, Address(command.to, key), command, sender, request_id)


def post(
    system: "System",
    address: Address,
    command: Any,
    sender: str,
    request_id: str | None,
    *,
    own: bool = False,
) -> None:
    """Put `command` into the mailbox at `address`, later if it is full now."""
    now = system.clock.monotonic()
    mail = Mail(command, None, inf, now, sender, None, request_id)
    _post(system, address, mail, own=own)


def _post(system: "System", address: Address, mail: Mail, *, own: bool) -> None:
    cell = system.cell(*address)
    try:
        cell.post(mail, own=own)
    except Busy as busy:
        if strike(cell, mail, busy):
            again = partial(_post, system, address, mail, own=own)
            system.clock.call_later(AGAIN_S * 2.0**mail.strikes, again)


def strike(cell: "Cell", mail: Mail, error: BaseException) -> bool:
    """Count a try of a tell that failed; False: it is a dead letter now."""
    mail.strikes += 1
    if mail.strikes < STRIKES:
        return True
    bury(cell, mail.command, error)
    return False


def bury(cell: "Cell", command: Any, error: BaseException) -> None:
    """Leave a dead letter of what was tried three times; None: of a reminder."""
    system = cell.roster.system
    letter = _letter(cell, f"{system.random.getrandbits(64):016x}", command, error)
    _count(cell, command, error)
    cell.roster.errands.run(_keep(system, letter))


async def bury_promise(
    cell: "Cell", effect: str, command: Any, refusal: Exception
) -> None:
    """Leave a dead letter of a promise that `cell` refused; `effect` names it.

    Kept once it returns; the same effect is the same letter. Raises StorageError.
    """
    name = blake2b(effect.encode(), digest_size=8).hexdigest()
    await cell.roster.system.storage.bury(_letter(cell, name, command, refusal))
    _count(cell, command, refusal)


def _letter(
    cell: "Cell", letter_id: str, command: Any, error: BaseException
) -> DeadLetter:
    return DeadLetter(
        id=letter_id,
        kind=cell.roster.name,
        key=cell.key,
        command={"type": WOKE} if command is None else builtins(command),
        error=f"{type(error).__name__}: {error}",
        at=cell.roster.system.clock.now(),
    )


def _count(cell: "Cell", command: Any, error: BaseException) -> None:
    cell.roster.metrics.dead_letters += 1
    name = WOKE if command is None else command_name(command)
    _log.error("letter.died", actor=str(cell.address), command=name, error=str(error))


async def _keep(system: "System", letter: DeadLetter) -> None:
    try:
        await system.storage.bury(letter)
    except Exception as error:  # noqa: BLE001 - such as text that no document can hold
        _log.error("letter.lost", letter=builtins(letter), error=str(error))
