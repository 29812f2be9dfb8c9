"""The mock bank's page, where a customer approves a card payment or declines it.

A real provider brings a page of its own; then nothing here is reachable. Whoever knows
a payment's id may answer for it, as with a bank's own link: it is 96 random bits.
"""

from html import escape
from typing import Literal

from aiohttp import web
from msgspec import Struct

from gateway.errors import PaymentNotFound
from gateway.payment import Challenged, Payment
from handlers.errors import Body, Fault, body, malformed, rendered
from handlers.keys import GATEWAY
from handlers.openapi import documented
from handlers.page import path_id
from handlers.security import account, public

routes = web.RouteTableDef()
simulations = web.RouteTableDef()
"""Only in development: what else a bank or a UPI app would do."""

# No script of anybody's runs on the page of a bank.
POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
PAGE_HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY}
FORM = "application/x-www-form-urlencoded"


class ResultBody(Body):
    """What the customer did on the page."""

    result: Literal["authenticated", "failed"]


class SimulateBody(Body):
    """What is to happen to the payment."""

    event: Literal["authenticated", "failed", "succeeded", "expired"]


class PaymentState(Struct, frozen=True):
    """How a payment stands."""

    id: str
    order_id: str
    status: str


@routes.get("/mock-bank/3ds/{id}")
@documented(media="text/html", statuses=(404,))
@public
async def show_challenge(request: web.Request) -> web.Response:
    """Show the page with approve and decline."""
    payment = await request.app[GATEWAY].payment(path_id(request))
    if payment.instrument.type != "card":
        raise PaymentNotFound("no such payment")
    return _page(payment)


@routes.post("/mock-bank/3ds/{id}")
@documented(answer=PaymentState, body=ResultBody, statuses=(404, 409))
@public
async def answer_challenge(request: web.Request) -> web.StreamResponse:
    """Take what the customer did there: from the page's form, or as JSON."""
    is_form = request.content_type == FORM
    said = await (_form_result(request) if is_form else _json_result(request))
    gateway = request.app[GATEWAY]
    payment = await gateway.answer_challenge(path_id(request), said)
    return _page(payment) if is_form else rendered(_state(payment))


@simulations.post("/api/payments/{id}/simulate")
@documented(answer=PaymentState, body=SimulateBody, statuses=(404, 409))
async def simulate(request: web.Request) -> web.Response:
    """Let something happen to one of one's payments; development only."""
    payment_id, said = path_id(request), await body(request, SimulateBody)
    asker = account(request)
    payment = await request.app[GATEWAY].payment(payment_id)
    if asker.role != "operator" and payment.user_id != asker.user_id:
        raise PaymentNotFound("no such payment")
    payment = await request.app[GATEWAY].simulate(payment_id, said.event)
    return rendered(_state(payment))


async def _json_result(request: web.Request) -> Challenged:
    return (await body(request, ResultBody)).result


async def _form_result(request: web.Request) -> Challenged:
    said = (await request.post()).get("result")
    if said not in {"authenticated", "failed"}:
        malformed([Fault(("body", "result"), "Choose authenticated or failed")])
    return "authenticated" if said == "authenticated" else "failed"


def _state(payment: Payment) -> PaymentState:
    return PaymentState(payment.id, payment.order_id, payment.state)


def _page(payment: Payment) -> web.Response:
    back = f'<a class="first" href="/#/orders/{escape(payment.order_id)}">'
    over = f"<p>This payment is {escape(payment.state)}.</p>{back}Back to Souk</a>"
    cents = f"{payment.amount // 100}.{payment.amount % 100:02}"
    text = _PAGE.format(
        amount=escape(f"{cents} {payment.currency}"),
        card=escape(
            f"{payment.instrument.brand.title()} •••• {payment.instrument.last_four}"
        ),
        inside=_FORM if payment.state == "requires_action" else over,
    )
    return web.Response(text=text, content_type="text/html", headers=PAGE_HEADERS)


_FORM = """<form method="post">
<button class="first" name="result" value="authenticated">Approve</button>
<button name="result" value="failed">Decline</button>
</form>"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mock bank</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/static/style/bank.css"></head>
<body><main><h1>Mock bank</h1><p class="what">Souk asks for
<strong class="amount">{amount}</strong> from {card}.</p>
{inside}</main></body></html>
"""
