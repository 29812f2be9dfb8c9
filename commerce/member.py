"""One customer's loyalty account: points, tier, coupons used, orders counted.

What is booked on it comes as steps of orders. A step may come twice, and before the
one it builds on (each is sent until it arrives): it then waits, so that in the end the
account is the same in whatever order they came.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from commerce import loyalty
from commerce.errors import HoldLapsed
from commerce.ledger import Cause, Entry
from commerce.purse import Purse, tiered
from commerce.tier import Program, kept_until

USES_REMEMBERED = 50
"""How many orders are named for one code; the coupon itself counts all of them."""

StepKind = Literal[
    "earn", "activate", "reverse", "hold", "spend", "release", "restore", "adjust"
]


class Step(Struct, frozen=True, kw_only=True):
    """Something to book; `key` names it once and for all."""

    kind: StepKind
    key: str
    order: str = ""
    points: int = 0
    note: str = ""


class LoyaltyState(Purse, frozen=True, kw_only=True):
    """A purse, and what else coupons and tiers ask of a customer.

    `coupon_uses` names orders by code; `waiting` are steps that came too early.
    """

    orders_placed: int = 0
    coupon_uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waiting: Mapping[str, Step] = field(default_factory=dict)


M = TypeVar("M", bound=LoyaltyState)

Booked = tuple[M, tuple[Entry, ...]]


def step(
    kind: StepKind, order_id: str, *, why: str = "", points: int = 0, note: str = ""
) -> Step:
    """Return a step of an order; `why` tells several of one kind apart."""
    key = "/".join(part for part in (kind, order_id, why) if part)
    return Step(kind=kind, key=key, order=order_id, points=points, note=note)


def adjustment(effect: str, points: int, reason: str) -> Step:
    """Return what an operator books by hand."""
    return Step(kind="adjust", key=f"adjust/{effect}", points=points, note=reason)


def book(account: M, new: Step, at: datetime, program: Program) -> Booked[M]:
    """Book `new` and what waited for it; what is booked changes nothing.

    Raises NotEnoughPoints, Malformed, and HoldLapsed where an order that gave its
    points back would hold or spend them.
    """
    _check_not_released(account, new)
    if new.key in account.seen or new.key in account.waiting:
        return account, ()
    if not _is_ready(account, new):
        return replace(account, waiting={**account.waiting, new.key: new}), ()
    account, lines = _booked(account, new, at, program)
    for each in account.waiting.values():
        if _is_ready(account, each):
            account, more = _booked(account, each, at, program)
            lines = (*lines, *more)
    return account, lines


def aged(account: M, now: datetime, program: Program) -> Booked[M]:
    """Let the points expire and the tier end whose time is over."""
    account, lines = loyalty.expire(account, now)
    return tiered(account, now, program), lines


def next_review(
    account: LoyaltyState, now: datetime, program: Program
) -> datetime | None:
    """Return when something of `account` ends by itself next, if anything does.

    That may be over already: what was held came back too late.
    """
    ends = [each.expires_at for each in account.lots.values()]
    if (until := kept_until(program, account.tier)) is not None:
        falls_at = until + timedelta(days=program.tier_grace_days)
        ends += [each for each in (until, falls_at) if each > now]
    return min(ends, default=None)


def use_coupon(account: M, order_id: str, code: str, at: datetime) -> M:
    """Note that the order used `code`, unless it gave it back."""
    key = f"use/{order_id}/{code}"
    if key in account.seen or _unuse(order_id, code) in account.seen:
        return account
    orders = (*account.coupon_uses.get(code, ()), order_id)[-USES_REMEMBERED:]
    uses = {**account.coupon_uses, code: orders}
    return _remembered(replace(account, coupon_uses=uses), key, at)


def unuse_coupon(account: M, order_id: str, code: str, at: datetime) -> M:
    """Note that the order gave `code` back, even if that is heard first."""
    key = _unuse(order_id, code)
    if key in account.seen:
        return account
    orders = account.coupon_uses.get(code, ())
    left = tuple(each for each in orders if each != order_id)
    others = {k: v for k, v in account.coupon_uses.items() if k != code}
    uses = {**others, code: left} if left else others
    return _remembered(replace(account, coupon_uses=uses), key, at)


def count_order(account: M, order_id: str, at: datetime) -> M:
    """Count a confirmed order, once."""
    return _counted(account, f"count/{order_id}", 1, at)


def uncount_order(account: M, order_id: str, at: datetime) -> M:
    """Take back that the order counts, once, even if that is heard first."""
    return _counted(account, f"uncount/{order_id}", -1, at)


def orders_placed(account: LoyaltyState) -> int:
    """Return how many orders were confirmed and not cancelled."""
    return max(0, account.orders_placed)


def _booked(account: M, new: Step, at: datetime, program: Program) -> Booked[M]:
    cause = Cause(new.key, at, new.order, new.note)
    account, lines = _applied(account, new, cause, program)
    waiting = {k: v for k, v in account.waiting.items() if k != new.key}
    # Also one without points, so that what builds on it need not wait.
    return _remembered(replace(account, waiting=waiting), new.key, at), lines


def _applied(account: M, new: Step, cause: Cause, program: Program) -> Booked[M]:
    match new.kind:
        case "earn":
            done = loyalty.earn_pending(account, new.points, cause)
        case "activate":
            done = loyalty.activate(account, cause, program)
        case "reverse":
            done = loyalty.reverse(account, new.points, cause)
        case "hold":
            done = loyalty.hold(account, new.points, cause)
        case "spend":
            done = loyalty.spend(account, cause)
        case "release":
            done = loyalty.release(account, cause)
        case "restore":
            done = loyalty.restore(account, new.points, cause, program)
        case "adjust":
            done = loyalty.adjust(account, new.points, cause, program)
    return done


def _is_ready(account: LoyaltyState, new: Step) -> bool:
    """Tell whether what `new` builds on is booked."""
    match new.kind:
        case "activate" | "reverse":
            return f"earn/{new.order}" in account.seen
        case "restore":
            return f"spend/{new.order}" in account.seen
        case _:
            return True


def _check_not_released(account: LoyaltyState, new: Step) -> None:
    released = f"release/{new.order}" in account.seen
    # What was spent is not released, whatever was said later.
    spent = f"spend/{new.order}" in account.seen
    if new.kind in {"hold", "spend"} and released and not spent:
        raise HoldLapsed(f"{new.order} gave its points back", order=new.order)


def _counted(account: M, key: str, change: int, at: datetime) -> M:
    if key in account.seen:
        return account
    placed = account.orders_placed + change
    return _remembered(replace(account, orders_placed=placed), key, at)


def _remembered(account: M, key: str, at: datetime) -> M:
    return replace(account, seen={**account.seen, key: at})


def _unuse(order_id: str, code: str) -> str:
    return f"unuse/{order_id}/{code}"
