"""The tools for coupons and points: what there is, and what it takes off this cart."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from agent.cards import Data, moment
from agent.cart_tools import changed
from agent.clean import plain
from agent.sums import amount, in_cents
from agent.visit import Visit
from commerce import cart_costs, purse, tier
from commerce.cart import Cart
from commerce.coupon import Coupon, normalised
from commerce.coupon_check import Case, explained, is_shown, takes_off
from commerce.errors import AccountRequired
from commerce.member import LoyaltyState
from messages.cart import (
    ApplyCoupon,
    GetCart,
    RedeemPoints,
    RemoveCoupon,
    UnredeemPoints,
)
from messages.cart_view import goods
from messages.loyalty import GetLoyalty

Code = Annotated[str, Meta(min_length=1, max_length=60)]


class ListCoupons(Struct, frozen=True, forbid_unknown_fields=True):
    """The coupons that this shopper may use, and what each takes off this cart."""


class PutCoupon(Struct, frozen=True, forbid_unknown_fields=True):
    """Put the coupon with this code on the cart."""

    code: Code


class TakeCouponOff(Struct, frozen=True, forbid_unknown_fields=True):
    """Take the coupon with this code off the cart."""

    code: Code


class ShowLoyalty(Struct, frozen=True, forbid_unknown_fields=True):
    """The shopper's points, tier, and the way to the next one."""


class OfferPoints(Struct, frozen=True, forbid_unknown_fields=True):
    """Offer so many points for the cart; they are set aside at checkout only."""

    points: Annotated[int, Meta(ge=1, le=10**9)]


class TakePointsOff(Struct, frozen=True, forbid_unknown_fields=True):
    """Take the offered points off the cart again."""


async def list_coupons(visit: Visit, _: ListCoupons, __: str) -> Data:
    """Return the listed coupons, the one that saves most first.

    Codes that are not listed are never told, whoever they are for.
    """
    cart = await visit.shop.port.ask(visit.account(), GetCart())
    case = await _case(visit, cart)
    listed = await visit.shop.desk.coupons.listed(visit.user_id, visit.now())
    told = [
        _offer(each.coupon, replace(case, standing=each.standing))
        for each in listed
        if each.coupon and is_shown(each.coupon, replace(case, standing=each.standing))
    ]
    told.sort(key=lambda each: (-each["saving_cents"], each["code"]))
    best = next((each["code"] for each in told if each["saving_cents"]), None)
    return {
        "count": len(told),
        "coupons": told,
        "best": best,
        **visit.seen.told(cart, visit.shop.catalogue),
    }


async def apply_coupon(visit: Visit, asked: PutCoupon, call_id: str) -> Data:
    """Return what the coupon takes off, and the cart with it."""
    user = await visit.shop.desk.people.of_id(visit.account())
    code = normalised(asked.code)
    command = ApplyCoupon(
        code, user.email, by="agent", expected_version=visit.seen.version
    )
    async with visit.shop.desk.doors.coupon(user.id):
        cart = await changed(visit, command, call_id)
    return {"applied": code, **_shown(visit, cart)}


async def remove_coupon(visit: Visit, asked: TakeCouponOff, call_id: str) -> Data:
    """Return the cart without the coupon."""
    visit.account()
    code = normalised(asked.code)
    command = RemoveCoupon(code, by="agent", expected_version=visit.seen.version)
    cart = await changed(visit, command, call_id)
    return {"removed": code, **_shown(visit, cart)}


async def get_loyalty(visit: Visit, _: ShowLoyalty, __: str) -> Data:
    """Return points, tier and the way up."""
    member = await visit.shop.port.ask(visit.account(), GetLoyalty())
    program, now = visit.shop.desk.program, visit.now()
    own = tier.tier(program, member.tier.tier)
    expiring = purse.expiring(member, now, program)
    return {
        "points": purse.available(member),
        "points_balance": member.balance,
        "points_pending": member.pending,
        **amount("points_worth", purse.available(member), "USD"),
        "tier": own.id,
        "tier_name": own.name,
        "tier_discount_percent": own.discount_percent,
        "benefits": list(own.benefits),
        "next_tier": _next_tier(visit, member),
        "points_expiring": sum(each.points for each in expiring),
        "expires_next": moment(expiring[0].expires_at) if expiring else None,
        "min_redeem": program.min_redeem,
    }


async def redeem_points(visit: Visit, asked: OfferPoints, call_id: str) -> Data:
    """Return the cart with the points offered for it."""
    visit.account()
    expected = visit.seen.version
    command = RedeemPoints(asked.points, by="agent", expected_version=expected)
    cart = await changed(visit, command, call_id)
    there = cart.terms.points if cart.terms else 0
    return {"points_offered": asked.points, "points": there, **_shown(visit, cart)}


async def remove_points(visit: Visit, _: TakePointsOff, call_id: str) -> Data:
    """Return the cart without points offered for it."""
    visit.account()
    command = UnredeemPoints(by="agent", expected_version=visit.seen.version)
    cart = await changed(visit, command, call_id)
    return _shown(visit, cart)


def _shown(visit: Visit, cart: Cart) -> Data:
    # No line of the cart is the agent's doing here.
    return visit.seen.told(cart, visit.shop.catalogue, wrote=())


async def _case(visit: Visit, cart: Cart) -> Case:
    """Return what the shopper's coupons are held against: this cart, as it is."""
    if cart.terms is None:
        raise AccountRequired("coupons take an account")
    user = await visit.shop.desk.people.of_id(visit.user_id)
    told = replace(cart.terms, shopper=replace(cart.terms.shopper, email=user.email))
    wanted = goods(cart, visit.shop.catalogue.by_sku)
    return cart_costs.case(replace(cart, terms=told), wanted)


def _offer(coupon: Coupon, case: Case) -> Data:
    """Return what `coupon` would take off in the place of others of its kind."""
    currency = case.terms.tariff.currency
    no = next(iter(explained(coupon.code, coupon, case)), None)
    saving = 0 if no else takes_off(coupon, case)
    return {
        "code": coupon.code,
        "description": plain(coupon.description),
        "kind": coupon.group,
        **amount("saving", saving, currency),
        "eligible": no is None,
        "not_eligible_because": no
        and {
            "code": no.code,
            "message": no.message,
            **in_cents(no.details),
        },
        **amount("min_purchase", coupon.min_purchase_cents, currency),
        "valid_until": moment(coupon.valid_until),
    }


def _next_tier(visit: Visit, member: LoyaltyState) -> Data | None:
    way = tier.progress(
        visit.shop.desk.program, member.tier, purse.earnings(member), visit.now()
    )
    if way is None:
        return None
    return {
        "tier": way.tier.id,
        "tier_name": way.tier.name,
        "min_points": way.tier.min_points,
        "points_needed": way.missing,
    }
