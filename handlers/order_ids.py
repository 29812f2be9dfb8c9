"""The ids of orders and of their returns, and how one leads to the other."""

import re
import secrets
from hashlib import blake2b

from aiohttp import web

from commerce.cart import Cart
from commerce.errors import OrderNotFound
from commerce.returns import ReturnNotFound
from handlers.page import path_id

_ORDER = re.compile(r"ord_([0-9a-f]{24})")
_RETURN = re.compile(r"ret_([0-9a-f]{24})_[0-9a-f]{8}")


def new_order_id() -> str:
    """Return an id that no order has."""
    return f"ord_{secrets.token_hex(12)}"


def cart_order_id(cart: Cart) -> str:
    """Return the id of the order that buys `cart` as it is, whoever asks how often.

    An attempt that ended, and any edit, makes it another one.
    """
    name = f"{cart.id} {cart.version} {cart.attempt}"
    return f"ord_{blake2b(name.encode(), digest_size=12).hexdigest()}"


def is_order_id(text: str) -> bool:
    """Tell whether an order could have this id."""
    return _ORDER.fullmatch(text) is not None


def path_order_id(request: web.Request) -> str:
    """Return the order id in the path. Raises OrderNotFound for what can be none."""
    given = path_id(request)
    if not is_order_id(given):
        raise OrderNotFound("no such order", id=given)
    return given


def new_return_id(order_id: str) -> str:
    """Return an id that no return of the order has."""
    return f"ret_{order_id.removeprefix('ord_')}_{secrets.token_hex(4)}"


def order_of_return(request: web.Request, name: str = "id") -> tuple[str, str]:
    """Return the order id and the return id that the path names.

    Raises ReturnNotFound for what can be none.
    """
    given = path_id(request, name)
    told = _RETURN.fullmatch(given)
    if told is None:
        raise ReturnNotFound("no such return", id=given)
    return f"ord_{told[1]}", given
