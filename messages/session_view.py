"""Conversations as lists show them, to their owner and to operators."""

from datetime import datetime

from msgspec import Struct

from messages.frames import SessionMode


class SessionView(Struct, frozen=True, kw_only=True):
    """One conversation in a list; `title` is how it began."""

    session_id: str
    title: str = ""
    created_at: datetime
    updated_at: datetime
    last_seq: int = 0
    mode: SessionMode = "bot"


class HandoffView(Struct, frozen=True, kw_only=True):
    """A conversation that waits for a person, or is with one; `since` it was so."""

    session_id: str
    user_id: str
    title: str = ""
    mode: SessionMode
    summary: str = ""
    operator_id: str = ""
    since: datetime
    updated_at: datetime
    last_seq: int = 0
