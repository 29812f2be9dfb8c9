"""One customer's purse of points, and what can be read from it.

RULES.md section 4. How it changes is in `commerce/loyalty.py`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from commerce.errors import Refused
from commerce.ledger import Sums
from commerce.lots import Lot, Lots, by_age, units
from commerce.tier import Earned, Held, Program, standing

FORGET_AFTER = timedelta(days=760)
"""Two windows and a grace: nothing older can still bear on a tier or a return."""


class PointsMinimum(Refused):
    """Fewer points than may be redeemed at once."""

    code = "points_minimum"


class NotEnoughPoints(Refused):
    """More points than are there to spend."""

    code = "insufficient_points"


class OrderPoints(Struct, frozen=True, kw_only=True):
    """What one order earned and spent; the points it gave back are taken off."""

    at: datetime
    pending: int = 0
    earned: int = 0
    activated_at: datetime | None = None
    held: Lots = field(default_factory=dict)
    spent: Lots = field(default_factory=dict)


class Purse(Struct, frozen=True, kw_only=True):
    """One customer's points; `orders` and `lots` by id, `seen` keys by their time."""

    user_id: str
    balance: int = 0
    pending: int = 0
    debt: int = 0
    lots: Lots = field(default_factory=dict)
    orders: Mapping[str, OrderPoints] = field(default_factory=dict)
    seen: Mapping[str, datetime] = field(default_factory=dict)
    tier: Held = Held("bronze")
    earned_lifetime: int = 0
    redeemed_lifetime: int = 0


P = TypeVar("P", bound=Purse)


def held(purse: Purse) -> int:
    """Return how many points are set aside for checkouts."""
    return sum(units(each.held) for each in purse.orders.values())


def available(purse: Purse) -> int:
    """Return how many points can be spent now."""
    return max(0, purse.balance - held(purse))


def check_redeem(purse: Purse, points: int, program: Program) -> int:
    """Return `points` if they may be put on a cart.

    Raises PointsMinimum, NotEnoughPoints.
    """
    return redeemable(available(purse), points, program)


def redeemable(there: int, points: int, program: Program) -> int:
    """Return `points` if they may be put on a cart by who has so many `there`.

    Raises PointsMinimum, NotEnoughPoints.
    """
    if points < program.min_redeem:
        raise PointsMinimum(
            f"at least {program.min_redeem} points, not {points}",
            minimum=program.min_redeem,
            asked=points,
        )
    return _enough(there, points)


def affordable(purse: Purse, points: int) -> int:
    """Return `points` if so many can be spent now. Raises NotEnoughPoints."""
    return _enough(available(purse), points)


def _enough(there: int, points: int) -> int:
    if points > there:
        raise NotEnoughPoints(
            f"{points} points asked, {there} available", asked=points, available=there
        )
    return points


def earnings(purse: Purse) -> tuple[Earned, ...]:
    """Return what the tier is counted from."""
    return tuple(
        Earned(each.activated_at, each.earned)
        for each in purse.orders.values()
        if each.activated_at is not None
    )


def tiered(purse: P, now: datetime, program: Program) -> P:
    """Return `purse` in the tier it has now; the same one if that is no other."""
    found = standing(program, purse.tier, earnings(purse), now)
    return purse if found == purse.tier else replace(purse, tier=found)


def expiring(purse: Purse, now: datetime, program: Program) -> tuple[Lot, ...]:
    """Return the open lots to warn of, the first to expire first."""
    until = now + timedelta(days=program.expiry_warning_days)
    return tuple(lot for _, lot in by_age(purse.lots) if lot.expires_at <= until)


def next_expiry(purse: Purse) -> datetime | None:
    """Return when the next open lot expires, if there is one."""
    return min((each.expires_at for each in purse.lots.values()), default=None)


def forget(purse: P, now: datetime) -> P:
    """Drop what is too old to matter, so that the document does not grow for ever."""
    before = now - FORGET_AFTER
    orders = {
        key: each
        for key, each in purse.orders.items()
        if each.at > before or each.held or each.pending
    }
    seen = {key: at for key, at in purse.seen.items() if at > before}
    return replace(purse, orders=orders, seen=seen)


def sums(purse: Purse) -> Sums:
    """Return what the whole ledger of `purse` must add up to."""
    return Sums(purse.balance, purse.pending, held(purse))
