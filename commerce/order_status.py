"""How an order may move: its states, its checkout's phases, and who may cancel.

RULES.md sections 6 and 7. Its history names only what happened, written by the very
transition that made it true; anything else is an IllegalTransition that says from
where, to where, and what would be allowed.

    pending -> confirmed -> processing -> shipped -> delivered -> returned
       |           |            |
       +-----------+------------+--> cancelled

    session:   opened -> reserved    order:   paying -> confirmed
                  +---------+---------> paying
                  +---------+------------------+--> undoing -> undone
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from commerce.errors import Malformed
from commerce.order import Happened, Order, OrderLine, Parcel, Phase, Status, number
from commerce.transition import Machine, check, check_allowed

By = Literal["user", "operator", "system"]

ORDER: Machine[Status] = {
    "pending": ("confirmed", "cancelled"),
    "confirmed": ("processing", "cancelled"),
    "processing": ("shipped", "cancelled"),
    "shipped": ("delivered",),
    "delivered": ("returned",),
    "returned": (),
    "cancelled": (),
}
CHECKOUT: Machine[Phase] = {
    "opened": ("reserved", "paying", "undoing"),
    "reserved": ("paying", "undoing"),
    "paying": ("confirmed", "undoing"),
    # Behind the pivot there is only forward.
    "confirmed": (),
    "undoing": ("undone",),
    "undone": (),
}
# Time and trouble may end what is not paid; afterwards it takes somebody's word.
MAY_CANCEL: Mapping[Status, tuple[By, ...]] = {
    "pending": ("user", "operator", "system"),
    "confirmed": ("user", "operator"),
    "processing": ("operator",),
}


def moved_on(order: Order, phase: Phase, at: datetime) -> Order:
    """Return `order` with its checkout in `phase`; where it is already it stays.

    Raises IllegalTransition.
    """
    if phase == order.phase:
        return order
    check(f"the checkout of {number(order.id)}", CHECKOUT, order.phase, phase)
    return _changed(order, at, phase=phase)


def place(order: Order, at: datetime) -> Order:
    """Make the checkout session an order: from now on it is shown in lists."""
    if order.placed_at is not None:
        return order
    return _happened(order, Happened("pending", at, "Order placed"), placed_at=at)


def confirm(order: Order, at: datetime) -> Order:
    """The order is paid. Raises IllegalTransition."""
    return _become(order, "confirmed", at, "Payment received")


def process(order: Order, at: datetime) -> Order:
    """Somebody began to pack it. Raises IllegalTransition."""
    return _become(order, "processing", at, "Being packed")


def ship(order: Order, at: datetime, *, tracking_number: str, carrier: str) -> Order:
    """It left, one parcel a warehouse. Raises IllegalTransition, Malformed.

    Without a tracking number nobody could find it: there is no shipping without one.
    """
    check(number(order.id), ORDER, order.status, "shipped")
    if not tracking_number.strip():
        raise Malformed("shipping takes a tracking number", field="tracking_number")
    parcels = tuple(
        Parcel(warehouse, units, carrier, tracking_number.strip())
        for warehouse, units in _by_warehouse(order.lines).items()
    )
    order = replace(order, parcels=parcels)
    return _become(order, "shipped", at, f"Handed to {carrier}")


def deliver(order: Order, at: datetime) -> Order:
    """It arrived: the return window opens. Raises IllegalTransition."""
    city = order.address.city if order.address else ""
    return _become(order, "delivered", at, "Delivered", location=city)


def returned(order: Order, at: datetime) -> Order:
    """Every unit came back and is refunded. Raises IllegalTransition."""
    return _become(order, "returned", at, "All items returned")


def cancel(order: Order, at: datetime, *, by: By, reason: str) -> Order:
    """It will not be sent. Raises IllegalTransition with what this one may do."""
    allowed = ("cancelled",) if by in MAY_CANCEL.get(order.status, ()) else ()
    check_allowed(number(order.id), order.status, "cancelled", allowed)
    return _become(order, "cancelled", at, reason, reason=reason)


def _become(
    order: Order,
    status: Status,
    at: datetime,
    description: str,
    *,
    location: str = "",
    **news: object,
) -> Order:
    check(number(order.id), ORDER, order.status, status)
    event = Happened(status, at, description, location)
    return _happened(order, event, status=status, **news)


def _happened(order: Order, event: Happened, **news: object) -> Order:
    return _changed(order, event.at, history=(*order.history, event), **news)


def _changed(order: Order, at: datetime, **news: object) -> Order:
    return replace(order, version=order.version + 1, updated_at=at, **news)


def _by_warehouse(lines: Collection[OrderLine]) -> dict[str, dict[str, int]]:
    """Return what each warehouse sends: units by line id."""
    units: dict[str, dict[str, int]] = {}
    for line in lines:
        for warehouse, count in line.places.items():
            units.setdefault(warehouse, {})[line.id] = count
    return units
