"""What is stored of one conversation, and how it grows: pure, without actor or clock.

The recorded frames are its log. Everything else is small and says where the
conversation stands: whose it is, which run goes on, which messages wait for theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from actors.quotes import Quotes
from actors.runtime import Log
from messages.frames import (
    Assistant,
    RecordedFrame,
    RunFinished,
    SessionMode,
    Side,
    Thinking,
    ToolCall,
    ToolResult,
    User,
)
from messages.session import DoubleTexting
from messages.turn import Cost

# More messages than this never wait for an answer at once: somebody, or something,
# talks without listening.
MAX_WAITING = 10

TITLE_LENGTH = 80

Moment = datetime | None


class Manners(Struct, frozen=True, kw_only=True):
    """How this shop's conversations are held."""

    double_texting: DoubleTexting = "enqueue"
    run_s: float = 30.0
    """No run takes longer."""
    handoff_wait_s: float = 600.0
    """Nobody waits longer for a person to come, or to answer."""


USUAL = Manners()


class Run(Struct, frozen=True, kw_only=True):
    """The reply under way to the message recorded as frame `asked`."""

    turn_id: str
    asked: int
    began_at: datetime
    deadline: datetime


class Handoff(Struct, frozen=True, kw_only=True):
    """A person is wanted `since` then, or is here: `operator_id`.

    If nobody came, or answered, by `until`, it goes on without them.
    """

    since: datetime
    until: Moment = None
    summary: str = ""
    operator_id: str = ""


class Conversation(Struct, frozen=True, kw_only=True):
    """One conversation; without `user_id` nobody ever opened it.

    `history_id` names this history: it changes only if the history was lost. `waiting`
    are the seqs of messages whose run is still to come, `read` says up to which seq
    each user has seen it, `spent_tokens` what its replies cost.
    """

    user_id: str = ""
    history_id: str = ""
    title: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    last_seq: int = 0
    mode: SessionMode = "bot"
    handoff: Handoff | None = None
    run: Run | None = None
    waiting: tuple[int, ...] = ()
    read: Mapping[str, int] = field(default_factory=dict)
    spent_tokens: int = 0
    quotes: Quotes = Quotes()
    frames: Log[RecordedFrame] = ()


def is_of(conversation: Conversation, user_id: str) -> bool:
    """Return whether `user_id` may speak and read here."""
    return conversation.user_id == user_id and conversation.deleted_at is None


def begun(conversation: Conversation, user_id: str, at: datetime) -> Conversation:
    """Return a conversation that nobody had as that of `user_id`."""
    # When it began is name enough: one session id has one history at a time.
    history_id = f"{int(at.timestamp() * 1000):x}"
    return replace(
        conversation,
        user_id=user_id,
        history_id=history_id,
        created_at=at,
        updated_at=at,
    )


def recorded(conversation: Conversation, frame: RecordedFrame) -> Conversation:
    """Return `conversation` with `frame` at its end; its seq must be the next."""
    assert frame.seq == conversation.last_seq + 1, "seqs have no gaps"
    title = conversation.title
    if isinstance(frame, User):
        title = title or frame.content[:TITLE_LENGTH]
    return replace(
        conversation,
        title=title,
        last_seq=frame.seq,
        updated_at=frame.timestamp,
        frames=(*conversation.frames, frame),
    )


def paid(conversation: Conversation, cost: Cost) -> Conversation:
    """Return `conversation` having taken the tokens of one more answer."""
    spent = cost.input_tokens + cost.output_tokens
    return replace(conversation, spent_tokens=conversation.spent_tokens + spent)


def read_by_side(conversation: Conversation) -> Mapping[Side, int]:
    """Return up to which seq each side has read."""
    sides: dict[Side, int] = {"user": 0, "operator": 0}
    for reader, seq in conversation.read.items():
        side: Side = "user" if reader == conversation.user_id else "operator"
        sides[side] = max(sides[side], seq)
    return sides


def adopted(conversation: Conversation, guest_id: str, user_id: str) -> Conversation:
    """Return the guest's conversation as that of the account they became."""
    read = {
        user_id if reader == guest_id else reader: seq
        for reader, seq in conversation.read.items()
    }
    return replace(conversation, user_id=user_id, read=read)


def remembered(frames: Iterable[RecordedFrame]) -> Sequence[RecordedFrame]:
    """Return what the agent may know of `frames`.

    Of a turn that was rolled back only what its tools did: that stays done.
    """
    known = tuple(frames)
    gone = {
        each.turn_id
        for each in known
        if isinstance(each, RunFinished) and each.reason == "rolled_back"
    }
    if not gone:
        return known
    return [
        each
        for each in known
        if each.turn_id not in gone or not isinstance(each, User | Thinking | Assistant)
    ]


def open_calls(frames: Iterable[RecordedFrame], turn_id: str) -> Sequence[str]:
    """Return the ids of the turn's calls that have no result."""
    calls: dict[str, None] = {}
    for each in frames:
        if each.turn_id != turn_id:
            continue
        if isinstance(each, ToolCall):
            calls[each.call_id] = None
        elif isinstance(each, ToolResult):
            calls.pop(each.call_id, None)
    return tuple(calls)


def turn_of(session_id: str, seq: int) -> str:
    """Return the id of the turn that answers frame `seq`: the same at every try."""
    return f"{session_id}.{seq}"


def whole_ms(at: datetime) -> datetime:
    """Return `at` as the database gives it back: whole milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
