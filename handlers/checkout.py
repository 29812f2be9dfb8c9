"""The checkout session of one's cart: everything priced and held for 900 s."""

from typing import Annotated

from aiohttp import web
from msgspec import Struct
from pydantic import StringConstraints

from commerce.checkout import Journal
from commerce.order import Address
from commerce.pricing import ShippingMethod
from handlers.errors import Body, body, rendered
from handlers.keys import ADDRESSES, CLOCK, PORT
from handlers.openapi import documented
from handlers.order_ids import new_order_id
from handlers.security import account
from messages.cart import GetCart
from messages.order import CloseCheckout, OpenCheckout
from messages.order_shown import checkout_view
from messages.order_view import CheckoutView

routes = web.RouteTableDef()

PRIVATE = {"Cache-Control": "no-store"}
# What a checkout may take: several actors and commits stand behind it.
WITHIN_S = 25.0

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class CheckoutBody(Body):
    """How it is to be shipped, and where to if that is known."""

    shipping_method: ShippingMethod = "standard"
    address_id: Name | None = None


class CheckoutClosed(Struct, frozen=True):
    """The cart is free, and so is what it held."""

    message: str


@routes.post("/api/cart/checkout")
@documented(answer=CheckoutView, body=CheckoutBody, statuses=(400, 403, 404, 409))
async def open_checkout(request: web.Request) -> web.Response:
    """Price the cart and hold everything in it; an earlier session ends."""
    asker = account(request)
    wanted = (
        await body(request, CheckoutBody) if request.body_exists else CheckoutBody()
    )
    address = await _address(request, asker.user_id, wanted.address_id)
    await _close(request, asker.user_id)
    command = OpenCheckout(
        asker.user_id, wanted.shipping_method, address, is_first=True
    )
    session: Journal = await request.app[PORT].ask(
        new_order_id(), command, within_s=WITHIN_S, sender=asker.user_id
    )
    view = checkout_view(session, request.app[CLOCK].now())
    return rendered(view, headers=PRIVATE)


@routes.delete("/api/cart/checkout")
@documented(answer=CheckoutClosed, statuses=(403,))
async def close_checkout(request: web.Request) -> web.Response:
    """Give back what the session of one's cart held; a second time does nothing."""
    await _close(request, account(request).user_id)
    return rendered(CheckoutClosed("The checkout is closed"), headers=PRIVATE)


async def _close(request: web.Request, user_id: str) -> None:
    cart = await request.app[PORT].ask(user_id, GetCart(terms=False), sender=user_id)
    if cart.checkout is not None:
        close = CloseCheckout(user_id)
        await request.app[PORT].ask(cart.checkout, close, sender=user_id)


async def _address(
    request: web.Request, user_id: str, address_id: str | None
) -> Address | None:
    if address_id is None:
        return None
    return await order_address(request, user_id, address_id)


async def order_address(request: web.Request, user_id: str, address_id: str) -> Address:
    """Return a copy of one's address, as it is now. Raises AddressNotFound."""
    known = await request.app[ADDRESSES].get(user_id, address_id)
    return Address(
        street=known.street,
        city=known.city,
        state=known.state,
        zip_code=known.zip_code,
        country=known.country,
    )
