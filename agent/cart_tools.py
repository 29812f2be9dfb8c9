"""The tools that show and change the shopper's own cart."""

from typing import Annotated

from msgspec import Meta, Struct

from agent.cards import Data, basket, money
from agent.searching import Name
from agent.visit import Visit
from commerce.cart import Cart
from commerce.errors import LineNotFound
from messages.cart import AddLine, ChangeLine, EmptyCart, GetCart, RemoveLine

Quantity = Annotated[int, Meta(ge=1, le=100)]


class ShowCart(Struct, frozen=True, forbid_unknown_fields=True):
    """What the cart holds, with prices, sums and what can be bought of each line."""


class AddToCart(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Put more of one variant into the cart; the same sku adds up."""

    sku: Name
    quantity: Quantity = 1
    expected_version: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class UpdateCartItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Hold exactly so many of a line, named by its sku or line_id; 0 removes it."""

    quantity: Annotated[int, Meta(ge=0, le=100)]
    sku: Name | None = None
    line_id: Name | None = None


class RemoveCartItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Take a line out of the cart, named by its sku or line_id."""

    sku: Name | None = None
    line_id: Name | None = None


class ClearCart(Struct, frozen=True, forbid_unknown_fields=True):
    """Take everything out of the cart."""


async def get_cart(visit: Visit, _: ShowCart, __: str) -> Data:
    """Return the cart as it is now."""
    cart = await visit.shop.port.ask(visit.user_id, GetCart())
    return {"cart": basket(cart, visit.shop.catalogue)}


async def add_to_cart(visit: Visit, asked: AddToCart, call_id: str) -> Data:
    """Return what was added and the cart after it."""
    product, variant = visit.shop.catalogue.by_sku(asked.sku)
    command = AddLine(
        asked.sku, asked.quantity, by="agent", expected_version=asked.expected_version
    )
    cart = await visit.shop.port.ask(visit.user_id, command, once=visit.effect(call_id))
    added = product.price * asked.quantity
    return {
        "added": {
            "sku": asked.sku,
            "product_id": product.id,
            "name": product.name,
            "color": variant.color,
            "size": variant.size,
            "quantity": asked.quantity,
            "price_cents": product.price,
            "price": money(product.price, product.currency),
            "subtotal_cents": added,
            "subtotal": money(added, product.currency),
        },
        "cart": basket(cart, visit.shop.catalogue),
    }


async def update_cart_item(visit: Visit, asked: UpdateCartItem, call_id: str) -> Data:
    """Return the cart with the line changed."""
    line = await _line(visit, asked.sku, asked.line_id)
    command = ChangeLine(line, asked.quantity, by="agent")
    cart = await visit.shop.port.ask(visit.user_id, command, once=visit.effect(call_id))
    return {"updated": line, "cart": basket(cart, visit.shop.catalogue)}


async def remove_cart_item(visit: Visit, asked: RemoveCartItem, call_id: str) -> Data:
    """Return the cart without the line."""
    line = await _line(visit, asked.sku, asked.line_id)
    command = RemoveLine(line, by="agent")
    cart = await visit.shop.port.ask(visit.user_id, command, once=visit.effect(call_id))
    return {"removed": line, "cart": basket(cart, visit.shop.catalogue)}


async def clear_cart(visit: Visit, _: ClearCart, call_id: str) -> Data:
    """Return the empty cart."""
    cart: Cart = await visit.shop.port.ask(
        visit.user_id, EmptyCart(by="agent"), once=visit.effect(call_id)
    )
    return {"cart": basket(cart, visit.shop.catalogue)}


async def _line(visit: Visit, sku: str | None, line_id: str | None) -> str:
    """Return the line meant. Raises LineNotFound."""
    if line_id is not None:
        return line_id
    cart = await visit.shop.port.ask(visit.user_id, GetCart())
    for each in cart.lines:
        if each.sku == sku:
            return each.id
    raise LineNotFound(f"the cart has no item {sku}", sku=sku)
