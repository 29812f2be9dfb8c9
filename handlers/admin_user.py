"""What operators do with accounts: look, give a role, close."""

from datetime import datetime
from typing import Annotated

import structlog
from aiohttp import web
from msgspec import Struct
from pydantic import AfterValidator, StringConstraints

from commerce.user import AccountRole, User
from handlers.errors import Body, body, query, rendered
from handlers.keys import ACCOUNTS, USERS
from handlers.openapi import documented
from handlers.page import PageQuery, page_headers, path_id
from handlers.security import identity, operator
from handlers.text import shown

routes = web.RouteTableDef()
log = structlog.get_logger()


class UsersQuery(PageQuery):
    """The beginning of a mail address or a name, or a whole id."""

    # A search for a NUL is an error to the database; nobody's name has one.
    q: Annotated[str, StringConstraints(max_length=254), AfterValidator(shown)] = ""


class RoleBody(Body):
    """What the account may do from now on."""

    role: AccountRole


class AccountView(Struct, frozen=True, kw_only=True):
    """One account as operators see it; of its password nothing at all."""

    id: str
    email: str
    username: str
    full_name: str | None
    phone: str | None
    role: AccountRole
    is_active: bool
    is_verified: bool
    created_at: datetime


@routes.get("/api/admin/users")
@documented(answer=list[AccountView], query=UsersQuery)
@operator
async def list_users(request: web.Request) -> web.Response:
    """List accounts, the newest first; `q` is how a mail address or a name begins."""
    asked = query(request, UsersQuery)
    users, total = await request.app[USERS].page(
        asked.q, limit=asked.limit, offset=asked.offset
    )
    headers = page_headers(request, asked, total)
    return rendered([_view(each) for each in users], headers=headers)


@routes.post("/api/admin/users/{id}/role")
@documented(answer=AccountView, body=RoleBody)
@operator
async def give_role(request: web.Request) -> web.Response:
    """Make an account a customer or an operator; it must sign in again."""
    wanted = await body(request, RoleBody)
    user = await request.app[ACCOUNTS].give_role(path_id(request), wanted.role)
    return _changed(request, "account.role_given", user)


@routes.post("/api/admin/users/{id}/deactivate")
@documented(answer=AccountView, statuses=(400,))
@operator
async def deactivate_user(request: web.Request) -> web.Response:
    """Close an account at once: its sign-ins end, its sockets close with 4401."""
    user = await request.app[ACCOUNTS].close(path_id(request))
    return _changed(request, "account.closed", user)


def _changed(request: web.Request, event: str, user: User) -> web.Response:
    log.info(event, account=user.id, role=user.role, by=identity(request).user_id)
    return rendered(_view(user))


def _view(user: User) -> AccountView:
    return AccountView(
        id=user.id,
        email=user.email,
        username=user.username,
        full_name=user.full_name,
        phone=user.phone,
        role=user.role,
        is_active=user.is_active,
        is_verified=user.is_verified,
        created_at=user.created_at,
    )
