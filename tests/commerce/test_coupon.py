"""Coupons: the checks in their order, what they take off, never one use too many."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commerce.coupon import (
    Coupon,
    Goods,
    checked,
    covered,
    items,
    normalised,
    terms_with,
)
from commerce.coupon_check import (
    Case,
    Offered,
    Shopper,
    Standing,
    check,
    explained,
    is_shown,
    reviewed,
)
from commerce.errors import CommerceError, Malformed, NotFound
from commerce.pricing import Terms, Tier, breakdown
from tests.commerce.coupons import COUPONS, DATA, TOLD, tenth

PRODUCTS = {
    each["sku"]: each
    for each in json.loads((DATA / "catalog.json").read_text())["products"]
}
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOON = NOON + timedelta(seconds=900)
ANN = Shopper(user_id="ann", email="ann@example.com")


def lamp(price: int = 6000, category: str = "Home & Kitchen") -> Goods:
    return Goods("lamp-red", "lamp", category, 1, price)


def case(*goods: Goods, **news: Any) -> Case:
    told = Case(shopper=ANN, now=NOON, goods=goods or (lamp(),), terms=Terms())
    return replace(told, **news)


def refusal(coupon: Coupon | None, told: Case) -> CommerceError:
    with pytest.raises(CommerceError) as refused:
        check("WELCOME10", coupon, told)
    return refused.value


def codes(coupon: Coupon | None, told: Case) -> list[str]:
    return [each.code for each in explained("WELCOME10", coupon, told)]


def test_every_coupon_of_the_demo_is_one_that_takes_something_off() -> None:
    assert all(checked(each) for each in COUPONS.values())


@pytest.mark.parametrize(
    "vector", TOLD["pricing_vectors"], ids=lambda vector: str(vector["name"])
)
def test_a_coupon_brings_a_worked_example_to_its_total(vector: dict[str, Any]) -> None:
    given = vector["input"]
    goods = [
        Goods(each["sku"], each["sku"], told["category"], each["qty"], cents)
        for each in given["lines"]
        for told in [PRODUCTS[each["sku"]]]
        for cents in [told["price_cents"]]
    ]
    tier = next(each for each in TOLD["tiers"] if each["id"] == given["tier"])
    named = [given["order_coupon"], given["shipping_coupon"]]
    terms = Terms(
        tier=Tier(
            tier["discount_percent"], tier["earn_rate_x10"], tier["free_shipping"]
        ),
        points=given["points"],
        shipping_method=given["shipping_method"],
    )

    coupons = [COUPONS[each] for each in named if each]
    found = breakdown(items(goods), terms_with(terms, coupons, goods))

    assert found.total == vector["expected"]["total_cents"]


def test_a_code_is_kept_in_upper_case_without_blanks() -> None:
    assert normalised("  welcome10 ") == "WELCOME10"


@pytest.mark.parametrize(
    ("coupon", "told", "code"),
    [
        (None, case(), "coupon_not_found"),
        (COUPONS["JANEONLY"], case(), "coupon_not_found"),
        (COUPONS["PAUSED"], case(), "coupon_inactive"),
        (COUPONS["NEWYEAR36"], case(), "coupon_not_started"),
        (COUPONS["SPRING24"], case(), "coupon_expired"),
        (COUPONS["GOLD12"], case(), "coupon_tier_required"),
        (
            COUPONS["WELCOME10"],
            case(shopper=replace(ANN, orders=1)),
            "coupon_first_order_only",
        ),
        (COUPONS["HALF"], case(standing=Standing(9, 1)), "coupon_user_limit"),
        (COUPONS["USEDUP"], case(standing=Standing(100)), "coupon_limit_reached"),
        (tenth(), case(others=[tenth()]), "coupon_already_applied"),
        (tenth(), case(others=[COUPONS["SAVE5"]]), "coupon_not_stackable"),
        (COUPONS["FREESHIP"], case(others=[COUPONS["HALF"]]), "coupon_not_stackable"),
        (COUPONS["HALF"], case(others=[COUPONS["FREESHIP"]]), "coupon_not_stackable"),
        (COUPONS["SOUND20"], case(), "coupon_no_eligible_items"),
        (tenth(), case(lamp(4999)), "coupon_min_purchase"),
        (COUPONS["FREESHIP"], case(), "coupon_no_effect"),
        (COUPONS["BIGFIXED"], case(lamp(0)), "coupon_no_effect"),
    ],
)
def test_a_coupon_that_may_not_be_used_says_why(
    coupon: Coupon | None, told: Case, code: str
) -> None:
    assert refusal(coupon, told).code == code


def test_only_an_unknown_code_is_not_there() -> None:
    assert isinstance(refusal(None, case()), NotFound)
    assert not isinstance(refusal(COUPONS["PAUSED"], case()), NotFound)


def test_the_first_check_that_fails_is_the_answer_and_all_are_told_on_request() -> None:
    coupon = tenth(
        is_active=False,
        valid_until=NOON - timedelta(seconds=1),
        min_tier="gold",
        first_order_only=True,
        total_limit=1,
    )
    told = case(
        lamp(4000),
        shopper=replace(ANN, orders=1),
        standing=Standing(1, 1),
        others=[COUPONS["SAVE5"]],
    )

    assert refusal(coupon, told).code == "coupon_inactive"
    assert codes(coupon, told) == [
        "coupon_inactive", "coupon_expired", "coupon_tier_required",
        "coupon_first_order_only", "coupon_user_limit", "coupon_limit_reached",
        "coupon_not_stackable", "coupon_min_purchase",
    ]  # fmt: skip


def test_an_explanation_tells_nothing_of_somebody_elses_coupon() -> None:
    somebodys = replace(COUPONS["JANEONLY"], is_active=False)

    assert codes(somebodys, case()) == ["coupon_not_found"]


@pytest.mark.parametrize("who", ["jane@example.com", "Jane@Example.com"])
def test_a_targeted_coupon_is_for_whoever_has_that_mail_address(who: str) -> None:
    told = case(shopper=Shopper(user_id="j", email=who))

    assert check("JANEONLY", COUPONS["JANEONLY"], told)


def test_a_targeted_coupon_is_for_the_account_with_that_id() -> None:
    assert check("MINE", replace(COUPONS["JANEONLY"], user_ids=("ann",)), case())


def test_a_higher_tier_than_asked_is_enough() -> None:
    told = case(shopper=replace(ANN, tier="gold"))

    assert check("SILVER5", COUPONS["SILVER5"], told)


def test_the_last_second_of_a_coupon_counts() -> None:
    until = COUPONS["SUMMER25"].valid_until

    assert explained("S", COUPONS["SUMMER25"], case(lamp(10000), now=until)) == ()


def test_the_minimum_purchase_is_inclusive_and_before_any_discount() -> None:
    silver = Terms(tier=Tier(5, 15, free_shipping=True))

    assert check("SAVE5", COUPONS["SAVE5"], case(lamp(4000), terms=silver))


def test_a_purchase_that_is_too_small_tells_what_is_missing() -> None:
    missing = refusal(COUPONS["SAVE5"], case(lamp(3999)))

    assert missing.details["missing"] == Decimal("0.01")


def test_one_order_and_one_shipping_coupon_go_together() -> None:
    told = case(lamp(4500), others=[COUPONS["SAVE5"]])

    assert check("SHIP3", COUPONS["SHIP3"], told)


def test_a_sku_of_a_coupon_names_the_product_or_one_variant() -> None:
    coupon = tenth(include_skus=("rug", "lamp-red"), exclude_skus=("vase-blue",))
    goods = [
        lamp(),
        Goods("lamp-blue", "lamp", "Home", 1, 100),
        Goods("rug-xl", "rug", "Home", 1, 100),
        Goods("vase-blue", "rug", "Home", 1, 100),
    ]

    assert covered(coupon, goods) == {"lamp-red", "rug-xl"}


def test_unlisted_coupons_are_never_shown() -> None:
    shown = {code for code, each in COUPONS.items() if is_shown(each, case())}

    assert {"WELCOME10", "FREESHIP"} <= shown
    assert not shown & {"BIGFIXED", "HALF", "JANEONLY", "PAUSED", "GOLD12"}


def test_a_coupon_stays_on_the_cart_and_says_why_it_takes_nothing() -> None:
    offered = [
        Offered("SAVE5", COUPONS["SAVE5"]),
        Offered("SHIP3", COUPONS["SHIP3"]),
        Offered("GONE", None),
    ]

    holding, told = reviewed(offered, case(lamp(3000)))

    assert [each.code for each in holding] == ["SHIP3"]
    assert [(each.discount, each.inactive_reason) for each in told] == [
        (0, "coupon_min_purchase"), (300, None), (0, "coupon_not_found"),
    ]  # fmt: skip


@given(st.lists(st.sampled_from(sorted(COUPONS)), unique=True, max_size=6))
def test_what_holds_on_a_cart_is_what_is_taken_off(named: list[str]) -> None:
    offered = [Offered(each, COUPONS[each]) for each in named]
    told = case(lamp(4800, "Audio"), Goods("pen", "pen", "Stationery", 3, 99))

    holding, reviews = reviewed(offered, told)

    found = breakdown(items(told.goods), terms_with(told.terms, holding, told.goods))
    assert sum(each.discount for each in reviews) == (
        found.discount + found.shipping_discount
    )
    assert len({each.group for each in holding}) == len(holding) <= 2


@pytest.mark.parametrize(
    "news",
    [
        {"discount_value": 0},
        {"discount_value": 101},
        {"discount_value": None},
        {"discount_type": "free_shipping"},
        {"discount_type": "fixed", "discount_value": -5},
        {"group": "shipping"},
        {"code": "welcome10"},
        {"code": ""},
        {"valid_until": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(news: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        checked(tenth(**news))
