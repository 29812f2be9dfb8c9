"""Every wrong way to write into a cart, and the right one to expect a version."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.handlers.shop import ANN, Shop, add, cart, open_shop


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        yield opened


QUANTITIES = [-1, 101, 10**30, 2.5, 2.0, 1e2, True, False, "2", None, [], [1], {}]


@pytest.mark.parametrize("quantity", [0, *QUANTITIES])
async def test_a_quantity_that_is_none_is_malformed(shop: Shop, quantity: Any) -> None:
    wanted = {"sku": "lamp", "quantity": quantity}

    answer = await shop.code("POST", "/api/cart/items", json=wanted, headers=ANN)

    assert answer == (422, "malformed")


@pytest.mark.parametrize("quantity", QUANTITIES)
async def test_a_change_to_a_quantity_that_is_none_is_malformed(
    shop: Shop, quantity: Any
) -> None:
    await add(shop, sku="lamp")

    answer = await shop.code(
        "PUT", "/api/cart/items/lamp", json={"quantity": quantity}, headers=ANN
    )

    assert answer == (422, "malformed")


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"quantity": 1},
        {"sku": "lamp", "product_id": "lamp"},
        {"sku": None},
        {"sku": ""},
        {"sku": 7},
        {"sku": ["lamp"]},
        {"sku": {"$ne": ""}},
        {"sku": "la mp"},
        {"sku": "lamp\n"},
        {"sku": "lamp\u0000"},
        {"sku": "x" * 65},
        {"sku": "\u2603"},
        {"sku": "lamp", "color": "Red"},
        {"product_id": "shirt", "color": 7},
        {"product_id": "shirt", "color": "x" * 61},
        {"sku": "lamp", "price": 0.01},
        {"sku": "lamp", "user_id": "bob"},
        [],
        [{"sku": "lamp"}],
        "lamp",
        7,
        None,
    ],
)
async def test_a_body_that_makes_no_sense_is_refused(shop: Shop, wanted: Any) -> None:
    answer = await shop.code("POST", "/api/cart/items", json=wanted, headers=ANN)

    assert answer == (422, "malformed")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"sku": "lamp"',
        b"\xff\xfe",
        b'{"sku": "\xed\xa0\x80"}',
        b'{"sku": "lamp", "quantity": NaN}',
        b'{"sku": "lamp", "quantity": 1e999}',
        b'{"sku": "lamp", "sku": "rug"}',
        b"[" * 10_000,
        b'{"sku": "\\ud800"}',
    ],
)
async def test_a_body_that_is_no_json_is_refused(shop: Shop, raw: bytes) -> None:
    answer = await shop.code(
        "POST",
        "/api/cart/items",
        data=raw,
        headers={**ANN, "Content-Type": "application/json"},
    )

    assert answer == (422, "malformed")


async def test_a_body_of_another_type_is_refused(shop: Shop) -> None:
    answer = await shop.client.post(
        "/api/cart/items", data={"sku": "lamp"}, headers=ANN
    )

    assert answer.status == 415


async def test_a_body_too_large_is_refused(shop: Shop) -> None:
    wanted = {"sku": "x" * 70_000}

    answer = await shop.client.post("/api/cart/items", json=wanted, headers=ANN)

    assert answer.status == 413


@pytest.mark.parametrize("line_id", ["%00", "x" * 65, "%20", "%F0%9F%92%A1", "..%2Fx"])
async def test_an_item_id_that_can_be_none_is_malformed(
    shop: Shop, line_id: str
) -> None:
    answer = await shop.code("DELETE", f"/api/cart/items/{line_id}", headers=ANN)

    assert answer == (422, "malformed")


CHANGES: list[tuple[str, str, Any]] = [
    ("POST", "/api/cart/items", {"sku": "rug"}),
    ("PUT", "/api/cart/items/lamp", {"quantity": 2}),
    ("DELETE", "/api/cart/items/lamp", None),
    ("DELETE", "/api/cart", None),
]


@pytest.mark.parametrize(("method", "path", "wanted"), CHANGES)
async def test_a_stale_write_is_shown_the_cart_as_it_is(
    shop: Shop, method: str, path: str, wanted: Any
) -> None:
    await add(shop, sku="lamp")

    status, problem = await shop.json(
        method, path, json=wanted, headers={**ANN, "If-Match": '"0"'}
    )

    assert (status, problem["code"]) == (409, "cart_changed")
    assert problem["details"]["cart"] == await cart(shop)


@pytest.mark.parametrize("given", ['"1"', "*"])
@pytest.mark.parametrize(("method", "path", "wanted"), CHANGES)
async def test_a_write_that_saw_this_version_is_done(
    shop: Shop, method: str, path: str, wanted: Any, given: str
) -> None:
    await add(shop, sku="lamp")

    status, answer = await shop.json(
        method, path, json=wanted, headers={**ANN, "If-Match": given}
    )

    assert status in {200, 201}
    assert answer["cart"]["version"] == 2


@pytest.mark.parametrize(
    "given",
    [
        "1",
        "",
        '""',
        '"x"',
        '"-1"',
        '"01"',
        '"1.0"',
        'W/"1"',
        '"1", "2"',
        '"' + "9" * 30,
    ],
)
async def test_a_version_that_is_none_is_malformed(shop: Shop, given: str) -> None:
    await add(shop, sku="lamp")

    answer = await shop.code("DELETE", "/api/cart", headers={**ANN, "If-Match": given})

    assert answer == (422, "malformed")
    assert (await cart(shop))["items_count"] == 1


async def test_of_two_writes_that_saw_the_same_version_one_is_done(
    shop: Shop,
) -> None:
    await add(shop, sku="lamp")

    async def write() -> int:
        answer = await shop.client.post(
            "/api/cart/items", json={"sku": "rug"}, headers={**ANN, "If-Match": '"1"'}
        )
        return answer.status

    assert sorted(await asyncio.gather(write(), write())) == [201, 409]
