"""How a conversation is answered: one run after the other, none for ever.

The half of the session actor that talks to the agent. A run is a job that iterates the
engine and tells its steps back; what it says after its end is dropped.
"""

from bisect import bisect_left
from collections.abc import Awaitable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any, assert_never

from msgspec.structs import replace

from actors import conversation as rules
from actors.conversation import Manners, Run, turn_of, whole_ms
from actors.engine import (
    BUG,
    CUT_SHORT,
    DEED_CUT_SHORT,
    NO_REPLY,
    TIMED_OUT,
    UNKNOWN,
    Engine,
)
from actors.handoff import Handing
from actors.quotes import grant, is_granted, opened
from actors.reply import Reply
from actors.runtime import Job
from commerce.quote import Quote
from messages.base import Unavailable
from messages.frames import (
    Assistant,
    ConfirmRequest,
    Error,
    RunEnd,
    RunFinished,
    RunStatus,
    System,
    ToolCall,
    ToolResult,
    User,
)
from messages.quote_view import request
from messages.session import TakeSteps
from messages.turn import (
    Answered,
    Broke,
    Called,
    Cost,
    HandedOff,
    Noticed,
    Proposed,
    Returned,
    Step,
    Thought,
    Turn,
    Words,
)
from store.port import StorageError


class Answering(Handing):
    """Answers what was said."""

    def __init__(self, engine: Engine, manners: Manners) -> None:
        super().__init__(manners)
        self._engine = engine
        self._job: Job | None = None

    def opened(self) -> Awaitable[None] | None:
        """Know again what was said, and end a run that lost its memory."""
        return self._begin_again() if self.state.user_id else None

    async def _begin_again(self) -> None:
        await self.remember_all()
        self.tell_again()
        self._mend()

    def woke(self) -> Awaitable[None] | None:
        """End what has taken too long: a run, or waiting for a person."""
        if self.is_astray:
            return self.recall()
        run = self.state.run
        if run is not None and run.deadline <= self.clock.now():
            self.stop()
            self._break(TIMED_OUT)
        self.wait_over()
        self.remind_next()
        self.know()
        return None

    async def recall(self) -> None:
        """Begin again with what is recorded; no run survives this."""
        self.forget_run()
        await self.remember_all()
        self._mend()

    def _mend(self) -> None:
        """End a run that lost its memory."""
        if (run := self.state.run) is not None:
            self.return_calls(run.turn_id)
            self.record(RunFinished, run.turn_id, status="failed", reason="cut_short")
            is_deed = is_granted(self.state.quotes, run.asked)
            told = DEED_CUT_SHORT if is_deed else CUT_SHORT
            self.record(System, run.turn_id, content=told)
            took = self.clock.now() - run.began_at
            began = self.clock.monotonic() - took.total_seconds()
            self._log(Reply(run, began), "failed")
            self._go_on()
        elif self.state.handoff is not None:
            self.remind_next()
        self.know()

    def take_steps(self, told: TakeSteps) -> bool:
        """Take steps of the running reply; drop those of another run."""
        reply = self.reply
        if reply is None or reply.run.turn_id != told.turn_id:
            return False
        reply.steps += len(told.steps)
        for step in told.steps:
            self._take(reply, step)
        if self.reply is reply and reply.is_unshown:
            self.show_soon(reply)
        return True

    def _take(  # noqa: C901 - a table of contents
        self, reply: Reply, step: Step
    ) -> None:
        turn_id = reply.run.turn_id
        match step:
            case Thought(content=content):
                reply.think(content)
            case Words(content=content):
                self.think_through(reply)
                reply.say(content)
            case Called() as call:
                self._call(reply, call)
            case Returned(call_id=call_id, content=content):
                reply.binding.clear()
                self.record(ToolResult, turn_id, call_id=call_id, content=content)
            case Noticed(content=content):
                self.think_through(reply)
                self.record(System, turn_id, content=content)
            case HandedOff(summary=summary):
                self.hand_off(summary, turn_id)
            case Proposed(quote=quote):
                self._propose(turn_id, quote)
            case Cost() as cost:
                reply.pay(cost)
                self.become(rules.paid(self.state, cost))
            case Answered(products=products):
                self.finish("done", products)
            case Broke() as broke:
                self._break(broke)
            case _:
                assert_never(step)

    def forget_run(self) -> None:
        """End the running reply, if there is one, without a word."""
        self.stop()
        self.stop_showing()
        self.reply = None

    # A run, from its beginning to its end

    def begin(self, asked: User) -> None:
        """Begin to answer a message that was recorded."""
        now = self.clock.now()
        run = Run(
            turn_id=turn_of(self.key, asked.seq),
            asked=asked.seq,
            began_at=whole_ms(now),
            deadline=whole_ms(now + timedelta(seconds=self.manners.run_s)),
        )
        self.become(replace(self.state, run=run))
        self.remind_next()
        self.reply = Reply(run, self.clock.monotonic())
        turn = self._turn(asked)
        if turn.confirmed is not None:
            # From the grant on: nothing may come between it and what it set going.
            self.reply.binding.add(turn.confirmed.id)
        self._job = self.start(self._run(turn))

    def _turn(self, asked: User) -> Turn:
        # Messages that came later wait for turns of their own.
        known = rules.remembered(self.recent)
        before = bisect_left(known, asked.seq, key=lambda each: each.seq)
        since = (each for each in known[before:] if not isinstance(each, User))
        history = [*known[:before], *since]
        return Turn(
            session_id=self.key,
            user_id=self.state.user_id,
            turn_id=turn_of(self.key, asked.seq),
            text=asked.content,
            history=history,
            spent_tokens=self.state.spent_tokens,
            decision=asked.decision or None,
            confirmed=grant(self.state.quotes, asked, self.clock.now()),
        )

    async def _run(self, turn: Turn) -> None:
        last = NO_REPLY
        try:
            async with aclosing(self._engine.run(turn)) as steps:
                async for came in steps:
                    # Asking, not telling: what comes meanwhile is taken together.
                    going = await self.ask_self(TakeSteps(turn.turn_id, came))
                    if not going or isinstance(came[-1], Answered | Broke):
                        return
        except (Unavailable, StorageError) as trouble:
            # What was decided meanwhile is lost; the next message will notice.
            self.log.warning("run.lost", turn_id=turn.turn_id, error=str(trouble))
            last = BUG
        except Exception:
            # A run that ends without a last word would hang until its deadline.
            self.log.exception("run.broke", turn_id=turn.turn_id)
            last = BUG
        await self.ask_self(TakeSteps(turn.turn_id, (last,)))

    def _call(self, reply: Reply, call: Called) -> None:
        self.think_through(reply)
        reply.tool_calls += 1
        if call.binding:
            reply.binding.add(call.call_id)
        self.record(
            ToolCall,
            reply.run.turn_id,
            tool=call.tool,
            arguments=call.arguments,
            call_id=call.call_id,
        )

    def _propose(self, turn_id: str, quote: Quote) -> None:
        self.record(ConfirmRequest, turn_id, **request(quote))
        self.become(replace(self.state, quotes=opened(self.state.quotes, quote)))

    def _break(self, broke: Broke) -> None:
        reply = self.reply
        assert reply is not None, "a run is broken while it runs"
        told = UNKNOWN if reply.is_binding else broke.content
        self.record(Error, reply.run.turn_id, code=broke.code, content=told)
        self.close("failed")

    def finish(
        self,
        status: RunStatus,
        products: Sequence[Any] = (),
        reason: RunEnd | None = None,
    ) -> None:
        """Record what the running reply has said, and end it."""
        reply = self.reply
        assert reply is not None, "a run is finished while it runs"
        # All previews of a finished run join to exactly its text.
        self.show_now()
        self.think_through(reply)
        if status != "done":
            self.return_calls(reply.run.turn_id)
        self.record(
            Assistant,
            reply.run.turn_id,
            content=reply.text,
            status=status,
            products=products,
        )
        self.close(status, reason)

    def close(self, status: RunStatus, reason: RunEnd | None = None) -> None:
        """End the running reply, and begin the next that waits."""
        reply = self.reply
        assert reply is not None, "a run is closed while it runs"
        if status != "done":
            self.return_calls(reply.run.turn_id)
        self.record(RunFinished, reply.run.turn_id, status=status, reason=reason)
        self._log(reply, status)
        self._go_on()

    def _log(self, reply: Reply, status: RunStatus) -> None:
        now = self.clock.monotonic()
        self.log.info("turn.finished", status=status, **reply.figures(now))

    def _go_on(self) -> None:
        """End the run and begin that of the next message that waits.

        With a person, only what the shopper decided is still the agent's to do.
        """
        self.stop_showing()
        self.reply = self._job = None
        is_bot, waiting = self.state.mode == "bot", self.state.waiting
        waiting = tuple(w for w in waiting if is_bot or self.asked[w].decision)
        self.become(replace(self.state, run=None, waiting=waiting[1:]))
        self.remind_next()
        if waiting:
            self.begin(self.asked.pop(waiting[0]))

    def stop(self) -> None:
        """Stop the work on the running reply, whatever it is at."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
