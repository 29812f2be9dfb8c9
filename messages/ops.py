"""What an operator hears on `/ws/ops`: how the shop does, and what just happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from commerce.job import JobState
from messages.frames import Frame, SessionMode
from messages.session import ChatPassedOn
from messages.stock import StockDiffers, StockLow


class Crowd(Struct, frozen=True, kw_only=True):
    """The live actors of one kind on this node; `oldest_s` is how long mail waits."""

    kind: str
    count: int
    mailbox: int
    oldest_s: float


class Low(Struct, frozen=True, kw_only=True):
    """One variant of which few can be bought."""

    sku: str
    product_id: str
    available: int


class Books(Struct, frozen=True, kw_only=True):
    """What is counted in the database, every few seconds: `at` says when."""

    at: datetime
    jobs: Sequence[JobState] = ()
    orders: Mapping[str, int] = {}
    returns: Mapping[str, int] = {}
    waiting_chats: int = 0


class Vitals(Struct, frozen=True, kw_only=True):
    """How this node does. `errors` count since its start, by what went wrong.

    `commit_batch` is how many commits went into one round trip of late, `low_stock`
    the emptiest of `low_stock_count` variants. `database` is False while it is away;
    `books` are then those of before.
    """

    actors: Sequence[Crowd]
    sockets: int
    commits_per_s: float
    commit_batch: float
    errors: Mapping[str, int]
    low_stock: Sequence[Low]
    low_stock_count: int
    database: bool
    books: Books | None


class Ops(Frame, frozen=True, kw_only=True, tag="ops"):
    """How the shop does now; about every second."""

    vitals: Vitals


class RunsLow(Frame, frozen=True, kw_only=True, tag="stock_low"):
    """Few of this variant can be bought any more."""

    sku: str
    available: int


class BooksDiffer(Frame, frozen=True, kw_only=True, tag="stock_differs"):
    """Shelves and orders do not agree; the report of job `reconcile` says where."""

    differences: int


class ChatMode(Frame, frozen=True, kw_only=True, tag="chat_mode"):
    """Somebody else answers this conversation now; `waiting`: whoever takes it."""

    session_id: str
    mode: SessionMode
    operator_id: str = ""
    summary: str = ""


Told = StockLow | StockDiffers | ChatPassedOn


def told_to_operators(event: Told, at: datetime) -> Frame:
    """Return `event` as operators see it."""
    if isinstance(event, ChatPassedOn):
        return ChatMode(
            timestamp=at,
            session_id=event.session_id,
            mode=event.mode,
            operator_id=event.operator_id,
            summary=event.summary,
        )
    if isinstance(event, StockLow):
        return RunsLow(timestamp=at, sku=event.sku, available=event.available)
    return BooksDiffer(timestamp=at, differences=event.differences)
