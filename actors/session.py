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
from actors.conversation import USUAL, Conversation, Manners, is_of
from actors.engine import Engine
from actors.runtime import Kind
from actors.texting import Texting
from agent.clean import masked
from commerce.errors import SessionNotFound
from messages.frames import RecordedFrame
from messages.session import (
    AdoptSession,
    CancelRun,
    DeleteSession,
    GetHistory,
    MarkRead,
    Opened,
    OpenSession,
    Page,
    Resumed,
    ResumeSession,
    Say,
    SessionCommand,
    SessionDeleted,
    ShowWords,
    TakeStep,
    session_topic,
)

# Whoever missed more than this begins again from the newest frames.
RESUME_FRAMES = 1000
RESUME_WITHIN = timedelta(hours=24)
SNAPSHOT_FRAMES = 50


class SessionActor(Texting):
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
            case TakeStep():
                return self.take_step(command)
            case ShowWords():
                return self.show_words(command)
            case AdoptSession():
                return self._adopt_from(command)
            case _:
                return self._for_owner(command)

    def _for_owner(
        self,
        command: Say
        | CancelRun
        | ResumeSession
        | GetHistory
        | MarkRead
        | DeleteSession,
    ) -> Any:
        self._check(command.user_id)
        match command:
            case Say():
                return self.say(replace(command, text=masked(command.text)))
            case CancelRun():
                return self.cancel()
            case ResumeSession():
                return self._resume(command)
            case GetHistory():
                return self._page(command)
            case MarkRead():
                return self._mark(command)
            case DeleteSession():
                return self._delete()
            case _:
                assert_never(command)

    def _check(self, user_id: str) -> None:
        if not is_of(self.state, user_id):
            raise SessionNotFound(f"no conversation {self.key} of yours")

    async def _open(self, command: OpenSession) -> Opened:
        if not self.state.user_id:
            now = rules.whole_ms(self.clock.now())
            self.become(rules.begun(self.state, command.user_id, now))
        self._check(command.user_id)
        newest = await self._newest(command.history)
        # Whatever is gathered goes out first: the delta ends where previews go on.
        self.show_now()
        return Opened(
            epoch=self.state.history_id,
            last_seq=self.state.last_seq,
            history=newest,
            delta=self._delta(None, 0),
        )

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

    def _adopt_from(self, command: AdoptSession) -> bool:
        if is_of(self.state, command.guest_id):
            self.become(replace(self.state, user_id=command.user_id))
        return is_of(self.state, command.user_id)

    def _delete(self) -> None:
        self.forget_run()
        now = rules.whole_ms(self.clock.now())
        self.become(replace(self.state, deleted_at=now, run=None, waiting=()))
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
