"""What becomes of the calls of an actor: some decide, some act at once.

To decide is to write into the draft of the message at hand; jobs, timers and an actor
whose memory was dropped have none.
"""

from collections.abc import Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from actors.runtime import asking, hooks, letters, promises
from actors.runtime.cell import Cell
from actors.runtime.draft import Draft
from actors.runtime.jobs import Job
from actors.runtime.mail import TURN, request_id_here
from actors.runtime.timers import Timer
from messages.base import Command
from messages.clock import Cancellable


def in_turn(cell: Cell, actor: object) -> bool:
    """Say whether the caller is the handler of the message at hand."""
    return (
        cell.current is not None
        and cell.actor is actor
        and (not cell.waiting or TURN.get() is cell.current)
    )


def draft_of(cell: Cell, actor: object) -> Draft:
    """Return the draft of the message at hand. RuntimeError: there is none."""
    if not in_turn(cell, actor):
        raise RuntimeError(f"{cell.address} decides only inside a turn")
    if cell.draft is None:
        cell.draft = Draft()
    return cell.draft


def become(cell: Cell, actor: object, state: Any) -> None:
    """See `Actor.become`."""
    if not isinstance(state, cell.roster.kind.state):
        raise TypeError(f"{cell.address} cannot become {type(state).__name__}")
    draft_of(cell, actor).became = True
    cell.state = state


def remind(cell: Cell, actor: object, at: datetime | None) -> None:
    """See `Actor.remind`."""
    _check_reminds(cell, "remind")
    draft_of(cell, actor).remind = at


def promise(
    cell: Cell, actor: object, step: str, key: str, command: Command[Any]
) -> None:
    """See `Actor.promise`."""
    _check_reminds(cell, "promise")
    draft = draft_of(cell, actor)
    draft.became = True
    promises.add(cell, draft, step, key, command)


def _check_reminds(cell: Cell, what: str) -> None:
    # Nobody would find the actor again after a restart.
    if not (cell.roster.durable and cell.roster.kind.reminds):
        raise TypeError(f"{what} needs Kind({cell.roster.name}, reminds=True)")


def tell(cell: Cell, actor: object, key: str, command: Command[Any]) -> None:
    """See `Actor.tell`."""
    told = (key, command, str(cell.address), _request_id(cell))
    draft_of(cell, actor).outputs.append((letters.tell, cell.roster.system, *told))


async def ask(
    cell: Cell, actor: object, key: str, command: Command[Any], once: str | None
) -> Any:
    """See `Actor.ask`."""
    if in_turn(cell, actor):
        return await asking.nested_ask(cell, key, command, once)
    return await cell.roster.system.ask(
        key, command, once=once, sender=str(cell.address)
    )


async def checkpoint(cell: Cell, actor: object) -> None:
    """See `Actor.checkpoint`."""
    if not (cell.waiting and in_turn(cell, actor)):
        raise RuntimeError("a checkpoint stands in a coroutine handler")
    await hooks.checkpoint(cell)


def start(cell: Cell, actor: object, work: Coroutine[Any, Any, None]) -> Job:
    """See `Actor.start`."""
    if cell.actor is not actor:
        work.close()
        raise RuntimeError(f"{cell.address} has lost this memory")
    names = {"actor": str(cell.address)}
    if (request_id := _request_id(cell)) is not None:
        names["request_id"] = request_id
    job = Job(cell.roster.system.jobs, work, cell.leave, names)
    cell.enter(job)
    if in_turn(cell, actor):
        draft = draft_of(cell, actor)
        draft.jobs.append(job)
        draft.outputs.append((job.begin,))
    else:
        job.begin()
    return job


def _request_id(cell: Cell) -> str | None:
    return request_id_here() if cell.current is None else cell.current.request_id


def tell_self(cell: Cell, actor: object, command: Any) -> None:
    """See `Actor.tell_self`."""
    mail_self = partial(_mail_self, cell, actor, command, _request_id(cell))
    if in_turn(cell, actor):
        draft_of(cell, actor).outputs.append((mail_self,))
    else:
        mail_self()


def _mail_self(cell: Cell, actor: object, command: Any, request_id: str | None) -> None:
    system = cell.roster.system
    # What a job or timer of a lost memory has to say concerns nobody any more.
    if cell.actor is actor and not system.stopping:
        me = cell.address
        letters.post(system, me, command, str(me), request_id, own=True)


async def ask_self(cell: Cell, actor: object, command: Any) -> Any:
    """See `Actor.ask_self`."""
    if in_turn(cell, actor):
        raise RuntimeError(f"{cell.address} would wait for itself")
    cell.roster.system.check_open()
    return await cell.roster.system.ask_at(cell.address, command, own=True)


def after(cell: Cell, actor: object, delay_s: float, command: Any) -> Cancellable:
    """See `Actor.after`."""
    return Timer(
        cell, delay_s, partial(_mail_self, cell, actor, command, _request_id(cell))
    )


async def read_log(cell: Cell, first: int, last: int) -> Sequence[Any]:
    """See `Actor.read_log`."""
    roster = cell.roster
    told = await roster.system.storage.log(
        roster.kind.collection, cell.key, first, last
    )
    return roster.layout.entries(told)
