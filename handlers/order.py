"""One's own orders: listed, followed, cancelled, sent back."""

from functools import partial
from typing import Annotated

from aiohttp import web
from msgspec import Struct
from pydantic import Field, StringConstraints

from commerce.cart import MAX_LINES, MAX_QUANTITY
from commerce.checkout import Journal
from commerce.order import ReturnLine
from commerce.returnable import returnable
from handlers.checkout import PRIVATE, WITHIN_S, Name
from handlers.errors import Body, body, rendered
from handlers.errors import query as parsed
from handlers.idempotent import Once, given_key, once
from handlers.keys import ORDERS, PORT
from handlers.openapi import documented
from handlers.order_ids import new_return_id, order_of_return, path_order_id
from handlers.page import PageQuery, page_headers
from handlers.security import account
from messages.base import Command
from messages.order import (
    CancelOrder,
    CancelReturn,
    RequestReturn,
)
from messages.order_shown import order_view, return_view, tracking_view
from messages.order_view import OrderView, ReturnView, TrackingView

routes = web.RouteTableDef()

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]


class CancelBody(Body):
    """Why it is not wanted any more."""

    reason: Annotated[str, StringConstraints(max_length=200)] = ""


class ReturnItem(Body):
    """So many of one line; without a number all that may come back."""

    id: Name
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] | None = None


class ReturnBody(Body):
    """Which lines come back, and why."""

    reason: Words
    items: Annotated[list[Name | ReturnItem], Field(min_length=1, max_length=MAX_LINES)]
    comments: Annotated[str, StringConstraints(max_length=2000)] = ""


class ReturnAnswer(Struct, frozen=True):
    """What became of a return."""

    message: str
    return_id: str
    status: str


@routes.get("/api/orders")
@documented(answer=list[OrderView], query=PageQuery, statuses=(403,))
async def list_orders(request: web.Request) -> web.Response:
    """List one's orders, the newest first."""
    page = parsed(request, PageQuery)
    orders, total = await request.app[ORDERS].of_user(
        account(request).user_id, limit=page.limit, offset=page.offset
    )
    headers = {**page_headers(request, page, total), **PRIVATE}
    return rendered([order_view(each) for each in orders], headers=headers)


@routes.get("/api/orders/{id}")
@documented(answer=OrderView, statuses=(403, 404))
async def show_order(request: web.Request) -> web.Response:
    """Show one order, by its id or its number."""
    return rendered(order_view(await _mine(request)), headers=PRIVATE)


@routes.get("/api/orders/{id}/tracking")
@documented(answer=TrackingView, statuses=(403, 404))
async def track_order(request: web.Request) -> web.Response:
    """Show what happened to an order so far."""
    return rendered(tracking_view(await _mine(request)), headers=PRIVATE)


@routes.post("/api/orders/{id}/cancel")
@documented(answer=OrderView, body=CancelBody, statuses=(403, 404, 409))
async def cancel_order(request: web.Request) -> web.Response:
    """Cancel an order that nobody packs yet; its money comes back."""
    user_id = account(request).user_id
    wanted = await body(request, CancelBody) if request.body_exists else CancelBody()
    command = CancelOrder(by="user", reason=wanted.reason, user_id=user_id)
    order = await _ask(request, path_order_id(request), command)
    return rendered(order_view(order), headers=PRIVATE)


@routes.post("/api/orders/{id}/return")
@documented(answer=ReturnAnswer, body=ReturnBody, statuses=(400, 403, 404, 409))
async def request_return(request: web.Request) -> web.Response:
    """Ask to send items of a delivered order back."""
    account(request)
    begins = new_return_id(path_order_id(request))
    if (key := given_key(request)) is None:
        return await _begin_return(request, begins)
    asked = Once(key=key, body=await request.read(), begins=begins)
    return await once(request, asked, partial(_begin_return, request))


@routes.get("/api/orders/{id}/returns")
@documented(answer=list[ReturnView], statuses=(403, 404))
async def list_returns(request: web.Request) -> web.Response:
    """List the returns of an order, the oldest first."""
    order = await _mine(request)
    views = [return_view(order, each) for each in order.returns.values()]
    return rendered(views, headers=PRIVATE)


@routes.post("/api/orders/{id}/returns/{return_id}/cancel")
@documented(answer=ReturnAnswer, statuses=(403, 404, 409))
async def cancel_return(request: web.Request) -> web.Response:
    """Keep the items after all, as long as they have not arrived."""
    user_id = account(request).user_id
    _, name = order_of_return(request, "return_id")
    command = CancelReturn(user_id, name)
    order = await _ask(request, path_order_id(request), command)
    answer = ReturnAnswer("Your return is cancelled", name, order.returns[name].status)
    return rendered(answer, headers=PRIVATE)


async def _begin_return(request: web.Request, name: str) -> web.Response:
    user_id = account(request).user_id
    wanted = await body(request, ReturnBody)
    order = await request.app[ORDERS].get(path_order_id(request), user_id)
    command = RequestReturn(
        user_id, name, wanted.reason, _lines(order, wanted), wanted.comments
    )
    order = await _ask(request, order.id, command)
    status = order.returns[name].status
    answer = ReturnAnswer("We will look at your return", name, status)
    return rendered(answer, headers=PRIVATE)


async def _ask(
    request: web.Request, order_id: str, command: Command[Journal]
) -> Journal:
    user_id = account(request).user_id
    return await request.app[PORT].ask(
        order_id, command, within_s=WITHIN_S, sender=user_id
    )


async def _mine(request: web.Request) -> Journal:
    user_id, given = account(request).user_id, request.match_info["id"]
    if given.upper().startswith("ORD-"):
        return await request.app[ORDERS].by_number(given.upper(), user_id)
    return await request.app[ORDERS].get(path_order_id(request), user_id)


def _lines(order: Journal, wanted: ReturnBody) -> tuple[ReturnLine, ...]:
    left = {each.id: returnable(order, each) for each in order.lines}
    lines = []
    for each in wanted.items:
        item = ReturnItem(id=each) if isinstance(each, str) else each
        units = left.get(item.id, 1) if item.quantity is None else item.quantity
        lines.append(ReturnLine(item.id, units))
    return tuple(lines)
