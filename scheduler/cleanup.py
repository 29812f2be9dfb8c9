"""Removes for good what nobody can ask for any more. Daily; repeating is harmless."""

from datetime import timedelta

from messages.clock import Clock
from scheduler.runner import Report
from store.session import SessionRepository
from store.token import TokenRepository

DELETED_STAY = timedelta(days=7)
"""So long a conversation stays after its owner deleted it."""


async def clean_up(
    clock: Clock, sessions: SessionRepository, tokens: TokenRepository
) -> Report:
    """Remove deleted conversations and tokens that ended; tell how many."""
    now = clock.now()
    return {
        "conversations": await sessions.purge(now - DELETED_STAY),
        "tokens": await tokens.purge(now),
    }
