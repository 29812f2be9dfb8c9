"""The runtime's own calls of an actor (`opened`, `adopt`, `woke`), each a message."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Token
from math import inf
from types import CoroutineType
from typing import TYPE_CHECKING, Any

import structlog

from actors.runtime import failing, gate
from actors.runtime.draft import Batch, Decided, Draft
from actors.runtime.mail import TURN, Mail

if TYPE_CHECKING:
    from actors.runtime.cell import Cell


async def call(
    cell: "Cell",
    hook: Callable[..., Any],
    *arguments: Any,
    draft: Draft | None = None,
) -> Any:
    """Return what `hook` returns; what it decides joins the batch, uncommitted."""
    mail = Mail(None, None, inf, cell.roster.monotonic(), "", None, None)
    cell.current, cell.draft, cell.base = mail, draft, cell.state
    actor = cell.actor
    try:
        result = hook(*arguments)
        if type(result) is CoroutineType:
            result = await _after_commit(cell, mail, result)
    except BaseException:
        if cell.actor is actor:
            discard(cell)
        raise
    finally:
        cell.current = cell.base = None
    if cell.draft is not None:
        batch_of(cell).add(Decided(None, draft=cell.draft))
        cell.draft = None
    return result


async def _after_commit(
    cell: "Cell", mail: Mail, work: Coroutine[Any, Any, Any]
) -> Any:
    try:
        if cell.batch is not None and (error := await gate.commit(cell)) is not None:
            raise error
        cell.base = cell.state
        return await waited(cell, mail, work)
    finally:
        work.close()


async def waited(cell: "Cell", mail: Mail, work: Coroutine[Any, Any, Any]) -> Any:
    """Return what `work` returns, run in this task as the handler of `mail`."""
    turn: Token[Mail | None] = TURN.set(mail)
    names = {"actor": str(cell.address)}
    if mail.request_id is not None:
        names["request_id"] = mail.request_id
    structlog.contextvars.bind_contextvars(**names)
    cell.current = mail
    cell.waiting = True
    try:
        return await work
    except asyncio.CancelledError as cut:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # What it awaited was cancelled, and it is not: that is a bug of its own.
        raise RuntimeError(f"{cell.address} awaited what was cancelled") from cut
    finally:
        cell.waiting = False
        cell.current = None
        TURN.reset(turn)


async def checkpoint(cell: "Cell") -> None:
    """Commit what the coroutine handler at hand decided so far."""
    mail, draft = cell.current, cell.draft
    assert mail is not None
    if draft is not None:
        cell.draft = None
        batch_of(cell).add(Decided(mail, draft=draft, is_checkpoint=True))
        if (error := await gate.commit(cell)) is not None:
            raise error
        mail.landed = True
        cell.base = cell.state


async def adopt(cell: "Cell", found: Any) -> None:
    """Let the actor take over `found`, by a commit of its own."""
    state = await call(cell, cell.actor.adopt, found)
    cell.state = state
    batch = batch_of(cell)
    batch.add(Decided(None))
    batch.adopts = True


def batch_of(cell: "Cell") -> Batch:
    """Return the batch of `cell`, begun now if there is none."""
    if cell.batch is None:
        cell.batch = Batch()
    return cell.batch


def discard(cell: "Cell") -> None:
    """Forget what the message at hand has decided since its start or checkpoint."""
    failing.roll_back(cell, cell.base)
