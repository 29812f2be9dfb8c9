"""The plan that sends things back: which, how many, why, then the own confirmation."""

from collections.abc import Sequence

from agent.rules import orders as which
from agent.rules import say
from agent.rules.forms import messages, newest
from agent.rules.plan import Part, Plan, use
from agent.rules.plans.policy import policy
from agent.rules.reading import Reading
from agent.rules.reasons import reason
from agent.rules.recall import Data, Memory

# With these it comes back whatever it is.
SHOP_FAULTS = frozenset({"damaged", "wrong_item"})

WHY = (
    "Why does it come back: is it damaged, the wrong item, does it not fit, or did you "
    "change your mind?"
)


def send_back(reading: Reading, memory: Memory) -> Plan:
    """Have a return confirmed by the shopper, after asking for what is missing."""
    said = messages(reading, memory, "return")
    found = yield from which.the_orders(said, memory)
    if isinstance(found, str):
        # "Can I return a lipstick?", of somebody who never bought one.
        asks = {"can", "could", "do"} & reading.opening
        return (yield from policy(reading, memory)) if asks else found
    there = [each for each in found.orders if each["status"] == "delivered"]
    if not found.orders or (len(there) > 1 and not found.lines):
        return _which(there)
    row = (there or found.orders)[0]
    result = yield from use("get_order", order_number=row["order_number"])
    if error := say.error(result):
        return error
    card = result["order"]
    if no := _closed(card):
        return no
    lines = [each for each in card["lines"] if each["sku"] in _skus(found.lines)]
    if not lines and len(card["lines"]) > 1 and not any(_whole(each) for each in said):
        names = "\n".join(
            f"{at}. {say.times(each['quantity'], say.variant(each['name'], each))}"
            for at, each in enumerate(card["lines"], 1)
        )
        return f"What of {card['order_number']} comes back?\n{names}\nWhich one?"
    return (yield from _asked(card, lines or card["lines"], said, memory))


def _asked(
    card: Data, lines: Sequence[Data], said: list[Reading], memory: Memory
) -> Part[str]:
    left = {each["line_id"]: each["quantity"] for each in card["returnable"]}
    lines = [each for each in lines if left.get(each["line_id"])]
    if not lines:
        return f"That part of {card['order_number']} is on its way back already."
    why = newest(said, reason) or _told_why(said, memory)
    if why is None:
        names = say.listed(say.variant(each["name"], each) for each in lines)
        return f"The {names} of {card['order_number']}: {WHY}"
    if why not in SHOP_FAULTS:
        kinds = {each["category"] for each in lines}
        if no := (yield from _never(kinds)):
            return no
    units = newest(said, lambda each: each.quantity)
    items = [_item(each, units) for each in lines]
    result = yield from use(
        "start_return", order_number=card["order_number"], items=items, reason=why
    )
    if "error" in result:
        return _refused(result)
    return say.CONFIRM


def _never(kinds: set[str]) -> Part[str | None]:
    """Return what the terms say of kinds of goods that come back only as faulty."""
    terms = yield from use("get_policy", topic="returns")
    for point in terms.get("points", ()):
        if " only " in point and any(each in point for each in kinds):
            return f"I'm sorry: {point} Is that so here?"
    return None


def _item(line: Data, units: int | None) -> Data | str:
    if units and units < line["quantity"]:
        return {"sku": line["sku"], "quantity": units}
    return str(line["sku"])


def _told_why(said: list[Reading], memory: Memory) -> str | None:
    """Return the answer to our question why, in the shopper's own words."""
    pending = memory.pending
    if pending is None or pending.intent != "return" or WHY not in memory.told:
        return None
    counts = said[0].quantity or said[0].numbers
    if counts and not said[0].rest:
        return None
    return " ".join(said[0].text.split())[:200] or None


def _whole(reading: Reading) -> bool:
    return reading.has("all") or reading.both or "order" in reading.words


def _skus(lines: Sequence[Data]) -> set[str]:
    return {each["sku"] for each in lines}


def _which(delivered: Sequence[Data]) -> str:
    if not delivered:
        return "None of your orders has been delivered yet, so nothing can come back."
    return f"What would you like to send back?\n{which.listed(delivered)}\nWhich one?"


def _closed(card: Data) -> str | None:
    """Say why nothing of an order may come back, if so."""
    number, days = card["order_number"], card["return_window_days"]
    if card["status"] == "cancelled":
        return f"{number} was cancelled: there is nothing to send back."
    if card["status"] not in {"delivered", "returned"}:
        text = f"{number} is {card['status']} and has not arrived yet. "
        if card["can_cancel"]:
            return f"{text}Shall I cancel it instead?"
        return f"{text}It can be sent back within {days} days of its delivery."
    if card["returnable"]:
        return None
    if card["return_window_open"] or card["status"] == "returned":
        return f"All of {number} is on its way back already, or back."
    return (
        f"I'm sorry, {number} can no longer be returned: it arrived on "
        f"{card['delivered_at'][:10]}, and the window of {days} days closed on "
        f"{card['return_until'][:10]}."
    )


def _refused(result: Data) -> str:
    details = result["details"]
    match result["error"]:
        case "not_returnable":
            return (
                f"{details['category']} can only be sent back if it arrived damaged or "
                "is the wrong item. Is it one of these?"
            )
        case "return_quantity":
            return f"Only {details['returnable']} of it can come back."
        case _:
            return say.error(result) or ""
