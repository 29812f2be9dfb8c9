"""How a guest becomes an account: cart and chats move, then the guest is no more.

Every step may be repeated. The account notes the guest first and strikes it out last,
so that whatever stops in between goes on at the next sign-in or refresh.
"""

from collections.abc import Sequence
from typing import Protocol

import structlog

from actors.runtime import Bug
from commerce.errors import CartMerged, CommerceError
from commerce.user import User
from handlers.errors import NotSignedIn
from handlers.sign_ins import SignIns
from handlers.tokens import Mint
from messages.base import Port, Unavailable
from messages.cart import MergeGuest
from messages.session import AdoptSession
from store.port import StorageError
from store.user import UserRepository

log = structlog.get_logger()


class Conversations(Protocol):
    """Which conversations a shopper owns."""

    async def ids_of_user(self, user_id: str) -> Sequence[str]:
        """Return the ids of the sessions of `user_id`."""
        ...


class Guests:
    """Knows guests by their tokens and moves what they had."""

    def __init__(
        self,
        mint: Mint,
        sign_ins: SignIns,
        users: UserRepository,
        port: Port,
        conversations: Conversations,
    ) -> None:
        self._mint = mint
        self._sign_ins = sign_ins
        self._users = users
        self._port = port
        self._conversations = conversations

    async def of_token(self, guest_token: str) -> str | None:
        """Return the guest an access token speaks for, expired or not.

        None: all that was theirs has moved, and the answer that said so may be lost. A
        visitor may well sign up after an hour of looking around: what counts is that
        the guest's session lives. Raises NotSignedIn (`invalid_guest_token`).
        """
        refused = NotSignedIn(
            "invalid_guest_token",
            "The guest token is none of a guest's; sign in without it.",
        )
        try:
            claims = self._mint.read(guest_token, "access", expired_too=True)
            sign_in = await self._sign_ins.found(claims["sid"])
        except NotSignedIn:
            raise refused from None
        if sign_in.role != "guest":
            raise refused
        if sign_in.merged_into is not None:
            return None
        if sign_in.revoked_at is not None:
            raise refused
        return sign_in.user_id

    async def move(self, user: User) -> None:
        """Move what `user` still waits for; what fails is tried again next time.

        The newest first, whose cart is wanted now. Nothing of it keeps anybody out.
        """
        for guest_id in reversed(user.guests_to_merge):
            try:
                await self._move(guest_id, user.id)
            except (Bug, CommerceError) as broken:
                _not_merged(guest_id, broken)
            except (Unavailable, StorageError) as trouble:
                _not_merged(guest_id, trouble)
                # The others would be waited for as long, and in vain.
                return

    async def _move(self, guest_id: str, user_id: str) -> None:
        try:
            await self._port.ask(user_id, MergeGuest(guest_id))
        except CartMerged:
            # Another account was faster; nothing is left to move.
            log.info("guest.merged_elsewhere", guest_id=guest_id)
        await self._adopt(guest_id, user_id)
        await self._sign_ins.end_all_of(guest_id, merged_into=user_id)
        # Until then the guest's tabs may have begun another.
        await self._adopt(guest_id, user_id)
        await self._users.settle_guest(user_id, guest_id)

    async def _adopt(self, guest_id: str, user_id: str) -> None:
        for session_id in await self._conversations.ids_of_user(guest_id):
            await self._port.ask(session_id, AdoptSession(guest_id, user_id))


def _not_merged(guest_id: str, why: Exception) -> None:
    log.warning("guest.not_merged", guest_id=guest_id, why=str(why))
