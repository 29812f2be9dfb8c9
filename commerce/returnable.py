"""What may come back: until when, of which kind, and how many units.

RULES.md section 8. Only what was delivered, within the window, and no unit twice.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from commerce.errors import Malformed, Refused
from commerce.order import Order, OrderLine, Return, happened_at
from commerce.refund import reason_code

# Units of such a return are not on their way back.
_GIVEN_UP = frozenset({"rejected", "cancelled"})


class ReturnPolicy(Struct, frozen=True, kw_only=True):
    """What the shop takes back, `data/coupons.json: rules.returns`."""

    window_days: int = 30
    non_returnable_categories: tuple[str, ...] = ("Beauty & Personal Care",)
    # These come back even of a category that does not.
    always: tuple[str, ...] = ("damaged", "wrong_item")


class NotDelivered(Refused):
    """What has not arrived cannot come back."""

    code = "not_delivered"


class ReturnWindowClosed(Refused):
    """The time to return it is over; `details.until` says since when."""

    code = "return_window_closed"


class NotReturnable(Refused):
    """Things of this kind come back only damaged or mistaken."""

    code = "not_returnable"


class ReturnQuantity(Refused):
    """More units than were bought and are not on their way back yet."""

    code = "return_quantity"


def window_ends(order: Order, policy: ReturnPolicy) -> datetime | None:
    """Return until when units of `order` may come back; None before it is delivered."""
    delivered_at = happened_at(order, "delivered")
    return delivered_at and delivered_at + timedelta(days=policy.window_days)


def returnable(order: Order, line: OrderLine) -> int:
    """Return how many units of `line` may still come back."""
    on_their_way = sum(
        each.quantity
        for one in order.returns.values()
        if one.status not in _GIVEN_UP
        for each in one.lines
        if each.id == line.id
    )
    return line.quantity - on_their_way


def check_return(
    order: Order, wanted: Return, now: datetime, policy: ReturnPolicy
) -> None:
    """Raise unless what is `wanted` may come back now.

    Raises NotDelivered, ReturnWindowClosed, Malformed, ReturnQuantity, NotReturnable.
    """
    _check_window(order, now, policy)
    _check_lines(order, wanted, policy)


def _check_window(order: Order, now: datetime, policy: ReturnPolicy) -> None:
    ends = window_ends(order, policy)
    if ends is None or order.status not in {"delivered", "returned"}:
        raise NotDelivered(f"the order is {order.status}", status=order.status)
    if now > ends:
        raise ReturnWindowClosed(f"it could come back until {ends}", until=ends)


def _check_lines(order: Order, wanted: Return, policy: ReturnPolicy) -> None:
    bought = {line.id: line for line in order.lines}
    ids = [each.id for each in wanted.lines]
    if not ids or len(set(ids)) < len(ids):
        raise Malformed("name each item that comes back once", field="items")
    for each in wanted.lines:
        if each.id not in bought:
            raise Malformed(f"{each.id} is no item of this order", field="items")
        _check_quantity(order, bought[each.id], each.quantity)
        _check_kind(bought[each.id], wanted.reason, policy)


def _check_quantity(order: Order, line: OrderLine, quantity: int) -> None:
    left = returnable(order, line)
    if not 1 <= quantity <= left:
        raise ReturnQuantity(
            f"{line.id}: {quantity} asked, {left} may come back",
            id=line.id,
            asked=quantity,
            returnable=left,
        )


def _check_kind(line: OrderLine, reason: str, policy: ReturnPolicy) -> None:
    if line.category not in policy.non_returnable_categories:
        return
    if reason_code(reason) not in policy.always:
        raise NotReturnable(
            f"{line.category} comes back only as {' or '.join(policy.always)}",
            id=line.id,
            category=line.category,
            reasons=policy.always,
        )
