"""One's own orders: placed, listed, followed, cancelled, sent back."""

from collections.abc import Mapping
from typing import Annotated, Any

from aiohttp import web
from msgspec import Struct
from pydantic import Field, StringConstraints

from commerce.cart import MAX_LINES, MAX_QUANTITY, Cart
from commerce.checkout import Ended, Journal
from commerce.errors import CartNotFound, CommerceError, OutOfStock
from commerce.order import ReturnLine
from commerce.pricing import ShippingMethod
from gateway.instrument import GiftCode
from handlers.checkout import PRIVATE, WITHIN_S, order_address
from handlers.errors import Body, Refusal, body, rendered
from handlers.errors import query as parsed
from handlers.idempotent import Once, given_key, once
from handlers.keys import CATALOGUE, GATEWAY, INSTRUMENTS, ORDERS, PORT, REQUEST_ID
from handlers.openapi import documented
from handlers.order_ids import (
    is_order_id,
    new_order_id,
    order_of_return,
    path_order_id,
    return_id,
)
from handlers.page import PageQuery, page_headers
from handlers.problems import problem
from handlers.product_body import PriceNumber
from handlers.security import account
from messages.base import Command
from messages.cart import GetCart
from messages.order import (
    CancelOrder,
    CancelReturn,
    GiftCardUsed,
    Pay,
    PlaceOrder,
    RequestReturn,
)
from messages.order_shown import order_view, return_view, tracking_view
from messages.order_view import OrderView, ReturnView, TrackingView
from messages.stock import GetAvailable

routes = web.RouteTableDef()

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]
GiftCardCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]

GiftCards = Annotated[tuple[GiftCardCode, ...], Field(max_length=10, strict=False)]


class OrderBody(Body):
    """What is bought, where it goes, how it is paid; `expected_total` was shown."""

    cart_id: Name
    delivery_address_id: Name
    payment_method_id: Name | None = None
    gift_cards: Annotated[
        tuple[GiftCardCode, ...], Field(max_length=10, strict=False)
    ] = ()
    shipping_method: ShippingMethod | None = None
    checkout_session_id: Name | None = None
    expected_total: PriceNumber | None = None


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


@routes.post("/api/orders")
@documented(
    answer=OrderView, status=201, body=OrderBody, statuses=(400, 402, 403, 404, 409)
)
async def place_order(request: web.Request) -> web.Response:
    """Buy one's cart, once, however often this is sent."""
    user_id = account(request).user_id
    wanted = await body(request, OrderBody)
    cart: Cart = await request.app[PORT].ask(user_id, GetCart(), sender=user_id)
    if wanted.cart_id != cart.id:
        raise CartNotFound("no such cart", id=wanted.cart_id)
    session = _session(wanted, cart)
    key = given_key(request)
    asked = Once(
        key=key or f"cart {cart.id} {cart.version} {cart.attempt}",
        body=await request.read(),
        begins=session or new_order_id(),
        is_given=key is not None,
        refusal=None if session else await _sold_out(request, cart),
    )

    async def place(order_id: str) -> web.Response:
        command = await _command(request, wanted, None if key else cart.version)
        order = await _ask(request, order_id, command)
        return _placed(request, order)

    return await once(request, asked, place)


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
    user_id = account(request).user_id
    wanted = await body(request, ReturnBody)
    order = await request.app[ORDERS].get(path_order_id(request), user_id)
    name = return_id(order.id, given_key(request))
    command = RequestReturn(
        user_id, name, wanted.reason, _lines(order, wanted), wanted.comments
    )
    order = await _ask(request, order.id, command)
    status = order.returns[name].status
    answer = ReturnAnswer("We will look at your return", name, status)
    return rendered(answer, headers=PRIVATE)


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


def _session(wanted: OrderBody, cart: Cart) -> str | None:
    """Return the checkout session that is bought: the one named, or the cart's own."""
    named = wanted.checkout_session_id
    if named is not None and not is_order_id(named):
        raise CartNotFound("no such checkout session", id=named)
    return named or cart.checkout


async def _sold_out(request: web.Request, cart: Cart) -> CommerceError | None:
    """Return what speaks against beginning, so that a sold-out cart writes nothing."""
    catalogue = request.app[CATALOGUE]
    for line in cart.lines:
        if catalogue.available(line.sku) >= line.quantity or line.sku in cart.holds:
            continue
        there = await request.app[PORT].ask(line.sku, GetAvailable())
        if there < line.quantity and cart.frozen_by is None:
            told = {"sku": line.sku, "asked": line.quantity, "available": there}
            return OutOfStock(
                f"{line.sku}: {line.quantity} asked, {there} available",
                **told,
                lines=[told],
            )
    return None


async def _command(
    request: web.Request, wanted: OrderBody, version: int | None
) -> PlaceOrder:
    user_id = account(request).user_id
    address = await order_address(request, user_id, wanted.delivery_address_id)
    return PlaceOrder(
        user_id,
        address,
        await _pay(request, user_id, wanted),
        wanted.shipping_method,
        expected_total=wanted.expected_total,
        from_session=wanted.checkout_session_id is not None,
        cart_version=version,
    )


async def _pay(request: web.Request, user_id: str, wanted: OrderBody) -> Pay:
    gifts = []
    for code in wanted.gift_cards:
        card = await request.app[GATEWAY].tokenise(GiftCode(code))
        gifts.append(GiftCardUsed(card.token, card.last_four))
    if wanted.payment_method_id is None:
        return Pay(gift_cards=tuple(gifts))
    chosen = await request.app[INSTRUMENTS].get(user_id, wanted.payment_method_id)
    return Pay(
        token=chosen.token,
        kind=chosen.type,
        brand=chosen.brand,
        last_four=chosen.last_four,
        gift_cards=tuple(gifts),
    )


def _placed(request: web.Request, order: Journal) -> web.Response:
    """Return the order, or why there is none, in a form that can be told again."""
    if order.status != "cancelled":
        location = {"Location": f"/api/orders/{order.id}", **PRIVATE}
        return rendered(order_view(order), 201, location)
    no = order.refusal or Ended(
        code="order_cancelled", message="The order was cancelled.", status=409
    )
    details: Mapping[str, Any] = {**no.details, "order_id": order.id}
    refusal = Refusal(no.status, no.code, no.message, headers=PRIVATE)
    return problem(request[REQUEST_ID], refusal, details)


def _lines(order: Journal, wanted: ReturnBody) -> tuple[ReturnLine, ...]:
    bought = {each.id: each.quantity for each in order.lines}
    lines = []
    for each in wanted.items:
        item = ReturnItem(id=each) if isinstance(each, str) else each
        units = bought.get(item.id, 1) if item.quantity is None else item.quantity
        lines.append(ReturnLine(item.id, units))
    return tuple(lines)
