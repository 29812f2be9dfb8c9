"""Who may be a customer: accounts, and what a password must be."""

import re
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Literal

from msgspec import Struct

from commerce.errors import Malformed, NotFound, Refused

AccountRole = Literal["customer", "operator"]

PASSWORD_MIN_BYTES = 8
# bcrypt reads 72 bytes and no more; a longer password would only seem longer.
PASSWORD_MAX_BYTES = 72
USERNAME = re.compile(r"[A-Za-z0-9]{3,32}\Z")
# Enough for home, work, phone and travel; few enough to stay in the document.
ADDRESSES_REMEMBERED = 16


class UserNotFound(NotFound):
    """No such account."""

    code = "user_not_found"


class WeakPassword(Malformed):
    """Too short, too long, or among the first that anybody would try."""

    code = "weak_password"


class BadUsername(Malformed):
    """Not 3 to 32 letters and digits."""

    code = "bad_username"


class LastOperator(Refused):
    """The shop keeps one operator: nobody else could make another."""

    code = "last_operator"


class User(Struct, frozen=True, kw_only=True):
    """One account. `known_addresses` are hashes, the newest last."""

    id: str
    email: str
    username: str
    password_hash: str
    role: AccountRole = "customer"
    full_name: str | None = None
    phone: str | None = None
    is_active: bool = True
    is_verified: bool = False
    created_at: datetime
    known_addresses: tuple[str, ...] = ()
    guests_to_merge: tuple[str, ...] = ()
    """Guests who became this account and whose cart and chats are still to move."""


def email_key(email: str) -> str:
    """Return what makes two mail addresses the same account."""
    return email.casefold()


def username_key(username: str) -> str:
    """Return what makes two names the same."""
    return username.casefold()


def check_username(username: str) -> str:
    """Return `username`. Raises BadUsername."""
    if not USERNAME.match(username):
        raise BadUsername("a name is 3 to 32 letters and digits", field="username")
    return username


def check_password(
    password: str, *, common: AbstractSet[str], email: str, username: str
) -> str:
    """Return `password` if it may guard an account. Raises WeakPassword.

    `common` holds the ones everybody tries, in lower case.
    """
    length = len(password.encode())
    if not PASSWORD_MIN_BYTES <= length <= PASSWORD_MAX_BYTES:
        raise _weak(f"a password has 8 to 72 bytes in UTF-8, not {length}")
    if "\0" in password:
        raise _weak("a password holds no NUL")
    guesses = {
        email.casefold(),
        username.casefold(),
        email.partition("@")[0].casefold(),
    }
    if password.casefold() in common or password.casefold() in guesses:
        raise _weak("this password is among the first that would be tried")
    return password


def _weak(why: str) -> WeakPassword:
    return WeakPassword(why, field="password")
