"""What may be said to a conversation, and what it tells."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, Literal

from msgspec import Struct

from commerce.quote import Decision
from messages.base import Command, Event, R
from messages.frames import (
    AssistantDelta,
    HeardFrame,
    RecordedFrame,
    SessionMode,
    Side,
)
from messages.turn import Step


class ToSession(Command[R], Generic[R], frozen=True):
    """To one conversation; key = session id.

    `user_id` is its owner, or with `operator` one who attends it: an operator may see
    a conversation that waits, and see and speak in one that they took.
    """

    to: ClassVar[str] = "session"


class Opened(Struct, frozen=True, kw_only=True):
    """Where the conversation stands; `epoch` names the history.

    `side` is that of who asked, `read` up to which seq each side has seen it.
    """

    epoch: str
    last_seq: int
    history: Sequence[RecordedFrame]
    delta: AssistantDelta | None = None
    side: Side = "user"
    mode: SessionMode = "bot"
    read: Mapping[Side, int] = {}


class OpenSession(ToSession[Opened], frozen=True, tag=True):
    """Begin, or join, as `user_id`: the first one owns it, others SessionNotFound."""

    user_id: str
    history: int = 50
    operator: bool = False


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
    operator: bool = False


class Confirm(ToSession[Said], frozen=True, tag=True):
    """Record the shopper's own decision on a quote, and do what was approved.

    The same decision again gets the first answer. Raises QuoteNotFound, QuoteExpired,
    QuoteSpent.
    """

    user_id: str
    quote_id: str
    decision: Decision


class CancelRun(ToSession[bool], frozen=True, tag=True):
    """Stop the running reply; what was released of it stays.

    Where none runs but a person is waited for, go on without. False: neither.
    """

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
    mode: SessionMode = "bot"


class ResumeSession(ToSession[Resumed], frozen=True, tag=True):
    """Give what came after `last_seq`, and of `turn_id` what came after `offset`."""

    user_id: str
    epoch: str
    last_seq: int
    turn_id: str | None = None
    offset: int = 0
    operator: bool = False


class Page(Struct, frozen=True):
    """Recorded frames, the oldest first; `more` says that older ones exist."""

    frames: Sequence[RecordedFrame]
    more: bool


class GetHistory(ToSession[Page], frozen=True, tag=True):
    """Give up to `limit` recorded frames before `before_seq` (None: the newest)."""

    user_id: str
    before_seq: int | None = None
    limit: int = 50
    operator: bool = False


class TakeSteps(ToSession[bool], frozen=True, tag=True):
    """The run of `turn_id` reports what it did. False: it has ended, they are dropped.

    Several steps are taken as one: recorded by one commit, shown by one preview.
    """

    turn_id: str
    steps: Sequence[Step]


class ShowWords(ToSession[None], frozen=True, tag=True):
    """The 30 ms are over: show what was gathered of `turn_id`'s reply."""

    turn_id: str


class MarkRead(ToSession[None], frozen=True, tag=True):
    """`user_id` has seen everything up to `seq`."""

    user_id: str
    seq: int
    operator: bool = False


class TakeChat(ToSession[None], frozen=True, tag=True):
    """An operator answers from now on; again by the same one changes nothing."""

    operator_id: str


class GiveBackChat(ToSession[None], frozen=True, tag=True):
    """The agent answers from now on; where it does already nothing changes."""

    operator_id: str


class AdoptSession(ToSession[bool], frozen=True, tag=True):
    """The guest `guest_id` became `user_id`: the chat goes on. False: not theirs."""

    guest_id: str
    user_id: str


class DeleteSession(ToSession[None], frozen=True, tag=True):
    """Forget the conversation; it is purged after 7 days. Raises PurchaseUnderway."""

    user_id: str


SessionCommand = (
    OpenSession
    | Say
    | Confirm
    | CancelRun
    | ResumeSession
    | GetHistory
    | TakeSteps
    | ShowWords
    | MarkRead
    | AdoptSession
    | DeleteSession
    | TakeChat
    | GiveBackChat
)


DoubleTexting = Literal["enqueue", "reject", "interrupt", "rollback"]
"""What a message does to a reply under way: waits for its end, is refused, ends it with
what it said so far, or ends it as if it had said nothing."""


class Framed(Event, frozen=True, tag="frame"):
    """One frame for every socket of the session; to topic `session/<id>`.

    `origin` names the socket that caused it and need not hear it.
    """

    frame: HeardFrame
    origin: str = ""


class ModeChanged(Event, frozen=True, tag="mode_changed"):
    """Somebody else answers now; only they may still attend it as operator.

    To topic `session/<id>`.
    """

    mode: SessionMode
    operator_id: str = ""


class ChatPassedOn(Event, frozen=True, tag="chat_passed_on"):
    """A conversation waits for a person, is with one, or with the assistant again.

    To topic `operators`; `summary` is what the agent leaves to whoever takes it.
    """

    session_id: str
    mode: SessionMode
    operator_id: str = ""
    summary: str = ""


class SessionDeleted(Event, frozen=True, tag="session_deleted"):
    """The conversation is no more, its sockets close; to topic `session/<id>`."""


def session_topic(session_id: str) -> str:
    """Return the topic on which a conversation is heard."""
    return f"session/{session_id}"
