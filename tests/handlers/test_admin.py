"""Operators may, and nobody else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.handlers.shop import ANN, GUEST, OPERATOR, Shop, open_shop

KETTLE = {
    "sku": "kettle",
    "name": "Kettle",
    "category": "Home",
    "brand": "Make",
    "price": 34.5,
    "variants": [{"sku": "kettle"}],
}


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        yield opened


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/api/admin/products", None),
    ("POST", "/api/admin/products", KETTLE),
    ("PUT", "/api/admin/products/lamp", {"price": 1}),
    ("DELETE", "/api/admin/products/lamp", None),
    ("GET", "/api/admin/inventory/low", None),
    ("GET", "/api/admin/inventory/lamp", None),
    (
        "POST",
        "/api/admin/inventory/lamp",
        {"warehouse": "east", "delta": 1, "reason": "x"},
    ),
    (
        "PUT",
        "/api/admin/inventory/lamp",
        {"warehouse": "east", "on_hand": 1, "reason": "x"},
    ),
    (
        "POST",
        "/api/admin/inventory/lamp/transfer",
        {"from": "east", "to": "west", "quantity": 1},
    ),
]


@pytest.mark.parametrize("who", [ANN, GUEST])
@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_only_operators_may(
    shop: Shop, method: str, path: str, body: Any, who: dict[str, str]
) -> None:
    answer = await shop.code(method, path, json=body, headers=who)

    assert answer == (403, "forbidden")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_nobody_may_without_signing_in(
    shop: Shop, method: str, path: str, body: Any
) -> None:
    assert await shop.code(method, path, json=body) == (401, "not_signed_in")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_operators_may(shop: Shop, method: str, path: str, body: Any) -> None:
    answer = await shop.client.request(method, path, json=body, headers=OPERATOR)

    assert answer.status in {200, 201}
    assert answer.headers["Cache-Control"] == "no-store"
