"""What operators do to products over HTTP, and what the shop refuses them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.handlers.shop import ANN, OPERATOR, Shop, open_shop, refused, told

KETTLE = {
    "sku": "kettle",
    "name": "Kettle",
    "description": "Boils.",
    "category": "Home",
    "brand": "Make",
    "price": 34.5,
    "currency": "USD",
    "images": ["/static/kettle.svg"],
    "colors": ["Red", "Blue"],
    "sizes": [],
    "tags": ["kitchen"],
    "max_per_order": 3,
    "variants": [
        {"sku": "kettle-red", "color": "Red", "stock": {"east": 4, "west": 1}},
        {"sku": "kettle-blue", "color": "Blue", "limited": True},
    ],
}


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        yield opened


async def test_a_new_product_is_sold_at_once(shop: Shop) -> None:
    record = await told(shop, "POST", "/api/admin/products", KETTLE)

    assert (record["id"], record["price"], record["stock"]) == ("kettle", 34.5, 5)
    assert (record["version"], record["retired"]) == (1, False)
    _, seen = await shop.json("GET", "/api/products/kettle")
    assert [each["stock"] for each in seen["variants"]] == [5, 0]
    assert seen["variants"][1]["limited"]
    status, _ = await shop.json(
        "POST", "/api/cart/items", json={"sku": "kettle-red"}, headers=ANN
    )
    assert status == 201


async def test_colours_and_sizes_are_those_of_the_variants(shop: Shop) -> None:
    body = {
        key: KETTLE[key] for key in ("sku", "name", "category", "brand", "variants")
    }

    record = await told(shop, "POST", "/api/admin/products", {**body, "price": 1})

    assert (record["colors"], record["sizes"]) == (["Red", "Blue"], [])
    assert (record["price"], record["max_per_order"]) == (1, 10)


@pytest.mark.parametrize("price", [0, 0.01, 129.99, 1e2, 4.35, 9_999_999.99])
async def test_a_price_is_taken_exactly(shop: Shop, price: float) -> None:
    record = await told(shop, "POST", "/api/admin/products", {**KETTLE, "price": price})

    assert record["price"] == price
    assert shop.repository.products["kettle"].price == round(price * 100)


VARIANT: dict[str, Any] = {"sku": "kettle-red", "color": "Red"}


@pytest.mark.parametrize(
    "change",
    [
        {"sku": ""},
        {"sku": "ket tle"},
        {"sku": "k" * 65},
        {"sku": None},
        {"name": "  "},
        {"name": "x" * 201},
        {"name": 7},
        {"description": "x" * 5001},
        {"category": ""},
        {"price": -1},
        {"price": 1.005},
        {"price": "34.50"},
        {"price": True},
        {"price": None},
        {"price": 1e30},
        {"price": 10**40},
        {"price": 10**400},
        {"currency": "EUR"},
        {"currency": "usd"},
        {"images": ["javascript:alert(1)"]},
        {"images": ["http://plain.example/x.png"]},
        {"images": "x"},
        {"tags": ["x"] * 101},
        {"tags": [""]},
        {"max_per_order": 0},
        {"max_per_order": 101},
        {"max_per_order": 2.0},
        {"variants": []},
        {"variants": None},
        {"variants": [{}]},
        {"variants": [VARIANT, VARIANT]},
        {"variants": [VARIANT, {**VARIANT, "sku": "kettle-2"}]},
        {"variants": [VARIANT, {**VARIANT, "sku": "kettle-2", "color": "red"}]},
        {"variants": [{**VARIANT, "color": "Green"}]},
        {"variants": [{**VARIANT, "size": "XL"}]},
        {"variants": [{**VARIANT, "stock": {"east": -1}}]},
        {"variants": [{**VARIANT, "stock": {"east": 1.5}}]},
        {"variants": [{**VARIANT, "stock": {"$east": 1}}]},
        {"variants": [{**VARIANT, "stock": {"": 1}}]},
        {"variants": [{**VARIANT, "stock": 5}]},
        {"variants": [{**VARIANT, "limited": "yes"}]},
        {"rating": 5},
        {"_id": "x"},
    ],
)
async def test_a_product_that_makes_no_sense_is_malformed(
    shop: Shop, change: Any
) -> None:
    answer = await refused(shop, "POST", "/api/admin/products", {**KETTLE, **change})

    assert answer == (422, "malformed")
    assert "kettle" not in shop.repository.products


async def test_stock_in_no_warehouse_makes_no_product(shop: Shop) -> None:
    variants = [{**VARIANT, "stock": {"moon": 1}}]

    answer = await refused(
        shop, "POST", "/api/admin/products", {**KETTLE, "variants": variants}
    )

    assert answer == (400, "unknown_warehouse")
    assert "kettle" not in shop.repository.products


@pytest.mark.parametrize("change", [{"sku": "lamp"}, {"variants": [{"sku": "lamp"}]}])
async def test_a_sku_is_given_once(shop: Shop, change: Any) -> None:
    status, _ = await refused(shop, "POST", "/api/admin/products", {**KETTLE, **change})

    assert status == 409


async def test_what_is_not_named_in_a_change_stays(shop: Shop) -> None:
    record = await told(shop, "PUT", "/api/admin/products/shirt", {"price": 19.99})

    assert (record["price"], record["version"]) == (19.99, 2)
    assert (record["name"], record["colors"]) == ("Shirt", ["Red", "Blue"])
    assert len(record["variants"]) == 3
    _, seen = await shop.json("GET", "/api/products/shirt")
    assert seen["price"] == 19.99


async def test_a_change_of_price_reaches_the_cart(shop: Shop) -> None:
    await shop.json("POST", "/api/cart/items", json={"sku": "lamp"}, headers=ANN)

    await told(shop, "PUT", "/api/admin/products/lamp", {"price": 1.5})

    _, cart = await shop.json("GET", "/api/cart", headers=ANN)
    assert cart["total"] == 1.5


async def test_a_new_variant_begins_to_be_counted_the_old_ones_count_on(
    shop: Shop,
) -> None:
    variants = [
        {"sku": "lamp", "stock": {"east": 500}},
        {"sku": "lamp-xl", "size": "XL", "stock": {"east": 2}},
    ]

    record = await told(shop, "PUT", "/api/admin/products/lamp", {"variants": variants})

    assert [each["stock"] for each in record["variants"]] == [30, 2]
    assert record["sizes"] == ["XL"]


async def test_a_change_that_saw_another_version_is_refused(shop: Shop) -> None:
    await told(shop, "PUT", "/api/admin/products/lamp", {"price": 1})

    stale = await refused(
        shop, "PUT", "/api/admin/products/lamp", {"price": 2}, **{"If-Match": '"1"'}
    )
    status, _ = await shop.json(
        "PUT",
        "/api/admin/products/lamp",
        json={"price": 3},
        headers={**OPERATOR, "If-Match": '"2"'},
    )

    assert (stale[0], status) == (409, 200)
    assert shop.repository.products["lamp"].price == 300


@pytest.mark.parametrize(
    "body",
    [
        {"price": -1},
        {"sku": "lamp"},
        {"id": "lamp"},
        {"variants": []},
        {"colors": ["Red"], "variants": [{"sku": "lamp", "color": "Blue"}]},
        {"stock": 5},
        {"retired": "no"},
        [],
        None,
    ],
)
async def test_a_change_that_makes_no_sense_is_malformed(shop: Shop, body: Any) -> None:
    answer = await refused(shop, "PUT", "/api/admin/products/lamp", body)

    assert answer == (422, "malformed")


async def test_a_retired_product_leaves_the_window_but_not_the_records(
    shop: Shop,
) -> None:
    record = await told(shop, "DELETE", "/api/admin/products/lamp")
    again = await told(shop, "DELETE", "/api/admin/products/lamp")

    assert record == again
    assert (record["retired"], record["stock"]) == (True, 0)
    assert await shop.code("GET", "/api/products/lamp") == (404, "product_not_found")
    records = await told(shop, "GET", "/api/admin/products?limit=100")
    assert "lamp" in [each["id"] for each in records if each["retired"]]


async def test_a_retired_product_may_come_back(shop: Shop) -> None:
    await told(shop, "DELETE", "/api/admin/products/lamp")

    await told(shop, "PUT", "/api/admin/products/lamp", {"retired": False})

    status, product = await shop.json("GET", "/api/products/lamp")
    assert (status, product["stock"]) == (200, 30)


async def test_the_records_come_in_pages(shop: Shop) -> None:
    answer = await shop.client.get(
        "/api/admin/products?limit=2&offset=2", headers=OPERATOR
    )

    assert [each["id"] for each in await answer.json()] == ["pen-1", "pen-10"]
    assert set(answer.links) == {"next", "prev"}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_product_that_is_none_cannot_be_changed(
    shop: Shop, method: str
) -> None:
    answer = await refused(shop, method, "/api/admin/products/dragon", {})

    assert answer == (404, "product_not_found")
