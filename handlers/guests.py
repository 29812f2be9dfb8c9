"""How a guest becomes an account: cart and chats move, then the guest is no more.

Every step may be repeated. The account notes the guest first and strikes it out last,
so that whatever stops in between goes on at the next sign-in or refresh.
"""

from collections.abc import Sequence
from typing import Protocol

import structlog

from commerce.errors import CartMerged
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

    async def of_token(self, guest_token: str) -> str:
        """Return the guest an access token speaks for, expired or not.

        A visitor may well sign up after an hour of looking around: what counts is that
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
        # One that merged already passes: its answer may have been lost on the way, and
        # a cart that was merged elsewhere refuses by itself.
        over = sign_in.revoked_at is not None and sign_in.merged_into is None
        if sign_in.role != "guest" or over:
            raise refused
        return sign_in.user_id

    async def move(self, user: User) -> None:
        """Move what `user` still waits for; what fails is tried again next time."""
        for guest_id in user.guests_to_merge:
            try:
                await self._move(guest_id, user.id)
            except (Unavailable, StorageError) as trouble:
                log.warning("guest.not_merged", guest_id=guest_id, why=str(trouble))

    async def _move(self, guest_id: str, user_id: str) -> None:
        try:
            await self._port.ask(user_id, MergeGuest(guest_id))
        except CartMerged:
            # Another account was faster; nothing is left to move.
            log.info("guest.merged_elsewhere", guest_id=guest_id)
        for session_id in await self._conversations.ids_of_user(guest_id):
            await self._port.ask(session_id, AdoptSession(guest_id, user_id))
        await self._sign_ins.end_all_of(guest_id, merged_into=user_id)
        await self._users.settle_guest(user_id, guest_id)
