"""One breakdown: every worked example exactly, and nothing is ever lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.errors import Malformed
from commerce.pricing import (
    Breakdown,
    Item,
    OrderCoupon,
    ShippingCoupon,
    Tariff,
    Terms,
    Tier,
    breakdown,
)

DATA = Path(__file__).parents[2] / "data"
COUPONS = json.loads((DATA / "coupons.json").read_text())
PRODUCTS = {
    each["sku"]: each
    for each in json.loads((DATA / "catalog.json").read_text())["products"]
}


def tier(name: str) -> Tier:
    told = next(each for each in COUPONS["tiers"] if each["id"] == name)
    return Tier(told["discount_percent"], told["earn_rate_x10"], told["free_shipping"])


def coupon(code: str | None) -> dict[str, Any] | None:
    return next((each for each in COUPONS["coupons"] if each["code"] == code), None)


def order_coupon(code: str | None, skus: list[str]) -> OrderCoupon | None:
    told = coupon(code)
    if told is None:
        return None
    covers = {
        sku
        for sku in skus
        if (
            not (told["include_categories"] or told["include_skus"])
            or PRODUCTS[sku]["category"] in told["include_categories"]
            or sku in told["include_skus"]
        )
        and sku not in told["exclude_skus"]
    }
    if told["discount_type"] == "fixed":
        return OrderCoupon(amount=told["discount_value"], covers=covers)
    return OrderCoupon(
        percent=told["discount_value"], cap=told["max_discount_cents"], covers=covers
    )


def shipping_coupon(code: str | None) -> ShippingCoupon | None:
    told = coupon(code)
    if told is None:
        return None
    if told["discount_type"] == "free_shipping":
        return ShippingCoupon(free=True)
    return ShippingCoupon(amount=told["discount_value"])


def as_told(found: Breakdown) -> dict[str, Any]:
    return {
        "subtotal_cents": found.subtotal,
        "loyalty_discount_cents": found.loyalty_discount,
        "coupon_discount_cents": found.discount,
        "points_discount_cents": found.points_discount,
        "shipping_cents": found.shipping,
        "shipping_discount_cents": found.shipping_discount,
        "tax_cents": found.tax,
        "total_cents": found.total,
        "points_to_earn": found.points_to_earn,
        "lines": [
            {
                "sku": each.sku,
                "qty": each.quantity,
                "unit_cents": each.price,
                "base_cents": each.base,
                "net_cents": each.net,
                "tax_cents": each.tax,
            }
            for each in found.items
        ],
    }


@pytest.mark.parametrize(
    "vector", COUPONS["pricing_vectors"], ids=lambda vector: str(vector["name"])
)
def test_a_worked_example_comes_out_to_the_cent(vector: dict[str, Any]) -> None:
    given = vector["input"]
    items = [
        Item(each["sku"], each["qty"], PRODUCTS[each["sku"]]["price_cents"])
        for each in given["lines"]
    ]
    terms = Terms(
        tier=tier(given["tier"]),
        order_coupon=order_coupon(given["order_coupon"], [each.sku for each in items]),
        shipping_coupon=shipping_coupon(given["shipping_coupon"]),
        points=given["points"],
        shipping_method=given["shipping_method"],
    )

    found = breakdown(items, terms)

    assert as_told(found) == vector["expected"]


def test_the_defaults_are_the_rules_of_the_demo_shop() -> None:
    rules = COUPONS["rules"]

    assert Tariff() == Tariff(
        currency=rules["currency"],
        standard=rules["shipping"]["standard_cents"],
        express=rules["shipping"]["express_cents"],
        free_above=rules["shipping"]["free_over_cents"],
        tax_rate=rules["tax"]["rate_basis_points"],
    )


baskets = st.lists(
    st.builds(
        Item,
        st.sampled_from(["lamp", "chair", "rug", "vase", "clock"]),
        st.integers(1, 100),
        st.integers(0, 500_000),
    ),
    max_size=20,
)
order_coupons = st.none() | st.builds(
    OrderCoupon,
    percent=st.integers(0, 100),
    cap=st.none() | st.integers(0, 10_000),
    amount=st.integers(0, 100_000),
    covers=st.none() | st.frozensets(st.sampled_from(["lamp", "chair", "rug"])),
)
all_terms = st.builds(
    Terms,
    tariff=st.builds(
        Tariff,
        standard=st.integers(0, 5_000),
        express=st.integers(0, 5_000),
        free_above=st.integers(0, 100_000),
        tax_rate=st.integers(0, 10_000),
    ),
    tier=st.builds(Tier, st.integers(0, 100), st.integers(0, 50), st.booleans()),
    order_coupon=order_coupons,
    shipping_coupon=st.none()
    | st.builds(ShippingCoupon, amount=st.integers(0, 5_000), free=st.booleans()),
    points=st.integers(0, 1_000_000),
    shipping_method=st.sampled_from(["standard", "express"]),
)


@given(baskets, all_terms)
def test_a_total_always_equals_its_parts(items: list[Item], terms: Terms) -> None:
    found = breakdown(items, terms)

    discounts = found.loyalty_discount + found.discount + found.points_discount
    assert found.merchandise == found.subtotal - discounts
    assert found.total == found.merchandise + found.shipping + found.tax


@given(baskets, all_terms)
def test_the_lines_add_up_to_the_whole(items: list[Item], terms: Terms) -> None:
    found = breakdown(items, terms)

    assert sum(each.base for each in found.items) == found.subtotal
    assert sum(each.net for each in found.items) == found.merchandise
    assert sum(each.tax for each in found.items) == found.tax


@given(baskets, all_terms)
def test_no_amount_is_ever_below_zero(items: list[Item], terms: Terms) -> None:
    found = breakdown(items, terms)

    amounts = [
        found.merchandise, found.shipping, found.shipping_discount, found.tax,
        found.total, found.points_to_earn, found.loyalty_discount, found.discount,
        found.points_discount,
        *(each.net for each in found.items), *(each.tax for each in found.items),
    ]  # fmt: skip
    assert min(amounts) >= 0


@given(baskets, all_terms)
def test_a_line_never_nets_more_than_its_price(items: list[Item], terms: Terms) -> None:
    found = breakdown(items, terms)

    assert all(each.net <= each.base for each in found.items)


def test_an_empty_basket_costs_nothing() -> None:
    found = breakdown([], Terms(shipping_method="express", points=500))

    assert (found.total, found.shipping, found.points_discount) == (0, 0, 0)


@pytest.mark.parametrize(("price", "shipping"), [(4999, 599), (5000, 599), (5001, 0)])
def test_shipping_is_free_strictly_above_fifty(price: int, shipping: int) -> None:
    found = breakdown([Item("lamp", 1, price)], Terms())

    assert found.shipping == shipping


def test_free_shipping_looks_at_the_undiscounted_subtotal() -> None:
    terms = Terms(order_coupon=OrderCoupon(amount=4000))

    assert breakdown([Item("lamp", 1, 6000)], terms).shipping == 0


def test_a_cap_bounds_a_percentage() -> None:
    terms = Terms(order_coupon=OrderCoupon(percent=50, cap=1000))

    assert breakdown([Item("lamp", 1, 6000)], terms).discount == 1000


def test_a_coupon_that_covers_nothing_here_takes_nothing_off() -> None:
    terms = Terms(order_coupon=OrderCoupon(percent=50, covers=frozenset({"rug"})))

    assert breakdown([Item("lamp", 1, 6000)], terms).discount == 0


@pytest.mark.parametrize(
    ("item", "points"),
    [(Item("lamp", 1, -1), 0), (Item("lamp", -1, 1), 0), (Item("lamp", 1, 1), -1)],
)
def test_negative_numbers_are_refused(item: Item, points: int) -> None:
    with pytest.raises(Malformed):
        breakdown([item], Terms(points=points))
