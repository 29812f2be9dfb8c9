"""What a conversation's actor records, and what it remembers of it.

Memory holds what the state has not at hand: frames that were sealed, the messages that
wait, the names clients gave to theirs. It is rebuilt from the log at activation, and
whenever a commit was refused and the state went back to before it.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from actors import conversation as rules
from actors.conversation import Conversation, whole_ms
from actors.engine import STOPPED
from actors.runtime import Actor
from messages.frames import Assistant, RecordedFrame, Side, ToolResult, User
from messages.session import Framed, Said, SessionCommand, session_topic

# What the agent is told of the past: so many frames at least. Older ones are dropped so
# many at a time, at fixed places of the history, so that what was made of the rest is
# good for some turns.
CONTEXT = 50
DROPPED = 30
# How far back a resent message is known.
REMEMBERED = 1000
# For so long after a commit somebody may follow who does not know that it landed.
DOUBTFUL_FOR = timedelta(minutes=5)


class Recording(Actor[SessionCommand, Conversation]):
    """Records frames and knows them again."""

    def __init__(self) -> None:
        super().__init__()
        # The newest frames, sealed or not: what the agent is told of the past.
        self.recent: list[RecordedFrame] = []
        # Messages by the name their client gave them, and those whose run is to come.
        self.said: dict[tuple[str, str], Said] = {}
        self.asked: dict[int, User] = {}
        self._known = _mark(Conversation())

    @property
    def is_astray(self) -> bool:
        """Whether memory knows what the state does not: a commit was refused."""
        return self._known != _mark(self.state)

    def know(self) -> None:
        """Say that memory and state agree."""
        self._known = _mark(self.state)

    def record(self, kind: type[Any], turn_id: str | None, **content: Any) -> Any:
        """Append one frame to the conversation and tell it to whoever listens."""
        frame = kind(
            timestamp=whole_ms(self.clock.now()),
            seq=self.state.last_seq + 1,
            session_id=self.key,
            turn_id=turn_id,
            **content,
        )
        self.become(rules.recorded(self.state, frame))
        self.publish(session_topic(self.key), Framed(frame))
        self._remember(frame)
        return frame

    async def frames(self, first: int, last: int) -> Sequence[RecordedFrame]:
        """Return the frames `first`..`last` by seq, sealed or not."""
        if last < first:
            return ()
        sealed = self.log_start
        kept = self.state.frames[max(0, first - 1 - sealed) : max(0, last - sealed)]
        if first > sealed:
            return kept
        # A frame's seq counts from 1, an entry of the log from 0.
        older = await self.read_log(first - 1, min(last, sealed) - 1)
        return (*older, *kept)

    def return_calls(self, turn_id: str) -> None:
        """Give each call that nobody waits for any more its result."""
        for call_id in rules.open_calls(self.recent, turn_id):
            self.record(ToolResult, turn_id, call_id=call_id, content=STOPPED)

    def tell_again(self) -> None:
        """Tell what was recorded lately, for those who follow and missed it.

        A commit whose outcome nobody could learn may have landed without having been
        told. Whoever heard a frame knows it by its seq.
        """
        since = self.clock.now() - DOUBTFUL_FOR
        for frame in self.recent:
            if frame.timestamp >= since:
                self.publish(session_topic(self.key), Framed(frame))

    async def remember_all(self) -> None:
        """Remember what is recorded, and nothing else."""
        self.recent.clear()
        self.said.clear()
        self.asked.clear()
        last = self.state.last_seq
        for frame in await self.frames(max(1, last - REMEMBERED + 1), last):
            self._remember(frame)
            if isinstance(frame, User) and frame.seq in self.state.waiting:
                self.asked[frame.seq] = frame

    def _remember(self, frame: RecordedFrame) -> None:
        if frame.seq % DROPPED == 0:
            del self.recent[:-CONTEXT]
        self.recent.append(frame)
        if isinstance(frame, User | Assistant) and frame.id is not None:
            self.said[_side(frame), frame.id] = said(frame)

    def known(self, side: Side, id: str | None) -> Said | None:
        """Return what was answered when that side said this before."""
        return None if id is None else self.said.get((side, id))


def _side(frame: User | Assistant) -> Side:
    return "user" if isinstance(frame, User) else "operator"


def said(frame: User | Assistant) -> Said:
    """Return what whoever said this is answered."""
    assert frame.turn_id is not None, "a message names its turn"
    return Said(frame.seq, frame.turn_id)


def _mark(state: Conversation) -> tuple[int, str | None]:
    return state.last_seq, None if state.run is None else state.run.turn_id
