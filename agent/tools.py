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
from agent import checkout_tools as checkout
from agent import discount_tools as discount
from agent import member_tools as member
from agent import order_tools as order
from agent import shelf_tools as shelf
from agent.cards import Data
from agent.model import ToolSpec
from agent.sums import in_cents
from agent.visit import Visit
from commerce.errors import CartChanged, CommerceError
from messages.base import Expired, Unavailable
from messages.cart import GetCart

# No tool needs more, and every call is recorded.
ARGUMENTS_BYTES = 2000
DEEPEST = 10

Effect = Literal["read", "write", "purchase"]


class Tool(Struct, frozen=True):
    """One tool: what it takes, whether it changes anything, what it does.

    A `purchase` does nothing but what the shopper has confirmed.
    """

    name: str
    arguments: type[Struct]
    effect: Effect
    function: Callable[[Visit, Any, str], Awaitable[Data]]


_ALL = (
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
    Tool("list_coupons", discount.ListCoupons, "read", discount.list_coupons),
    Tool("apply_coupon", discount.PutCoupon, "write", discount.apply_coupon),
    Tool("remove_coupon", discount.TakeCouponOff, "write", discount.remove_coupon),
    Tool("get_loyalty", discount.ShowLoyalty, "read", discount.get_loyalty),
    Tool("redeem_points", discount.OfferPoints, "write", discount.redeem_points),
    Tool("remove_points", discount.TakePointsOff, "write", discount.remove_points),
    Tool("list_addresses", member.ListAddresses, "read", member.list_addresses),
    Tool(
        "list_payment_methods",
        member.ListPaymentMethods,
        "read",
        member.list_payment_methods,
    ),
    Tool("quote_checkout", checkout.QuoteCheckout, "read", checkout.quote_checkout),
    Tool("place_order", checkout.PlaceIt, "purchase", checkout.place_order),
    Tool("list_orders", order.ListOrders, "read", order.list_orders),
    Tool("get_order", order.ShowOrder, "read", order.get_order),
    Tool("track_order", order.TrackOrder, "read", order.track_order),
    Tool("cancel_order", order.CancelIt, "purchase", order.cancel_order),
    Tool("start_return", order.StartReturn, "purchase", order.start_return),
    Tool("join_waitlist", member.JoinWaitlist, "write", member.join_waitlist),
    Tool("get_policy", member.GetPolicy, "read", member.get_policy),
    Tool("handoff_to_human", member.HandOff, "write", member.handoff_to_human),
)
TOOLS: Mapping[str, Tool] = {each.name: each for each in _ALL}


def effect(name: str) -> Effect:
    """Return whether a call of `name` changes anything; of unknown tools none does."""
    tool = TOOLS.get(name)
    return tool.effect if tool else "read"


def readable(text: str) -> dict[str, Any]:
    """Return the arguments in `text` (JSON), fit to be recorded, right or wrong.

    Raises msgspec.DecodeError for what is no object, or could not be stored.
    """
    arguments = msgspec.json.decode(text, type=dict[str, Any])
    if not _is_storable(arguments, DEEPEST):
        raise msgspec.DecodeError("a number is out of range, or it is nested too deep")
    kept = msgspec.msgpack.encode(arguments)
    # NUL is the one character that no document's field may hold in its name.
    if len(kept) > ARGUMENTS_BYTES or (b"\0" in kept and "\\u0000" in text):
        raise msgspec.DecodeError("the arguments are too long or hold a NUL")
    return arguments


def _is_storable(value: Any, deepest: int) -> bool:
    """Return whether `value` is no number too large for a document, nor too deep."""
    match value:
        case dict() | list():
            within = value.values() if isinstance(value, dict) else value
            return deepest > 0 and all(_is_storable(e, deepest - 1) for e in within)
        case int():
            return -(2**63) <= value < 2**63
        case _:
            return True


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
        return {**asked, **await tool.function(visit, fit, call_id)}
    except msgspec.ValidationError as wrong:
        return {**asked, **fault("malformed_arguments", str(wrong))}
    except CartChanged as stale:
        # Somebody else's hand was faster: decide again by what it is now.
        cart = await visit.shop.port.ask(visit.user_id, GetCart())
        told = visit.seen.told(cart, visit.shop.catalogue)
        return {**asked, **fault(stale.code, stale.message), **told}
    except (CommerceError, Unavailable) as no:
        return {**asked, **_refused(no)}


def _refused(no: CommerceError | Unavailable) -> Data:
    match no:
        case CommerceError():
            return fault(no.code, no.message, **no.details)
        case Expired():
            return fault("unknown_outcome", "no answer came in time")
        case _:
            return fault("unavailable", "the shop is too busy just now")


def fault(code: str, message: str, /, **details: Any) -> Data:
    """Return what went wrong as part of a result; its amounts in cents, too."""
    return {
        "error": code,
        "message": message,
        "details": msgspec.to_builtins(details | in_cents(details)),
    }


@cache
def specs() -> Sequence[ToolSpec]:
    """Return the tools as a model is told of them."""
    return tuple(_spec(each) for each in TOOLS.values())


def _spec(tool: Tool) -> ToolSpec:
    _, components = msgspec.json.schema_components([tool.arguments])
    schema = dict(_whole(components[tool.arguments.__name__], components))
    description = schema.pop("description")
    schema.pop("title", None)
    return ToolSpec(tool.name, description, {"properties": {}, **schema})


def _whole(schema: Any, components: Mapping[str, Any]) -> Any:
    """Return `schema` with what it refers to in its place: nobody is told the rest."""
    if isinstance(schema, list):
        return [_whole(each, components) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if (name := schema.get("$ref")) is not None:
        return _whole(components[name.rpartition("/")[2]], components)
    return {key: _whole(each, components) for key, each in schema.items()}
