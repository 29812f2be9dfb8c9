"""What a return is worth: money and points, to the last cent and the last point.

RULES.md section 8. A unit is worth its part of the line's net and tax; the last unit of
a line takes the remainder. Shipping comes back only when every unit does, and always
for a fault of the shop. Points go back and are taken back in proportion, counted from
the whole each time, so that the last return leaves nothing over.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from commerce.errors import NotFound
from commerce.money import rounded
from commerce.order import Order, OrderLine, Return
from commerce.payment import (
    Refund,
    RefundStatus,
    captured,
    refund_moved,
    refunded,
    refunding,
    refunding_again,
)

AGAIN_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""A bank may be in trouble for hours; what fails then, too, a person must look at."""

SHOP_FAULTS = frozenset({"damaged", "defective", "wrong_item", "not_as_described"})
"""Reasons, as codes, that are the shop's doing."""


def reason_code(reason: str) -> str:
    """Return a customer's `reason` as a code: `Wrong item` is `wrong_item`."""
    return "_".join(reason.casefold().replace("-", " ").replace("_", " ").split())


def refund_all(
    order: Order, cause: str, now: datetime
) -> tuple[Order, tuple[Refund, ...]]:
    """Return `order` with all that it still has on its way back: it is cancelled.

    A second time nothing is left to carry. `cause` goes into the refunds' ids: after
    one that failed, trying again takes another cause.
    """
    left = captured(order.tenders) - refunded(order.tenders)
    if not left:
        return order, ()
    return carried(order, left, cause, now)


def carried(
    order: Order, amount: int, cause: str, now: datetime
) -> tuple[Order, tuple[Refund, ...]]:
    """Return `order` with `amount` on its way back, and what carries it.

    Each tender gets its part in proportion, largest remainder. Raises RefundTooHigh.
    """
    tenders, refunds = refunding(order.tenders, amount, refund_id=cause, reason=cause)
    known = {**order.refunds, **{each.id: each for each in refunds}}
    return _changed(order, now, tenders=tenders, refunds=known), refunds


def settled(order: Order, refund_id: str, to: RefundStatus, now: datetime) -> Order:
    """Return `order` knowing what became of a refund; one that failed is owed again.

    What is known already changes nothing. Raises NotFound, IllegalTransition.
    """
    if (found := order.refunds.get(refund_id)) is None:
        raise NotFound(f"the order has no refund {refund_id}", id=refund_id)
    if found.status == to:
        return order
    tenders, moved = refund_moved(order.tenders, found, to)
    known = {**order.refunds, refund_id: moved}
    return _changed(order, now, tenders=tenders, refunds=known)


def owed_again(order: Order, refund_id: str, now: datetime) -> Order:
    """Return `order` with a refund that failed on its way again, after a pause.

    When it failed for the last time nothing changes: a person must look.
    """
    failed = order.refunds[refund_id]
    if failed.attempt > len(AGAIN_AFTER):
        return order
    due = now + AGAIN_AFTER[failed.attempt - 1]
    tenders, fresh = refunding_again(order.tenders, failed, due)
    known = {**order.refunds, fresh.id: fresh}
    return _changed(order, now, tenders=tenders, refunds=known)


def given_up(order: Order) -> int:
    """Return the cents that no bank takes back: they are still owed."""
    return sum(
        each.amount
        for each in order.refunds.values()
        if each.status == "failed" and each.attempt > len(AGAIN_AFTER)
    )


def refund_amount(order: Order, coming: Return) -> int:
    """Return the cents that `coming` is worth after all that was refunded before."""
    before = refunded_units(order)
    after = _with(before, coming)
    worth = sum(
        _worth(line, after.get(line.id, 0)) - _worth(line, before.get(line.id, 0))
        for line in order.lines
    )
    return worth + (_shipping(order) if _ends_by_fault(order, coming, after) else 0)


def points_back(order: Order, coming: Return) -> tuple[int, int]:
    """Return the points to take back of those earned, and to restore of those spent.

    In proportion to the net value of the units, or to their price where points and
    coupons paid for everything.
    """
    part, whole = _portion(order, _with(refunded_units(order), coming))
    done = [each for each in order.returns.values() if each.status == "refunded"]
    earned = order.totals.points_to_earn if order.totals else 0
    spent = order.totals.points_discount if order.totals else 0
    return (
        rounded(earned * part, whole) - sum(each.points_reversed for each in done),
        rounded(spent * part, whole) - sum(each.points_restored for each in done),
    )


def refunded_units(order: Order) -> dict[str, int]:
    """Return how many units of each line, by its id, were refunded by now."""
    units: dict[str, int] = {}
    for each in order.returns.values():
        if each.status == "refunded":
            units = _with(units, each)
    return units


def is_complete(order: Order) -> bool:
    """Tell whether every unit of `order` is refunded."""
    return _is_all(order, refunded_units(order))


def _worth(line: OrderLine, units: int) -> int:
    """Return what the first `units` of `line` are worth."""
    return _part(line.net, line, units) + _part(line.tax, line, units)


def _part(share: int, line: OrderLine, units: int) -> int:
    """Return the part of the line's `share` that `units` have; all have all of it."""
    return share if units == line.quantity else share // line.quantity * units


def _ends_by_fault(order: Order, coming: Return, after: Mapping[str, int]) -> bool:
    done = [each for each in order.returns.values() if each.status == "refunded"]
    reasons = {reason_code(each.reason) for each in (*done, coming)}
    return _is_all(order, after) and reasons <= SHOP_FAULTS


def _shipping(order: Order) -> int:
    return order.totals.shipping if order.totals else 0


def _portion(order: Order, units: Mapping[str, int]) -> tuple[int, int]:
    """Return the part that `units` are of the order, as part and whole."""
    lines = [(line, units.get(line.id, 0)) for line in order.lines]
    if whole := sum(line.net for line, _ in lines):
        return sum(_part(line.net, line, count) for line, count in lines), whole
    if whole := sum(line.price * line.quantity for line, _ in lines):
        return sum(line.price * count for line, count in lines), whole
    # Nothing had a price, so nothing was earned or spent.
    return 0, 1


def _is_all(order: Order, units: Mapping[str, int]) -> bool:
    return all(units.get(line.id, 0) == line.quantity for line in order.lines)


def _with(units: Mapping[str, int], coming: Return) -> dict[str, int]:
    whole = dict(units)
    for each in coming.lines:
        whole[each.id] = whole.get(each.id, 0) + each.quantity
    return whole


def _changed(order: Order, now: datetime, **news: object) -> Order:
    return replace(order, version=order.version + 1, updated_at=now, **news)
