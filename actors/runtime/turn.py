"""A turn: a batch of messages run one at a time, committed once, then let out.

`run` is the loop's callback. It stays plain code as long as handlers do; what must wait
(a coroutine handler, a commit, loading) goes on in a task, while mail gathers.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from actors.runtime import activation, control, failing, gate, hooks
from actors.runtime.codec import answer_from, builtins
from actors.runtime.draft import Decided
from actors.runtime.mail import Mail

if TYPE_CHECKING:
    from actors.runtime.cell import Cell

# One turn takes so many messages and so much time at most, then others have theirs.
MOST = 512
SLICE_S = 0.005
# Looking at the clock for each message would cost more than many messages do.
LOOK_EVERY = 32

Then = Callable[[], None]


def run(cell: "Cell") -> None:
    """Take a turn; called while no other turn of `cell` is under way."""
    is_loaded = cell.actor is not None or activation.at_once(cell)
    if not is_loaded or cell.control is not None:
        cell.roster.work(cell, _prepare(cell))
        return
    mails = cell.inbox
    if mails is None:
        finish(cell)
        return
    cell.inbox = None
    roster = cell.roster
    started = roster.monotonic()
    done, then = _run_batch(cell, mails, started + SLICE_S)
    cell.current = None
    if done < len(mails):
        cell.put_back(mails[done:])
    cell.touched = ended = roster.monotonic()
    waited_s = started - mails[0].arrived
    roster.metrics.turned(len(mails), done, waited_s, ended - started)
    if then is not None:
        then()
    elif cell.batch is not None:
        finish(cell)
    else:
        cell.settle()


async def _prepare(cell: "Cell") -> None:
    """Load the actor if need be and read the control lane, then take the turn."""
    if await control.prepare(cell):
        run(cell)


def _run_batch(
    cell: "Cell", mails: list[Mail], until: float
) -> tuple[int, Then | None]:
    """Return how many messages were run, and what must be done before the next."""
    receive = cell.actor.receive
    most, cell.singly = (1, cell.singly - 1) if cell.singly else (MOST, 0)
    for done, mail in enumerate(mails, 1):
        reply = mail.reply
        if reply is not None and reply.done():
            # Its time is over, or its asker went away: nobody waits for it any more.
            continue
        before = cell.state
        cell.current = mail
        try:
            if mail.once is not None and _repeated(cell, mail):
                continue
            answer = receive(mail.command)
            if type(answer) is CoroutineType:
                return done, _wait_for(cell, mail, answer, before)
            if cell.draft is None and cell.batch is None and mail.once is None:
                if reply is not None:
                    reply.set_result(answer)
                cell.failures = 0
            else:
                _keep(cell, mail, answer)
        except Exception as error:  # noqa: BLE001 - a bug of one actor is caught here
            failing.roll_back(cell, before)
            then = failing.message(cell, mail, error, finish)
            if then is not None:
                return done, then
        if done >= most or (not done % LOOK_EVERY and cell.roster.monotonic() > until):
            return done, None
    return len(mails), None


def _keep(cell: "Cell", mail: Mail, answer: Any) -> None:
    """Hold `answer` back until what was decided is durable."""
    batch = hooks.batch_of(cell)
    if mail.once is not None:
        now = cell.roster.system.clock.now()
        batch.outcomes[mail.once] = {"answer": builtins(answer), "at": now}
    batch.add(Decided(mail, answer, draft=cell.draft))
    cell.draft = None


def _repeated(cell: "Cell", mail: Mail) -> bool:
    """Answer an effect that was done before as it was answered then."""
    assert mail.once is not None
    outcome = cell.batch.outcomes.get(mail.once) if cell.batch is not None else None
    if outcome is None and cell.stored is not None:
        outcome = cell.stored.outcome(mail.once)
    if outcome is None:
        return False
    answer = answer_from(mail.command, outcome["answer"])
    if cell.batch is not None:
        cell.batch.add(Decided(mail, answer))
    elif mail.reply is not None:
        mail.reply.set_result(answer)
    return True


def finish(cell: "Cell") -> None:
    """Commit what the turn decided, if it decided anything."""
    batch = cell.batch
    if batch is None:
        cell.settle()
    elif gate.is_needed(cell, batch):
        cell.roster.work(cell, _commit(cell))
    else:
        gate.release(cell, batch)
        cell.settle()


async def _commit(cell: "Cell") -> None:
    await gate.commit(cell)
    cell.back_off(failing.pause(cell))


# Handlers that wait


def _wait_for(
    cell: "Cell", mail: Mail, work: Coroutine[Any, Any, Any], before: Any
) -> Then:
    if cell.batch is None:
        attend = _attend(cell, mail, work, before)
        return partial(cell.roster.work, cell, attend, work)
    # What stands is committed first. If that fails this message must see another
    # state, so it is begun again afterwards: its coroutine has not run a step yet.
    work.close()
    failing.roll_back(cell, before)
    return partial(_finish_before, cell, mail)


def _finish_before(cell: "Cell", mail: Mail) -> None:
    cell.put_back([mail])
    finish(cell)


async def _attend(
    cell: "Cell", mail: Mail, work: Coroutine[Any, Any, Any], before: Any
) -> None:
    """Run a coroutine handler, then commit what it decided."""
    cell.base = before
    actor = cell.actor
    try:
        answer = await hooks.waited(cell, mail, work)
        if cell.draft is None and mail.once is None:
            gate.answer(mail, answer)
            cell.failures = 0
        else:
            _keep(cell, mail, answer)
    except Exception as error:  # noqa: BLE001 - a bug of one actor is caught here
        if cell.actor is actor:
            failing.roll_back(cell, cell.base)
        then = failing.message(cell, mail, error, finish)
        if then is not None:
            then()
            return
    finally:
        # Not kept any longer than it is needed: it is a whole state.
        cell.base = None
    if cell.batch is not None:
        cell.current = None
        finish(cell)
    else:
        cell.back_off(failing.pause(cell))
