"""A dead letter once more: asked this time, so that whoever tries hears what comes."""

import asyncio
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

from actors.runtime.address import Address
from actors.runtime.letters import WOKE
from actors.runtime.mail import Forget, Mail, Remind, request_id_here
from messages.base import Expired
from store.port import DeadLetter

if TYPE_CHECKING:
    from actors.runtime.system import System


async def redeliver(system: "System", letter: DeadLetter) -> None:
    """Return once what `letter` tells is done; the same letter again does nothing.

    Raises what the actor raises, and msgspec.ValidationError or LookupError where no
    actor of today understands it.
    """
    address = Address(letter.kind, letter.key)
    if letter.command.get("type") == WOKE:
        await _remind(system, address)
        return
    command = system.command(letter.kind, letter.command)
    await system.ask_at(address, command, once=_effect(letter))


def forget(system: "System", letter: DeadLetter) -> None:
    """Let the actor forget that it did what `letter` tells: nobody will ask again."""
    if letter.kind in system.rosters and letter.command.get("type") != WOKE:
        system.cell(letter.kind, letter.key).note(Forget(_effect(letter)))


def _effect(letter: DeadLetter) -> str:
    return f"letter/{letter.id}"


async def _remind(system: "System", address: Address) -> None:
    """Return once the actor's reminder stands again, due now."""
    now = system.clock.monotonic()
    reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    mail = Mail(None, reply, inf, now, "", None, request_id_here())
    # No handler stands behind it that could run again.
    mail.landed = True
    system.cell(*address).note(Remind(mail))
    late = system.clock.call_later(system.ask_within_s, partial(_expire, reply))
    try:
        await reply
    finally:
        late.cancel()


def _expire(reply: "asyncio.Future[Any]") -> None:
    if not reply.done():
        reply.set_exception(Expired("no answer came in time"))
