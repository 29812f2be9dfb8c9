"""Signed tokens: made here, read here, trusted only after `Gate` said so.

Access, refresh and ticket differ in the `typ` of their header and of their claims, so
that none can stand in for another.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import jwt
from msgspec import Struct

from handlers.errors import NotSignedIn
from handlers.keys import Role
from messages.clock import Clock

ALGORITHM = "HS256"
ISSUER = "souk"
AUDIENCE = "souk"
# Tokens of ours have some 500 characters; longer ones are not worth the work.
MAX_TOKEN_CHARACTERS = 4096

TokenType = Literal["access", "refresh", "ticket"]
HEADER_TYPES: Mapping[TokenType, str] = {
    "access": "at+jwt",
    "refresh": "rt+jwt",
    "ticket": "ticket+jwt",
}


class Lifetimes(Struct, frozen=True, kw_only=True):
    """How long each token is good, in seconds."""

    access_s: int = 3600
    refresh_s: int = 7 * 24 * 3600
    refresh_grace_s: int = 60
    """So long a spent refresh token may come again with its key."""
    ticket_s: int = 30


class Bearer(Struct, frozen=True, kw_only=True):
    """Whom a token speaks for."""

    user_id: str
    role: Role
    sid: str


class Tokens(Struct, frozen=True, kw_only=True):
    """What a sign-in answers; `expires_in` seconds of the access token."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int


class Mint:
    """Makes and reads tokens under one key."""

    def __init__(
        self,
        key: str,
        clock: Clock,
        lifetimes: Lifetimes | None = None,
        fresh: Callable[[], str] = lambda: secrets.token_urlsafe(18),
    ) -> None:
        self.key = key
        self.clock = clock
        self.lifetimes = lifetimes or Lifetimes()
        self.fresh = fresh

    def pair(self, bearer: Bearer, refresh_id: str) -> Tokens:
        """Return an access token and the refresh token named `refresh_id`."""
        return Tokens(
            access_token=self.token("access", bearer, self.lifetimes.access_s),
            refresh_token=self.token(
                "refresh", bearer, self.lifetimes.refresh_s, jti=refresh_id
            ),
            expires_in=self.lifetimes.access_s,
        )

    def token(
        self,
        typ: TokenType,
        bearer: Bearer,
        lifetime_s: int,
        *,
        jti: str | None = None,
        **more: Any,
    ) -> str:
        """Return one signed token that is good for `lifetime_s` seconds."""
        now = self.clock.now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": bearer.user_id,
            "sid": bearer.sid,
            "role": bearer.role,
            "typ": typ,
            "jti": jti or self.fresh(),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=lifetime_s)).timestamp()),
            **more,
        }
        headers = {"typ": HEADER_TYPES[typ]}
        return jwt.encode(claims, self.key, algorithm=ALGORITHM, headers=headers)

    def read(
        self, token: str, typ: TokenType, *, expired_too: bool = False
    ) -> Mapping[str, Any]:
        """Return the claims of a token of ours of this type. Raises NotSignedIn.

        Signed by us does not mean still welcome: whether its session lives is asked
        elsewhere. `expired_too` accepts one whose time is over.
        """
        check_header(token, typ)
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self.key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # Time is our clock's to tell, in `check_claims`.
                options={"verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, UnicodeError, RecursionError):
            raise NotSignedIn from None
        check_claims(claims, typ)
        if not expired_too and self.expiry(claims) <= self.clock.now():
            raise NotSignedIn
        return claims

    def expiry(self, claims: Mapping[str, Any]) -> datetime:
        """Return when these claims end. Raises NotSignedIn for a time out of range.

        A lifetime that was made shorter holds for tokens of before, too: ended sign-ins
        are remembered for no longer than a token lives.
        """
        try:
            ends = datetime.fromtimestamp(claims["exp"], tz=self.clock.now().tzinfo)
            if claims.get("typ") != "access":
                return ends
            made = datetime.fromtimestamp(claims["iat"], tz=ends.tzinfo)
            return min(ends, made + timedelta(seconds=self.lifetimes.access_s))
        except (OverflowError, ValueError, OSError):
            raise NotSignedIn from None


def check_header(token: str, typ: TokenType) -> None:
    """Refuse a token whose unsigned header is not exactly as ours are written.

    Asked before any library looks further: an odd member such as `crit` has made
    libraries fail in ways that a stranger could choose.
    """
    header, dots, _ = token.partition(".")
    if not dots or len(token) > MAX_TOKEN_CHARACTERS:
        raise NotSignedIn
    if not _is_ours(header, typ):
        raise NotSignedIn


# All tokens of ours have one of two headers; strangers cannot make it hold much.
@lru_cache(maxsize=64)
def _is_ours(header: str, typ: TokenType) -> bool:
    try:
        told = jwt.get_unverified_header(f"{header}.e30.")
    except (jwt.InvalidTokenError, UnicodeError, RecursionError):
        return False
    expected = {"alg": ALGORITHM, "typ": HEADER_TYPES[typ]}
    return {**told, "kid": None} == {**expected, "kid": None}


def check_claims(claims: Mapping[str, Any], typ: TokenType) -> None:
    """Refuse claims that lack what every token of ours holds."""
    texts = (claims.get(name) for name in ("sub", "sid", "jti"))
    whole = (claims.get(name) for name in ("iat", "exp"))
    if (
        claims.get("typ") != typ
        or claims.get("role") not in ("guest", "customer", "operator")
        or not all(isinstance(text, str) and text for text in texts)
        or not all(type(number) is int for number in whole)
    ):
        raise NotSignedIn


def bearer_of(claims: Mapping[str, Any]) -> Bearer:
    """Return whom checked claims speak for."""
    return Bearer(user_id=claims["sub"], role=claims["role"], sid=claims["sid"])
