"""What operators do to stock over HTTP, and what the shop refuses them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from commerce.stock import MAX_ON_HAND
from tests.handlers.shop import ANN, OPERATOR, PLACES, Shop, open_shop, refused, told


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        yield opened


async def test_stock_is_told_by_warehouse(shop: Shop) -> None:
    assert await told(shop, "GET", "/api/admin/inventory/lamp") == {
        "sku": "lamp",
        "product_id": "lamp",
        "on_hand": dict.fromkeys(PLACES, 10),
        "held": {},
        "committed": {},
        "available": dict.fromkeys(PLACES, 10),
        "total_available": 30,
        "version": 1,
    }


async def test_an_adjustment_reaches_cart_and_window(shop: Shop) -> None:
    await shop.json("POST", "/api/cart/items", json={"sku": "lamp"}, headers=ANN)

    adjusted = await told(
        shop,
        "POST",
        "/api/admin/inventory/lamp",
        {"warehouse": "east", "delta": -8, "reason": "water damage"},
    )

    assert (adjusted["on_hand"]["east"], adjusted["version"]) == (2, 2)
    _, cart = await shop.json("GET", "/api/cart", headers=ANN)
    _, product = await shop.json("GET", "/api/products/lamp")
    assert (cart["items"][0]["available"], product["stock"]) == (22, 22)


async def test_a_count_sets_what_is_there(shop: Shop) -> None:
    counted = await told(
        shop,
        "PUT",
        "/api/admin/inventory/lamp",
        {"warehouse": "west", "on_hand": 0, "reason": "counted"},
    )

    assert counted["on_hand"] == {"east": 10, "central": 10, "west": 0}


async def test_a_transfer_moves_units(shop: Shop) -> None:
    moved = await told(
        shop,
        "POST",
        "/api/admin/inventory/lamp/transfer",
        {"from": "east", "to": "west", "quantity": 4},
    )

    assert moved["on_hand"] == {"east": 6, "central": 10, "west": 14}


async def test_units_in_a_misspelt_warehouse_are_told_and_not_sold(shop: Shop) -> None:
    by_hand = {"on_hand": {"east": 1, "eats": 5}, "version": 2}
    shop.storage.edit("stock", "rug", by_hand)
    shop.feed()

    _, product = await shop.json("GET", "/api/products/rug")
    wanted = {"sku": "rug", "quantity": 2}
    refusal = await shop.code("POST", "/api/cart/items", json=wanted, headers=ANN)
    found = await told(shop, "GET", "/api/admin/inventory/rug")

    assert (product["stock"], refusal) == (1, (400, "insufficient_stock"))
    assert found["on_hand"] == {"east": 1, "eats": 5}
    assert (found["available"], found["total_available"]) == ({"east": 1}, 1)

    moving = {"from": "eats", "to": "east", "quantity": 5}
    await told(shop, "POST", "/api/admin/inventory/rug/transfer", moving)
    await shop.json("POST", "/api/cart/items", json=wanted, headers=ANN)
    _, product = await shop.json("GET", "/api/products/rug")
    assert product["stock"] == 6


async def test_where_units_may_stand_is_told(shop: Shop) -> None:
    places = await told(shop, "GET", "/api/admin/warehouses")

    assert [each["id"] for each in places] == list(PLACES)


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("POST", "lamp", {"warehouse": "east", "delta": -11}, (400, "below_committed")),
        ("POST", "lamp", {"warehouse": "moon", "delta": 1}, (400, "unknown_warehouse")),
        (
            "POST",
            "dragon",
            {"warehouse": "east", "delta": 1},
            (404, "product_not_found"),
        ),
        (
            "PUT",
            "dragon",
            {"warehouse": "east", "on_hand": 1},
            (404, "product_not_found"),
        ),
        (
            "PUT",
            "lamp",
            {"warehouse": "moon", "on_hand": 1},
            (400, "unknown_warehouse"),
        ),
    ],
)
async def test_a_change_of_stock_the_shop_refuses(
    shop: Shop, method: str, path: str, body: Any, answer: tuple[int, str]
) -> None:
    body = {**body, "reason": "test"}

    assert await refused(shop, method, f"/api/admin/inventory/{path}", body) == answer


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"from": "east", "to": "west", "quantity": 11}, (400, "insufficient_stock")),
        ({"from": "east", "to": "moon", "quantity": 1}, (400, "unknown_warehouse")),
        ({"from": "moon", "to": "east", "quantity": 1}, (400, "unknown_warehouse")),
        ({"from": "east", "to": "east", "quantity": 1}, (422, "malformed")),
        ({"from": "east", "to": "west", "quantity": 0}, (422, "malformed")),
        ({"from": "east", "to": "west", "quantity": 1.5}, (422, "malformed")),
        ({"from": "east", "to": "west"}, (422, "malformed")),
        ({"source": "east", "target": "west", "quantity": 1}, (422, "malformed")),
    ],
)
async def test_a_transfer_that_cannot_be(
    shop: Shop, body: Any, answer: tuple[int, str]
) -> None:
    path = "/api/admin/inventory/lamp/transfer"

    assert await refused(shop, "POST", path, body) == answer


@pytest.mark.parametrize(
    "change",
    [
        {"delta": 1.5},
        {"delta": "1"},
        {"delta": True},
        {"delta": None},
        {"delta": MAX_ON_HAND + 1},
        {"delta": 10**30},
        {"reason": ""},
        {"reason": "   "},
        {"reason": None},
        {"reason": "x" * 201},
        {"warehouse": ""},
        {"warehouse": "on_hand.east"[:7] + "$"},
        {"warehouse": "\u0000"},
        {"warehouse": "e" * 65},
        {"sku": "rug"},
    ],
)
async def test_an_adjustment_that_makes_no_sense_is_malformed(
    shop: Shop, change: Any
) -> None:
    body = {"warehouse": "east", "delta": 1, "reason": "test", **change}

    answer = await refused(shop, "POST", "/api/admin/inventory/lamp", body)

    assert answer == (422, "malformed")


@pytest.mark.parametrize("missing", ["warehouse", "delta", "reason"])
async def test_an_adjustment_says_where_how_much_and_why(
    shop: Shop, missing: str
) -> None:
    body = {"warehouse": "east", "delta": 1, "reason": "test"}
    del body[missing]

    answer = await refused(shop, "POST", "/api/admin/inventory/lamp", body)

    assert answer == (422, "malformed")


@pytest.mark.parametrize("on_hand", [-1, MAX_ON_HAND + 1, 1.5, "1", None, True])
async def test_a_count_that_is_none_is_malformed(shop: Shop, on_hand: Any) -> None:
    body = {"warehouse": "east", "on_hand": on_hand, "reason": "test"}

    answer = await refused(shop, "PUT", "/api/admin/inventory/lamp", body)

    assert answer == (422, "malformed")


async def test_a_count_of_stock_that_moved_on_is_refused(shop: Shop) -> None:
    body = {"warehouse": "east", "on_hand": 5, "reason": "counted"}
    path = "/api/admin/inventory/lamp"
    await told(shop, "PUT", path, body)

    answer = await refused(
        shop, "PUT", path, {**body, "on_hand": 6}, **{"If-Match": '"1"'}
    )

    assert answer == (409, "stock_changed")


async def test_the_emptiest_variants_are_listed_first(shop: Shop) -> None:
    low = await told(shop, "GET", "/api/admin/inventory/low")

    assert [(each["sku"], each["total_available"]) for each in low] == [
        ("shirt-blue-m", 0),
        ("vase", 2),
    ]


async def test_what_is_low_may_be_asked_otherwise_and_in_pages(shop: Shop) -> None:
    answer = await shop.client.get(
        "/api/admin/inventory/low?threshold=31&limit=5&offset=5", headers=OPERATOR
    )

    assert len(await answer.json()) == 5
    assert int(answer.headers["X-Total-Count"]) == 31
    assert set(answer.links) == {"next", "prev"}


async def test_a_retired_product_is_not_low(shop: Shop) -> None:
    await told(shop, "DELETE", "/api/admin/products/vase")

    low = await told(shop, "GET", "/api/admin/inventory/low")

    assert [each["sku"] for each in low] == ["shirt-blue-m"]
