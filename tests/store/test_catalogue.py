"""The catalogue tells what is on sale now, and encodes it once."""

import json
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from commerce.errors import ProductNotFound
from commerce.product import Product, Variant
from commerce.stock import Stock
from commerce.warehouse import Warehouse
from messages.product import ProductPage, ProductQuery
from store.catalogue import Catalogue
from store.encoded import MOST_BYTES, Answer
from tests.fakes_product import (
    FakeProductRepository,
    FakeStockRepository,
    demo,
    demo_catalogue,
    empty_catalogue,
    index,
)

LAMP = Product(
    id="lamp",
    name="Lamp",
    description="It glows.",
    category="Home",
    brand="Lumen",
    price=12_990,
    currency="USD",
    images=("/lamp.svg",),
    colors=("Red", "Blue"),
    tags=("lamp",),
    rating=4.5,
    reviews_count=3,
    variants=(Variant("lamp-red", "Red"), Variant("lamp-blue", "Blue", None, True)),
    created_at=datetime(2026, 3, 4, tzinfo=UTC),
)
CHAIR = replace(
    LAMP, id="chair", name="Chair", tags=("chair",), variants=(Variant("chair"),)
)


def units(sku: str, free: int, version: int = 1) -> Stock:
    return Stock(sku=sku, on_hand={"east": free}, free=free, version=version)


@pytest.fixture
def catalogue() -> Catalogue:
    catalogue = empty_catalogue()
    catalogue.put_product(LAMP)
    catalogue.put_product(CHAIR)
    catalogue.put_stock(units("lamp-red", 7))
    catalogue.put_stock(units("lamp-blue", 2))
    return catalogue


def test_a_product_is_told_as_the_protocol_says(catalogue: Catalogue) -> None:
    assert json.loads(catalogue.encoded_one("lamp")) == {
        "id": "lamp",
        "name": "Lamp",
        "description": "It glows.",
        "category": "Home",
        "brand": "Lumen",
        "price": 129.9,
        "currency": "USD",
        "images": ["/lamp.svg"],
        "colors": ["Red", "Blue"],
        "sizes": [],
        "tags": ["lamp"],
        "stock": 9,
        "stock_status": "low_stock",
        "max_per_order": 10,
        "rating": 4.5,
        "reviews_count": 3,
        "variants": [
            {
                "sku": "lamp-red",
                "color": "Red",
                "size": None,
                "stock": 7,
                "stock_status": "in_stock",
                "limited": False,
            },
            {
                "sku": "lamp-blue",
                "color": "Blue",
                "size": None,
                "stock": 2,
                "stock_status": "low_stock",
                "limited": True,
            },
        ],
    }


def test_money_leaves_as_an_exact_decimal_number(catalogue: Catalogue) -> None:
    assert b'"price":129.90,' in catalogue.encoded_one("lamp")


def test_a_list_is_its_products_in_the_order_asked_for(catalogue: Catalogue) -> None:
    told = json.loads(catalogue.encoded(["chair", "lamp"]))

    assert [each["id"] for each in told] == ["chair", "lamp"]
    assert catalogue.encoded([]) == b"[]"


def test_a_change_of_stock_encodes_that_product_alone_again(
    catalogue: Catalogue,
) -> None:
    lamp, chair = catalogue.encoded_one("lamp"), catalogue.encoded_one("chair")

    catalogue.put_stock(units("lamp-red", 6, version=2))

    assert catalogue.encoded_one("chair") is chair
    assert catalogue.encoded_one("lamp") != lamp
    assert catalogue.available("lamp-red") == 6


def test_older_stock_is_ignored(catalogue: Catalogue) -> None:
    catalogue.put_stock(units("lamp-red", 5, version=4))

    catalogue.put_stock(units("lamp-red", 9, version=3))
    catalogue.put_stock(units("lamp-red", 8, version=4))

    assert catalogue.available("lamp-red") == 5


def test_an_older_product_is_ignored_and_an_edit_by_hand_is_not(
    catalogue: Catalogue,
) -> None:
    catalogue.put_product(replace(LAMP, price=1, version=3))

    catalogue.put_product(replace(LAMP, price=2, version=2))
    assert catalogue.product("lamp").price == 1

    catalogue.put_product(replace(LAMP, price=3, version=3))
    assert catalogue.product("lamp").price == 3
    assert json.loads(catalogue.encoded_one("lamp"))["price"] == 0.03


def test_stock_may_come_before_its_product() -> None:
    catalogue = empty_catalogue()

    catalogue.put_stock(units("lamp-red", 7))
    catalogue.put_product(LAMP)

    assert catalogue.available("lamp-red") == 7
    assert json.loads(catalogue.encoded_one("lamp"))["stock"] == 7


