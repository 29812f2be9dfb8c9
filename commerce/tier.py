"""Loyalty tiers: what each gives, who is in which, and for how long.

RULES.md section 4: a tier is earned by the points that became active in the last
`window_days`; spending never lowers it. Up at once, kept `hold_days`, then
`grace_days` more, then down to the tier earned.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from commerce import pricing


class Tier(Struct, frozen=True, kw_only=True):
    """One tier as `data/coupons.json` tells it; the lowest begins at 0 points."""

    id: str
    name: str
    min_points: int
    discount_percent: int = 0
    earn_rate_x10: int = 10
    free_shipping: bool = False
    benefits: tuple[str, ...] = ()


class Program(Struct, frozen=True, kw_only=True):
    """The shop's loyalty program; `tiers` from the lowest to the highest."""

    tiers: tuple[Tier, ...]
    min_redeem: int = 100
    expire_days: int = 365
    expiry_warning_days: int = 30
    # What is restored by a return can be spent for at least so long.
    restored_days: int = 30
    tier_window_days: int = 365
    tier_hold_days: int = 365
    tier_grace_days: int = 30


class Earned(Struct, frozen=True):
    """So many points became active then, less those a return took back."""

    at: datetime
    points: int


class Held(Struct, frozen=True):
    """The tier somebody is in; `since` is when it was last earned, None never."""

    tier: str
    since: datetime | None = None


class Progress(Struct, frozen=True, kw_only=True):
    """The way to the next tier: `earned` of its `min_points`, `missing` the rest."""

    tier: Tier
    earned: int
    missing: int


def tier(program: Program, tier_id: str) -> Tier:
    """Return the tier of this id; one that is no longer there is the lowest."""
    return program.tiers[rank(program, tier_id)]


def rank(program: Program, tier_id: str) -> int:
    """Return how high a tier is, the lowest 0; an unknown one counts as that."""
    ids = [each.id for each in program.tiers]
    return ids.index(tier_id) if tier_id in ids else 0


def terms(program: Program, tier_id: str) -> pricing.Tier:
    """Return what the tier gives at the till, as `pricing.breakdown` takes it."""
    found = tier(program, tier_id)
    return pricing.Tier(
        found.discount_percent, found.earn_rate_x10, found.free_shipping
    )


def points_earned(program: Program, earned: Sequence[Earned], at: datetime) -> int:
    """Return the points that count for a tier `at` a moment."""
    window = timedelta(days=program.tier_window_days)
    return sum(each.points for each in earned if at - window < each.at <= at)


def earned_tier(program: Program, earned: Sequence[Earned], at: datetime) -> str:
    """Return the tier that the points of the window are enough for."""
    points = points_earned(program, earned, at)
    enough = [each for each in program.tiers if each.min_points <= points]
    return enough[-1].id if enough else program.tiers[0].id


def standing(
    program: Program, held: Held, earned: Sequence[Earned], now: datetime
) -> Held:
    """Return the tier that who `held` one has now.

    Every end of a tier on the way is looked at as of its own moment, so that it does
    not matter how often somebody asks.
    """
    while (after := _ended(program, held, earned, now)) is not None:
        held = after
    best = earned_tier(program, earned, now)
    higher = rank(program, best) - rank(program, held.tier)
    if higher > 0 or (higher == 0 and _is_over(program, held, now)):
        return Held(best, now)
    return held


def kept_until(program: Program, held: Held) -> datetime | None:
    """Return when the tier must have been earned again; the lowest lasts for ever."""
    if held.since is None or not rank(program, held.tier):
        return None
    return held.since + timedelta(days=program.tier_hold_days)


def progress(
    program: Program, held: Held, earned: Sequence[Earned], now: datetime
) -> Progress | None:
    """Return the way to the next tier; there is none from the highest."""
    above = program.tiers[rank(program, held.tier) + 1 :]
    if not above:
        return None
    points = points_earned(program, earned, now)
    missing = max(0, above[0].min_points - points)
    return Progress(tier=above[0], earned=points, missing=missing)


def _ended(
    program: Program, held: Held, earned: Sequence[Earned], now: datetime
) -> Held | None:
    """Return what followed if the time of `held` ended by `now`, else None."""
    if (renewed_at := kept_until(program, held)) is None or now < renewed_at:
        return None
    best = earned_tier(program, earned, renewed_at)
    if rank(program, best) >= rank(program, held.tier):
        return Held(best, renewed_at)
    falls_at = renewed_at + timedelta(days=program.tier_grace_days)
    if now < falls_at:
        return None
    return Held(earned_tier(program, earned, falls_at), falls_at)


def _is_over(program: Program, held: Held, now: datetime) -> bool:
    until = kept_until(program, held)
    return until is not None and now >= until
