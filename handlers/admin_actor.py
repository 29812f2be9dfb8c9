"""What operators see of the actors that are awake on this node."""

from collections.abc import Sequence
from typing import Annotated

from aiohttp import web
from msgspec import Struct
from pydantic import Field

from actors.runtime import ActorInfo
from commerce.errors import NotFound
from handlers.errors import Query, query, rendered
from handlers.keys import SYSTEM
from handlers.openapi import documented
from handlers.page import DIGITS, Words
from handlers.security import operator

routes = web.RouteTableDef()


class ActorsQuery(Query):
    """Of which kind, and how many of those with the most mail."""

    kind: Words | None = None
    top: Annotated[int, Field(ge=1, le=1000), DIGITS] = 20


class ActorView(Struct, frozen=True, kw_only=True):
    """One actor: what waits for it, how long it has rested, how it failed last.

    `version` is that of its state, where the state has one; `failures` are in a row.
    """

    kind: str
    key: str
    version: int | None
    mailbox: int
    oldest_mail_s: float
    idle_s: float
    status: str
    jobs: int
    failures: int
    last_error: str | None


@routes.get("/api/admin/actors")
@documented(answer=list[ActorView], query=ActorsQuery, statuses=(404,))
@operator
async def list_actors(request: web.Request) -> web.Response:
    """List the actors that are awake here, those with the most mail first."""
    asked, system = query(request, ActorsQuery), request.app[SYSTEM]
    awake = system.awake()
    if asked.kind is not None and asked.kind not in awake:
        raise NotFound(f"there are no actors of that kind, only {', '.join(awake)}")
    total = sum(awake.values()) if asked.kind is None else awake[asked.kind]
    return rendered(
        _views(system.actors(asked.kind, asked.top)),
        headers={"X-Total-Count": str(total)},
    )


@routes.get("/api/admin/actors/{kind}/{key}")
@documented(answer=ActorView, statuses=(404,))
@operator
async def show_actor(request: web.Request) -> web.Response:
    """Show one actor, if it is awake here; looking does not wake it."""
    kind, key = request.match_info["kind"], request.match_info["key"]
    found = request.app[SYSTEM].actor(kind, key)
    if found is None:
        raise NotFound("no such actor is awake on this node")
    return rendered(_view(found))


def _views(every: Sequence[ActorInfo]) -> list[ActorView]:
    return [_view(each) for each in every]


def _view(info: ActorInfo) -> ActorView:
    return ActorView(
        kind=info.kind,
        key=info.key,
        version=info.version,
        mailbox=info.mailbox,
        oldest_mail_s=round(info.oldest_s, 3),
        idle_s=round(info.idle_s, 3),
        status=info.status,
        jobs=info.jobs,
        failures=info.failures,
        last_error=info.last_error,
    )
