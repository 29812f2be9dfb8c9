"""Plans about orders: list them, show one, follow one, cancel one."""

from agent.rules import orders as which
from agent.rules import say
from agent.rules.forms import messages
from agent.rules.plan import Part, Plan, Use, use
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory

_OVER = frozenset({"delivered", "cancelled", "returned"})

# Who says so of an order that arrived has not got it.
_MISSING = frozenset({"not", "never", "nahi", "nahin", "missing", "lost", "still"})

_STANDS = {
    "pending": "{number} waits for its payment.",
    "confirmed": "{number} is confirmed and waits to be packed.",
    "processing": "{number} is being packed.",
    "shipped": "{number} is on its way: shipped on {at}.",
    "delivered": "{number} arrived on {at}.",
    "cancelled": "{number} was cancelled on {at}.",
    "returned": "{number} was sent back and refunded on {at}.",
}


def orders(_: Reading, __: Memory) -> Plan:
    """List the newest orders."""
    result = yield from use("list_orders")
    if error := say.error(result):
        return error
    rows = result["orders"]
    if not rows:
        return "You have no orders here yet. Can I help you find something?"
    lead = "Your order" if len(rows) == 1 else "Your newest orders"
    return f"{lead}:\n{which.listed(rows)}"


def order(reading: Reading, memory: Memory) -> Plan:
    """Show one order."""
    found = yield from which.the_orders(messages(reading, memory, "order"), memory)
    if isinstance(found, str):
        return found
    if len(found.orders) > 1 and not found.named:
        return f"Your newest orders:\n{which.listed(found.orders)}"
    if not found.orders:
        return "I can't find that order among yours."
    number = found.orders[0]["order_number"]
    result = yield from use("get_order", order_number=number)
    return say.error(result) or _shown(result["order"])


def _shown(card: Data) -> str:
    text = f"{which.told(card)}. {card['total']}, placed on {card['placed_at'][:10]}."
    if card["status"] == "delivered" and card["delivered_at"]:
        text += f" It arrived on {card['delivered_at'][:10]}."
    if card["return_window_open"] and card["returnable"]:
        text += f" You can send it back until {card['return_until'][:10]}."
    return text


def track(reading: Reading, memory: Memory) -> Plan:
    """Tell where an order is: the one meant, else the newest under way."""
    found = yield from which.the_orders(messages(reading, memory, "track"), memory)
    if isinstance(found, str):
        return found
    if not found.orders:
        return "I can't find that order among yours."
    open_ones = [each for each in found.orders if each["status"] not in _OVER]
    row = (open_ones or found.orders)[0]
    result = yield from use("track_order", order_number=row["order_number"])
    if error := say.error(result):
        return error
    text = _stands(result)
    if result["status"] == "delivered" and _MISSING & set(reading.words):
        text += (
            " If you don't have it, shall I ask a person of our team to look into it?"
        )
    elif len(open_ones) > 1 and not found.named:
        others = [each["order_number"] for each in open_ones[1:4]]
        text += f" Also under way: {say.listed(others)}."
    return text


def _stands(result: Data) -> str:
    items = say.listed(dict.fromkeys(each["name"] for each in result["items"][:3]))
    at = [
        each["at"] for each in result["history"] if each["status"] == result["status"]
    ]
    line = _STANDS[result["status"]].format(
        number=result["order_number"], at=at[-1][:10] if at else ""
    )
    text = f"{line} In it: {items}."
    if result["status"] in _OVER:
        return text
    if number := result["tracking_number"]:
        by = f" with {result['carrier']}" if result["carrier"] else ""
        text += f" Tracking number {number}{by}."
    if expected := result["estimated_delivery"]:
        text += f" It should arrive by {expected[:10]}."
    return text


def cancel(reading: Reading, memory: Memory) -> Plan:
    """Have the cancelling of an order confirmed by the shopper."""
    found = yield from which.the_orders(
        messages(reading, memory, "cancel_order"), memory
    )
    if isinstance(found, str):
        return found
    early = [
        each for each in found.orders if each["status"] in {"pending", "confirmed"}
    ]
    if len(early) > 1:
        return (
            f"Which one shall be cancelled?\n{which.listed(early)}\nTell me its number?"
        )
    if not found.orders:
        return "I can't find that order among yours."
    number = (early or found.orders)[0]["order_number"]
    result = yield from use("get_order", order_number=number)
    if error := say.error(result):
        return error
    card = result["order"]
    if not card["can_cancel"]:
        return _too_late(card)
    asked = yield from use("cancel_order", order_number=number)
    return say.error(asked) or say.CONFIRM


def _too_late(card: Data) -> str:
    number, days = card["order_number"], card["return_window_days"]
    match card["status"]:
        case "cancelled":
            return f"{number} is cancelled already."
        case "processing":
            return (
                f"{number} is being packed, so I can't cancel it any more. "
                "Shall I ask a person of our team?"
            )
        case "shipped":
            return (
                f"{number} is on its way, so it can't be cancelled any more. You can "
                f"send it back within {days} days of its delivery."
            )
        case _:
            return (
                f"{number} has arrived, so it can't be cancelled. Items can be sent "
                f"back within {days} days of delivery: shall I start a return?"
            )


def refund(reading: Reading, memory: Memory) -> Plan:
    """Tell how the returns and refunds of the newest orders stand."""
    found = yield from which.the_orders(messages(reading, memory, "refund"), memory)
    if isinstance(found, str):
        return found
    numbers = [each["order_number"] for each in found.orders[:3]]
    results = yield tuple(Use("get_order", {"order_number": each}) for each in numbers)
    cards = [each["order"] for each in results if "order" in each]
    told = [line for each in cards for line in _coming_back(each)]
    if not told:
        return "I see no return or refund going on among your newest orders."
    return " ".join(told)


def _coming_back(card: Data) -> list[str]:
    number = card["order_number"]
    told = [
        f"The return for {number} is {each['status'].replace('_', ' ')}."
        for each in card["returns"]
    ]
    if card["refunded_cents"]:
        told.append(f"{card['refunded']} of {number} were refunded.")
    return told


def placed_already(_: Reading, memory: Memory) -> Part[str]:
    """Say that the order is placed: a second yes buys nothing."""
    yield from ()
    return f"Your order {memory.placed} is placed already; nothing more is needed."
