"""The shop window over HTTP: filters, pages, tags, and every wrong question."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientResponse
from yarl import URL

from messages.stock import AdjustStock
from tests.handlers.shop import PRODUCTS_ON_SALE, Shop, open_shop

TOTAL = len(PRODUCTS_ON_SALE)


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        yield opened


async def ids(shop: Shop, query: str) -> list[str]:
    status, products = await shop.json("GET", f"/api/products?{query}")
    assert status == 200, products
    return [each["id"] for each in products]


def linked(answer: ClientResponse, rel: str) -> URL:
    return URL(answer.links[rel]["url"])


async def test_a_product_is_told_with_its_variants(shop: Shop) -> None:
    status, product = await shop.json("GET", "/api/products/shirt")

    assert status == 200
    assert product == {
        "id": "shirt",
        "name": "Shirt",
        "description": "A shirt.",
        "category": "Apparel",
        "brand": "Loom",
        "price": 29.99,
        "currency": "USD",
        "images": ["/static/shirt.svg"],
        "colors": ["Red", "Blue"],
        "sizes": ["S", "M"],
        "tags": [],
        "stock": 60,
        "stock_status": "in_stock",
        "max_per_order": 5,
        "rating": 0.0,
        "reviews_count": 0,
        "variants": [
            {
                "sku": sku,
                "color": color,
                "size": size,
                "stock": stock,
                "stock_status": status,
                "limited": False,
            }
            for sku, color, size, stock, status in (
                ("shirt-red-s", "Red", "S", 30, "in_stock"),
                ("shirt-red-m", "Red", "M", 30, "in_stock"),
                ("shirt-blue-m", "Blue", "M", 0, "out_of_stock"),
            )
        ],
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=apparel", ["shirt"]),
        ("brand=Loom", ["shirt"]),
        ("min_price=49.99&max_price=49.99", ["lamp"]),
        ("min_price=49.98&max_price=130&sort=price_asc", ["lamp", "rug"]),
        ("min_price=49.98&max_price=130&sort=price_desc", ["rug", "lamp"]),
        ("min_price=50", ["rug"]),
        ("max_price=2.99", ["vase"]),
        ("max_price=2.98", []),
        ("min_price=100&max_price=10", []),
        ("color=red", ["shirt"]),
        ("color=blue&in_stock=true", []),
        ("color=blue&in_stock=false", ["shirt"]),
        ("color=blue&size=S", []),
        ("search=lam", ["lamp"]),
        ("search=lam&category=apparel", []),
        ("sort=rating&limit=2", ["lamp", "rug"]),
        ("sort=name&limit=1", ["lamp"]),
        ("sort=newest&limit=1", ["pen-24"]),
        ("offset=1000000", []),
        ("category=no%20such", []),
        ("category=%00", []),
        ("brand=%F0%9F%92%A1", []),
    ],
)
async def test_a_question_has_its_products(
    shop: Shop, query: str, expected: list[str]
) -> None:
    assert await ids(shop, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "min_price=1e3",
        "min_price=NaN",
        "min_price=Infinity",
        "min_price=-1",
        "min_price=%2B1",
        "min_price=49.999",
        "min_price=49.",
        "min_price=.5",
        "min_price=1,5",
        "min_price=1_000",
        "min_price=",
        "min_price=%201",
        "min_price=0x10",
        "min_price=%D9%A1",
        "min_price=99999999999",
        "max_price=cheap",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=1.0",
        "limit=1_0",
        "limit=%2B1",
        "limit=ten",
        "limit=",
        "limit=%D9%A1",
        "offset=-1",
        "offset=1.5",
        "offset=99999999999999999999",
        "in_stock=maybe",
        "in_stock=",
        "sort=cheapest",
        "sort=PRICE_ASC",
        "category=",
        "search=",
        f"search={'x' * 201}",
        f"category={'x' * 201}",
        "limit=1&limit=2",
        "unknown=1",
        "Category=apparel",
        "limit[]=1",
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    shop: Shop, query: str
) -> None:
    status, problem = await shop.json("GET", f"/api/products?{query}")

    assert (status, problem["code"]) == (422, "malformed")
    assert problem["errors"][0]["loc"][0] == "query"


async def test_a_list_tells_its_total_and_its_neighbours(shop: Shop) -> None:
    answer = await shop.client.get("/api/products?sort=name&limit=10&offset=10")

    assert answer.headers["X-Total-Count"] == str(TOTAL)
    assert set(answer.links) == {"next", "prev"}
    assert linked(answer, "next").query["offset"] == "20"
    assert linked(answer, "prev").query["offset"] == "0"
    assert linked(answer, "next").query["sort"] == "name"


async def test_the_pages_of_a_list_are_the_list(shop: Shop) -> None:
    url, found = "/api/products?sort=name&limit=7", []
    while url:
        answer = await shop.client.get(url)
        found += [each["id"] for each in await answer.json()]
        url = str(linked(answer, "next").relative()) if "next" in answer.links else ""

    assert sorted(found) == sorted(each.id for each in PRODUCTS_ON_SALE)
    assert len(found) == TOTAL


async def test_the_page_before_one_beyond_the_end_is_the_last(shop: Shop) -> None:
    answer = await shop.client.get("/api/products?limit=10&offset=5000")

    assert "next" not in answer.links
    assert linked(answer, "prev").query["offset"] == str(TOTAL - 10)


async def test_a_link_repeats_the_question_unharmed(shop: Shop) -> None:
    answer = await shop.client.get(
        "/api/products", params={"search": 'p">, <x', "limit": "1", "offset": "1"}
    )

    told = answer.headers["Link"].partition("<")[2].partition(">")[0]
    assert dict(parse_qsl(urlsplit(told).query))["search"] == 'p">, <x'


@pytest.mark.parametrize(
    "path",
    [
        "/api/products",
        "/api/products?search=lamp",
        "/api/products/search?q=lamp",
        "/api/products/facets",
        "/api/products/lamp",
        "/api/products/inventory/lamp",
    ],
)
async def test_who_has_it_already_is_not_sent_it_again(shop: Shop, path: str) -> None:
    first = await shop.client.get(path)
    tag = first.headers["ETag"]

    again = await shop.client.get(path, headers={"If-None-Match": tag})
    weak = await shop.client.get(path, headers={"If-None-Match": f'"x", W/{tag}'})
    other = await shop.client.get(path, headers={"If-None-Match": '"other"'})

    assert (again.status, weak.status, other.status) == (304, 304, 200)
    assert await again.read() == b""
    assert again.headers["ETag"] == tag


@pytest.mark.parametrize("given", ["", "garbage", '"', "W/", "\t", '"a" "b"'])
async def test_a_tag_that_is_none_is_no_reason_to_refuse(
    shop: Shop, given: str
) -> None:
    answer = await shop.client.get(
        "/api/products/lamp", headers={"If-None-Match": given}
    )

    assert answer.status == 200


async def test_a_sold_unit_makes_a_new_tag(shop: Shop) -> None:
    before = (await shop.client.get("/api/products/lamp")).headers["ETag"]
    await shop.system.ask("lamp", AdjustStock("east", -1, "sold"))
    shop.feed()

    after = await shop.client.get(
        "/api/products/lamp", headers={"If-None-Match": before}
    )

    assert (after.status, (await after.json())["stock"]) == (200, 29)


async def test_a_search_finds_the_best_first(shop: Shop) -> None:
    status, found = await shop.json("GET", "/api/products/search?q=%20PEN%20&limit=3")

    assert (status, len(found)) == (200, 3)


@pytest.mark.parametrize("text", ["%00", "%F0%9F%92%A1", "'%22;--", "*", "(", "%25"])
async def test_a_search_for_anything_is_a_list(shop: Shop, text: str) -> None:
    status, found = await shop.json("GET", f"/api/products/search?q={text}")

    assert (status, found) == (200, [])


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%20%20", f"q={'x' * 201}", "q=a&limit=101", "q=a&offset=1"]
)
async def test_a_search_for_nothing_is_refused(shop: Shop, query: str) -> None:
    assert await shop.code("GET", f"/api/products/search?{query}") == (422, "malformed")


async def test_facets_count_what_there_is(shop: Shop) -> None:
    _, facets = await shop.json("GET", "/api/products/facets")

    assert facets["categories"][-1] == {"value": "Apparel", "count": 1}
    assert {each["value"] for each in facets["brands"]} == {"Make", "Loom"}
    assert sum(each["count"] for each in facets["price_bands"]) == TOTAL


async def test_the_inventory_tells_where_the_units_are(shop: Shop) -> None:
    _, inventory = await shop.json("GET", "/api/products/inventory/shirt")

    assert inventory["product_id"] == "shirt"
    assert inventory["warehouse_stock"] == inventory["total_available"] == 60
    assert (inventory["store_stock"], inventory["low_stock"]) == ([], False)
    assert inventory["last_updated"].endswith("Z")
    assert inventory["variants"][0] == {
        "sku": "shirt-red-s",
        "color": "Red",
        "size": "S",
        "available": 30,
        "by_warehouse": {"east": 10, "central": 10, "west": 10},
    }


async def test_what_is_sold_out_tells_when_it_comes_back(shop: Shop) -> None:
    _, inventory = await shop.json("GET", "/api/products/inventory/shirt")

    assert inventory["variants"][2]["restock_eta"] == "2026-12-18"


async def test_little_stock_is_low(shop: Shop) -> None:
    _, inventory = await shop.json("GET", "/api/products/inventory/vase")

    assert (inventory["low_stock"], inventory["total_available"]) == (True, 2)


@pytest.mark.parametrize("where", ["", "inventory/"])
@pytest.mark.parametrize("product_id", ["dragon", "shirt-red-s", "LAMP", "a" * 64])
async def test_a_product_that_is_none_is_not_found(
    shop: Shop, where: str, product_id: str
) -> None:
    found = await shop.code("GET", f"/api/products/{where}{product_id}")

    assert found == (404, "product_not_found")


@pytest.mark.parametrize("where", ["", "inventory/"])
@pytest.mark.parametrize(
    "product_id",
    [
        "a" * 65,
        "%00",
        "la%20mp",
        "%C3%A9",
        "-lamp",
        ".lamp",
        "%F0%9F%92%A1",
        "$ne",
        "a%0A",
    ],
)
async def test_an_id_that_can_be_none_is_malformed(
    shop: Shop, where: str, product_id: str
) -> None:
    found = await shop.code("GET", f"/api/products/{where}{product_id}")

    assert found == (422, "malformed")


async def test_a_retired_product_is_gone_from_the_window(shop: Shop) -> None:
    shop.catalogue.put_product(await shop.repository.retire("lamp"))

    assert (await shop.code("GET", "/api/products/lamp"))[0] == 404
    assert "lamp" not in await ids(shop, "limit=100")


@pytest.mark.parametrize("path", ["/api/products", "/api/products/lamp"])
async def test_the_window_cannot_be_written(shop: Shop, path: str) -> None:
    assert (await shop.code("POST", path))[0] == 405
