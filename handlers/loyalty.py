"""One's loyalty: points and tier, coupons and points put on the cart.

Guests have no account and so none of this, but for the tiers, which anybody may see.
"""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace
from pydantic import Field, StringConstraints

from commerce.cart import Cart
from commerce.coupon import normalised
from commerce.coupon_check import Case, Shopper, is_shown
from commerce.errors import CartNotFound
from commerce.member import LoyaltyState, orders_placed
from commerce.pricing import Terms
from handlers.cart import cart_view, own_headers
from handlers.errors import Body, Query, body, query, rendered
from handlers.etag import expected_version
from handlers.keys import CLOCK, COUPONS, DOORS, PORT, PROGRAM, USERS
from handlers.loyalty_view import (
    CouponOffer,
    EntryView,
    ProfileView,
    TierView,
    entry_view,
    offer_view,
    profile_view,
    tier_view,
)
from handlers.openapi import documented
from handlers.page import Id, PageQuery, page_headers, path_id
from handlers.security import account, public
from messages.base import Command, Money
from messages.cart import ApplyCoupon, RedeemPoints, RemoveCoupon, UnredeemPoints
from messages.cart_view import CartView
from messages.loyalty import GetHistory, GetLoyalty

routes = web.RouteTableDef()

PRIVATE = {"Cache-Control": "no-store"}
MAX_POINTS = 10**9

Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class CouponBody(Body):
    """A coupon's code, in any case; `cart_id` can only be one's own."""

    coupon_code: Code
    cart_id: Id | None = None


class PointsBody(Body):
    """How many points to offer; `cart_id` can only be one's own."""

    points: Annotated[int, Field(ge=1, le=MAX_POINTS)]
    cart_id: Id


class ExplainQuery(Query):
    """`all`: a refusal tells all that speaks against the coupon, not only the first."""

    explain: Literal["first", "all"] = "first"


class CouponAnswer(Struct, frozen=True):
    """What the coupon takes off, and the cart as saved."""

    message: str
    code: str
    discount: Money
    cart: CartView


class PointsAnswer(Struct, frozen=True):
    """How many points the cart would take, what they take off, and what is left."""

    message: str
    points_redeemed: int
    discount: Money
    remaining_points: int
    cart: CartView


class DiscountAnswer(Struct, frozen=True):
    """What was done, and the cart as saved by it."""

    message: str
    cart: CartView


@routes.get("/api/loyalty/profile")
@documented(answer=ProfileView, statuses=(403,))
async def show_loyalty(request: web.Request) -> web.Response:
    """Show one's points, one's tier, and the coupons one may use."""
    member = await _member(request)
    offers = await _offers(request, member)
    now, program = request.app[CLOCK].now(), request.app[PROGRAM]
    return rendered(profile_view(member, offers, program, now), headers=PRIVATE)


@routes.get("/api/loyalty/coupons")
@documented(answer=list[CouponOffer], statuses=(403,))
async def list_coupons(request: web.Request) -> web.Response:
    """List the coupons one may use, whatever is in the cart."""
    offers = await _offers(request, await _member(request))
    return rendered(offers, headers=PRIVATE)


@routes.post("/api/loyalty/apply-coupon")
@documented(
    answer=CouponAnswer,
    body=CouponBody,
    query=ExplainQuery,
    statuses=(403, 404, 409, 429),
)
async def apply_coupon(request: web.Request) -> web.Response:
    """Put a coupon on the cart; ten refused codes in ten minutes are enough."""
    user_id = account(request).user_id
    explain = query(request, ExplainQuery).explain == "all"
    told = await body(request, CouponBody)
    _check_own(request, told.cart_id)
    user = await request.app[USERS].of_id(user_id)
    command = ApplyCoupon(
        told.coupon_code,
        user.email,
        explain=explain,
        expected_version=expected_version(request),
    )
    async with request.app[DOORS].coupon(user_id):
        cart = await _ask(request, command)
    view, code = cart_view(request, cart), normalised(told.coupon_code)
    taken = next(each.discount for each in view.coupons if each.code == code)
    answer = CouponAnswer(f"{code} is on your cart", code, taken, view)
    return rendered(answer, headers=own_headers(cart))


