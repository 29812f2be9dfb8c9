"""One conversation: whose it is, what was said, and what a newcomer must be told.

Sockets are no part of it: they follow the topic `session/<id>` where they are, and ask
here what they missed. How it records and answers is `run.py`.
"""

from collections.abc import Sequence
from datetime import timedelta
from inspect import isawaitable
from typing import Any, assert_never

from msgspec.structs import replace

from actors import conversation as rules
from actors.confirm import Confirming
from actors.conversation import USUAL, Conversation, Manners, is_of
from actors.engine import Engine
from actors.runtime import Kind
from agent.card_numbers import masked
from messages.frames import Read, RecordedFrame, Side
from messages.session import (
    AdoptSession,
    CancelRun,
    Confirm,
    DeleteSession,
    Framed,
    GetHistory,
    GiveBackChat,
    MarkRead,
    Opened,
    OpenSession,
    Page,
    Resumed,
    ResumeSession,
    Said,
    Say,
    SessionCommand,
    SessionDeleted,
    ShowWords,
    TakeChat,
    TakeSteps,
    session_topic,
)

# Whoever missed more than this begins again from the newest frames.
RESUME_FRAMES = 1000
RESUME_WITHIN = timedelta(hours=24)
SNAPSHOT_FRAMES = 50


class SessionActor(Confirming):
    """Owns one conversation; key = session id."""

    def initial(self, key: str) -> Conversation:  # noqa: ARG002 - all begin alike
        """Return a conversation that nobody has opened."""
        return Conversation()

    def receive(self, command: SessionCommand) -> Any:
        """Do as one command asks, if it comes from the owner."""
        if self.is_astray:
            return self._recalled(command)
        answer = self._obey(command)
        self.know()
        return answer

    async def _recalled(self, command: SessionCommand) -> Any:
        await self.recall()
        answer = self._obey(command)
        self.know()
        return await answer if isawaitable(answer) else answer

    def _obey(self, command: SessionCommand) -> Any:
        match command:
            case OpenSession():
                return self._open(command)
            case AdoptSession():
                return self._adopt_from(command)
            case TakeSteps() | ShowWords():
                return self._from_run(command)
            case TakeChat() | GiveBackChat():
                return self._from_operator(command)
            case CancelRun() | DeleteSession() | Confirm():
                return self._for_owner(command)
            case _:
                return self._for_those_here(command)

    def _from_run(self, command: TakeSteps | ShowWords) -> bool:
        if isinstance(command, TakeSteps):
            return self.take_steps(command)
        self.show_words(command)
        return True

    def _from_operator(self, command: TakeChat | GiveBackChat) -> None:
        if isinstance(command, TakeChat):
            self.yield_to_operator(command)
        else:
            self.give_back(command)

    def _for_owner(self, command: CancelRun | DeleteSession | Confirm) -> Any:
        self.check_attends(command.user_id, operator=False)
        match command:
            case CancelRun():
                return self.cancel()
            case DeleteSession():
                return self._delete()
            case Confirm():
                return self.confirm(command)
            case _:
                assert_never(command)

    def _for_those_here(
        self, command: Say | ResumeSession | GetHistory | MarkRead
    ) -> Any:
        self.check_attends(command.user_id, operator=command.operator)
        match command:
            case Say():
                return self._say(replace(command, text=masked(command.text)))
            case ResumeSession():
                return self._resume(command)
            case GetHistory():
                return self._page(command)
            case MarkRead():
                return self._mark(command)
            case _:
                assert_never(command)

    def _say(self, say: Say) -> Said:
        return self.say(say) if is_of(self.state, say.user_id) else self.speak(say)

    async def _open(self, command: OpenSession) -> Opened:
        if not self.state.user_id:
            now = rules.whole_ms(self.clock.now())
            self.become(rules.begun(self.state, command.user_id, now))
        self.check_attends(command.user_id, operator=command.operator)
        newest = await self._newest(command.history)
        # Whatever is gathered goes out first: the delta ends where previews go on.
        self.show_now()
        return Opened(
            epoch=self.state.history_id,
            last_seq=self.state.last_seq,
            history=newest,
            delta=self._delta(None, 0),
            side=self._side(command.user_id),
            mode=self.state.mode,
            read=rules.read_by_side(self.state),
        )

    def _side(self, user_id: str) -> Side:
        return "user" if is_of(self.state, user_id) else "operator"

    async def _resume(self, command: ResumeSession) -> Resumed:
        frames = await self._missed(command)
        resync = frames is None
        if frames is None:
            frames = await self._newest(SNAPSHOT_FRAMES)
        self.show_now()
        offset = 0 if resync else command.offset
        return Resumed(
            epoch=self.state.history_id,
            last_seq=self.state.last_seq,
            frames=frames,
            delta=self._delta(command.turn_id, offset),
            resync=resync,
            mode=self.state.mode,
        )

    async def _missed(self, command: ResumeSession) -> Sequence[RecordedFrame] | None:
        """Return what came after `last_seq`; None: too much, or of another history."""
        last = self.state.last_seq
        same = command.epoch == self.state.history_id and command.last_seq <= last
        if not same or last - command.last_seq > RESUME_FRAMES:
            return None
        frames = await self.frames(command.last_seq + 1, last)
        oldest = self.clock.now() - RESUME_WITHIN
        return None if frames and frames[0].timestamp < oldest else frames

    def _delta(self, turn_id: str | None, offset: int) -> Any:
        if self.reply is None:
            return None
        known = offset if turn_id == self.reply.run.turn_id else 0
        return self.reply.delta(self.clock.now(), known)

    async def _newest(self, wanted: int) -> Sequence[RecordedFrame]:
        last = self.state.last_seq
        return await self.frames(max(1, last - wanted + 1), last)

    async def _page(self, command: GetHistory) -> Page:
        end = self.state.last_seq
        if command.before_seq is not None:
            end = min(end, command.before_seq - 1)
        first = max(1, end - command.limit + 1)
        frames = await self.frames(first, end)
        return Page(frames, more=bool(frames) and first > 1)

    def _mark(self, command: MarkRead) -> None:
        seq = min(command.seq, self.state.last_seq)
        if seq > self.state.read.get(command.user_id, 0):
            read = {**self.state.read, command.user_id: seq}
            self.become(replace(self.state, read=read))
            told = Read(
                timestamp=self.clock.now(), who=self._side(command.user_id), seq=seq
            )
            self.publish(session_topic(self.key), Framed(told))

    def _adopt_from(self, command: AdoptSession) -> bool:
        if is_of(self.state, command.guest_id):
            self.become(rules.adopted(self.state, command.guest_id, command.user_id))
        return is_of(self.state, command.user_id)

    def _delete(self) -> None:
        self.check_interruptible()
        self.forget_run()
        now = rules.whole_ms(self.clock.now())
        gone = replace(self.state, deleted_at=now, run=None, waiting=())
        was = self.state.mode
        self.become(replace(gone, mode="bot", handoff=None))
        if was != "bot":
            self.tell_operators()
        self.remind(None)
        self.publish(session_topic(self.key), SessionDeleted())


def session_kind(engine: Engine, manners: Manners = USUAL) -> Kind:
    """Return what the runtime must know of conversations that `engine` answers."""
    return Kind(
        name="session",
        actor=lambda: SessionActor(engine, manners),
        state=Conversation,
        commands=SessionCommand,
        collection="sessions",
        reminds=True,
    )
