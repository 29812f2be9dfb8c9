"""Signing up, in and out; guests; tickets for sockets."""

from datetime import datetime
from typing import Annotated, Literal

from aiohttp import web
from email_validator import EmailNotValidError, validate_email
from msgspec import Struct
from pydantic import AfterValidator, Field, WithJsonSchema

from commerce.user import User
from handlers.accounts import Newcomer
from handlers.errors import Body, body, rendered
from handlers.idempotent import given_key
from handlers.keys import ACCOUNTS, DOORS, PORT, TICKETS, USERS
from handlers.openapi import documented
from handlers.security import identity, public
from handlers.text import shown
from handlers.tokens import Tokens
from messages.loyalty import GetMembership

routes = web.RouteTableDef()


def normalised(email: str) -> str:
    """Return a mail address as we write it. Raises ValueError; asks no network.

    Keyboards of phones leave a blank behind it, which is nobody's.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError as wrong:
        raise ValueError(str(wrong)) from None


def tried(email: str) -> str:
    """Return a mail address as we write it, or as it is where it can be none."""
    try:
        return normalised(email)
    except ValueError:
        return email


# bcrypt's bound is in bytes and checked by the rule; these keep giants out before.
Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}),
    AfterValidator(normalised),
]
Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{3,32}$")]
Password = Annotated[str, Field(min_length=1, max_length=1000)]
NewPassword = Annotated[
    Password,
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 8,
            "maxLength": 72,
            "description": "8 to 72 bytes in UTF-8, and not among the common ones",
        }
    ),
]
FullName = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(shown)]
Token = Annotated[str, Field(min_length=1, max_length=4096)]


class UserView(Struct, frozen=True, kw_only=True):
    """A shopper as the shopper sees it; guests have an id, a role, and no more."""

    id: str
    email: str | None = None
    username: str | None = None
    full_name: str | None = None
    phone: str | None = None
    is_active: bool = True
    is_verified: bool = False
    role: Literal["guest", "customer", "operator"]
    created_at: datetime
    loyalty_points: int = 0
    loyalty_tier: str = "bronze"


class Told(Struct, frozen=True):
    """A word to a person."""

    message: str


class TicketView(Struct, frozen=True):
    """A ticket and for how many seconds it is good."""

    ticket: str
    expires_in: int


class SignUpBody(Body):
    """`guest_token` is the access token of a guest whose cart and chats come along."""

    email: Email
    username: Username
    password: NewPassword
    full_name: FullName | None = None
    guest_token: Token | None = None


class SignInBody(Body):
    """`guest_token` as for signing up."""

    # Anything may be tried; what is no mail address is nobody's.
    email: Annotated[str, Field(min_length=1, max_length=254), AfterValidator(tried)]
    password: Password
    guest_token: Token | None = None


class RefreshBody(Body):
    """The good refresh token; it is spent by this."""

    refresh_token: Token


@routes.post("/api/auth/signup")
@documented(answer=Tokens, status=201, statuses=(400, 401, 403, 429), body=SignUpBody)
@public
async def sign_up(request: web.Request) -> web.Response:
    """Make an account and sign in to it."""
    given = await body(request, SignUpBody)
    new = Newcomer(
        email=given.email,
        username=given.username,
        password=given.password,
        full_name=given.full_name,
    )
    address = request.app[DOORS].address(request)
    tokens = await request.app[ACCOUNTS].sign_up(new, given.guest_token, address)
    return rendered(tokens, status=201)


@routes.post("/api/auth/signin")
@documented(answer=Tokens, statuses=(401, 403, 429), body=SignInBody)
@public
async def sign_in(request: web.Request) -> web.Response:
    """Sign in to an account."""
    given = await body(request, SignInBody)
    address = request.app[DOORS].address(request)
    tokens = await request.app[ACCOUNTS].sign_in(
        given.email, given.password, given.guest_token, address
    )
    return rendered(tokens)


@routes.post("/api/auth/refresh")
@documented(answer=Tokens, statuses=(401, 429), body=RefreshBody)
@public
async def refresh(request: web.Request) -> web.Response:
    """Change the refresh token for a new pair."""
    given, key = await body(request, RefreshBody), given_key(request)
    address = request.app[DOORS].address(request)
    tokens = await request.app[ACCOUNTS].refresh(given.refresh_token, key, address)
    return rendered(tokens)


@routes.post("/api/auth/guest")
@documented(answer=Tokens, status=201, statuses=(429,))
@public
async def be_guest(request: web.Request) -> web.Response:
    """Sign in as an anonymous shopper: cart and chat, no checkout."""
    address = request.app[DOORS].address(request)
    return rendered(await request.app[ACCOUNTS].be_guest(address), status=201)


@routes.post("/api/auth/logout")
@documented(answer=Told)
async def sign_out(request: web.Request) -> web.Response:
    """End this sign-in: both its tokens die, its sockets close with 4401."""
    await request.app[ACCOUNTS].sign_ins.end(identity(request).sid)
    return rendered(Told("Signed out."))


@routes.get("/api/auth/me")
@documented(answer=UserView, statuses=(404,))
async def show_me(request: web.Request) -> web.Response:
    """Show who is signed in."""
    asker = identity(request)
    if asker.role == "guest":
        found = await request.app[ACCOUNTS].sign_ins.found(asker.sid)
        return rendered(
            UserView(id=asker.user_id, role="guest", created_at=found.created_at)
        )
    user = await request.app[USERS].of_id(asker.user_id)
    return rendered(await user_view(request, user))


@routes.post("/api/auth/ws-ticket")
@documented(answer=TicketView)
async def issue_ticket(request: web.Request) -> web.Response:
    """Give a ticket for the socket's URL: one use, good for half a minute."""
    tickets = request.app[TICKETS]
    return rendered(TicketView(tickets.issue(identity(request)), tickets.lifetime_s))


async def user_view(request: web.Request, user: User) -> UserView:
    """Return an account as its owner sees it, with its points and tier."""
    member = await request.app[PORT].ask(user.id, GetMembership(), sender=user.id)
    return UserView(
        id=user.id,
        email=user.email,
        username=user.username,
        full_name=user.full_name,
        phone=user.phone,
        is_active=user.is_active,
        is_verified=user.is_verified,
        role=user.role,
        created_at=user.created_at,
        loyalty_points=member.balance,
        loyalty_tier=member.tier,
    )
