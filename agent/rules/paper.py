"""What is remembered of orders, coupons and quotes, besides goods and the cart."""

from agent.conversation import Used
from agent.rules.recall import Data, Memory

_CARRIES_OUT = frozenset({"place_order", "cancel_order", "start_return"})


def is_done(used: Used) -> bool:
    """Tell whether this carried out, or failed to, what the shopper had confirmed."""
    return used.tool in _CARRIES_OUT and "confirm" not in used.content


def see_order(memory: Memory, tool: str, content: Data) -> None:
    """Take over what a tool told of orders and the like."""
    if "confirm" in content:
        memory.quote = content
    match tool:
        case "list_orders":
            memory.orders = tuple(content["orders"])
            if len(memory.orders) == 1:
                memory.order = memory.orders[0]["order_number"]
        case "get_order":
            memory.order = content["order"]["order_number"]
        case "list_coupons":
            told = content["coupons"]
            saving = [each["code"] for each in told if each["saving_cents"]]
            memory.codes = tuple(saving or [each["code"] for each in told])
        case "apply_coupon":
            memory.codes = (content["applied"],)
        case "place_order":
            memory.placed = memory.order = content["order_number"]
        case "track_order" | "cancel_order" | "start_return":
            memory.order = content.get("order_number") or content.get("cancelled")
        case _:
            pass
