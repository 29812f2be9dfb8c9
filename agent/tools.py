"""The table of tools, and how a call of one becomes a result.

A result is always JSON data and echoes its arguments under `asked`, so that a reply may
name them. What a model gets wrong (an unknown tool, arguments that do not fit) and what
the shop refuses are results too, under `error`: a model can read them and do better.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import Struct

from agent import cart_tools as cart
from agent import shelf_tools as shelf
from agent.cards import Data
from agent.model import ToolSpec
from agent.visit import Visit
from commerce.errors import CommerceError
from messages.base import Expired, Unavailable

# No tool needs more, and every call is recorded.
ARGUMENTS_BYTES = 2000

Effect = Literal["read", "write"]


class Tool(Struct, frozen=True):
    """One tool: what it takes, whether it changes anything, what it does."""

    name: str
    arguments: type[Struct]
    effect: Effect
    function: Callable[[Visit, Any, str], Awaitable[Data]]


TOOLS: Mapping[str, Tool] = {
    each.name: each
    for each in (
        Tool("search_products", shelf.SearchProducts, "read", shelf.search_products),
        Tool("get_product", shelf.GetProduct, "read", shelf.get_product),
        Tool("compare_products", shelf.CompareProducts, "read", shelf.compare_products),
        Tool("check_stock", shelf.CheckStock, "read", shelf.check_stock),
        Tool(
            "get_recommendations",
            shelf.GetRecommendations,
            "read",
            shelf.get_recommendations,
        ),
        Tool("get_cart", cart.ShowCart, "read", cart.get_cart),
        Tool("add_to_cart", cart.AddToCart, "write", cart.add_to_cart),
        Tool("update_cart_item", cart.UpdateCartItem, "write", cart.update_cart_item),
        Tool("remove_cart_item", cart.RemoveCartItem, "write", cart.remove_cart_item),
        Tool("clear_cart", cart.ClearCart, "write", cart.clear_cart),
    )
}


# What a granted confirmation sets going: once begun, nobody interrupts it.
BINDING = frozenset({"place_order", "cancel_order", "start_return"})


def effect(name: str) -> Effect:
    """Return whether a call of `name` changes anything; of unknown tools none does."""
    tool = TOOLS.get(name)
    return tool.effect if tool else "read"


def readable(text: str) -> dict[str, Any]:
    """Return the arguments in `text` (JSON), fit to be recorded, right or wrong.

    Raises msgspec.DecodeError for what is no object, or could not be stored.
    """
    arguments = msgspec.json.decode(text, type=dict[str, Any])
    try:
        kept = msgspec.msgpack.encode(arguments)  # knows no number beyond 64 bits
    except OverflowError:
        raise msgspec.DecodeError("a number is out of range") from None
    # NUL is the one character that no document's field may hold in its name.
    if len(kept) > ARGUMENTS_BYTES or (b"\0" in kept and "\\u0000" in text):
        raise msgspec.DecodeError("the arguments are too long or hold a NUL")
    return arguments


async def used(
    visit: Visit, name: str, arguments: Mapping[str, Any], call_id: str
) -> Data:
    """Use a tool and return its result, or the fault or refusal as one."""
    asked = {"asked": dict(arguments)}
    tool = TOOLS.get(name)
    if tool is None:
        return {
            **asked,
            **fault("unknown_tool", f"there is no tool {name}", tools=[*TOOLS]),
        }
    try:
        fit = msgspec.convert(arguments, tool.arguments)
    except msgspec.ValidationError as wrong:
        return {**asked, **fault("malformed_arguments", str(wrong))}
    try:
        return {**asked, **await tool.function(visit, fit, call_id)}
    except CommerceError as refusal:
        return {**asked, **fault(refusal.code, refusal.message, **refusal.details)}
    except Expired:
        return {**asked, **fault("unknown_outcome", "no answer came in time")}
    except Unavailable:
        return {**asked, **fault("unavailable", "the shop is too busy just now")}


def fault(code: str, message: str, /, **details: Any) -> Data:
    """Return what went wrong as part of a result."""
    return {
        "error": code,
        "message": message,
        "details": msgspec.to_builtins(details),
    }


@cache
def specs() -> Sequence[ToolSpec]:
    """Return the tools as a model is told of them."""
    return tuple(_spec(each) for each in TOOLS.values())


def _spec(tool: Tool) -> ToolSpec:
    _, components = msgspec.json.schema_components([tool.arguments])
    schema = dict(components[tool.arguments.__name__])
    description = schema.pop("description")
    schema.pop("title", None)
    return ToolSpec(tool.name, description, {"properties": {}, **schema})
