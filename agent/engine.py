"""One turn of a conversation, from the shopper's words to the reply.

The engine holds nothing between turns: a `Turn` brings the recorded past, `Step`s carry
out what happens. Whoever runs it may stop at any step; nothing of the run lives on.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from agent.budget import Limits
from agent.call import Call
from agent.cards import moment
from agent.cart_seen import CartSeen
from agent.conversation import Handover, Message, Used, conversation
from agent.evidence import Evidence
from agent.graph import UNDERSTUDY, Run, compiled, work
from agent.grounding import Gate
from agent.limits import OutOfTime, until
from agent.model import Model, ModelAway
from agent.rules.likeness import learnt
from agent.settled import LATE, LEFT, arguments
from agent.shop import Shop
from agent.visit import Visit
from messages.clock import Clock
from messages.frames import System
from messages.turn import Answered, Broke, Called, Noticed, Step, Steps, Turn, Words

# What was said to be in stock longer ago is looked up again before it is repeated.
FRESH_FOR = timedelta(seconds=30)

_LATE = "That took too long and I stopped. Please try again."
_AWAY = "I can't think just now. Please try again in a moment."


UNLIMITED = Limits()


class GraphEngine:
    """Runs turns through the graph with one model and one shop."""

    def __init__(
        self, shop: Shop, model: Model, clock: Clock, limits: Limits = UNLIMITED
    ) -> None:
        self._shop = shop
        self._model = model
        self._clock = clock
        self._limits = limits

    @staticmethod
    def warm() -> None:
        """Import and compile the graph and read the known sentences (1.2 s) now.

        Else it is done at the first turn, while all others wait.
        """
        compiled()
        learnt()

    async def run(self, turn: Turn) -> AsyncGenerator[Steps, None]:
        """Yield the steps of `turn` as they come, the last `Answered` or `Broke`.

        Close the generator, or cancel who waits for it, to stop: the model's stream is
        closed and no task is left. What a tool has changed by then stays changed.
        """
        if turn.decision is not None and turn.confirmed is None:
            yield Words(LEFT if turn.decision == "decline" else LATE), Answered()
            return
        messages: list[Message] = conversation(turn)
        earlier = [each for each in messages if isinstance(each, Used)]
        visit = Visit(
            self._shop,
            self._clock,
            turn.user_id,
            turn.turn_id,
            turn.confirmed,
            CartSeen([each.content for each in earlier]),
        )
        steps: asyncio.Queue[Step | None] = asyncio.Queue()
        run = Run(
            visit,
            self._model,
            Gate(Evidence(earlier, moment(self._clock.now() - FRESH_FOR))),
            steps.put_nowait,
            messages,
            _granted(turn),
            limits=self._limits,
            has_told=_has_told(turn),
        )
        is_spent = 0 < self._limits.session_tokens <= turn.spent_tokens
        # What was confirmed asks no model.
        if is_spent and turn.confirmed is None:
            messages.append(Handover())
            if not run.has_told:
                run.write(Noticed(UNDERSTUDY))
        deadline = self._clock.monotonic() + self._limits.run_s
        async with _worked(work(run), steps) as worked:
            came: Steps = ()
            while not (came and isinstance(came[-1], Answered | Broke)):
                # The timer stands only while the graph works: a slow listener is not
                # the run's fault, and must not be interrupted by it.
                try:
                    with until(self._clock, deadline):
                        came = await _come(steps, worked)
                except OutOfTime:
                    came = (Broke("timeout", _LATE),)
                except ModelAway:
                    came = (Broke("model_unavailable", _AWAY),)
                yield came
                # Whoever asks for the next steps has recorded these.
                for step in came:
                    if isinstance(step, Called):
                        run.record(step.call_id)


async def _come(
    steps: asyncio.Queue[Step | None], worked: asyncio.Task[None]
) -> Sequence[Step]:
    """Return what has come by now, at least one step. Raises what broke the work."""
    came, step = [], await steps.get()
    while step is not None:
        came.append(step)
        step = None if steps.empty() else steps.get_nowait()
    if not came or isinstance(came[-1], Answered):
        # Either it is broken, or only its graph is left to be folded up.
        await worked
    elif worked.done():
        steps.put_nowait(None)
    return came


@asynccontextmanager
async def _worked(
    work: Coroutine[Any, Any, None], steps: asyncio.Queue[Step | None]
) -> AsyncIterator[asyncio.Task[None]]:
    """Have `work` done in a task, None coming after its last step; leaving ends it."""
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(lambda _: steps.put_nowait(None))
    try:
        yield task
    finally:
        task.cancel()
        # How it ended is told to who waits for it, if anybody still does.
        await asyncio.gather(task, return_exceptions=True)


def _granted(turn: Turn) -> Sequence[Call]:
    """Return the call that does what the shopper approved, if this turn is to."""
    if turn.confirmed is None:
        return ()
    return (Call(f"{turn.turn_id}.1", *arguments(turn.confirmed)),)


def _has_told(turn: Turn) -> bool:
    """Return whether the turn before said already that the understudy answers."""
    before = turn.history[-1].turn_id if turn.history else None
    return any(
        isinstance(each, System) and each.content == UNDERSTUDY
        for each in turn.history
        if each.turn_id == before
    )
