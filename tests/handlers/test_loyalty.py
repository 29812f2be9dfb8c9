"""Points, tiers and coupons over HTTP: what a shopper may do, and what is refused."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from commerce.coupon import Coupon
from messages.cart import CartUpdated
from messages.coupon import DefineCoupon, ReserveCoupon
from messages.loyalty import (
    ActivateEarned,
    AdjustPoints,
    CountOrder,
    HoldPoints,
)
from store.coupon import read_coupons
from tests.handlers.shop import (
    ANN,
    BOB,
    DATA,
    DAY,
    GUEST,
    Shop,
    add,
    cart,
    open_shop,
)

COUPONS = {each.code: each for each in read_coupons(DATA)}


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        for each in COUPONS.values():
            await define(opened, each)
        yield opened


async def define(shop: Shop, coupon: Coupon) -> None:
    await shop.system.ask(coupon.code, DefineCoupon(coupon))


async def earn(shop: Shop, points: int, user_id: str = "ann") -> None:
    await shop.system.ask(user_id, CountOrder("past", points))
    await shop.system.ask(user_id, ActivateEarned("past"))


async def get(shop: Shop, path: str, who: Mapping[str, str] = ANN) -> Any:
    status, answer = await shop.json("GET", path, headers=who)
    assert status == 200, answer
    return answer


async def apply(
    shop: Shop, code: str, who: Mapping[str, str] = ANN, **query: str
) -> tuple[int, Any]:
    body = {"coupon_code": code}
    path = "/api/loyalty/apply-coupon"
    return await shop.json("POST", path, json=body, headers=who, params=query)


async def redeem(
    shop: Shop, points: int, who: Mapping[str, str] = ANN
) -> tuple[int, Any]:
    body = {"points": points, "cart_id": who["X-User"]}
    return await shop.json("POST", "/api/loyalty/redeem-points", json=body, headers=who)


# What a cart shows


async def test_a_tier_makes_the_cart_cheaper_and_sends_it_free(shop: Shop) -> None:
    await earn(shop, 2000)
    await add(shop, sku="shirt-red-m")

    shown = await cart(shop)
    totals = await get(shop, "/api/cart/total")

    assert (shown["subtotal"], shown["loyalty_discount"]) == (29.99, 3.0)
    assert shown["total"] == 26.99
    assert (totals["shipping"], totals["loyalty_discount"]) == (0.0, 3.0)
    assert totals["total"] == 29.15


async def test_tier_coupons_and_points_come_off_in_their_order(shop: Shop) -> None:
    await earn(shop, 600)
    await add(shop, sku="rug")
    await apply(shop, "SUMMER25")
    await redeem(shop, 500)

    shown = await cart(shop)
    totals = await get(shop, "/api/cart/total")

    assert shown["subtotal"] == 129.99
    assert shown["loyalty_discount"] == 6.5
    assert shown["discount"] == 30.87
    assert shown["points_discount"] == 5.0
    assert (shown["total"], totals["tax"], totals["total"]) == (87.62, 7.01, 94.63)
    assert shown["coupons"] == [
        {"code": "SUMMER25", "discount": 30.87, "inactive_reason": None}
    ]


async def test_a_guests_cart_has_no_discounts(shop: Shop) -> None:
    await add(shop, GUEST, sku="rug")

    shown = await cart(shop, GUEST)

    assert (shown["total"], shown["loyalty_discount"]) == (129.99, 0.0)


async def test_sockets_are_shown_what_the_cart_shows(shop: Shop) -> None:
    heard: list[CartUpdated] = []
    shop.system.follow("user/ann", heard.append)  # type: ignore[arg-type]
    await earn(shop, 600)
    await add(shop, sku="rug")

    await apply(shop, "SUMMER25")

    terms = heard[-1].cart.terms
    assert terms is not None
    assert (terms.shopper.tier, terms.offered[0].code) == ("silver", "SUMMER25")
    assert heard[-1].cart.coupons == ("SUMMER25",)


async def test_the_terms_of_a_cart_are_not_stored(shop: Shop) -> None:
    await add(shop, sku="rug")
    await apply(shop, "SUMMER25")

    stored = shop.storage.documents["carts"]["ann"]

    assert (stored["coupons"], stored["terms"]) == (["SUMMER25"], None)


# Coupons on the cart


async def test_a_coupon_in_any_writing_takes_its_part_off(shop: Shop) -> None:
    await add(shop, sku="rug")

    status, answer = await apply(shop, "  summer25 ")

    assert status == 200
    assert (answer["code"], answer["discount"]) == ("SUMMER25", 32.5)
    assert answer["cart"] == await cart(shop)
    assert answer["message"]


async def test_a_coupon_that_fits_no_more_stays_and_says_why(shop: Shop) -> None:
    await add(shop, sku="rug")
    await apply(shop, "SUMMER25")
    await shop.json("DELETE", "/api/cart/items/rug", headers=ANN)
    await add(shop, sku="shirt-red-m")

    gone = await cart(shop)
    await add(shop, sku="rug")
    back = await cart(shop)

    assert gone["coupons"] == [
        {"code": "SUMMER25", "discount": 0.0, "inactive_reason": "coupon_min_purchase"}
    ]
    assert gone["discount"] == 0.0
    assert back["coupons"][0]["inactive_reason"] is None
    assert back["discount"] > 0


async def test_each_look_asks_again_whether_a_coupon_holds(shop: Shop) -> None:
    await add(shop, sku="rug")
    await apply(shop, "ONELEFT")
    until = shop.clock.now().replace(year=2031)
    await shop.system.ask("ONELEFT", ReserveCoupon("other", "bob", until))

    shown = await cart(shop)

    assert shown["coupons"][0]["inactive_reason"] == "coupon_limit_reached"
    assert shown["discount"] == 0.0


async def test_a_new_coupon_takes_the_place_of_one_that_does_not_hold(
    shop: Shop,
) -> None:
    await add(shop, sku="rug")
    await apply(shop, "ONELEFT")
    until = shop.clock.now().replace(year=2031)
    await shop.system.ask("ONELEFT", ReserveCoupon("other", "bob", until))

    status, answer = await apply(shop, "SAVE5")

    assert status == 200
    assert [each["code"] for each in answer["cart"]["coupons"]] == ["SAVE5"]


async def test_an_order_coupon_and_a_shipping_coupon_go_together(shop: Shop) -> None:
    await add(shop, sku="lamp")
    await apply(shop, "SAVE5")

    status, answer = await apply(shop, "SHIP3")

    assert (status, answer["discount"]) == (200, 3.0)
    totals = await get(shop, "/api/cart/total")
    assert (totals["discount"], totals["shipping"]) == (5.0, 2.99)


async def test_free_shipping_is_for_standard_only(shop: Shop) -> None:
    await add(shop, sku="shirt-red-m")
    await apply(shop, "FREESHIP")

    standard = await get(shop, "/api/cart/total")
    express = await get(shop, "/api/cart/total?shipping_method=express")

    assert (standard["shipping"], express["shipping"]) == (0.0, 14.99)


@pytest.mark.parametrize(
    ("code", "status", "problem"),
    [
        ("NOSUCHCODE", 404, "coupon_not_found"),
        ("no such code", 404, "coupon_not_found"),
        ("$ne", 404, "coupon_not_found"),
        ("JANEONLY", 404, "coupon_not_found"),
        ("PAUSED", 400, "coupon_inactive"),
        ("NEWYEAR36", 400, "coupon_not_started"),
        ("SPRING24", 400, "coupon_expired"),
        ("GOLD12", 400, "coupon_tier_required"),
        ("USEDUP", 400, "coupon_limit_reached"),
        ("SOUND20", 400, "coupon_no_eligible_items"),
        ("TAKE15", 400, "coupon_min_purchase"),
        ("FREESHIP", 400, "coupon_no_effect"),
    ],
)
async def test_a_coupon_that_does_not_hold_is_refused(
    shop: Shop, code: str, status: int, problem: str
) -> None:
    await add(shop, sku="lamp", quantity=2)
    before = await cart(shop)

    answered, answer = await apply(shop, code)

    assert (answered, answer["code"]) == (status, problem)
    assert await cart(shop) == before


async def test_a_first_order_coupon_is_for_a_first_order(shop: Shop) -> None:
    await add(shop, sku="rug")
    await shop.system.ask("ann", CountOrder("past"))

    status, answer = await apply(shop, "WELCOME10")

    assert (status, answer["code"]) == (400, "coupon_first_order_only")


async def test_a_coupon_for_a_mail_address_stays_its_owners(shop: Shop) -> None:
    jane = {**ANN, "X-User": "jane"}
    await add(shop, jane, sku="rug")

    status, answer = await apply(shop, "JANEONLY", jane)

    assert (status, answer["discount"]) == (200, 25.0)
    assert (await cart(shop, jane))["discount"] == 25.0


async def test_the_same_coupon_twice_is_refused(shop: Shop) -> None:
    await add(shop, sku="rug")
    await apply(shop, "SUMMER25")

    status, answer = await apply(shop, "SUMMER25")

    assert (status, answer["code"]) == (400, "coupon_already_applied")


@pytest.mark.parametrize("second", ["SAVE5", "HALF"])
async def test_what_does_not_go_together_is_refused(shop: Shop, second: str) -> None:
    await add(shop, sku="rug")
    await apply(shop, "SUMMER25")

    status, answer = await apply(shop, second)

    assert (status, answer["code"]) == (400, "coupon_not_stackable")
    assert answer["details"]["other"] == "SUMMER25"


async def test_everything_that_speaks_against_it_is_told_on_request(
    shop: Shop,
) -> None:
    await add(shop, sku="vase")

    status, answer = await apply(shop, "GOLD12", explain="all")
    _, brief = await apply(shop, "GOLD12")

    assert (status, answer["code"]) == (400, "coupon_tier_required")
    assert [each["code"] for each in answer["details"]["all"]] == [
        "coupon_tier_required"
    ]
    assert "all" not in brief["details"]
    _, more = await apply(shop, "TAKE15", explain="all")
    assert more["details"]["missing"] == 117.01


async def test_a_coupon_is_taken_off(shop: Shop) -> None:
    await add(shop, sku="rug")
    await apply(shop, "SUMMER25")

    status, answer = await shop.json(
        "DELETE", "/api/loyalty/coupons/summer25", headers=ANN
    )

    assert (status, answer["cart"]["coupons"]) == (200, [])
    again = await shop.code("DELETE", "/api/loyalty/coupons/SUMMER25", headers=ANN)
    assert again == (404, "coupon_not_found")


async def test_ten_refused_codes_in_ten_minutes_are_enough(shop: Shop) -> None:
    await add(shop, sku="rug")
    tries = [apply(shop, f"GUESS{number}") for number in range(14)]
    found = [status for status, _ in await asyncio.gather(*tries)]
    assert sorted(found) == [404] * 10 + [429] * 4

    answer = await shop.client.post(
        "/api/loyalty/apply-coupon", json={"coupon_code": "SUMMER25"}, headers=ANN
    )

    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 600
    assert answer.headers["RateLimit-Policy"] == '"coupon";q=10;w=600'
    await add(shop, BOB, sku="rug")
    assert (await apply(shop, "SUMMER25", BOB))[0] == 200
    shop.clock.advance(601)
    assert (await apply(shop, "SUMMER25"))[0] == 200


async def test_codes_that_hold_are_not_counted(shop: Shop) -> None:
    await add(shop, sku="rug")

    for _ in range(12):
        assert (await apply(shop, "SUMMER25"))[0] == 200
        await shop.json("DELETE", "/api/loyalty/coupons/SUMMER25", headers=ANN)


async def test_a_stale_cart_is_shown_as_it_is_and_no_code_is_counted(
    shop: Shop,
) -> None:
    await earn(shop, 600)
    await add(shop, sku="rug")

    for _ in range(12):
        status, answer = await shop.json(
            "POST",
            "/api/loyalty/apply-coupon",
            json={"coupon_code": "SUMMER25"},
            headers={**ANN, "If-Match": '"0"'},
        )

    assert (status, answer["code"]) == (409, "cart_changed")
    assert answer["details"]["cart"] == await cart(shop)
    assert answer["details"]["cart"]["loyalty_discount"] == 6.5


# Points on the cart


async def test_points_come_off_the_cart_and_are_not_set_aside(shop: Shop) -> None:
    await shop.system.ask("ann", AdjustPoints("gift", 1000, "welcome"))
    await add(shop, sku="lamp")

    status, answer = await redeem(shop, 400)

    assert status == 200
    assert (answer["points_redeemed"], answer["discount"]) == (400, 4.0)
    assert answer["remaining_points"] == 600
    assert answer["cart"] == await cart(shop)
    assert (await get(shop, "/api/loyalty/profile"))["points_available"] == 1000


async def test_more_points_than_the_cart_costs_take_what_it_costs(shop: Shop) -> None:
    await shop.system.ask("ann", AdjustPoints("gift", 1000, "welcome"))
    await add(shop, sku="vase")

    status, answer = await redeem(shop, 1000)

    assert (status, answer["points_redeemed"]) == (200, 299)
    assert (answer["remaining_points"], answer["cart"]["total"]) == (701, 0.0)


async def test_points_spent_elsewhere_come_off_no_more(shop: Shop) -> None:
    await shop.system.ask("ann", AdjustPoints("gift", 1000, "welcome"))
    await add(shop, sku="lamp")
    await redeem(shop, 1000)
    await shop.system.ask("ann", HoldPoints("order", 800))

    shown = await cart(shop)

    assert shown["points_discount"] == 2.0


@pytest.mark.parametrize(
    ("points", "status", "problem"),
    [
        (99, 400, "points_minimum"),
        (501, 400, "insufficient_points"),
        (0, 422, "malformed"),
        (-100, 422, "malformed"),
        (100.0, 422, "malformed"),
        ("100", 422, "malformed"),
        (True, 422, "malformed"),
        (10**30, 422, "malformed"),
        (None, 422, "malformed"),
    ],
)
async def test_points_that_may_not_be_redeemed_are_refused(
    shop: Shop, points: Any, status: int, problem: str
) -> None:
    await shop.system.ask("ann", AdjustPoints("gift", 500, "welcome"))
    await add(shop, sku="lamp")
    before = await cart(shop)

    answered, answer = await redeem(shop, points)

    assert (answered, answer["code"]) == (status, problem)
    assert await cart(shop) == before


async def test_points_need_something_to_be_spent_on(shop: Shop) -> None:
    await shop.system.ask("ann", AdjustPoints("gift", 500, "welcome"))

    status, answer = await redeem(shop, 100)

    assert (status, answer["code"]) == (400, "cart_empty")


async def test_points_are_taken_off_the_cart_also_twice(shop: Shop) -> None:
    await shop.system.ask("ann", AdjustPoints("gift", 500, "welcome"))
    await add(shop, sku="lamp")
    await redeem(shop, 100)

    for _ in range(2):
        status, answer = await shop.json(
            "DELETE", "/api/loyalty/redeem-points", headers=ANN
        )
        assert (status, answer["cart"]["points_discount"]) == (200, 0.0)

    assert answer["cart"]["version"] == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("apply-coupon", {"coupon_code": "SAVE5", "cart_id": "bob"}),
        ("redeem-points", {"points": 100, "cart_id": "bob"}),
    ],
)
async def test_somebody_elses_cart_is_not_there(
    shop: Shop, path: str, body: dict[str, Any]
) -> None:
    await add(shop, BOB, sku="lamp")

    refused = await shop.code("POST", f"/api/loyalty/{path}", json=body, headers=ANN)

    assert refused == (404, "cart_not_found")
    assert (await cart(shop, BOB))["coupons"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"coupon_code": ""},
        {"coupon_code": 5},
        {"coupon_code": None},
        {"coupon_code": "x" * 101},
        {"coupon_code": "SAVE5", "cart_id": "../bob"},
        {"coupon_code": "SAVE5", "discount": 100},
        ["SAVE5"],
    ],
)
async def test_a_malformed_code_is_422(shop: Shop, body: Any) -> None:
    refused = await shop.code(
        "POST", "/api/loyalty/apply-coupon", json=body, headers=ANN
    )

    assert refused == (422, "malformed")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/loyalty/profile"),
        ("GET", "/api/loyalty/coupons"),
        ("GET", "/api/loyalty/history"),
        ("DELETE", "/api/loyalty/coupons/SAVE5"),
        ("DELETE", "/api/loyalty/redeem-points"),
        ("POST", "/api/loyalty/apply-coupon"),
        ("POST", "/api/loyalty/redeem-points"),
    ],
)
async def test_loyalty_takes_an_account(shop: Shop, method: str, path: str) -> None:
    body = {"coupon_code": "SAVE5"} if "apply" in path else None
    if "redeem" in path and method == "POST":
        body = {"points": 100, "cart_id": "guest-1"}  # type: ignore[dict-item]

    guest = await shop.code(method, path, json=body, headers=GUEST)
    nobody = await shop.code(method, path, json=body)

    assert guest == (403, "forbidden")
    assert nobody == (401, "not_signed_in")


# What is told


async def test_a_profile_tells_points_tier_and_the_way_up(shop: Shop) -> None:
    await earn(shop, 600)
    await shop.system.ask("ann", CountOrder("next", 50))
    await shop.system.ask("ann", HoldPoints("checkout", 100))

    found = await get(shop, "/api/loyalty/profile")

    assert (found["user_id"], found["tier"]) == ("ann", "silver")
    assert (found["points_balance"], found["points_available"]) == (600, 500)
    assert (found["points_pending"], found["points_earned_lifetime"]) == (50, 600)
    assert found["points_redeemed_lifetime"] == 0
    assert "5% discount" in found["tier_benefits"]
    assert found["next_tier"] == {
        "id": "gold",
        "name": "Gold",
        "min_points": 2000,
        "points_needed": 1400,
    }
    assert (found["points_expiring"], found["expires_next"]) == (0, None)


async def test_points_about_to_expire_are_warned_of(shop: Shop) -> None:
    await earn(shop, 600)
    shop.clock.advance(340 * 86_400)

    found = await get(shop, "/api/loyalty/profile")

    assert found["points_expiring"] == 600
    assert found["expires_next"] is not None


async def test_the_highest_tier_has_none_above(shop: Shop) -> None:
    await earn(shop, 5000)

    assert (await get(shop, "/api/loyalty/profile"))["next_tier"] is None


async def test_only_listed_coupons_that_one_may_use_are_told(shop: Shop) -> None:
    bronze = {each["code"] for each in await get(shop, "/api/loyalty/coupons")}
    await earn(shop, 2000)
    await shop.system.ask("ann", CountOrder("past"))

    found = await get(shop, "/api/loyalty/coupons")

    gold = {each["code"] for each in found}
    assert "GOLD12" in gold - bronze
    assert "WELCOME10" in bronze - gold
    assert all(COUPONS[each].listed for each in bronze | gold)
    profile = await get(shop, "/api/loyalty/profile")
    assert profile["available_coupons"] == found
    save = next(each for each in found if each["code"] == "SAVE5")
    assert (save["discount_value"], save["min_purchase"]) == (5.0, 40.0)


async def test_history_is_paged_newest_first(shop: Shop) -> None:
    for number in range(3):
        await shop.system.ask("ann", AdjustPoints(f"g{number}", 100 + number, "gift"))

    answer = await shop.client.get("/api/loyalty/history?limit=2", headers=ANN)

    entries = await answer.json()
    assert answer.headers["X-Total-Count"] == "3"
    assert 'rel="next"' in answer.headers["Link"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert [(each["points"], each["kind"]) for each in entries] == [
        (102, "adjust"),
        (101, "adjust"),
    ]


async def test_a_page_beyond_the_history_is_empty(shop: Shop) -> None:
    assert await get(shop, "/api/loyalty/history?offset=50") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", "page=2"])
async def test_a_page_that_makes_no_sense_is_422(shop: Shop, query: str) -> None:
    path = f"/api/loyalty/history?{query}"

    assert await shop.code("GET", path, headers=ANN) == (422, "malformed")


async def test_anybody_may_see_the_tiers(shop: Shop) -> None:
    status, tiers = await shop.json("GET", "/api/loyalty/tiers")

    assert status == 200
    assert [each["id"] for each in tiers] == ["bronze", "silver", "gold", "platinum"]
    assert (tiers[1]["min_points"], tiers[1]["points_per_unit"]) == (500, 1.5)


def test_the_demos_day_is_within_the_coupons_time() -> None:
    assert COUPONS["SAVE5"].valid_from <= DAY <= COUPONS["SAVE5"].valid_until
