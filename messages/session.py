"""What may be said to a conversation, and the steps a run reports to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal

from msgspec import Struct

from messages.base import Command, Event, R
from messages.frames import AssistantDelta, HeardFrame, RecordedFrame


class Thought(Struct, frozen=True, tag=True):
    """The agent thinks `content` more."""

    content: str


class Called(Struct, frozen=True, tag=True):
    """The agent uses a tool; until it returns, a `binding` one lets nobody interrupt.

    The tool may change something only once this step was taken.
    """

    call_id: str
    tool: str
    arguments: Mapping[str, Any]
    binding: bool = False


class Returned(Struct, frozen=True, tag=True):
    """The tool gave `content` (JSON builtins)."""

    call_id: str
    content: Any


class Words(Struct, frozen=True, tag=True):
    """The reply goes on with `content`, already checked against what tools gave."""

    content: str


class Noticed(Struct, frozen=True, tag=True):
    """The shopper should know `content` of how the reply comes about."""

    content: str


class Cost(Struct, frozen=True, tag=True):
    """An answer of `model` took so many tokens."""

    model: str
    input_tokens: int
    output_tokens: int


class Answered(Struct, frozen=True, tag=True):
    """The reply is whole: it is all `Words` joined; `products` are cards to show."""

    products: Sequence[Mapping[str, Any]] = ()


class Broke(Struct, frozen=True, tag=True):
    """The run ended without a reply; `content` is for the shopper."""

    code: str
    content: str


Step = Thought | Called | Returned | Words | Noticed | Cost | Answered | Broke
"""What a run reports, in order: any of these, then one of the last two."""


class Turn(Struct, frozen=True, kw_only=True):
    """All a run of the agent may know of its conversation."""

    session_id: str
    user_id: str
    turn_id: str
    text: str
    history: Sequence[RecordedFrame]
    """The newest recorded frames before `text`, the oldest first."""
    spent_tokens: int = 0
    """What this conversation cost before."""


class ToSession(Command[R], Generic[R], frozen=True):
    """To one conversation; key = session id."""

    to: ClassVar[str] = "session"


class Opened(Struct, frozen=True, kw_only=True):
    """Where the conversation stands; `epoch` names the history."""

    epoch: str
    last_seq: int
    history: Sequence[RecordedFrame]
    delta: AssistantDelta | None = None


class OpenSession(ToSession[Opened], frozen=True, tag=True):
    """Begin, or join, as `user_id`: the first one owns it, others SessionNotFound."""

    user_id: str
    history: int = 50


class Said(Struct, frozen=True):
    """The message is recorded as frame `seq` of `turn_id`."""

    seq: int
    turn_id: str


class Say(ToSession[Said], frozen=True, tag=True):
    """Record `text` and answer it. The same `id` again gets the first answer.

    What happens to a reply under way is up to the shop: see `DoubleTexting`.
    """

    user_id: str
    text: str
    id: str | None = None


class CancelRun(ToSession[bool], frozen=True, tag=True):
    """Stop the running reply; what was released of it stays. False: none ran."""

    user_id: str


class Resumed(Struct, frozen=True, kw_only=True):
    """What a socket missed, then the running reply from its offset on.

    `resync` is set, and `frames` are the newest ones, where it missed too much or
    knows another history.
    """

    epoch: str
    last_seq: int
    frames: Sequence[RecordedFrame]
    delta: AssistantDelta | None = None
    resync: bool = False


class ResumeSession(ToSession[Resumed], frozen=True, tag=True):
    """Give what came after `last_seq`, and of `turn_id` what came after `offset`."""

    user_id: str
    epoch: str
    last_seq: int
    turn_id: str | None = None
    offset: int = 0


class Page(Struct, frozen=True):
    """Recorded frames, the oldest first; `more` says that older ones exist."""

    frames: Sequence[RecordedFrame]
    more: bool


class GetHistory(ToSession[Page], frozen=True, tag=True):
    """Give up to `limit` recorded frames before `before_seq` (None: the newest)."""

    user_id: str
    before_seq: int | None = None
    limit: int = 50


class TakeStep(ToSession[bool], frozen=True, tag=True):
    """The run of `turn_id` reports a step. False: it has ended, the step is dropped."""

    turn_id: str
    step: Step


class ShowWords(ToSession[None], frozen=True, tag=True):
    """The 30 ms are over: show what was gathered of `turn_id`'s reply."""

    turn_id: str


class MarkRead(ToSession[None], frozen=True, tag=True):
    """`user_id` has seen everything up to `seq`."""

    user_id: str
    seq: int


class AdoptSession(ToSession[bool], frozen=True, tag=True):
    """The guest `guest_id` became `user_id`: the chat goes on. False: not theirs."""

    guest_id: str
    user_id: str


class DeleteSession(ToSession[None], frozen=True, tag=True):
    """Forget the conversation; it is purged after 7 days."""

    user_id: str


SessionCommand = (
    OpenSession
    | Say
    | CancelRun
    | ResumeSession
    | GetHistory
    | TakeStep
    | ShowWords
    | MarkRead
    | AdoptSession
    | DeleteSession
)


SessionMode = Literal["bot", "waiting", "human"]

DoubleTexting = Literal["enqueue", "reject", "interrupt", "rollback"]
"""What a message does to a reply under way: waits for its end, is refused, ends it with
what it said so far, or ends it as if it had said nothing."""


class SessionView(Struct, frozen=True, kw_only=True):
    """One conversation in a list; `title` is how it began."""

    session_id: str
    title: str = ""
    created_at: datetime
    updated_at: datetime
    last_seq: int = 0
    mode: SessionMode = "bot"


class Framed(Event, frozen=True, tag="frame"):
    """One frame for every socket of the session; to topic `session/<id>`.

    `origin` names the socket that caused it and need not hear it.
    """

    frame: HeardFrame
    origin: str = ""


class SessionDeleted(Event, frozen=True, tag="session_deleted"):
    """The conversation is no more, its sockets close; to topic `session/<id>`."""


def session_topic(session_id: str) -> str:
    """Return the topic on which a conversation is heard."""
    return f"session/{session_id}"
