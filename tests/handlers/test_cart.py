"""One's cart over HTTP: what it shows, what it refuses, and whose it is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from messages.cart import MergeGuest
from messages.stock import AdjustStock
from tests.handlers.shop import (
    ANN,
    BOB,
    GUEST,
    LAMP,
    SHIRT,
    Shop,
    add,
    cart,
    open_shop,
)


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        yield opened


async def test_a_new_shopper_has_an_empty_cart(shop: Shop) -> None:
    assert await cart(shop) == {
        "id": "ann",
        "version": 0,
        "currency": "USD",
        "items": [],
        "items_count": 0,
        "subtotal": 0.0,
        "discount": 0.0,
        "loyalty_discount": 0.0,
        "points_discount": 0.0,
        "total": 0.0,
        "coupons": [],
        "checkout": None,
        "clamped": [],
    }


async def test_an_added_item_is_shown_as_it_was_saved(shop: Shop) -> None:
    answer = await add(shop, sku="shirt-red-m", quantity=2)

    assert answer["items_count"] == 1
    assert answer["message"]
    assert answer["cart"] == await cart(shop)
    assert answer["cart"]["items"] == [
        {
            "id": "shirt-red-m",
            "product_id": "shirt",
            "sku": "shirt-red-m",
            "product_name": "Shirt",
            "product_image": "/static/shirt.svg",
            "color": "Red",
            "size": "M",
            "quantity": 2,
            "price": 29.99,
            "subtotal": 59.98,
            "available": 30,
            "hold_expires_at": None,
        }
    ]
    assert (answer["cart"]["subtotal"], answer["cart"]["total"]) == (59.98, 59.98)


async def test_a_cart_is_private_and_tells_its_version(shop: Shop) -> None:
    await add(shop, sku="lamp")

    answer = await shop.client.get("/api/cart", headers=ANN)

    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "no-store"


async def test_everybody_has_a_cart_of_their_own(shop: Shop) -> None:
    await add(shop, ANN, sku="lamp")
    await add(shop, GUEST, sku="rug")

    assert [each["sku"] for each in (await cart(shop, GUEST))["items"]] == ["rug"]
    assert (await cart(shop, BOB))["items"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/cart"),
        ("DELETE", "/api/cart"),
        ("GET", "/api/cart/total"),
        ("POST", "/api/cart/items"),
        ("PUT", "/api/cart/items/lamp"),
        ("DELETE", "/api/cart/items/lamp"),
    ],
)
async def test_nobody_has_a_cart_without_signing_in(
    shop: Shop, method: str, path: str
) -> None:
    assert await shop.code(method, path) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("wanted", "sku"),
    [
        ({"product_id": "lamp"}, "lamp"),
        ({"product_id": "lamp", "color": None}, "lamp"),
        ({"product_id": "shirt", "color": "red", "size": "s"}, "shirt-red-s"),
        ({"product_id": "shirt", "size": "S"}, "shirt-red-s"),
        ({"sku": "shirt-red-m"}, "shirt-red-m"),
        ({"sku": "lamp", "quantity": 1, "color": None}, "lamp"),
    ],
)
async def test_a_variant_may_be_named_by_its_looks(
    shop: Shop, wanted: dict[str, Any], sku: str
) -> None:
    answer = await add(shop, **wanted)

    assert answer["cart"]["items"][0]["sku"] == sku


@pytest.mark.parametrize(
    "wanted",
    [
        {"product_id": "shirt"},
        {"product_id": "shirt", "color": "Red"},
        {"product_id": "shirt", "color": "Green", "size": "S"},
        {"product_id": "shirt", "color": "", "size": ""},
        {"product_id": "lamp", "color": "Red"},
    ],
)
async def test_a_product_that_comes_in_kinds_needs_a_choice(
    shop: Shop, wanted: dict[str, Any]
) -> None:
    status, problem = await shop.json(
        "POST", "/api/cart/items", json=wanted, headers=ANN
    )

    assert (status, problem["code"]) == (400, "variant_required")
    assert set(problem["details"]) == {"product_id", "colors", "sizes"}


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"sku": "vase", "quantity": 3}, 400, "insufficient_stock"),
        ({"sku": "shirt-blue-m"}, 400, "insufficient_stock"),
        ({"sku": "shirt-red-s", "quantity": 6}, 400, "max_per_order"),
        ({"sku": "lamp", "quantity": 11}, 400, "max_per_order"),
        ({"sku": "dragon"}, 404, "product_not_found"),
        ({"sku": "shirt"}, 404, "product_not_found"),
        ({"product_id": "dragon"}, 404, "product_not_found"),
        ({"product_id": "shirt-red-s"}, 404, "product_not_found"),
    ],
)
async def test_what_the_shop_refuses_is_told_with_its_code(
    shop: Shop, wanted: dict[str, Any], status: int, code: str
) -> None:
    answer = await shop.code("POST", "/api/cart/items", json=wanted, headers=ANN)

    assert answer == (status, code)
    assert (await cart(shop))["items"] == []


async def test_too_little_stock_is_told_in_numbers(shop: Shop) -> None:
    await add(shop, sku="vase")

    _, problem = await shop.json(
        "POST", "/api/cart/items", json={"sku": "vase", "quantity": 2}, headers=ANN
    )

    assert problem["details"] == {
        "sku": "vase", "asked": 3, "available": 2, "in_cart": 1,
    }  # fmt: skip
    assert problem["error"] == problem["detail"]
    assert problem["status_code"] == 400


async def test_a_twenty_first_item_is_refused(shop: Shop) -> None:
    for number in range(20):
        await add(shop, sku=f"pen-{number}")

    answer = await shop.code(
        "POST", "/api/cart/items", json={"sku": "lamp"}, headers=ANN
    )

    assert answer == (400, "cart_full")


async def test_an_item_is_changed_to_exactly_so_many(shop: Shop) -> None:
    await add(shop, sku="lamp", quantity=2)

    status, answer = await shop.json(
        "PUT", "/api/cart/items/lamp", json={"quantity": 7}, headers=ANN
    )

    assert status == 200
    assert answer["cart"]["items"][0]["quantity"] == 7
    assert answer["cart"] == await cart(shop)


async def test_an_item_changed_to_none_is_removed(shop: Shop) -> None:
    await add(shop, sku="lamp", quantity=2)

    _, answer = await shop.json(
        "PUT", "/api/cart/items/lamp", json={"quantity": 0}, headers=ANN
    )

    assert (answer["items_count"], answer["cart"]["items"]) == (0, [])


async def test_an_item_is_removed_once(shop: Shop) -> None:
    await add(shop, sku="lamp")

    status, answer = await shop.json("DELETE", "/api/cart/items/lamp", headers=ANN)
    again = await shop.code("DELETE", "/api/cart/items/lamp", headers=ANN)

    assert (status, answer["items_count"]) == (200, 0)
    assert again == (404, "item_not_found")


async def test_an_item_of_somebody_elses_cart_is_not_found(shop: Shop) -> None:
    await add(shop, ANN, sku="lamp")

    changed = await shop.code(
        "PUT", "/api/cart/items/lamp", json={"quantity": 2}, headers=BOB
    )
    removed = await shop.code("DELETE", "/api/cart/items/lamp", headers=BOB)

    assert changed == removed == (404, "item_not_found")


async def test_a_cart_is_emptied(shop: Shop) -> None:
    await add(shop, sku="lamp")
    await add(shop, sku="rug")

    status, answer = await shop.json("DELETE", "/api/cart", headers=ANN)

    assert (status, answer["items_count"], answer["cart"]["version"]) == (200, 0, 3)


async def test_a_price_is_that_of_the_moment(shop: Shop) -> None:
    await add(shop, sku="lamp", quantity=2)
    shop.catalogue.put_product(replace(LAMP, price=100, version=2))

    shown = await cart(shop)

    assert (shown["items"][0]["price"], shown["subtotal"]) == (1.0, 2.0)


async def test_what_is_available_is_that_of_the_moment(shop: Shop) -> None:
    await add(shop, sku="lamp", quantity=5)
    await shop.system.ask("lamp", AdjustStock("east", -10, "sold elsewhere"))
    shop.feed()

    assert (await cart(shop))["items"][0]["available"] == 20


async def test_a_retired_product_stays_visible_and_can_be_removed(shop: Shop) -> None:
    await add(shop, sku="lamp")
    shop.catalogue.put_product(replace(LAMP, retired=True, version=2))

    shown = (await cart(shop))["items"][0]
    added = await shop.code(
        "POST", "/api/cart/items", json={"sku": "lamp"}, headers=ANN
    )
    status, _ = await shop.json("DELETE", "/api/cart/items/lamp", headers=ANN)

    assert (shown["product_name"], shown["available"]) == ("Lamp", 0)
    assert (added, status) == ((404, "product_not_found"), 200)


async def test_a_product_deleted_from_the_database_stays_removable(shop: Shop) -> None:
    await add(shop, sku="shirt-red-m")
    shop.catalogue.remove_product(SHIRT.id)

    shown = (await cart(shop))["items"][0]
    status, _ = await shop.json(
        "PUT", "/api/cart/items/shirt-red-m", json={"quantity": 0}, headers=ANN
    )

    assert (shown["product_id"], shown["available"], shown["price"]) == ("shirt", 0, 0)
    assert status == 200


async def test_twenty_adds_at_once_to_a_new_cart_are_all_there(shop: Shop) -> None:
    async def put(number: int) -> int:
        answer = await shop.client.post(
            "/api/cart/items", json={"sku": f"pen-{number}"}, headers=ANN
        )
        return answer.status

    assert set(await asyncio.gather(*map(put, range(20)))) == {201}
    assert (await cart(shop))["items_count"] == 20


# All in


@pytest.mark.parametrize(
    ("query", "shipping", "tax", "total"),
    [
        ("", 5.99, 4.0, 59.98),
        ("?shipping_method=standard", 5.99, 4.0, 59.98),
        ("?shipping_method=express", 14.99, 4.0, 68.98),
    ],
)
async def test_a_total_is_all_in(
    shop: Shop, query: str, shipping: float, tax: float, total: float
) -> None:
    await add(shop, sku="lamp")

    status, told = await shop.json("GET", f"/api/cart/total{query}", headers=ANN)

    assert (status, told) == (
        200,
        {
            "subtotal": 49.99,
            "discount": 0.0,
            "loyalty_discount": 0.0,
            "points_discount": 0.0,
            "tax": tax,
            "shipping": shipping,
            "total": total,
            "currency": "USD",
        },
    )


async def test_above_fifty_standard_shipping_is_free(shop: Shop) -> None:
    await add(shop, sku="rug")

    _, told = await shop.json("GET", "/api/cart/total", headers=ANN)

    assert told["shipping"] == 0


async def test_an_empty_cart_costs_nothing(shop: Shop) -> None:
    _, told = await shop.json("GET", "/api/cart/total", headers=ANN)

    assert told["total"] == 0


@pytest.mark.parametrize(
    "query", ["shipping_method=drone", "shipping_method=", "method=express"]
)
async def test_a_way_to_ship_that_is_none_is_malformed(shop: Shop, query: str) -> None:
    answer = await shop.code("GET", f"/api/cart/total?{query}", headers=ANN)

    assert answer == (422, "malformed")


# Guests


async def test_a_guests_cart_moves_and_says_what_was_left(shop: Shop) -> None:
    await add(shop, GUEST, sku="vase", quantity=2)
    await add(shop, ANN, sku="vase", quantity=1)
    await shop.system.ask("ann", MergeGuest("guest-1"))

    shown = await cart(shop)

    assert shown["items"][0]["quantity"] == 2
    assert shown["clamped"] == [
        {"sku": "vase", "asked": 2, "taken": 1, "code": "insufficient_stock"}
    ]


async def test_a_moved_guests_cart_answers_so(shop: Shop) -> None:
    await shop.system.ask("ann", MergeGuest("guest-1"))

    added = await shop.code(
        "POST", "/api/cart/items", json={"sku": "lamp"}, headers=GUEST
    )

    assert added == (409, "merged")
