"""What operators do to coupons over HTTP, and what the shop refuses them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from messages.coupon import GetCoupon, RedeemCoupon, ReserveCoupon
from tests.handlers.shop import ANN, GUEST, Shop, add, open_shop, refused, told

PATH = "/api/admin/coupons"
TENTH: dict[str, Any] = {
    "code": "tenth",
    "description": "10% off",
    "percent": 10,
    "valid_from": "2020-01-01T00:00:00Z",
    "valid_until": "2040-01-01T00:00:00+02:00",
}
PLAIN = {name: value for name, value in TENTH.items() if name != "code"}


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        yield opened


async def test_a_new_coupon_is_told_whole_and_works_at_once(shop: Shop) -> None:
    made = await told(shop, "POST", PATH, {**TENTH, "max_discount": 2.5})

    assert made == {
        "code": "TENTH",
        "description": "10% off",
        "discount_type": "percentage",
        "discount_value": 10,
        "group": "order",
        "min_purchase": 0.0,
        "max_discount": 2.5,
        "valid_from": "2020-01-01T00:00:00Z",
        "valid_until": "2039-12-31T22:00:00Z",
        "is_active": True,
        "min_tier": None,
        "first_order_only": False,
        "per_user_limit": None,
        "total_limit": None,
        "used_count": 0,
        "reserved": 0,
        "include_categories": [],
        "include_skus": [],
        "exclude_skus": [],
        "user_ids": [],
        "exclusive": False,
        "listed": False,
        "version": 1,
    }
    await add(shop, sku="rug")
    status, answer = await shop.json(
        "POST", "/api/loyalty/apply-coupon", json={"coupon_code": "TENTH"}, headers=ANN
    )
    assert (status, answer["discount"]) == (200, 2.5)


@pytest.mark.parametrize(
    ("fields", "kind", "value"),
    [
        ({"amount": 4.99}, "fixed", 4.99),
        ({"amount": 3, "group": "shipping"}, "fixed", 3.0),
        ({"group": "shipping"}, "free_shipping", None),
    ],
)
async def test_a_coupon_takes_what_is_named(
    shop: Shop, fields: dict[str, Any], kind: str, value: float | None
) -> None:
    plain = {name: value for name, value in TENTH.items() if name != "percent"}

    made = await told(shop, "POST", PATH, {**plain, **fields})

    assert (made["discount_type"], made["discount_value"]) == (kind, value)


async def test_coupons_are_listed_with_their_uses(shop: Shop) -> None:
    for code in ("C", "A", "B"):
        await told(shop, "POST", PATH, {**TENTH, "code": code})
    until = shop.clock.now().replace(year=2031)
    for order in ("first", "second"):
        await shop.system.ask("A", ReserveCoupon(order, "ann", until))
    await shop.system.ask("A", RedeemCoupon("first"))

    page = await told(shop, "GET", f"{PATH}?limit=2")

    assert [(e["code"], e["used_count"], e["reserved"]) for e in page] == [
        ("A", 1, 1),
        ("B", 0, 0),
    ]


async def test_a_changed_coupon_is_another_and_keeps_its_uses(shop: Shop) -> None:
    await told(shop, "POST", PATH, TENTH)
    until = shop.clock.now().replace(year=2031)
    await shop.system.ask("TENTH", ReserveCoupon("first", "ann", until))
    await shop.system.ask("TENTH", RedeemCoupon("first"))

    changed = await told(
        shop, "PUT", f"{PATH}/tenth", {**PLAIN, "percent": 20, "total_limit": 1}
    )

    assert (changed["discount_value"], changed["version"]) == (20, 2)
    assert (changed["used_count"], changed["total_limit"]) == (1, 1)


async def test_a_coupon_switched_off_holds_nowhere(shop: Shop) -> None:
    await told(shop, "POST", PATH, TENTH)
    await add(shop, sku="rug")
    body = {"coupon_code": "TENTH"}
    await shop.json("POST", "/api/loyalty/apply-coupon", json=body, headers=ANN)

    await told(shop, "PUT", f"{PATH}/TENTH", {**PLAIN, "is_active": False})

    _, cart = await shop.json("GET", "/api/cart", headers=ANN)
    assert cart["coupons"][0]["inactive_reason"] == "coupon_inactive"


async def test_an_operator_who_saw_an_older_one_is_refused(shop: Shop) -> None:
    await told(shop, "POST", PATH, TENTH)
    await told(shop, "PUT", f"{PATH}/TENTH", {**PLAIN, "percent": 20})
    stale = {"If-Match": '"1"'}

    found = await refused(shop, "PUT", f"{PATH}/TENTH", PLAIN, **stale)

    assert found == (409, "coupon_changed")
    offered = await shop.system.ask("TENTH", GetCoupon())
    assert offered.coupon is not None
    assert offered.coupon.discount_value == 20


async def test_a_code_is_a_coupons_once(shop: Shop) -> None:
    await told(shop, "POST", PATH, TENTH)

    again = await refused(shop, "POST", PATH, {**TENTH, "code": " Tenth "})

    assert again == (409, "coupon_exists")


async def test_what_is_no_coupon_cannot_be_changed(shop: Shop) -> None:
    assert await refused(shop, "PUT", f"{PATH}/NOTHING", PLAIN) == (
        404,
        "coupon_not_found",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": ""},
        {"code": "TWO WORDS"},
        {"code": "A" * 41},
        {"code": "ÉTÉ"},
        {"code": None},
        {"percent": 0},
        {"percent": 101},
        {"percent": 10.5},
        {"percent": "10"},
        {"percent": None},
        {"amount": 5},
        {"percent": None, "amount": 0},
        {"percent": None, "amount": -1},
        {"percent": None, "amount": 1.999},
        {"percent": None, "amount": 1e30},
        {"group": "shipping"},
        {"group": "other"},
        {"max_discount": 0},
        {"min_purchase": -1},
        {"valid_from": "2020-01-01T00:00:00"},
        {"valid_from": "yesterday"},
        {"valid_from": "0001-01-01T00:00:00+23:00"},
        {"valid_from": "2041-01-01T00:00:00Z"},
        {"valid_until": None},
        {"min_tier": "diamond"},
        {"per_user_limit": 0},
        {"total_limit": 0},
        {"total_limit": True},
        {"include_skus": "rug"},
        {"include_skus": ["../rug"]},
        {"include_skus": ["rug"] * 101},
        {"user_ids": [""]},
        {"used_count": 5},
        {"version": 1},
        {"listed": "yes"},
    ],
)
async def test_what_makes_no_coupon_is_refused(
    shop: Shop, wrong: dict[str, Any]
) -> None:
    assert await refused(shop, "POST", PATH, {**TENTH, **wrong}) == (422, "malformed")

    assert await told(shop, "GET", PATH) == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", PATH), ("POST", PATH), ("PUT", f"{PATH}/TENTH")]
)
async def test_coupons_are_the_operators_business(
    shop: Shop, method: str, path: str
) -> None:
    for who in (ANN, GUEST):
        found = await shop.code(method, path, json=TENTH, headers=who)
        assert found == (403, "forbidden")
