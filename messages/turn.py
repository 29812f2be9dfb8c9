"""A turn of the agent: all it may know when it begins, and the steps it reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from commerce.quote import Decision, Quote
from messages.frames import RecordedFrame


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


class Proposed(Struct, frozen=True, tag=True):
    """The run stops here, for the shopper to confirm `quote`."""

    quote: Quote


class HandedOff(Struct, frozen=True, tag=True):
    """A person should take over and read `summary`; the reply goes on to its end."""

    summary: str


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


Step = (
    Thought
    | Called
    | Returned
    | Words
    | Noticed
    | Proposed
    | HandedOff
    | Cost
    | Answered
    | Broke
)
"""What a run reports, in order: any of these, then one of the last two."""

Steps = Sequence[Step]
"""Those that came at once."""


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
    decision: Decision | None = None
    """The shopper's own word on a quote; then `text` only stands for it."""
    confirmed: Quote | None = None
    """What the shopper approved by it, for this run to do."""
