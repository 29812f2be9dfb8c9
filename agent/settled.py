"""What the shop itself says of quotes and of what was confirmed: no model speaks here.

Whatever the model, a purchase is asked about and told of in the same words, and the
turn that carries out a confirmation needs no model at all.
"""

from collections.abc import Callable, Mapping
from typing import Any

from agent.cards import Data
from commerce.quote import Quote, QuoteKind

ASK: Mapping[QuoteKind, str] = {
    "confirm_purchase": (
        "Please look it over and confirm it with the button: I order nothing before "
        "you do. It holds for a few minutes; a change of your cart ends it."
    ),
    "confirm_cancel": (
        "Please confirm with the button that this order should be cancelled: I do "
        "nothing before you do."
    ),
    "confirm_return": (
        "Please confirm the return with the button: I send nothing back before you do."
    ),
}
LATE = (
    "Your approval came to me too late, so I did nothing. Shall I make a fresh quote?"
)
LEFT = "All right, I leave everything as it is. What else can I do for you?"

_AGAIN = "Nothing was ordered. Shall I make a fresh quote?"
_WHY_NOT: Mapping[str, str] = {
    "quote_void": f"What I showed you has changed in the meantime. {_AGAIN}",
    "cart_changed": f"Your cart has changed in the meantime. {_AGAIN}",
    "price_changed": f"The price has changed in the meantime. {_AGAIN}",
    "cart_empty": "Your cart is empty, so there is nothing to order.",
    "insufficient_stock": (
        "Something in your cart has sold out in the meantime, so nothing was ordered. "
        "Shall I look for something like it?"
    ),
    "checkout_in_progress": (
        "Another order of this cart is being paid just now. Shall I look how it stands?"
    ),
    "payment_method_not_found": f"That way to pay is no longer saved. {_AGAIN}",
    "address_not_found": f"That address is no longer saved. {_AGAIN}",
    "unavailable": (
        "The shop could not tell me just now whether it was done. Please look at your "
        "orders before you try again."
    ),
    "unknown_outcome": (
        "I have not heard yet how it ended. Your orders will show it in a moment."
    ),
}


def arguments(quote: Quote) -> tuple[str, dict[str, Any]]:
    """Return the tool that carries `quote` out, and its arguments."""
    match quote.kind:
        case "confirm_purchase":
            return "place_order", {"quote_id": quote.id}
        case "confirm_cancel":
            told = {"order_number": quote.order_number, "reason": quote.reason}
            return "cancel_order", told
        case "confirm_return":
            items = [
                {"line_id": each.id, "quantity": each.quantity} for each in quote.lines
            ]
            told = {"order_number": quote.order_number, "reason": quote.reason}
            return "start_return", {**told, "items": items}


def outcome(tool: str, result: Data) -> str:
    """Return how it ended, for the shopper."""
    if "error" in result:
        return _refused(result)
    return _DONE[tool](result)


def _placed(result: Data) -> str:
    number, total = result["order_number"], result["total"]
    step = result["next_action"]
    if step is not None:
        return _parked(result, step)
    if result["status"] == "pending":
        return (
            f"Order {number} over {total} waits for its payment to go through; it is "
            "not confirmed yet. You will hear as soon as it is."
        )
    return (
        f"Thank you! Order {number} is confirmed: {total}{_paid_with(result)}."
        f"{_expected(result)}"
    )


def _parked(result: Data, step: Data) -> str:
    number, total = result["order_number"], result["total"]
    if step["url"]:
        how = f"Please approve the payment at your bank: {step['url']}"
    else:
        how = "Please approve the payment in your UPI app."
    return (
        f"Order {number} over {total} is not confirmed yet, your approval is missing. "
        f"{how}"
    )


def _cancelled(result: Data) -> str:
    refund = result["refund_cents"] and f" {result['refund']} goes back to you."
    return f"Order {result['cancelled']} is cancelled.{refund or ''}"


def _returned(result: Data) -> str:
    return (
        f"Your return for order {result['order_number']} is requested. We will look at "
        f"it; {result['refund']} is refunded once the items are here and fine."
    )


def _refused(result: Data) -> str:
    code = result["error"]
    if code in _WHY_NOT:
        return _WHY_NOT[code]
    if code == "illegal_transition":
        return "That is not possible any more: the order has moved on."
    decline = result.get("details", {}).get("decline_code")
    if decline is not None or code == "payment_refused":
        plain = decline in {None, "generic_decline", "card_declined"}
        why = "" if plain else f" ({decline.replace('_', ' ')})"
        return (
            f"The payment was declined{why}. Nothing was ordered and your cart is as "
            "it was. Would you like to try another card or way to pay, for example a "
            "different payment method?"
        )
    return f"That did not work: {result['message']}. Nothing was changed."


def _paid_with(result: Data) -> str:
    with_what = [each for each in result["payments"] if each["last4"]]
    if not with_what:
        return ""
    used = with_what[-1]
    return f", paid with {used['brand'] or used['type']} ending {used['last4']}"


def _expected(result: Data) -> str:
    at = result["estimated_delivery"]
    return f" It should be with you by {at[:10]}." if at else ""


_DONE: Mapping[str, Callable[[Data], str]] = {
    "place_order": _placed,
    "cancel_order": _cancelled,
    "start_return": _returned,
}
