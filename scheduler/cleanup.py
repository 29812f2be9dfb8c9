"""Removes for good what nobody can ask for any more. Daily; repeating is harmless."""

from contextlib import suppress
from datetime import timedelta

from commerce.errors import SessionNotFound
from messages.base import Port
from messages.clock import Clock
from messages.session import DeleteSession
from scheduler.runner import Report
from store.guest import GuestRepository
from store.session import SessionRepository
from store.token import TokenRepository

DELETED_STAY = timedelta(days=7)
"""So long a conversation stays after its owner deleted it."""

GUESTS_STAY = timedelta(days=8)
"""Nothing younger is a guest's who cannot come back: a sign-in lasts seven days."""


async def clean_up(
    clock: Clock, sessions: SessionRepository, tokens: TokenRepository
) -> Report:
    """Remove deleted conversations and tokens that ended; tell how many."""
    now = clock.now()
    return {
        "conversations": await sessions.purge(now - DELETED_STAY),
        "tokens": await tokens.purge(now),
    }


async def clean_up_after_guests(
    clock: Clock, guests: GuestRepository, port: Port
) -> Report:
    """Remove what guests left who cannot come back; their chats as if they did."""
    left = await guests.left_behind(clock.now() - GUESTS_STAY)
    for session_id, guest_id in left.conversations.items():
        with suppress(SessionNotFound):
            await port.ask(session_id, DeleteSession(guest_id))
    carts = await guests.forget_carts(left.carts)
    return {"conversations": len(left.conversations), "carts": carts}
