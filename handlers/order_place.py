"""How an order is placed over HTTP: once, and not at all where it cannot be."""

from collections.abc import Mapping
from typing import Annotated, Any

from aiohttp import web
from msgspec.structs import replace
from pydantic import Field, StringConstraints

from commerce.cart import Cart
from commerce.cart_checkout import order_of
from commerce.checkout import Ended, Journal
from commerce.errors import CartEmpty, CartNotFound, CommerceError, OutOfStock
from commerce.pricing import ShippingMethod
from gateway.instrument import GiftCode
from handlers.checkout import PRIVATE, WITHIN_S, Name, order_address
from handlers.errors import Body, Refusal, body, rendered
from handlers.idempotent import REPLAYED, Once, digest, given_key, once, shared
from handlers.keys import (
    CATALOGUE,
    DOORS,
    GATEWAY,
    INSTRUMENTS,
    ORDERS,
    PORT,
    REQUEST_ID,
)
from handlers.openapi import documented
from handlers.order_ids import cart_order_id, is_order_id, new_order_id
from handlers.problems import problem
from handlers.product_body import PriceNumber
from handlers.security import account
from messages.cart import GetCart
from messages.order import GiftCardUsed, Pay, PlaceOrder
from messages.order_shown import order_view
from messages.order_view import OrderView
from messages.stock import GetAvailable

routes = web.RouteTableDef()

GiftCardCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]


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


@routes.post("/api/orders")
@documented(
    answer=OrderView, status=201, body=OrderBody, statuses=(400, 402, 403, 404, 409)
)
async def place_order(request: web.Request) -> web.Response:
    """Buy one's cart, once, however often this is sent."""
    user_id = account(request).user_id
    wanted = await body(request, OrderBody)
    cart: Cart = await request.app[PORT].ask(
        user_id, GetCart(terms=False), sender=user_id
    )
    if wanted.cart_id != cart.id:
        raise CartNotFound("no such cart", id=wanted.cart_id)
    session = wanted.checkout_session_id
    if session is not None and not is_order_id(session):
        raise CartNotFound("no such checkout session", id=session)
    if (key := given_key(request)) is None:
        return await _of_cart(request, wanted, cart)
    session, made_up = session or cart.checkout, new_order_id()
    asked = Once(
        key=key,
        body=await request.read(),
        begins=session or made_up,
        refusal=None if session else await _unbuyable(request, cart),
    )

    async def place(order_id: str) -> web.Response:
        command = await _command(request, wanted)
        command = replace(command, is_first=order_id == made_up)
        return await _place(request, order_id, command)

    return await once(request, asked, place)


async def _of_cart(request: web.Request, wanted: OrderBody, cart: Cart) -> web.Response:
    """Place the one order of `cart` as it is; it answers whoever asks again, itself.

    A record of its own would know nothing that the order does not.
    """
    begun = wanted.checkout_session_id or order_of(cart) or cart.checkout
    order_id = begun or cart_order_id(cart)
    asked = digest(await request.read())

    async def place() -> web.Response:
        no = None if begun else await _unbuyable(request, cart)
        if no is not None and not await request.app[ORDERS].is_known(order_id):
            raise no
        command = replace(
            await _command(request, wanted),
            cart_version=cart.version,
            asked=asked,
            is_first=begun is None and no is None,
        )
        answer = await _place(request, order_id, command)
        if order_id == order_of(cart):
            answer.headers[REPLAYED] = "true"
        return answer

    return await shared(request, f"{order_id} {asked}", place)


async def _place(
    request: web.Request, order_id: str, command: PlaceOrder
) -> web.Response:
    order: Journal = await request.app[PORT].ask(
        order_id, command, within_s=WITHIN_S, sender=command.user_id
    )
    return _placed(request, order)


async def _unbuyable(request: web.Request, cart: Cart) -> CommerceError | None:
    """Return what speaks against beginning, so that a sold-out cart writes nothing."""
    if not cart.lines:
        return CartEmpty("there is nothing in the cart")
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


async def _command(request: web.Request, wanted: OrderBody) -> PlaceOrder:
    user_id = account(request).user_id
    return PlaceOrder(
        user_id,
        await order_address(request, user_id, wanted.delivery_address_id),
        await _pay(request, user_id, wanted),
        wanted.shipping_method,
        expected_total=wanted.expected_total,
        from_session=wanted.checkout_session_id is not None,
    )


async def _pay(request: web.Request, user_id: str, wanted: OrderBody) -> Pay:
    gifts = []
    for code in wanted.gift_cards:
        async with request.app[DOORS].instrument(user_id):
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
