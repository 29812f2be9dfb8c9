"""Removes for good what nobody can ask for any more. Daily; repeating is harmless."""

from datetime import timedelta

from messages.base import Port
from messages.clock import Clock
from messages.session import DeleteSession
from scheduler.round import SHOWN, unwilling
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
    before = clock.now() - GUESTS_STAY
    stuck: list[str] = []
    talks, carts, last = 0, 0, ""
    while page := await guests.conversations(before, after=last):
        gone = await guests.unreachable(page.values())
        theirs = [(name, DeleteSession(g)) for name, g in page.items() if g in gone]
        stuck += [each async for each in unwilling(port, theirs)]
        talks, last = talks + len(theirs), [*page][-1]
    last = ""
    while names := await guests.carts(before, after=last):
        carts += await guests.forget_carts(await guests.unreachable(names))
        last = names[-1]
    done = {"conversations": talks - len(stuck), "carts": carts}
    return {**done, "stuck": len(stuck), "shown": stuck[:SHOWN]}