def test_a_variant_that_is_not_counted_cannot_be_bought(catalogue: Catalogue) -> None:
    assert catalogue.available("chair") == 0
    assert catalogue.stock("chair") == Stock(sku="chair", product_id="chair")


def test_what_is_not_sold_is_not_found(catalogue: Catalogue) -> None:
    for ask in (
        catalogue.product,
        catalogue.by_sku,
        catalogue.available,
        catalogue.stock,
        catalogue.encoded_one,
    ):
        with pytest.raises(ProductNotFound):
            ask("sofa")
    with pytest.raises(ProductNotFound):
        catalogue.encoded(["lamp", "sofa"])


def test_a_retired_product_is_known_to_carts_alone(catalogue: Catalogue) -> None:
    retired = replace(LAMP, retired=True, version=2)

    catalogue.put_product(retired)

    assert catalogue.by_sku("lamp-red") == (retired, LAMP.variants[0])
    assert catalogue.available("lamp-red") == 0
    assert catalogue.query(ProductQuery()).ids == ("chair",)
    assert catalogue.search("lamp", 5) == []
    with pytest.raises(ProductNotFound):
        catalogue.product("lamp")
    with pytest.raises(ProductNotFound):
        catalogue.encoded_one("lamp")
    assert catalogue.products() == (CHAIR, retired)


def test_a_product_back_on_sale_has_its_stock_again(catalogue: Catalogue) -> None:
    catalogue.put_product(replace(LAMP, retired=True, version=2))

    catalogue.put_product(replace(LAMP, version=3))

    assert catalogue.available("lamp-red") == 7


def test_a_deleted_product_is_gone(catalogue: Catalogue) -> None:
    catalogue.remove_product("lamp")
    catalogue.remove_product("lamp")

    with pytest.raises(ProductNotFound):
        catalogue.by_sku("lamp-red")
    assert catalogue.query(ProductQuery()).total == 1
    assert catalogue.search("lamp", 5) == []


def test_a_variant_that_moved_to_another_product_is_found_there(
    catalogue: Catalogue,
) -> None:
    catalogue.put_product(replace(CHAIR, variants=(LAMP.variants[0],), version=2))

    catalogue.remove_product("lamp")

    assert catalogue.by_sku("lamp-red")[0].id == "chair"
    assert catalogue.available("lamp-red") == 7


def test_listeners_hear_what_more_or_less_can_be_bought(catalogue: Catalogue) -> None:
    heard: list[tuple[str, str, int]] = []
    stop = catalogue.on_stock(
        lambda product, variant, stock: heard.append(
            (product.id, variant.sku, stock.free)
        )
    )

    catalogue.put_stock(units("lamp-red", 6, version=2))
    catalogue.put_stock(units("lamp-red", 6, version=3))
    catalogue.put_stock(units("lamp-red", 9, version=1))
    catalogue.put_stock(units("sofa", 1))
    catalogue.remove_stock("lamp-blue")
    stop()
    catalogue.put_stock(units("lamp-red", 5, version=4))

    assert heard == [("lamp", "lamp-red", 6), ("lamp", "lamp-blue", 0)]


def test_stock_that_was_deleted_may_begin_anew(catalogue: Catalogue) -> None:
    catalogue.put_stock(units("lamp-red", 6, version=9))
    catalogue.remove_stock("lamp-red")
    catalogue.remove_stock("lamp-red")

    catalogue.put_stock(units("lamp-red", 3, version=1))

    assert catalogue.available("lamp-red") == 3


def test_oversold_stock_is_told_as_none(catalogue: Catalogue) -> None:
    catalogue.put_stock(units("lamp-red", -2, version=2))

    assert catalogue.available("lamp-red") == 0


def test_the_tag_is_made_of_content_alone(catalogue: Catalogue) -> None:
    again = empty_catalogue()
    again.put_stock(units("lamp-blue", 2, version=5))
    again.put_product(CHAIR)
    again.put_product(replace(LAMP, price=1))
    again.put_product(replace(LAMP, version=2))
    again.put_stock(units("lamp-red", 7))

    assert again.etag == catalogue.etag


def test_the_tag_follows_every_change_and_comes_back(catalogue: Catalogue) -> None:
    before = catalogue.etag
    page = ProductPage(("chair",), 2)
    page_before = catalogue.etag_of(page)

    catalogue.put_stock(units("lamp-red", 6, version=2))
    assert catalogue.etag != before
    assert catalogue.etag_of(page) == page_before

    catalogue.put_stock(units("lamp-red", 7, version=3))
    assert catalogue.etag == before

    catalogue.put_stock(units("chair", 1))
    assert catalogue.etag_of(page) != page_before


def test_the_tag_of_a_page_tells_pages_apart(catalogue: Catalogue) -> None:
    pages = [
        ProductPage(("chair",), 1),
        ProductPage(("chair",), 2),
        ProductPage(("chair", "lamp"), 2),
        ProductPage(("lamp", "chair"), 2),
        ProductPage((), 2),
    ]

    assert len({catalogue.etag_of(each) for each in pages}) == len(pages)


