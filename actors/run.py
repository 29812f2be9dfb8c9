"""How a conversation is answered: one run after the other, none for ever.

The half of the session actor that talks to the agent. A run is a job that iterates the
engine and tells each step back; what it says after its end is dropped.
"""

from collections.abc import Awaitable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any, assert_never

from msgspec.structs import replace

from actors import conversation as rules
from actors.conversation import Run, turn_of, whole_ms
from actors.engine import BUG, CUT_SHORT, NO_REPLY, TIMED_OUT, Engine
from actors.record import Recording, said
from actors.reply import Reply
from actors.runtime import Job
from messages.base import Busy, Unavailable
from messages.clock import Cancellable
from messages.frames import (
    Assistant,
    Error,
    RunFinished,
    RunStatus,
    System,
    Thinking,
    ToolCall,
    ToolResult,
    User,
)
from messages.session import (
    Answered,
    Broke,
    Called,
    Cost,
    Framed,
    Noticed,
    Returned,
    Said,
    Say,
    ShowWords,
    TakeStep,
    Thought,
    Turn,
    Words,
    session_topic,
)

RUN_S = 30.0


class Answering(Recording):
    """Records what is said and answers it."""

    def __init__(self, engine: Engine, run_s: float = RUN_S) -> None:
        super().__init__()
        self._engine = engine
        self._run_for = timedelta(seconds=run_s)
        self.reply: Reply | None = None
        self._job: Job | None = None
        self._timer: Cancellable | None = None

    def opened(self) -> Awaitable[None] | None:
        """Know again what was said, and end a run that lost its memory."""
        return self._begin_again() if self.state.user_id else None

    async def _begin_again(self) -> None:
        await self.remember_all()
        self.tell_again()
        self._mend()

    def woke(self) -> Awaitable[None] | None:
        """End a run that has taken too long."""
        if self.is_astray:
            return self.recall()
        if self.state.run is not None:
            self._stop_job()
            self._break(TIMED_OUT)
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
            self.record(RunFinished, run.turn_id, status="failed")
            self.record(System, run.turn_id, content=CUT_SHORT)
            took = self.clock.now() - run.began_at
            began = self.clock.monotonic() - took.total_seconds()
            self._log(Reply(run, began), "failed")
            self._go_on()
        self.know()

    def say(self, say: Say) -> Said:
        """Record a message; it is answered now, or after the ones before it."""
        if say.id is not None and say.id in self.said:
            return self.said[say.id]
        if len(self.state.waiting) >= rules.MAX_WAITING:
            raise Busy(f"{rules.MAX_WAITING} messages wait for an answer")
        seq = self.state.last_seq + 1
        frame = self.record(User, turn_of(self.key, seq), content=say.text, id=say.id)
        if self.state.run is None:
            self._begin(frame)
        else:
            self.asked[seq] = frame
            self.become(replace(self.state, waiting=(*self.state.waiting, seq)))
        return said(frame)

    def cancel(self) -> bool:
        """Stop the running reply; what was released of it stays."""
        if self.state.run is None:
            return False
        self._stop_job()
        self._finish("cancelled")
        return True

    def take_step(self, told: TakeStep) -> None:
        """Record or show one step of the running reply; drop one of another run."""
        reply = self.reply
        if reply is None or reply.run.turn_id != told.turn_id:
            return
        reply.steps += 1
        match told.step:
            case Thought(content=content):
                reply.think(content)
                self._gather(reply)
            case Words(content=content):
                self._think_through(reply)
                reply.say(content)
                self._gather(reply)
            case Called() as call:
                self._call(reply, call)
            case Returned(call_id=call_id, content=content):
                self.record(ToolResult, told.turn_id, call_id=call_id, content=content)
            case Noticed(content=content):
                self._think_through(reply)
                self.record(System, told.turn_id, content=content)
            case Cost() as cost:
                reply.pay(cost)
                self.become(rules.paid(self.state, cost))
            case Answered(products=products):
                self._finish("done", products)
            case Broke() as broke:
                self._break(broke)
            case _:
                assert_never(told.step)

    def show_words(self, told: ShowWords) -> None:
        """Show what was gathered of a reply, if it still runs."""
        if self.reply is not None and self.reply.run.turn_id == told.turn_id:
            self.show_now()

    def show_now(self) -> None:
        """Show what was gathered of the running reply, however little."""
        self._stop_timer()
        if self.reply is None:
            return
        now, monotonic = self.clock.now(), self.clock.monotonic()
        for frame in self.reply.previews(now, monotonic):
            self.preview(session_topic(self.key), Framed(frame))

    def forget_run(self) -> None:
        """End the running reply, if there is one, without a word."""
        self._stop_job()
        self._stop_timer()
        self.reply = None

    # A run, from its beginning to its end

    def _begin(self, asked: User) -> None:
        now = self.clock.now()
        run = Run(
            turn_id=turn_of(self.key, asked.seq),
            asked=asked.seq,
            began_at=whole_ms(now),
            deadline=whole_ms(now + self._run_for),
        )
        self.become(replace(self.state, run=run))
        self.remind(run.deadline)
        self.reply = Reply(run, self.clock.monotonic())
        self._job = self.start(self._run(self._turn(asked)))

    def _turn(self, asked: User) -> Turn:
        # Messages that came later wait for turns of their own.
        history = [
            frame
            for frame in self.recent
            if not (isinstance(frame, User) and frame.seq >= asked.seq)
        ]
        return Turn(
            session_id=self.key,
            user_id=self.state.user_id,
            turn_id=turn_of(self.key, asked.seq),
            text=asked.content,
            history=history,
            spent_tokens=self.state.spent_tokens,
        )

    async def _run(self, turn: Turn) -> None:
        last = NO_REPLY
        try:
            async with aclosing(self._engine.run(turn)) as steps:
                async for step in steps:
                    # Asking, not telling: no engine is ever far ahead of its record.
                    await self.ask_self(TakeStep(turn.turn_id, step))
                    if isinstance(step, Answered | Broke):
                        return
        except Unavailable as trouble:
            # What was decided meanwhile is lost; the next message will notice.
            self.log.warning("run.lost", turn_id=turn.turn_id, error=str(trouble))
            last = BUG
        except Exception:
            # A run that ends without a last word would hang until its deadline.
            self.log.exception("run.broke", turn_id=turn.turn_id)
            last = BUG
        await self.ask_self(TakeStep(turn.turn_id, last))

    def _gather(self, reply: Reply) -> None:
        if self._timer is not None:
            return
        rest_s = reply.rest_s(self.clock.monotonic())
        if rest_s <= 0:
            self.show_now()
        else:
            self._timer = self.after(rest_s, ShowWords(reply.run.turn_id))

    def _call(self, reply: Reply, call: Called) -> None:
        self._think_through(reply)
        reply.tool_calls += 1
        self.record(
            ToolCall,
            reply.run.turn_id,
            tool=call.tool,
            arguments=call.arguments,
            call_id=call.call_id,
        )

    def _think_through(self, reply: Reply) -> None:
        thought = reply.thought_through()
        if thought:
            self.record(Thinking, reply.run.turn_id, content=thought)

    def _break(self, broke: Broke) -> None:
        reply = self.reply
        assert reply is not None, "a run is broken while it runs"
        turn_id = reply.run.turn_id
        self.record(Error, turn_id, code=broke.code, content=broke.content)
        self._close(reply, "failed")

    def _finish(self, status: RunStatus, products: Sequence[Any] = ()) -> None:
        reply = self.reply
        assert reply is not None, "a run is finished while it runs"
        # All previews of a finished run join to exactly its text.
        self.show_now()
        self._think_through(reply)
        self.record(
            Assistant,
            reply.run.turn_id,
            content=reply.text,
            status=status,
            products=products,
        )
        self._close(reply, status)

    def _close(self, reply: Reply, status: RunStatus) -> None:
        self.record(RunFinished, reply.run.turn_id, status=status)
        self._log(reply, status)
        self._go_on()

    def _log(self, reply: Reply, status: RunStatus) -> None:
        figures = reply.figures(self.clock.monotonic())
        self.log.info("turn.finished", status=status, **figures)

    def _go_on(self) -> None:
        """End the run and begin that of the next message that waits."""
        self._stop_timer()
        self.reply = self._job = None
        waiting = self.state.waiting
        self.become(replace(self.state, run=None, waiting=waiting[1:]))
        self.remind(None)
        if waiting:
            self._begin(self.asked.pop(waiting[0]))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
