"""What lies in a mailbox: envelopes from others, and the runtime's own notes."""

from asyncio import Future
from contextvars import ContextVar
from typing import Any

import structlog
from msgspec import Struct

from actors.runtime.address import Address
from messages.base import Command


class Mail(Struct, eq=False):
    """One message on its way to one actor; `reply` is None for a tell.

    `deadline` and `arrived` are the clock's monotonic seconds. `path` are the actors
    that wait for the answer, the outermost first: empty unless an actor asks.
    """

    command: Any
    reply: Future[Any] | None
    deadline: float
    arrived: float
    sender: str
    once: str | None
    request_id: str | None
    path: tuple[Address, ...] = ()
    strikes: int = 0
    runs: int = 0
    landed: bool = False
    """A checkpoint of it is durable: it must not run from its beginning again."""


class Wake(Struct, frozen=True):
    """`due` is here, or nearly."""


class Remind(Struct, frozen=True):
    """Be reminded again: the reminder was given up. `mail` is answered once it is."""

    mail: Mail


class Refresh(Struct, frozen=True):
    """Somebody else wrote the document."""


class Forget(Struct, frozen=True):
    """Whoever asked for `effect` has it in writing and will not ask again."""

    effect: str


class Kept(Struct, frozen=True):
    """The addressee answered the promise `step`."""

    step: str


class Resend(Struct, frozen=True):
    """The promise `step` had no answer: if it still stands, send it again."""

    step: str


class Flush(Struct, frozen=True):
    """Write down what may be forgotten now."""


Note = Wake | Remind | Refresh | Forget | Kept | Resend | Flush

TURN: ContextVar[Mail | None] = ContextVar("turn", default=None)
"""The mail whose coroutine handler runs in this context; None in jobs and outside."""

# Whoever serves a request binds its id with structlog; this is the variable it sets, so
# that reading one string costs no walk over all that is bound.
_token = structlog.contextvars.bind_contextvars(request_id=None)["request_id"]
REQUEST_ID: ContextVar[Any] = _token.var
REQUEST_ID.reset(_token)


def request_id_here() -> str | None:
    """Return the id of the request that this context serves."""
    found = REQUEST_ID.get(None)
    # structlog unbinds by setting an Ellipsis.
    return None if found is ... else found


def command_name(command: Command[Any] | Note) -> str:
    """Return what logs call `command`."""
    return type(command).__name__