async def test_loading_reads_everything() -> None:
    shop = demo()
    catalogue = Catalogue(
        FakeProductRepository(shop.products),
        FakeStockRepository(shop.stocks, shop.warehouses),
        index(),
    )

    await catalogue.load()

    assert len(catalogue.products()) == 200
    assert [each.id for each in catalogue.warehouses] == ["east", "central", "west"]
    assert catalogue.etag == demo_catalogue().etag


async def test_loading_again_takes_over_what_changed_and_what_is_gone() -> None:
    products = FakeProductRepository([LAMP, CHAIR])
    stocks = FakeStockRepository([units("lamp-red", 7), units("chair", 1)])
    catalogue = Catalogue(products, stocks, index())
    await catalogue.load()
    heard: list[str] = []
    catalogue.on_stock(lambda product, variant, stock: heard.append(variant.sku))

    del products.products["lamp"], stocks.stocks["chair"]
    products.products["sofa"] = replace(LAMP, id="sofa", variants=(Variant("sofa"),))
    await catalogue.load()

    assert [each.id for each in catalogue.products()] == ["chair", "sofa"]
    assert catalogue.available("chair") == 0
    assert heard == ["chair"]


def test_facets_count_what_is_on_sale(catalogue: Catalogue) -> None:
    catalogue.put_product(replace(CHAIR, category="Office", price=4_999, version=2))

    assert json.loads(catalogue.facets()) == {
        "categories": [{"value": "Home", "count": 1}, {"value": "Office", "count": 1}],
        "brands": [{"value": "Lumen", "count": 2}],
        "price_bands": [
            {"min": 0, "max": 24.99, "count": 0},
            {"min": 25, "max": 49.99, "count": 1},
            {"min": 50, "max": 99.99, "count": 0},
            {"min": 100, "max": 199.99, "count": 1},
            {"min": 200, "max": None, "count": 0},
        ],
    }

    catalogue.put_product(replace(CHAIR, retired=True, version=3))
    assert json.loads(catalogue.facets())["brands"] == [{"value": "Lumen", "count": 1}]


def test_an_answer_is_remembered_until_a_product_changes() -> None:
    catalogue = demo_catalogue()
    made = iter(range(9))

    def make() -> Answer:
        return b"%d" % next(made), "", {}

    first = catalogue.remembered("page", make)
    again = catalogue.remembered("page", make)
    product = catalogue.product("AUD-009")
    catalogue.put_product(replace(product, price=1, version=product.version + 1))

    assert (first[0], again[0]) == (b"0", b"0")
    assert catalogue.remembered("page", make)[0] == b"1"


def test_pages_that_strangers_ask_for_do_not_fill_the_memory() -> None:
    catalogue = demo_catalogue()
    made = 0

    def big() -> Answer:
        nonlocal made
        made += 1
        return bytes(MOST_BYTES // 4), "", {}

    for name in ("one", "two", "three", "one", "two"):
        catalogue.remembered(name, big)
    assert made == 3
    for name in ("four", "five", "one"):
        catalogue.remembered(name, big)

    assert made == 6


def test_what_is_taken_off_sale_is_news(catalogue: Catalogue) -> None:
    heard: list[tuple[str, int]] = []
    catalogue.on_stock(
        lambda _, variant, stock: heard.append((variant.sku, stock.free))
    )

    catalogue.put_product(replace(LAMP, retired=True, version=2))
    assert sorted(heard) == [("lamp-blue", 0), ("lamp-red", 0)]
    catalogue.put_product(replace(LAMP, version=3))

    assert sorted(heard[2:]) == [("lamp-blue", 2), ("lamp-red", 7)]


def test_a_change_of_words_is_no_news_of_stock(catalogue: Catalogue) -> None:
    heard: list[str] = []
    catalogue.on_stock(lambda _, variant, __: heard.append(variant.sku))

    catalogue.put_product(replace(LAMP, name="Night Lamp", version=2))

    assert heard == []


async def test_units_are_for_sale_once_their_warehouse_is_known() -> None:
    east = Warehouse(id="east", name="", city="", state="", country="US")
    places = FakeStockRepository(warehouses=[east])
    catalogue = Catalogue(FakeProductRepository(), places, index())
    catalogue.put_product(CHAIR)
    await catalogue.load_warehouses()
    catalogue.put_stock(Stock(sku="chair", on_hand={"new": 2}, free=2, version=1))
    heard: list[int] = []
    catalogue.on_stock(lambda _, __, stock: heard.append(stock.free))

    assert catalogue.available("chair") == 0
    places.places = (east, replace(east, id="new"))
    await catalogue.load_warehouses()

    assert (catalogue.available("chair"), heard) == (2, [2])
