"""Points: how a purse changes, and the ledger that says why.

RULES.md section 4. Every function returns the purse as it then is and the entries to
append to its ledger; the same key again changes nothing and appends nothing. At any
time, over the whole ledger:

    balance = sum of `points` = open lots + held - debt
    pending = sum of `pending`        held = sum of `held`

A hold takes its points out of the lots, the oldest first, so that they neither expire
nor are spent twice while somebody pays. A `debt` is what a reversal could not find;
it alone makes a balance negative, and the next points pay it.

The functions keep the type of what they are given: an actor's state is a Purse that
carries its ledger, too.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from msgspec.structs import replace

from commerce.errors import Malformed
from commerce.ledger import Cause, Entry, entries, entry
from commerce.lots import Lot, Lots, by_age, joined, less, shares, take, units
from commerce.purse import OrderPoints, Purse, affordable, tiered
from commerce.tier import Program

P = TypeVar("P", bound=Purse)

Booked = tuple[P, tuple[Entry, ...]]


def earn_pending(purse: P, points: int, cause: Cause) -> Booked[P]:
    """Promise the order its `points`; they become active when it is delivered."""
    _check(points)
    if _known(purse, cause) or not points:
        return purse, ()
    order = _order(purse, cause)
    purse = _booked(purse, cause, replace(order, pending=order.pending + points))
    purse = replace(purse, pending=purse.pending + points)
    return purse, (entry(cause, "earn_pending", pending=points),)


def activate(purse: P, cause: Cause, program: Program) -> Booked[P]:
    """Make the order's pending points active, as one lot, and see to the tier."""
    order = _order(purse, cause)
    points = order.pending
    if _known(purse, cause) or not points:
        return purse, ()
    earned = order.earned + points
    now_active = replace(order, pending=0, earned=earned, activated_at=cause.at)
    purse = replace(
        _booked(purse, cause, now_active),
        pending=purse.pending - points,
        earned_lifetime=purse.earned_lifetime + points,
    )
    expires_at = cause.at + timedelta(days=program.expire_days)
    purse = _put(purse, {cause.order: Lot(points, expires_at)})
    purse = replace(purse, balance=purse.balance + points)
    line = entry(cause, "earn_active", points=points, pending=-points, lot=cause.order)
    return tiered(purse, cause.at, program), (line,)


def hold(purse: P, points: int, cause: Cause) -> Booked[P]:
    """Set `points` aside for the order, from the oldest lots. Raises NotEnoughPoints.

    The minimum is not asked here: a cart may need fewer than were offered.
    """
    _check(points)
    if _known(purse, cause) or not points:
        return purse, ()
    affordable(purse, points)
    left, parts = take(purse.lots, points)
    order = _order(purse, cause)
    purse = _booked(purse, cause, replace(order, held=joined(order.held, parts)))
    purse = replace(purse, lots=left)
    return purse, entries(cause, "hold", parts, held=1)


def release(purse: P, cause: Cause) -> Booked[P]:
    """Give back what is held for the order."""
    order = _order(purse, cause)
    if _known(purse, cause) or not order.held:
        return purse, ()
    purse = _booked(purse, cause, replace(order, held={}))
    purse = _put(purse, order.held)
    return purse, entries(cause, "release", order.held, held=-1)


def spend(purse: P, cause: Cause) -> Booked[P]:
    """Spend what is held for the order: it is paid."""
    order = _order(purse, cause)
    if _known(purse, cause) or not order.held:
        return purse, ()
    points = units(order.held)
    spent = joined(order.spent, order.held)
    purse = replace(
        _booked(purse, cause, replace(order, held={}, spent=spent)),
        balance=purse.balance - points,
        redeemed_lifetime=purse.redeemed_lifetime + points,
    )
    return purse, entries(cause, "spend", order.held, points=-1, held=-1)


