"""Returns: what may come back, what is refunded for it, and where the units go.

RULES.md section 8. Every step names its return and, done a second time, changes
nothing. What has been refunded is counted from the returns themselves.

    requested -> approved -> in_transit -> received -> inspected -> refunded
        |           |            |                         |
        +--> rejected            |                         +--> rejected
        +-----------+------------+--> cancelled (buyer)
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from commerce.errors import Malformed, NotFound
from commerce.order import (
    Happened,
    Order,
    Return,
    ReturnLine,
    ReturnStatus,
)
from commerce.order_status import returned
from commerce.payment import Refund
from commerce.refund import carried, is_complete, points_back, refund_amount
from commerce.returnable import ReturnPolicy, check_return
from commerce.transition import Machine, check

RETURN: Machine[ReturnStatus] = {
    "requested": ("approved", "rejected", "cancelled"),
    # A parcel may arrive without any carrier having told that it is on its way.
    "approved": ("in_transit", "received", "cancelled"),
    "in_transit": ("received", "cancelled"),
    "received": ("inspected",),
    "inspected": ("refunded", "rejected"),
    "refunded": (),
    "rejected": (),
    "cancelled": (),
}


class ReturnNotFound(NotFound):
    """The order has no such return."""

    code = "return_not_found"


class Inspected(Struct, frozen=True):
    """So many units of a line were looked at: fit to be sold again, or not."""

    id: str
    quantity: int
    resellable: bool


class BackAtShelf(Struct, frozen=True):
    """What inspection leaves to do at one sku: units to restock, units to scrap."""

    sku: str
    warehouse: str
    restock: int
    scrap: int


def request(order: Order, wanted: Return, now: datetime, policy: ReturnPolicy) -> Order:
    """Return `order` with the new return `wanted`; a second time changes nothing.

    Raises NotDelivered, ReturnWindowClosed, Malformed, ReturnQuantity, NotReturnable.
    """
    if wanted.id in order.returns:
        return order
    check_return(order, wanted, now, policy)
    return _moved(order, replace(wanted, history=()), "requested", now, "Requested")


def approve(order: Order, return_id: str, now: datetime) -> Order:
    """The shop takes it back. Raises ReturnNotFound, IllegalTransition."""
    return _step(order, return_id, "approved", now, "Approved")


def travel(order: Order, return_id: str, now: datetime) -> Order:
    """A carrier has it. Raises ReturnNotFound, IllegalTransition."""
    return _step(order, return_id, "in_transit", now, "On its way back")


def receive(order: Order, return_id: str, now: datetime, *, warehouse: str) -> Order:
    """It arrived at `warehouse`. Raises ReturnNotFound, IllegalTransition."""
    return _step(
        order,
        return_id,
        "received",
        now,
        f"Arrived in {warehouse}",
        warehouse=warehouse,
    )


def inspect(
    order: Order, return_id: str, now: datetime, found: Sequence[Inspected]
) -> Order:
    """Every unit was looked at. Raises Malformed unless `found` adds up to them.

    Raises ReturnNotFound, IllegalTransition.
    """
    lines = tuple(_inspected(each, found) for each in one(order, return_id).lines)
    strangers = {each.id for each in found} - {each.id for each in lines}
    if strangers:
        raise Malformed(f"{sorted(strangers)} are not in this return", field="items")
    return _step(order, return_id, "inspected", now, "Inspected", lines=lines)


def reject(order: Order, return_id: str, now: datetime, *, reason: str) -> Order:
    """The shop does not take it back; of what arrived this says that it was looked at.

    Raises ReturnNotFound, IllegalTransition.
    """
    if one(order, return_id).status == "received":
        order = _step(order, return_id, "inspected", now, "Inspected")
    return _step(order, return_id, "rejected", now, reason)


def cancel(order: Order, return_id: str, now: datetime) -> Order:
    """The buyer keeps it. Raises ReturnNotFound, IllegalTransition."""
    return _step(order, return_id, "cancelled", now, "Cancelled by the buyer")


def refund(
    order: Order, return_id: str, now: datetime
) -> tuple[Order, tuple[Refund, ...]]:
    """Return `order` with the money for the return on its way, and what carries it.

    The order is `returned` with its last unit. A second time there is nothing to
    carry. Raises ReturnNotFound, IllegalTransition.
    """
    coming = one(order, return_id)
    if coming.status == "refunded":
        return order, ()
    amount = refund_amount(order, coming)
    reverse, restore = points_back(order, coming)
    order, refunds = carried(order, amount, return_id, now)
    order = _step(
        order,
        return_id,
        "refunded",
        now,
        "Refunded",
        amount=amount,
        points_reversed=reverse,
        points_restored=restore,
    )
    return (returned(order, now) if is_complete(order) else order), refunds


def one(order: Order, return_id: str) -> Return:
    """Return one return of `order`. Raises ReturnNotFound."""
    if return_id not in order.returns:
        raise ReturnNotFound(f"the order has no return {return_id}", id=return_id)
    return order.returns[return_id]


def to_shelf(order: Order, coming: Return) -> tuple[BackAtShelf, ...]:
    """Return what an inspected return leaves to restock and to scrap, by sku."""
    skus = {line.id: line.sku for line in order.lines}
    return tuple(
        BackAtShelf(
            skus[each.id],
            coming.warehouse,
            restock=each.resellable,
            scrap=each.quantity - each.resellable,
        )
        for each in coming.lines
    )


def _inspected(line: ReturnLine, found: Sequence[Inspected]) -> ReturnLine:
    mine = [each for each in found if each.id == line.id]
    if any(each.quantity < 0 for each in mine) or line.quantity != sum(
        each.quantity for each in mine
    ):
        raise Malformed(f"{line.id}: all {line.quantity} are looked at", field="items")
    sound = sum(each.quantity for each in mine if each.resellable)
    return replace(line, resellable=sound)


def _step(
    order: Order,
    return_id: str,
    to: ReturnStatus,
    now: datetime,
    description: str,
    **news: object,
) -> Order:
    found = one(order, return_id)
    if found.status == to:
        return order
    check(f"return {return_id}", RETURN, found.status, to)
    return _moved(order, replace(found, **news), to, now, description)


def _moved(
    order: Order, moved: Return, to: ReturnStatus, now: datetime, description: str
) -> Order:
    history = (*moved.history, Happened(to, now, description))
    moved = replace(moved, status=to, history=history)
    return replace(
        order,
        returns={**order.returns, moved.id: moved},
        version=order.version + 1,
        updated_at=now,
    )
