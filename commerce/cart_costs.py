"""What a cart costs under its terms, and what may be put on it to make it less.

RULES.md sections 2 to 4. Coupons live on the cart by their codes, points by their
number; neither is set aside before checkout. Each look at the cart asks anew which of
them hold.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from commerce.cart import Cart
from commerce.cart_terms import CartTerms
from commerce.coupon import Coupon, Goods, items, terms_with
from commerce.coupon_check import Case, Offered, Reviewed, explained, reviewed
from commerce.coupon_refusals import CouponNotFound
from commerce.errors import CartEmpty
from commerce.pricing import Breakdown, ShippingMethod, Terms, breakdown
from commerce.purse import redeemable
from commerce.tier import Program


class Costs(Struct, frozen=True):
    """The sum, how each code on the cart fares, and the coupons that hold."""

    breakdown: Breakdown
    coupons: tuple[Reviewed, ...]
    holding: tuple[Coupon, ...]
    terms: Terms


def costs(
    cart: Cart, goods: Sequence[Goods], method: ShippingMethod = "standard"
) -> Costs:
    """Return what `goods`, the lines of `cart`, cost under the terms it carries.

    A cart without terms costs what it would cost anybody.
    """
    told = cart.terms
    if told is None:
        terms = Terms(shipping_method=method)
        return Costs(breakdown(items(goods), terms), (), (), terms)
    case = _case(told, goods, method)
    holding, found = reviewed([_offered(told, code) for code in cart.coupons], case)
    terms = terms_with(case.terms, holding, goods)
    terms = replace(terms, points=min(cart.points, told.points))
    return Costs(breakdown(items(goods), terms), found, holding, terms)


def apply(
    cart: Cart,
    code: str,
    goods: Sequence[Goods],
    told: CartTerms,
    *,
    explain: bool = False,
) -> Cart:
    """Return `cart` with the coupon `code` on it. Raises the first refusal.

    It takes the place of those of its kind that do not hold under the terms `told`.
    With `explain` the refusal names all others in `details.all`.
    """
    asked = _offered(told, code)
    case = _case(told, goods, "standard")
    holding, _ = reviewed([_offered(told, each) for each in cart.coupons], case)
    others = holding
    if code in cart.coupons and asked.coupon and asked.coupon not in holding:
        others = (*holding, asked.coupon)
    beside = replace(case, others=others, standing=asked.standing)
    _check(asked, beside, explain=explain)
    assert asked.coupon is not None, "there would be a refusal"
    coupon = asked.coupon
    active = {each.code for each in holding}
    kept = tuple(
        each for each in cart.coupons if each in active or _differs(told, each, coupon)
    )
    return replace(
        cart,
        coupons=(*kept, code),
        email=told.shopper.email,
        version=cart.version + 1,
    )


def case(cart: Cart, goods: Sequence[Goods]) -> Case:
    """Return what a coupon is held against that would go on `cart`, its terms known.

    Coupons on the cart are left out: another of their kind takes their place.
    """
    assert cart.terms is not None, "whoever looked at the cart knows its terms"
    return _case(cart.terms, goods, "standard")


def take_off(cart: Cart, code: str) -> Cart:
    """Return `cart` without the coupon `code`. Raises CouponNotFound."""
    if code not in cart.coupons:
        raise CouponNotFound(f"{code} is not on the cart", code=code)
    left = tuple(each for each in cart.coupons if each != code)
    return replace(cart, coupons=left, version=cart.version + 1)


def redeem(cart: Cart, points: int, told: CartTerms, program: Program) -> Cart:
    """Return `cart` with `points` offered for it; at checkout it takes what it needs.

    Raises CartEmpty, PointsMinimum, NotEnoughPoints.
    """
    if not cart.lines:
        raise CartEmpty("there is nothing in the cart to spend points on")
    redeemable(told.points, points, program)
    return _with_points(cart, points)


def unredeem(cart: Cart) -> Cart:
    """Return `cart` without points; one that has none is unchanged."""
    return _with_points(cart, 0)


def _check(asked: Offered, case: Case, *, explain: bool) -> None:
    found = explained(asked.code, asked.coupon, case)
    if not found:
        return
    first = found[0]
    if not explain:
        raise first
    every = [{"code": each.code, "detail": each.message} for each in found]
    raise type(first)(first.message, **first.details, all=every)


def _with_points(cart: Cart, points: int) -> Cart:
    if points == cart.points:
        return cart
    return replace(cart, points=points, version=cart.version + 1)


def _case(told: CartTerms, goods: Sequence[Goods], method: ShippingMethod) -> Case:
    return Case(
        shopper=told.shopper,
        now=told.at,
        goods=goods,
        terms=Terms(tariff=told.tariff, tier=told.tier, shipping_method=method),
        tiers=told.ladder,
    )


def _offered(told: CartTerms, code: str) -> Offered:
    """Return the coupon `code` as it was asked for; else there is none."""
    found = (each for each in told.offered if each.code == code)
    return next(found, Offered(code, None))


def _differs(told: CartTerms, code: str, coupon: Coupon) -> bool:
    """Tell whether `code` is of another kind than `coupon`."""
    other = _offered(told, code).coupon
    return other is not None and other.group != coupon.group
