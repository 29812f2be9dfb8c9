"""The tools that show and change the shopper's own cart."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from agent.cards import NAME_LIMIT, Data, moment
from agent.clean import plain
from agent.searching import Name
from agent.sums import amount
from agent.visit import Visit
from commerce.cart import Cart
from commerce.errors import LineNotFound
from messages.base import Command
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
    return visit.seen.told(cart, visit.shop.catalogue)


async def add_to_cart(visit: Visit, asked: AddToCart, call_id: str) -> Data:
    """Return what was added and the cart after it.

    Of a variant that is held already in the cart, also until when it is held.
    """
    product, variant = visit.shop.catalogue.by_sku(asked.sku)
    expected = asked.expected_version
    command = AddLine(
        asked.sku,
        asked.quantity,
        by="agent",
        expected_version=visit.seen.version if expected is None else expected,
    )
    cart = await changed(visit, command, call_id)
    return {
        "added": {
            "sku": asked.sku,
            "product_id": product.id,
            "name": plain(product.name, NAME_LIMIT),
            "color": variant.color,
            "size": variant.size,
            "quantity": asked.quantity,
            **amount("price", product.price, product.currency),
            **amount("subtotal", product.price * asked.quantity, product.currency),
            **_held(visit, cart.holds.get(asked.sku)),
        },
        **visit.seen.told(cart, visit.shop.catalogue, wrote=(asked.sku,)),
    }


async def update_cart_item(visit: Visit, asked: UpdateCartItem, call_id: str) -> Data:
    """Return the cart with the line changed."""
    line = await _line(visit, asked.sku, asked.line_id)
    expected = visit.seen.version
    command = ChangeLine(line, asked.quantity, by="agent", expected_version=expected)
    cart = await changed(visit, command, call_id)
    told = visit.seen.told(cart, visit.shop.catalogue, wrote=(line,))
    return {"updated": line, **told}


async def remove_cart_item(visit: Visit, asked: RemoveCartItem, call_id: str) -> Data:
    """Return the cart without the line."""
    line = await _line(visit, asked.sku, asked.line_id)
    command = RemoveLine(line, by="agent", expected_version=visit.seen.version)
    cart = await changed(visit, command, call_id)
    told = visit.seen.told(cart, visit.shop.catalogue, wrote=(line,))
    return {"removed": line, **told}


async def clear_cart(visit: Visit, _: ClearCart, call_id: str) -> Data:
    """Return the empty cart."""
    command = EmptyCart(by="agent", expected_version=visit.seen.version)
    cart = await changed(visit, command, call_id)
    return visit.seen.told(cart, visit.shop.catalogue, wrote=visit.seen.skus)


def _held(visit: Visit, until: datetime | None) -> Data:
    if until is None:
        return {}
    minutes = max(1, round((until - visit.now()).total_seconds() / 60))
    return {"hold_expires_at": moment(until), "hold_minutes_left": minutes}


async def changed(visit: Visit, command: Command[Cart], call_id: str) -> Cart:
    """Return the shopper's cart as changed, once, however often the call is run."""
    effect = visit.effect(call_id)
    return await visit.shop.port.ask(visit.user_id, command, once=effect)


async def _line(visit: Visit, sku: str | None, line_id: str | None) -> str:
    """Return the line meant. Raises LineNotFound."""
    if line_id is not None:
        return line_id
    cart = await visit.shop.port.ask(visit.user_id, GetCart())
    for each in cart.lines:
        if each.sku == sku:
            return each.id
    raise LineNotFound(f"the cart has no item {sku}", sku=sku)
