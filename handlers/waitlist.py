"""Waiting for what is sold out: join, leave, and see what is back."""

from datetime import datetime
from typing import Literal

from aiohttp import web
from msgspec import Struct

from commerce.errors import ProductNotFound
from commerce.waitlist import InStock, Waiting
from handlers.errors import Body, body, rendered
from handlers.keys import CATALOGUE, CLOCK, WAITLIST
from handlers.openapi import documented
from handlers.page import Id
from handlers.security import account

routes = web.RouteTableDef()

PRIVATE = {"Cache-Control": "no-store"}


class WaitBody(Body):
    """The variant that is waited for."""

    sku: Id


class WaitingView(Struct, frozen=True, kw_only=True):
    """One variant that is waited for, or that was told to be back at `told_at`."""

    sku: str
    status: Literal["waiting", "back_in_stock"]
    since: datetime
    told_at: datetime | None


class LeftView(Struct, frozen=True):
    """What was done."""

    message: str


@routes.get("/api/waitlist")
@documented(answer=list[WaitingView], statuses=(403,))
async def list_waited_for(request: web.Request) -> web.Response:
    """List what one waits for, and what came back within a month."""
    found = await request.app[WAITLIST].of_user(account(request).user_id)
    return rendered([_view(each) for each in found], headers=PRIVATE)


@routes.post("/api/waitlist")
@documented(answer=WaitingView, body=WaitBody, status=201, statuses=(400, 403, 404))
async def join_waitlist(request: web.Request) -> web.Response:
    """Wait for a variant that is sold out; a second time changes nothing."""
    user_id = account(request).user_id
    sku = (await body(request, WaitBody)).sku
    _check_sold_out(request, sku)
    waitlist, now = request.app[WAITLIST], request.app[CLOCK].now()
    joined = await waitlist.join(user_id, sku, now)
    there = [each for each in await waitlist.of_user(user_id) if each.sku == sku]
    # Another tab may have left meanwhile.
    mine = there[0] if there else Waiting(user_id=user_id, sku=sku, since=now)
    return rendered(_view(mine), 201 if joined else 200, headers=PRIVATE)


@routes.delete("/api/waitlist")
@documented(answer=LeftView, body=WaitBody, statuses=(403,))
async def leave_waitlist(request: web.Request) -> web.Response:
    """Wait no more, and forget the notice; a second time changes nothing."""
    sku = (await body(request, WaitBody)).sku
    await request.app[WAITLIST].leave(account(request).user_id, sku)
    return rendered(LeftView(f"You do not wait for {sku}"), headers=PRIVATE)


def _check_sold_out(request: web.Request, sku: str) -> None:
    """Raise ProductNotFound where it is not sold, InStock where it can be bought."""
    catalogue = request.app[CATALOGUE]
    product, _ = catalogue.by_sku(sku)
    if product.retired:
        raise ProductNotFound(f"{sku} is no longer sold", sku=sku)
    if units := catalogue.available(sku):
        raise InStock(f"{sku}: {units} can be bought now", sku=sku, available=units)


def _view(waiting: Waiting) -> WaitingView:
    return WaitingView(
        sku=waiting.sku,
        status=waiting.status,
        since=waiting.since,
        told_at=waiting.told_at,
    )
