"""What operators do with returns: approve, receive, inspect, reject."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from commerce.cart import MAX_LINES, MAX_QUANTITY
from commerce.checkout import Journal
from commerce.order import ReturnStatus
from commerce.returns import Inspected
from commerce.stock import check_places
from handlers.checkout import WITHIN_S
from handlers.errors import Body, body, query, rendered
from handlers.keys import CATALOGUE, ORDERS, PORT
from handlers.openapi import documented
from handlers.order_ids import order_of_return
from handlers.page import PageQuery, page_headers
from handlers.security import identity, operator
from messages.base import Command
from messages.order import ApproveReturn, InspectReturn, ReceiveReturn, RejectReturn
from messages.order_shown import return_view
from messages.order_view import ReturnView

routes = web.RouteTableDef()

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ReturnsQuery(PageQuery):
    """Which returns."""

    status: ReturnStatus | None = None


class ReceiveBody(Body):
    """Where it arrived; where it was sent from if nobody says."""

    warehouse: Name | None = None


class InspectItem(Body):
    """So many units of a line, fit to be sold again or not."""

    id: Name
    resellable: bool
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]


class InspectBody(Body):
    """Every unit that came back; the numbers must add up."""

    items: Annotated[list[InspectItem], Field(min_length=1, max_length=2 * MAX_LINES)]


class RejectBody(Body):
    """Why it is not taken back."""

    reason: Annotated[str, StringConstraints(max_length=200)] = ""


@routes.get("/api/admin/returns")
@documented(answer=list[ReturnView], query=ReturnsQuery)
@operator
async def list_all_returns(request: web.Request) -> web.Response:
    """List everybody's returns, those of the newest orders first; a page of orders."""
    asked = query(request, ReturnsQuery)
    orders, total = await request.app[ORDERS].with_returns(
        status=asked.status, limit=asked.limit, offset=asked.offset
    )
    views = [
        return_view(order, each)
        for order in orders
        for each in order.returns.values()
        if asked.status in {None, each.status}
    ]
    return rendered(views, headers=page_headers(request, asked, total))


@routes.post("/api/admin/returns/{id}/approve")
@documented(answer=ReturnView, statuses=(404, 409))
@operator
async def approve_return(request: web.Request) -> web.Response:
    """Let it come."""
    _, name = order_of_return(request)
    return await _moved(request, ApproveReturn(name))


@routes.post("/api/admin/returns/{id}/receive")
@documented(answer=ReturnView, body=ReceiveBody, statuses=(400, 404, 409))
@operator
async def receive_return(request: web.Request) -> web.Response:
    """Say that it arrived."""
    _, name = order_of_return(request)
    said = await body(request, ReceiveBody) if request.body_exists else ReceiveBody()
    if said.warehouse is not None:
        check_places(
            [said.warehouse], [each.id for each in request.app[CATALOGUE].warehouses]
        )
    return await _moved(request, ReceiveReturn(name, said.warehouse or ""))


@routes.post("/api/admin/returns/{id}/inspect")
@documented(answer=ReturnView, body=InspectBody, statuses=(404, 409))
@operator
async def inspect_return(request: web.Request) -> web.Response:
    """Say what every unit is like; money, points and units go back."""
    _, name = order_of_return(request)
    said = await body(request, InspectBody)
    found = tuple(
        Inspected(each.id, each.quantity, each.resellable) for each in said.items
    )
    return await _moved(request, InspectReturn(name, found))


@routes.post("/api/admin/returns/{id}/reject")
@documented(answer=ReturnView, body=RejectBody, statuses=(404, 409))
@operator
async def reject_return(request: web.Request) -> web.Response:
    """Do not take it back."""
    _, name = order_of_return(request)
    said = await body(request, RejectBody) if request.body_exists else RejectBody()
    return await _moved(request, RejectReturn(name, said.reason or "Rejected"))


async def _moved(request: web.Request, command: Command[Journal]) -> web.Response:
    order_id, name = order_of_return(request)
    order = await request.app[PORT].ask(
        order_id, command, within_s=WITHIN_S, sender=identity(request).user_id
    )
    return rendered(return_view(order, order.returns[name]))