@routes.delete("/api/loyalty/coupons/{code}")
@documented(answer=DiscountAnswer, statuses=(403, 409))
async def remove_coupon(request: web.Request) -> web.Response:
    """Take a coupon off the cart."""
    code = normalised(path_id(request, "code"))
    removed = RemoveCoupon(code, expected_version=expected_version(request))
    return await _taken_off(request, removed, f"{code} is off your cart")


@routes.post("/api/loyalty/redeem-points")
@documented(answer=PointsAnswer, body=PointsBody, statuses=(403, 404, 409))
async def redeem_points(request: web.Request) -> web.Response:
    """Offer points for the cart; they are set aside at checkout, not before."""
    told = await body(request, PointsBody)
    _check_own(request, told.cart_id)
    expected = expected_version(request)
    cart = await _ask(request, RedeemPoints(told.points, expected_version=expected))
    view = cart_view(request, cart)
    taken = int(view.points_discount * 100)
    there = cart.terms.points if cart.terms else 0
    answer = PointsAnswer(
        f"{taken} points go into your cart",
        taken,
        view.points_discount,
        there - taken,
        view,
    )
    return rendered(answer, headers=own_headers(cart))


@routes.delete("/api/loyalty/redeem-points")
@documented(answer=DiscountAnswer, statuses=(403, 409, 422))
async def unredeem_points(request: web.Request) -> web.Response:
    """Take the points off the cart."""
    command = UnredeemPoints(expected_version=expected_version(request))
    return await _taken_off(request, command, "Your points are off your cart")


@routes.get("/api/loyalty/history")
@documented(answer=list[EntryView], query=PageQuery, statuses=(403,))
async def show_history(request: web.Request) -> web.Response:
    """Show what happened to one's points, the newest first."""
    user_id = account(request).user_id
    page = query(request, PageQuery)
    history = GetHistory(page.limit, page.offset)
    found = await request.app[PORT].ask(user_id, history, sender=user_id)
    headers = {**page_headers(request, page, found.total), **PRIVATE}
    return rendered([entry_view(each) for each in found.entries], headers=headers)


@routes.get("/api/loyalty/tiers")
@documented(answer=list[TierView])
@public
async def list_tiers(request: web.Request) -> web.Response:
    """List the tiers, from the lowest up."""
    return rendered([tier_view(each) for each in request.app[PROGRAM].tiers])


async def _taken_off(
    request: web.Request, command: Command[Cart], message: str
) -> web.Response:
    cart = await _ask(request, command)
    answer = DiscountAnswer(message, cart_view(request, cart))
    return rendered(answer, headers=own_headers(cart))


async def _ask(request: web.Request, command: Command[Cart]) -> Cart:
    user_id = account(request).user_id
    return await request.app[PORT].ask(user_id, command, sender=user_id)


async def _member(request: web.Request) -> LoyaltyState:
    user_id = account(request).user_id
    return await request.app[PORT].ask(user_id, GetLoyalty(), sender=user_id)


async def _offers(request: web.Request, member: LoyaltyState) -> list[CouponOffer]:
    user = await request.app[USERS].of_id(member.user_id)
    now, program = request.app[CLOCK].now(), request.app[PROGRAM]
    case = Case(
        shopper=Shopper(
            user_id=user.id,
            email=user.email,
            tier=member.tier.tier,
            orders=orders_placed(member),
        ),
        now=now,
        goods=(),
        terms=Terms(),
        tiers=[each.id for each in program.tiers],
    )
    listed = await request.app[COUPONS].listed(user.id, now)
    return [
        offer_view(each.coupon)
        for each in listed
        if each.coupon and is_shown(each.coupon, replace(case, standing=each.standing))
    ]


def _check_own(request: web.Request, cart_id: str | None) -> None:
    # A cart's id is its owner's.
    if cart_id not in {None, account(request).user_id}:
        raise CartNotFound(f"there is no cart {cart_id}", cart_id=cart_id)
