"""One's own cart: shown, changed, added up.

Every answer to a change shows what that change saved, at the prices of the moment.
"""

from typing import Annotated, Self

from aiohttp import web
from msgspec import Struct
from pydantic import Field, StringConstraints, model_validator

from commerce.cart import MAX_QUANTITY, Cart
from commerce.pricing import ShippingMethod
from commerce.product import chosen
from handlers.errors import Body, Query, body, query, rendered
from handlers.etag import expected_version, version_tag
from handlers.keys import CATALOGUE, PORT
from handlers.openapi import documented
from handlers.page import Id, path_id
from handlers.security import identity
from messages.base import Command
from messages.cart import AddLine, ChangeLine, EmptyCart, GetCart, RemoveLine
from messages.cart_view import CartView, TotalsView, shown, totals
from store.catalogue import Catalogue

routes = web.RouteTableDef()

Choice = Annotated[str, StringConstraints(max_length=60)]


class AddBody(Body):
    """A variant by its sku, or a product with the colour and size it comes in."""

    sku: Id | None = None
    product_id: Id | None = None
    color: Choice | None = None
    size: Choice | None = None
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = 1

    @model_validator(mode="after")
    def _one_way_to_name_it(self) -> Self:
        if (self.sku is None) == (self.product_id is None):
            raise ValueError("Name either sku or product_id")
        if self.sku is not None and (self.color, self.size) != (None, None):
            raise ValueError("A sku has its colour and size already")
        return self


class QuantityBody(Body):
    """How many the line is to hold; 0 removes it."""

    quantity: Annotated[int, Field(ge=0, le=MAX_QUANTITY)]


class TotalQuery(Query):
    """How it is to be shipped."""

    shipping_method: ShippingMethod = "standard"


class CartAnswer(Struct, frozen=True):
    """What was done, and the cart as saved by it."""

    message: str
    items_count: int
    cart: CartView


@routes.get("/api/cart")
@documented(answer=CartView, statuses=(409,))
async def show_cart(request: web.Request) -> web.Response:
    """Show one's cart."""
    cart = await _ask(request, GetCart())
    return rendered(cart_view(request, cart), headers=own_headers(cart))


@routes.get("/api/cart/total")
@documented(answer=TotalsView, query=TotalQuery, statuses=(409,))
async def show_total(request: web.Request) -> web.Response:
    """Show what one's cart costs all in."""
    method = query(request, TotalQuery).shipping_method
    cart = await _ask(request, GetCart())
    costs = totals(cart, request.app[CATALOGUE].by_sku, method)
    return rendered(costs, headers=own_headers(cart))


@routes.post("/api/cart/items")
@documented(answer=CartAnswer, status=201, body=AddBody, statuses=(400, 404, 409))
async def add_item(request: web.Request) -> web.Response:
    """Put more of a variant into the cart; the same variant adds up."""
    wanted = await body(request, AddBody)
    sku = _sku(request.app[CATALOGUE], wanted)
    expected = expected_version(request)
    added = AddLine(sku, wanted.quantity, expected_version=expected)
    return await _changed(request, added, "Added to your cart", 201)


@routes.put("/api/cart/items/{id}")
@documented(answer=CartAnswer, body=QuantityBody, statuses=(400, 404, 409))
async def change_item(request: web.Request) -> web.Response:
    """Hold exactly so many in one line; 0 removes it."""
    line_id = path_id(request)
    wanted = await body(request, QuantityBody)
    expected = expected_version(request)
    changed = ChangeLine(line_id, wanted.quantity, expected_version=expected)
    return await _changed(request, changed, "Your cart was changed")


@routes.delete("/api/cart/items/{id}")
@documented(answer=CartAnswer, statuses=(404, 409, 422))
async def remove_item(request: web.Request) -> web.Response:
    """Take one line out."""
    expected = expected_version(request)
    removed = RemoveLine(path_id(request), expected_version=expected)
    return await _changed(request, removed, "Removed from your cart")


@routes.delete("/api/cart")
@documented(answer=CartAnswer, statuses=(409, 422))
async def empty_cart(request: web.Request) -> web.Response:
    """Take everything out."""
    emptied = EmptyCart(expected_version=expected_version(request))
    return await _changed(request, emptied, "Your cart is empty")


async def _changed(
    request: web.Request, change: Command[Cart], message: str, status: int = 200
) -> web.Response:
    cart = await _ask(request, change)
    answer = CartAnswer(message, len(cart.lines), cart_view(request, cart))
    return rendered(answer, status, own_headers(cart))


async def _ask(request: web.Request, command: Command[Cart]) -> Cart:
    user_id = identity(request).user_id
    return await request.app[PORT].ask(user_id, command, sender=user_id)


def cart_view(request: web.Request, cart: Cart) -> CartView:
    """Return `cart` as its owner sees it now."""
    catalogue = request.app[CATALOGUE]
    return shown(cart, catalogue.by_sku, catalogue.available)


def own_headers(cart: Cart) -> dict[str, str]:
    """Return the headers of an answer that shows `cart`."""
    # A tag would let caches keep it; a cart is nobody else's business.
    return {**version_tag(cart.version), "Cache-Control": "no-store"}


def _sku(catalogue: Catalogue, wanted: AddBody) -> str:
    if wanted.product_id is None:
        assert wanted.sku is not None
        return wanted.sku
    product = catalogue.product(wanted.product_id)
    return chosen(product, color=wanted.color, size=wanted.size).sku
