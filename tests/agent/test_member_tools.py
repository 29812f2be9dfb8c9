"""What the tools tell of coupons, points, addresses, means to pay and the terms."""

from typing import Any

import pytest

from actors.runtime.testing import ManualClock
from agent.shop import Shop
from agent.tools import used
from agent.visit import Visit
from store.catalogue import Catalogue
from tests.agent.desk import desk
from tests.agent.visitor import NOW, Till


@pytest.fixture
def till(catalogue: Catalogue) -> Till:
    return Till(catalogue)


@pytest.fixture
def visit(catalogue: Catalogue, till: Till) -> Visit:
    return Visit(Shop(catalogue, till, desk()), ManualClock(NOW), "anna", "t1")


async def use(visit: Visit, tool: str, **arguments: Any) -> dict[str, Any]:
    return await used(visit, tool, arguments, "c1")


async def test_the_coupon_that_saves_most_comes_first(visit: Visit, till: Till) -> None:
    till.tier = "silver"
    await use(visit, "add_to_cart", sku="AUD-001-MID")

    result = await use(visit, "list_coupons")

    assert result["best"] == "SUMMER25"
    assert result["coupons"][0]["saving_cents"] == 3087
    savings = [each["saving_cents"] for each in result["coupons"]]
    assert savings == sorted(savings, reverse=True)


async def test_no_unlisted_coupon_is_told(visit: Visit) -> None:
    await use(visit, "add_to_cart", sku="AUD-001-MID")

    codes = {each["code"] for each in (await use(visit, "list_coupons"))["coupons"]}

    assert not codes & {"HALF", "ONELEFT", "JANEONLY", "BIGFIXED", "APOLOGY"}


async def test_a_coupon_tells_the_whole_sum_of_the_cart(
    visit: Visit, till: Till
) -> None:
    till.tier = "silver"
    await use(visit, "add_to_cart", sku="AUD-001-MID")

    result = await use(visit, "apply_coupon", code=" summer25 ")

    whole = result["cart"]["breakdown"]
    assert whole["coupon_discount_cents"] == 3087
    assert (whole["total_cents"], whole["total"]) == (10003, "$100.03")
    assert result["applied"] == "SUMMER25"


async def test_somebody_elses_coupon_is_not_found(visit: Visit) -> None:
    await use(visit, "add_to_cart", sku="AUD-001-MID")

    result = await use(visit, "apply_coupon", code="JANEONLY")

    assert result["error"] == "coupon_not_found"


async def test_a_refused_coupon_tells_the_missing_amount_in_cents(visit: Visit) -> None:
    await use(visit, "add_to_cart", sku="STN-006-PAS")

    result = await use(visit, "apply_coupon", code="TAKE15")

    assert result["error"] == "coupon_min_purchase"
    assert result["details"]["missing_cents"] > 0


async def test_too_many_refused_codes_are_enough_in_the_chat_too(visit: Visit) -> None:
    for _ in range(10):
        await use(visit, "apply_coupon", code="NOSUCH")

    assert (await use(visit, "apply_coupon", code="NO"))["error"] == "too_many_requests"


async def test_points_come_with_the_way_to_the_next_tier(
    visit: Visit, till: Till
) -> None:
    till.points, till.tier = 1500, "silver"

    result = await use(visit, "get_loyalty")

    assert (result["points"], result["tier"]) == (1500, "silver")
    assert result["points_worth"] == "$15.00"
    assert result["next_tier"]["tier"] == "gold"


async def test_points_on_the_cart_lower_its_total(visit: Visit, till: Till) -> None:
    till.points = 1500
    await use(visit, "add_to_cart", sku="AUD-001-MID")

    result = await use(visit, "redeem_points", points=500)

    assert result["cart"]["breakdown"]["points_discount_cents"] == 500


async def test_addresses_are_masked(visit: Visit) -> None:
    (address,) = (await use(visit, "list_addresses"))["addresses"]

    assert address["address_id"] == "addr1"
    assert address["city"] == "San Francisco"
    assert "123" not in address["street"]
    assert address["zip_code"] == "•••02"


async def test_of_a_card_brand_and_last_digits_are_told(visit: Visit) -> None:
    (method,) = (await use(visit, "list_payment_methods"))["payment_methods"]

    assert method == {
        "payment_method_id": "pay1",
        "type": "card",
        "brand": "visa",
        "last4": "4242",
        "is_default": True,
    }


@pytest.mark.parametrize(
    "tool", ["list_addresses", "list_payment_methods", "get_loyalty", "list_coupons"]
)
async def test_a_guest_has_no_account_to_look_into(
    catalogue: Catalogue, till: Till, tool: str
) -> None:
    shop = Shop(catalogue, till, desk())
    guest = Visit(shop, ManualClock(NOW), "guest-1", "t1")

    assert (await use(guest, tool))["error"] == "account_required"


async def test_one_waits_only_for_what_is_sold_out(visit: Visit) -> None:
    gone = await use(visit, "join_waitlist", sku="AUD-017")
    there = await use(visit, "join_waitlist", sku="AUD-001-MID")

    assert (gone["joined"], there["joined"]) == (True, False)


@pytest.mark.parametrize(
    "topic", ["shipping", "returns", "loyalty", "payments", "privacy"]
)
async def test_every_term_has_its_numbers_filled_in(visit: Visit, topic: str) -> None:
    result = await use(visit, "get_policy", topic=topic)

    assert result["points"]
    assert not any("{" in each for each in result["points"])


async def test_terms_state_their_amounts_in_cents_too(visit: Visit) -> None:
    result = await use(visit, "get_policy", topic="shipping")

    assert "$5.99" in result["points"][0]
    assert result["facts"]["standard_cents"] == 599


async def test_spending_points_loses_no_tier(visit: Visit) -> None:
    result = await use(visit, "get_policy", topic="loyalty")

    assert any("never lowers" in each for each in result["points"])


async def test_points_come_off_the_cart_again(visit: Visit, till: Till) -> None:
    till.points = 1500
    await use(visit, "add_to_cart", sku="AUD-001-MID")
    await use(visit, "redeem_points", points=500)

    result = await use(visit, "remove_points")

    assert result["cart"]["points_offered"] == 0
    assert result["cart"]["breakdown"]["points_discount_cents"] == 0


async def test_a_coupon_says_how_much_is_missing_for_it(visit: Visit) -> None:
    await use(visit, "add_to_cart", sku="AUD-009-BLA")

    refused = await use(visit, "apply_coupon", code="SUMMER25")
    listed = (await use(visit, "list_coupons"))["coupons"]

    (offer,) = [each for each in listed if each["code"] == "SUMMER25"]
    assert refused["details"]["missing_cents"] == 6501
    assert offer["not_eligible_because"]["missing_cents"] == 6501
