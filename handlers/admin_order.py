"""What operators do with orders and payments: look, pack, ship, deliver, cancel."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import Struct
from pydantic import StringConstraints

from commerce.checkout import Journal
from commerce.money import major
from commerce.order import Status
from gateway.payment import Payment
from handlers.checkout import WITHIN_S
from handlers.errors import Body, body, query, rendered
from handlers.keys import GATEWAY, ORDERS, PORT
from handlers.openapi import documented
from handlers.order_ids import path_order_id
from handlers.page import PageQuery, page_headers
from handlers.security import identity, operator
from messages.base import Command, Money
from messages.order import (
    CancelOrder,
    DeliverOrder,
    NotePaidBack,
    ProcessOrder,
    ShipOrder,
)
from messages.order_shown import admin_order_view
from messages.order_view import AdminOrderView

routes = web.RouteTableDef()

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]


class OrdersQuery(PageQuery):
    """Which orders."""

    status: Status | None = None
    user_id: Name | None = None
    attention: bool = False
    """Only those that a person must look at."""


class PaymentsQuery(PageQuery):
    """Which payments."""

    order_id: Name | None = None


class ShipBody(Body):
    """With what it left."""

    tracking_number: Annotated[str, StringConstraints(max_length=100)]
    carrier: Words


class CancelOrderBody(Body):
    """Why it is not sent."""

    reason: Words


class PaidBy(Struct, frozen=True, kw_only=True):
    """With what a payment was made; never a number."""

    type: str
    brand: str
    last_four: str
    amount: Money


class AdminPaymentView(Struct, frozen=True, kw_only=True):
    """One payment as the provider has it; a split order has one for each tender."""

    id: str
    order_id: str
    user_id: str
    amount: Money
    captured: Money
    refunded: Money
    currency: str
    status: str
    tenders: tuple[PaidBy, ...]
    decline_code: str | None
    disputed: bool
    created_at: datetime


@routes.get("/api/admin/orders")
@documented(answer=list[AdminOrderView], query=OrdersQuery)
@operator
async def list_all_orders(request: web.Request) -> web.Response:
    """List everybody's orders, the newest first."""
    asked = query(request, OrdersQuery)
    orders, total = await request.app[ORDERS].listed(
        status=asked.status,
        user_id=asked.user_id,
        attention=asked.attention,
        limit=asked.limit,
        offset=asked.offset,
    )
    headers = page_headers(request, asked, total)
    return rendered([admin_order_view(each) for each in orders], headers=headers)


@routes.get("/api/admin/orders/{id}")
@documented(answer=AdminOrderView, statuses=(404,))
@operator
async def show_any_order(request: web.Request) -> web.Response:
    """Show one order, whoever's it is."""
    order = await request.app[ORDERS].get(path_order_id(request))
    return rendered(admin_order_view(order))


@routes.post("/api/admin/orders/{id}/process")
@documented(answer=AdminOrderView, statuses=(404, 409))
@operator
async def process_order(request: web.Request) -> web.Response:
    """Say that it is being packed."""
    return await _moved(request, ProcessOrder())


@routes.post("/api/admin/orders/{id}/ship")
@documented(answer=AdminOrderView, body=ShipBody, statuses=(400, 404, 409))
@operator
async def ship_order(request: web.Request) -> web.Response:
    """Say that it left, and how it can be followed."""
    said = await body(request, ShipBody)
    return await _moved(request, ShipOrder(said.tracking_number, said.carrier))


@routes.post("/api/admin/orders/{id}/deliver")
@documented(answer=AdminOrderView, statuses=(404, 409))
@operator
async def deliver_order(request: web.Request) -> web.Response:
    """Say that it arrived."""
    return await _moved(request, DeliverOrder())


@routes.post("/api/admin/orders/{id}/cancel")
@documented(answer=AdminOrderView, body=CancelOrderBody, statuses=(404, 409))
@operator
async def cancel_any_order(request: web.Request) -> web.Response:
    """Do not send it; everything goes back."""
    said = await body(request, CancelOrderBody)
    return await _moved(request, CancelOrder(by="operator", reason=said.reason))


@routes.post("/api/admin/orders/{id}/paid-back")
@documented(answer=AdminOrderView, statuses=(404,))
@operator
async def note_paid_back(request: web.Request) -> web.Response:
    """Say that what no bank took back was given back another way."""
    return await _moved(request, NotePaidBack())


@routes.get("/api/admin/payments")
@documented(answer=list[AdminPaymentView], query=PaymentsQuery)
@operator
async def list_payments(request: web.Request) -> web.Response:
    """List payments as the provider has them, the newest first."""
    asked = query(request, PaymentsQuery)
    page = await request.app[GATEWAY].payments(
        order_id=asked.order_id, limit=asked.limit, offset=asked.offset
    )
    headers = page_headers(request, asked, page.total)
    return rendered([_payment(each) for each in page.payments], headers=headers)


async def _moved(request: web.Request, command: Command[Journal]) -> web.Response:
    order = await request.app[PORT].ask(
        path_order_id(request),
        command,
        within_s=WITHIN_S,
        sender=identity(request).user_id,
    )
    return rendered(admin_order_view(order))


def _payment(payment: Payment) -> AdminPaymentView:
    paid_by = payment.instrument
    no = payment.decline
    return AdminPaymentView(
        id=payment.id,
        order_id=payment.order_id,
        user_id=payment.user_id,
        amount=major(payment.amount),
        captured=major(payment.captured),
        refunded=major(payment.refunded),
        currency=payment.currency,
        status=payment.state,
        tenders=(
            PaidBy(
                type=paid_by.type,
                brand=paid_by.brand,
                last_four=paid_by.last_four,
                amount=major(payment.amount),
            ),
        ),
        decline_code=(no.decline_code or no.code) if no else None,
        disputed=payment.disputed,
        created_at=payment.created_at,
    )
