"""What can be done with an account: make it, sign in to it, stay signed in."""

import secrets
from collections.abc import Set as AbstractSet
from contextlib import suppress

from msgspec import Struct

from commerce.cart import GUEST_PREFIX
from commerce.errors import EmailTaken, UsernameTaken
from commerce.user import (
    AccountRole,
    User,
    UserNotFound,
    check_password,
    check_username,
)
from handlers.errors import NotAllowed, NotSignedIn
from handlers.guests import Guests
from handlers.limits import Doors
from handlers.passwords import Passwords
from handlers.sign_ins import SignIns
from handlers.tokens import Bearer, Mint, Tokens, bearer_of
from messages.base import Unavailable
from messages.clock import Clock
from store.user import UserRepository


class Newcomer(Struct, frozen=True, kw_only=True):
    """What somebody tells who wants an account; `email` is normalised already."""

    email: str
    username: str
    password: str
    full_name: str | None = None


class Register:
    """Makes accounts."""

    def __init__(
        self,
        users: UserRepository,
        passwords: Passwords,
        common: AbstractSet[str],
        clock: Clock,
    ) -> None:
        self._users = users
        self._passwords = passwords
        self._common = common
        self._clock = clock

    async def make(
        self,
        new: Newcomer,
        *,
        role: AccountRole = "customer",
        address: str | None = None,
        guest_id: str | None = None,
    ) -> User:
        """Make an account and return it; `address` counts as known, if given.

        Raises BadUsername, WeakPassword, EmailTaken, UsernameTaken.
        """
        check_username(new.username)
        check_password(
            new.password, common=self._common, email=new.email, username=new.username
        )
        await self._refuse_taken(new)
        user = User(
            id=secrets.token_hex(12),
            email=new.email,
            username=new.username,
            password_hash=await self._passwords.hashed(new.password),
            role=role,
            full_name=new.full_name,
            created_at=self._clock.now(),
            known_addresses=(address,) if address else (),
            guests_to_merge=(guest_id,) if guest_id else (),
        )
        await self._users.add(user)
        return user

    async def _refuse_taken(self, new: Newcomer) -> None:
        # Looked up before the hash, which is dear; the index decides in the end.
        if await self._users.of_email(new.email):
            raise EmailTaken("an account with this mail address exists")
        if await self._users.of_username(new.username):
            raise UsernameTaken(f"the name {new.username} is taken")


class Accounts:
    """Signs people up, in and out."""

    def __init__(
        self,
        *,
        register: Register,
        users: UserRepository,
        passwords: Passwords,
        sign_ins: SignIns,
        guests: Guests,
        doors: Doors,
        mint: Mint,
    ) -> None:
        self._register = register
        self._users = users
        self._passwords = passwords
        self._guests = guests
        self._doors = doors
        self._mint = mint
        self.sign_ins = sign_ins

    async def sign_up(
        self, new: Newcomer, guest_token: str | None, address: str
    ) -> Tokens:
        """Make an account, which takes over what the guest had, and sign in to it."""
        await self._doors.use("signup", address)
        guest_id = await self._guests.of_token(guest_token) if guest_token else None
        user = await self._register.make(new, address=address, guest_id=guest_id)
        return await self._enter(user)

    async def sign_in(
        self, email: str, password: str, guest_token: str | None, address: str
    ) -> Tokens:
        """Sign in. Raises TooOften, and NotSignedIn alike for unknown mail."""
        user = await self._known(email, password, address)
        guest_id = await self._guests.of_token(guest_token) if guest_token else None
        if guest_id:
            await self._users.expect_guest(user.id, guest_id)
            user = await self._users.of_id(user.id)
        if address not in user.known_addresses:
            await self._users.remember_address(user.id, address)
        return await self._enter(user)

    async def be_guest(self, address: str) -> Tokens:
        """Sign in an anonymous shopper."""
        await self._doors.use("guest", address)
        return await self.sign_ins.begin(
            f"{GUEST_PREFIX}{secrets.token_hex(12)}", "guest"
        )

    async def refresh(
        self, refresh_token: str, key: str | None, address: str
    ) -> Tokens:
        """Give a new pair for the good refresh token, or for a repeat with its `key`.

        Raises NotSignedIn, TooOften.
        """
        await self._doors.use("refresh", address)
        claims = self._mint.read(refresh_token, "refresh")
        bearer = await self._as_of_today(bearer_of(claims))
        return await self.sign_ins.carry_on(bearer, claims["jti"], key)

    async def give_role(self, user_id: str, role: AccountRole) -> User:
        """Make an account a customer or an operator; it must sign in again.

        Raises UserNotFound, LastOperator. A second time mends one that was cut short.
        """
        user = await self._users.give_role(user_id, role)
        await self.sign_ins.end_all_of(user_id)
        return user

    async def close(self, user_id: str) -> User:
        """Let nobody in by this account: what is signed in ends at once.

        Raises UserNotFound, LastOperator. A second time mends one that was cut short.
        """
        user = await self._users.set_active(user_id, is_active=False)
        await self.sign_ins.end_all_of(user_id)
        return user

    async def _enter(self, user: User) -> Tokens:
        await self._guests.move(user)
        tokens = await self.sign_ins.begin(user.id, user.role)
        await self._check_standing(user)
        return tokens

    async def _check_standing(self, user: User) -> None:
        # An operator may have changed it between the password and the sign-in, and
        # have seen no sign-in to end.
        today = await self._users.of_id(user.id)
        if (today.is_active, today.role) != (user.is_active, user.role):
            await self.sign_ins.end_all_of(user.id)
            raise NotAllowed("This account was changed just now; sign in again.")

    async def _known(self, email: str, password: str, address: str) -> User:
        user = await self._users.of_email(email)
        async with self._doors.sign_in(email, user, address) as attempt:
            stored = user.password_hash if user else None
            right = await self._passwords.matches(password, stored)
            if user is None or not right:
                raise NotSignedIn(
                    "invalid_credentials", "Mail address or password is wrong."
                )
            attempt.forgive()
        if not user.is_active:
            raise NotAllowed("This account is closed.")
        if self._passwords.is_outdated(user.password_hash):
            await self._harden(user, password)
        return user

    async def _harden(self, user: User, password: str) -> None:
        # Else an account would keep the work of its first day, and the time that a
        # wrong password takes would tell that there is one. It can wait, though.
        with suppress(Unavailable):
            hashed = await self._passwords.hashed(password)
            await self._users.harden(user.id, user.password_hash, hashed)

    async def _as_of_today(self, bearer: Bearer) -> Bearer:
        # What an operator changed of the account holds from this refresh on.
        if bearer.role == "guest":
            return bearer
        try:
            user = await self._users.of_id(bearer.user_id)
        except UserNotFound:
            raise NotSignedIn from None
        if not user.is_active:
            await self.sign_ins.end(bearer.sid)
            raise NotSignedIn
        await self._guests.move(user)
        return Bearer(user_id=user.id, role=user.role, sid=bearer.sid)