def restore(purse: P, points: int, cause: Cause, program: Program) -> Booked[P]:
    """Give back `points` that the order spent, pro rata to the lots they came from.

    At most what it spent. They live as long as their lots, and 30 days at least.
    """
    _check(points)
    order = _order(purse, cause)
    points = min(points, units(order.spent))
    if _known(purse, cause) or not points:
        return purse, ()
    parts = shares(order.spent, points)
    purse = replace(
        _booked(purse, cause, replace(order, spent=less(order.spent, parts))),
        balance=purse.balance + points,
        redeemed_lifetime=purse.redeemed_lifetime - points,
    )
    lives = cause.at + timedelta(days=program.restored_days)
    parts = {
        # A lot about to expire must not give its own longer life to other points.
        lot if each.expires_at >= lives else f"{lot}~{cause.key}": Lot(
            each.points, max(each.expires_at, lives)
        )
        for lot, each in parts.items()
    }
    return _put(purse, parts), entries(cause, "restore", parts, points=1)


def reverse(purse: P, points: int, cause: Cause) -> Booked[P]:
    """Take back `points` of what the order earned, at most all of it.

    Pending ones first, then from its own lot, then from the oldest; what is missing
    is a debt.
    """
    _check(points)
    order = _order(purse, cause)
    pending = min(points, order.pending)
    active = min(points - pending, order.earned)
    if _known(purse, cause) or not pending + active:
        return purse, ()
    left = replace(order, pending=order.pending - pending, earned=order.earned - active)
    lots, parts = take(purse.lots, active, first=cause.order)
    missing = active - units(parts)
    purse = replace(
        _booked(purse, cause, left),
        lots=lots,
        balance=purse.balance - active,
        pending=purse.pending - pending,
        debt=purse.debt + missing,
        earned_lifetime=purse.earned_lifetime - active,
    )
    line = entry(cause, "reverse", points=-active, pending=-pending, lot=cause.order)
    return purse, (line,)


def expire(purse: P, at: datetime) -> Booked[P]:
    """Take away the open lots whose time is over, the oldest first."""
    over = {key: each for key, each in by_age(purse.lots) if each.expires_at <= at}
    if not over:
        return purse, ()
    kept = {key: each for key, each in purse.lots.items() if key not in over}
    purse = replace(purse, lots=kept, balance=purse.balance - units(over))
    return purse, tuple(
        # Named with its time: what is released too late expires once more.
        entry(
            Cause(f"expire/{key}/{at.isoformat()}", at),
            "expire",
            points=-each.points,
            lot=key,
        )
        for key, each in over.items()
    )


def adjust(purse: P, points: int, cause: Cause, program: Program) -> Booked[P]:
    """Add `points` as a lot of their own, or take them away; they earn no tier.

    Raises NotEnoughPoints: by hand, a balance does not become negative.
    """
    if _known(purse, cause) or not points:
        return purse, ()
    if points > 0:
        expires_at = cause.at + timedelta(days=program.expire_days)
        purse = _put(purse, {cause.key: Lot(points, expires_at)})
    else:
        affordable(purse, -points)
        purse = replace(purse, lots=take(purse.lots, -points)[0])
    purse = replace(_remembered(purse, cause), balance=purse.balance + points)
    lot = cause.key if points > 0 else ""
    return purse, (entry(cause, "adjust", points=points, lot=lot),)


def _known(purse: Purse, cause: Cause) -> bool:
    return cause.key in purse.seen


def _order(purse: Purse, cause: Cause) -> OrderPoints:
    return purse.orders.get(cause.order) or OrderPoints(at=cause.at)


def _booked(purse: P, cause: Cause, order: OrderPoints) -> P:
    purse = replace(purse, orders={**purse.orders, cause.order: order})
    return _remembered(purse, cause)


def _remembered(purse: P, cause: Cause) -> P:
    return replace(purse, seen={**purse.seen, cause.key: cause.at})


def _put(purse: P, parts: Lots) -> P:
    """Return `purse` with `parts` open again, after its debt is paid from them."""
    lots = joined(purse.lots, parts)
    lots, paid = take(lots, purse.debt)
    return replace(purse, lots=lots, debt=purse.debt - units(paid))


def _check(points: int) -> None:
    if points < 0:
        raise Malformed(f"{points} is no number of points", minimum=0)
