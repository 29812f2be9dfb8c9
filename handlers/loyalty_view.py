"""How points, tiers and coupons look to the customer."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from commerce import purse
from commerce.coupon import Coupon
from commerce.ledger import Entry, Kind
from commerce.member import LoyaltyState
from commerce.money import major
from commerce.tier import Program, Tier, kept_until, progress, tier
from messages.base import Money


class NextTier(Struct, frozen=True, kw_only=True):
    """The tier above, and what is missing on the way to it."""

    id: str
    name: str
    min_points: int
    points_needed: int


class CouponOffer(Struct, frozen=True, kw_only=True):
    """A coupon one may use; `discount_value` is percent, or money where it is fixed."""

    code: str
    description: str
    discount_type: str
    discount_value: Decimal | None
    min_purchase: Money
    max_discount: Money | None
    group: str
    exclusive: bool
    min_tier: str | None
    valid_from: datetime
    valid_until: datetime


class ProfileView(Struct, frozen=True, kw_only=True):
    """A customer's loyalty account.

    `points_balance` counts what checkouts hold, `points_available` does not;
    `points_expiring` is what will be lost within 30 days, the first at `expires_next`.
    """

    user_id: str
    points_balance: int
    points_available: int
    points_pending: int
    tier: str
    tier_benefits: tuple[str, ...]
    tier_kept_until: datetime | None
    next_tier: NextTier | None
    points_earned_lifetime: int
    points_redeemed_lifetime: int
    points_expiring: int
    expires_next: datetime | None
    available_coupons: Sequence[CouponOffer]


class EntryView(Struct, frozen=True, kw_only=True):
    """One line of the ledger: by how much it changed balance, pending and held."""

    id: str
    kind: Kind
    points: int
    pending: int
    held: int
    order_id: str | None
    note: str
    at: datetime


class TierView(Struct, frozen=True, kw_only=True):
    """One tier; `points_per_unit` are earned for each unit of currency."""

    id: str
    name: str
    min_points: int
    discount_percent: int
    points_per_unit: Decimal
    free_shipping: bool
    benefits: tuple[str, ...]


def profile_view(
    member: LoyaltyState,
    offers: Sequence[CouponOffer],
    program: Program,
    now: datetime,
) -> ProfileView:
    """Return the account of `member` as it is at `now`."""
    expiring = purse.expiring(member, now, program)
    return ProfileView(
        user_id=member.user_id,
        points_balance=member.balance,
        points_available=purse.available(member),
        points_pending=member.pending,
        tier=member.tier.tier,
        tier_benefits=tier(program, member.tier.tier).benefits,
        tier_kept_until=kept_until(program, member.tier),
        next_tier=_next_tier(member, program, now),
        points_earned_lifetime=member.earned_lifetime,
        points_redeemed_lifetime=member.redeemed_lifetime,
        points_expiring=sum(each.points for each in expiring),
        expires_next=expiring[0].expires_at if expiring else None,
        available_coupons=offers,
    )


def entry_view(entry: Entry) -> EntryView:
    """Return one line of the ledger."""
    return EntryView(
        id=entry.id,
        kind=entry.kind,
        points=entry.points,
        pending=entry.pending,
        held=entry.held,
        order_id=entry.order or None,
        note=entry.note,
        at=entry.at,
    )


def tier_view(found: Tier) -> TierView:
    """Return a tier as anybody may see it."""
    return TierView(
        id=found.id,
        name=found.name,
        min_points=found.min_points,
        discount_percent=found.discount_percent,
        points_per_unit=Decimal(found.earn_rate_x10).scaleb(-1),
        free_shipping=found.free_shipping,
        benefits=found.benefits,
    )


def offer_view(coupon: Coupon) -> CouponOffer:
    """Return a coupon as those see it who may use it."""
    return CouponOffer(
        code=coupon.code,
        description=coupon.description,
        discount_type=coupon.discount_type,
        discount_value=discount_value(coupon),
        min_purchase=major(coupon.min_purchase_cents),
        max_discount=money_or_none(coupon.max_discount_cents),
        group=coupon.group,
        exclusive=coupon.exclusive,
        min_tier=coupon.min_tier,
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
    )


def discount_value(coupon: Coupon) -> Decimal | None:
    """Return percent, or money where a fixed amount is taken off."""
    if coupon.discount_value is None:
        return None
    if coupon.discount_type == "percentage":
        return Decimal(coupon.discount_value)
    return major(coupon.discount_value)


def money_or_none(cents: int | None) -> Money | None:
    """Return `cents` in major units, None for None."""
    return None if cents is None else major(cents)


def _next_tier(
    member: LoyaltyState, program: Program, now: datetime
) -> NextTier | None:
    way = progress(program, member.tier, purse.earnings(member), now)
    if way is None:
        return None
    return NextTier(
        id=way.tier.id,
        name=way.tier.name,
        min_points=way.tier.min_points,
        points_needed=way.missing,
    )
