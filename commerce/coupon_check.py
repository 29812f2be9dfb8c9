"""Who may use which coupon on what: the checks, in their one order.

RULES.md section 3. The first check that fails is the answer; `explained` gives all of
them. A coupon meant for somebody else is not found: codes cannot be probed.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from commerce.coupon import Coupon, Goods, covered, effect, terms_with
from commerce.coupon_refusals import (
    CouponAlreadyApplied,
    CouponExpired,
    CouponFirstOrderOnly,
    CouponInactive,
    CouponLimitReached,
    CouponMinPurchase,
    CouponNoEffect,
    CouponNoEligibleItems,
    CouponNotFound,
    CouponNotStackable,
    CouponNotStarted,
    CouponTierRequired,
    CouponUserLimit,
)
from commerce.errors import CommerceError
from commerce.money import major
from commerce.pricing import Terms


class Shopper(Struct, frozen=True, kw_only=True):
    """Who wants to use it; `orders` are those placed before and not cancelled."""

    user_id: str
    email: str = ""
    tier: str = "bronze"
    orders: int = 0


class Standing(Struct, frozen=True):
    """How often a code is taken, by anybody and by this shopper.

    Redeemed or set aside for a checkout that is still going on.
    """

    taken: int = 0
    taken_by_user: int = 0


UNUSED = Standing()


class Case(Struct, frozen=True, kw_only=True):
    """The cart a coupon is held against.

    `terms` are those without any coupon, `others` the coupons that are on it already,
    `tiers` the ids of the tiers from the lowest up.
    """

    shopper: Shopper
    now: datetime
    goods: Sequence[Goods]
    terms: Terms
    others: Sequence[Coupon] = ()
    standing: Standing = UNUSED
    tiers: Sequence[str] = ("bronze", "silver", "gold", "platinum")


class Offered(Struct, frozen=True):
    """A code on a cart, with its coupon, if there is one, and how often it is taken."""

    code: str
    coupon: Coupon | None
    standing: Standing = UNUSED


class Reviewed(Struct, frozen=True):
    """What a code on a cart takes off now, or the code of why it does not."""

    code: str
    discount: int = 0
    inactive_reason: str | None = None


def check(code: str, coupon: Coupon | None, case: Case) -> Coupon:
    """Return `coupon` if it may be used. Raises the first refusal otherwise."""
    for refusal in refusals(code, coupon, case):
        raise refusal
    assert coupon is not None
    return coupon


def explained(
    code: str, coupon: Coupon | None, case: Case
) -> tuple[CommerceError, ...]:
    """Return everything that speaks against `coupon`, in the order of the checks."""
    return tuple(refusals(code, coupon, case))


def refusals(code: str, coupon: Coupon | None, case: Case) -> Iterator[CommerceError]:
    """Give what speaks against `coupon`, in the order of RULES.md section 3."""
    if coupon is None or not is_for(coupon, case.shopper):
        yield CouponNotFound(f"there is no coupon {code}", code=code)
        return
    yield from _of_shopper(coupon, case)
    yield from _beside(coupon, case.others)
    yield from _on_goods(coupon, case)


def is_for(coupon: Coupon, shopper: Shopper) -> bool:
    """Tell whether `coupon` is meant for `shopper`, by account id or mail address."""
    who = {shopper.user_id, shopper.email.casefold()}
    return not coupon.user_ids or any(
        each in who or each.casefold() in who for each in coupon.user_ids
    )


def is_shown(coupon: Coupon, case: Case) -> bool:
    """Tell whether `coupon` is among those that `case.shopper` is told of.

    Only listed ones are ever shown, and only while nothing but the cart could speak
    against them.
    """
    if not coupon.listed or not is_for(coupon, case.shopper):
        return False
    return not any(_of_shopper(coupon, case))


def reviewed(
    offered: Sequence[Offered], case: Case
) -> tuple[tuple[Coupon, ...], tuple[Reviewed, ...]]:
    """Return the coupons of a cart that hold now, and how each of its codes fares.

    None is thrown off the cart: one that no longer fits tells why and takes nothing.
    """
    holding: tuple[Coupon, ...] = ()
    found = []
    for each in offered:
        beside = replace(case, others=holding, standing=each.standing)
        refusal = next(refusals(each.code, each.coupon, beside), None)
        if refusal is not None or each.coupon is None:
            reason = refusal.code if refusal else CouponNotFound.code
            found.append(Reviewed(each.code, inactive_reason=reason))
            continue
        found.append(Reviewed(each.code, takes_off(each.coupon, beside)))
        holding = (*holding, each.coupon)
    return holding, tuple(found)


def takes_off(coupon: Coupon, case: Case) -> int:
    """Return the cents that `coupon` takes off the cart beside the others."""
    terms = terms_with(case.terms, case.others, case.goods)
    return effect(coupon, case.goods, terms)


def _of_shopper(coupon: Coupon, case: Case) -> Iterator[CommerceError]:
    """Give what speaks against `coupon` whatever is in the cart."""
    code = coupon.code
    yield from closed(coupon, case.now)
    if not _has_tier(coupon, case):
        yield CouponTierRequired(
            f"{code} is for {coupon.min_tier} and above",
            code=code,
            min_tier=coupon.min_tier,
            tier=case.shopper.tier,
        )
    if coupon.first_order_only and case.shopper.orders:
        yield CouponFirstOrderOnly(f"{code} is for a first order", code=code)
    yield from limits(coupon, case.standing)


def closed(coupon: Coupon, now: datetime) -> Iterator[CommerceError]:
    """Give what speaks against `coupon` at `now`, whoever asks."""
    code = coupon.code
    if not coupon.is_active:
        yield CouponInactive(f"{code} is switched off", code=code)
    if now < coupon.valid_from:
        yield CouponNotStarted(
            f"{code} is not valid yet", code=code, valid_from=coupon.valid_from
        )
    if now > coupon.valid_until:
        yield CouponExpired(
            f"{code} is no longer valid", code=code, valid_until=coupon.valid_until
        )


def limits(coupon: Coupon, standing: Standing) -> Iterator[CommerceError]:
    """Give what `standing` says against one use more.

    A first order is placed once: two at a time would both still be the first.
    """
    each, whole = coupon.per_user_limit, coupon.total_limit
    if coupon.first_order_only:
        each = 1
    if each is not None and standing.taken_by_user >= each:
        yield CouponUserLimit(
            f"{coupon.code} was used {standing.taken_by_user} of {each} times by you",
            code=coupon.code,
            limit=each,
        )
    if whole is not None and standing.taken >= whole:
        yield CouponLimitReached(
            f"{coupon.code} was used as often as it may", code=coupon.code
        )


def _beside(coupon: Coupon, others: Sequence[Coupon]) -> Iterator[CommerceError]:
    code = coupon.code
    if any(each.code == code for each in others):
        yield CouponAlreadyApplied(f"{code} is on the cart already", code=code)
        others = [each for each in others if each.code != code]
    for each in others:
        if each.group == coupon.group or each.exclusive or coupon.exclusive:
            yield CouponNotStackable(
                f"{code} does not go with {each.code}", code=code, other=each.code
            )


def _on_goods(coupon: Coupon, case: Case) -> Iterator[CommerceError]:
    code = coupon.code
    if not covered(coupon, case.goods):
        yield CouponNoEligibleItems(f"{code} is for nothing in the cart", code=code)
    subtotal = sum(each.quantity * each.price for each in case.goods)
    if (missing := coupon.min_purchase_cents - subtotal) > 0:
        yield CouponMinPurchase(
            f"{code} takes a purchase of {major(coupon.min_purchase_cents)}, "
            f"{major(missing)} are missing",
            code=code,
            min_purchase=major(coupon.min_purchase_cents),
            missing=major(missing),
        )
    if not takes_off(coupon, case):
        yield CouponNoEffect(f"{code} would take nothing off", code=code)


def _has_tier(coupon: Coupon, case: Case) -> bool:
    if coupon.min_tier is None:
        return True
    ladder = list(case.tiers)
    if coupon.min_tier not in ladder or case.shopper.tier not in ladder:
        return False
    return ladder.index(case.shopper.tier) >= ladder.index(coupon.min_tier)
