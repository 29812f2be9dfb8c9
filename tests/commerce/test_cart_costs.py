"""What a cart costs under its terms, and what may be put on it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commerce.cart import Cart, Line
from commerce.cart_costs import apply, costs, redeem, take_off, unredeem
from commerce.cart_terms import CartTerms
from commerce.coupon import Goods
from commerce.coupon_check import Offered, Shopper, Standing
from commerce.coupon_refusals import (
    CouponAlreadyApplied,
    CouponLimitReached,
    CouponNotFound,
    CouponNotStackable,
)
from commerce.errors import CartEmpty
from commerce.purse import NotEnoughPoints, PointsMinimum
from commerce.tier import terms as tier_terms
from tests.commerce.coupons import COUPONS, TOLD
from tests.commerce.purses import NOON, PROGRAM
from tests.commerce.test_coupon import PRODUCTS

TIERS = tuple(each.id for each in PROGRAM.tiers)
RUG = Goods("rug", "rug", "Home", 1, 12999)
FULL = Standing(10**6)


def told(*codes: str, tier: str = "bronze", **news: Any) -> CartTerms:
    """Return terms under which `codes` were asked for."""
    offered = tuple(Offered(code, COUPONS.get(code)) for code in codes)
    plain = CartTerms(
        at=NOON,
        shopper=Shopper(user_id="ann", email="ann@example.com", tier=tier),
        tier=tier_terms(PROGRAM, tier),
        ladder=TIERS,
        offered=offered,
    )
    return replace(plain, **news)


def cart(*codes: str, points: int = 0, terms: CartTerms | None = None) -> Cart:
    lines = (Line("rug", "rug", "rug", 1),)
    return Cart(id="ann", lines=lines, coupons=codes, points=points, terms=terms)


@pytest.mark.parametrize(
    "vector", TOLD["pricing_vectors"], ids=lambda vector: str(vector["name"])
)
def test_a_cart_costs_what_the_worked_example_says(vector: dict[str, Any]) -> None:
    given_, wanted = vector["input"], vector["expected"]
    goods = [
        Goods(
            each["sku"],
            each["sku"],
            PRODUCTS[each["sku"]]["category"],
            each["qty"],
            PRODUCTS[each["sku"]]["price_cents"],
        )
        for each in given_["lines"]
    ]
    named = (given_["order_coupon"], given_["shipping_coupon"])
    codes = tuple(each for each in named if each)
    terms = told(*codes, tier=given_["tier"], points=given_["points"])
    full = Cart(id="ann", coupons=codes, points=given_["points"], terms=terms)

    found = costs(full, goods, given_["shipping_method"]).breakdown

    assert (found.total, found.tax) == (wanted["total_cents"], wanted["tax_cents"])
    assert found.discount == wanted["coupon_discount_cents"]
    assert found.loyalty_discount == wanted["loyalty_discount_cents"]
    assert found.points_discount == wanted["points_discount_cents"]


def test_a_cart_without_terms_costs_what_it_costs_anybody() -> None:
    found = costs(cart("SUMMER25", points=500), [RUG])

    assert (found.breakdown.merchandise, found.coupons) == (12999, ())


def test_a_coupon_takes_off_and_says_how_much() -> None:
    found = costs(cart("SUMMER25", terms=told("SUMMER25")), [RUG])

    assert found.breakdown.discount == found.coupons[0].discount == 3250


def test_a_coupon_nobody_asked_for_is_not_found_and_takes_nothing() -> None:
    found = costs(cart("GONE", terms=told()), [RUG])

    assert found.coupons[0].inactive_reason == "coupon_not_found"
    assert found.breakdown.discount == 0


def test_more_points_than_are_there_take_only_those() -> None:
    found = costs(cart(points=500, terms=told(points=30)), [RUG])

    assert found.breakdown.points_discount == 30


@given(
    codes=st.lists(st.sampled_from(sorted(COUPONS)), unique=True, max_size=4),
    points=st.integers(0, 10**6),
    there=st.integers(0, 10**6),
    tier=st.sampled_from(TIERS),
    rugs=st.builds(
        Goods,
        *map(st.just, ("rug", "rug", "Home")),
        quantity=st.integers(1, 100),
        price=st.integers(0, 10**7),
    ),
)
def test_whatever_is_on_it_a_cart_adds_up_and_is_never_below_zero(
    codes: list[str], points: int, there: int, tier: str, rugs: Goods
) -> None:
    goods = [rugs]
    on_it = cart(*codes, points=points, terms=told(*codes, tier=tier, points=there))

    found = costs(on_it, goods)

    sums = found.breakdown
    assert sums.total == sums.merchandise + sums.shipping + sums.tax >= 0
    assert sums.points_discount <= min(points, there)
    assert len(found.coupons) == len(codes)
    of_order = [
        each.discount
        for each in found.coupons
        if COUPONS[each.code].group == "order" and each.inactive_reason is None
    ]
    assert sum(of_order) == sums.discount
    assert len(found.holding) <= 2


def test_a_coupon_is_put_on_and_taken_off() -> None:
    on_it = apply(cart(), "SAVE5", [RUG], told("SAVE5"))
    off = take_off(on_it, "SAVE5")

    assert (on_it.coupons, on_it.version) == (("SAVE5",), 1)
    assert on_it.email == "ann@example.com"
    assert (off.coupons, off.version) == ((), 2)
    with pytest.raises(CouponNotFound):
        take_off(off, "SAVE5")


def test_one_order_coupon_and_one_shipping_coupon_go_together() -> None:
    goods = [replace(RUG, price=4500)]
    terms = told("SAVE5", "SHIP3", "SUMMER25")

    both = apply(apply(cart(), "SAVE5", goods, terms), "SHIP3", goods, terms)

    assert both.coupons == ("SAVE5", "SHIP3")
    with pytest.raises(CouponNotStackable):
        apply(cart("SAVE5"), "SUMMER25", [RUG], terms)


def test_a_coupon_that_holds_is_not_put_on_twice() -> None:
    with pytest.raises(CouponAlreadyApplied):
        apply(cart("SAVE5"), "SAVE5", [RUG], told("SAVE5"))


def test_a_coupon_that_does_not_hold_is_not_put_on_twice_either() -> None:
    terms = told("ONELEFT")
    spent = replace(terms, offered=(Offered("ONELEFT", COUPONS["ONELEFT"], FULL),))

    with pytest.raises(CouponLimitReached) as refused:
        apply(cart("ONELEFT"), "ONELEFT", [RUG], spent, explain=True)

    assert [each["code"] for each in refused.value.details["all"]] == [
        "coupon_limit_reached",
        "coupon_already_applied",
    ]


def test_what_does_not_hold_makes_room_for_its_kind_only() -> None:
    terms = told("SOUND20", "SHIP3", "GONE", "SUMMER25")

    on_it = apply(cart("SOUND20", "SHIP3", "GONE"), "SUMMER25", [RUG], terms)

    assert on_it.coupons == ("SHIP3", "SUMMER25")


def test_points_are_offered_and_taken_back() -> None:
    offered = redeem(cart(), 500, told(points=500), PROGRAM)

    assert (offered.points, offered.version) == (500, 1)
    assert redeem(offered, 500, told(points=500), PROGRAM) is offered
    assert unredeem(offered).points == 0
    assert unredeem(unredeem(offered)).version == 2


@pytest.mark.parametrize(
    ("points", "refusal"), [(99, PointsMinimum), (501, NotEnoughPoints)]
)
def test_points_that_may_not_be_offered_are_refused(
    points: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        redeem(cart(), points, told(points=500), PROGRAM)


def test_an_empty_cart_takes_no_points() -> None:
    with pytest.raises(CartEmpty):
        redeem(Cart(id="ann"), 100, told(points=500), PROGRAM)
