"""One suite for the repository on a real mongod and for the fake that others use."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from commerce.errors import Conflict, ProductNotFound
from commerce.product import Product, Variant
from store.client import Database
from store.product import ProductRepository
from tests.fakes_product import FakeProductRepository, demo

LAMP = Product(
    id="lamp",
    name="Lamp",
    description="It glows.",
    category="Home",
    brand="Lumen",
    price=12_999,
    currency="USD",
    images=("/lamp.svg",),
    colors=("Red", "Blue"),
    tags=("lamp",),
    rating=4.5,
    reviews_count=3,
    variants=(Variant("lamp-red", "Red"), Variant("lamp-blue", "Blue", None, True)),
    restock_eta="2026-12-18",
    created_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
)
CHAIR = replace(LAMP, id="chair", variants=(Variant("chair"),))

Repository = ProductRepository | FakeProductRepository


@pytest.fixture(params=["mongod", "fake"])
async def products(request: pytest.FixtureRequest, database: Database) -> Repository:
    if request.param == "fake":
        return FakeProductRepository()
    repository = ProductRepository(database)
    await repository.prepare()
    return repository


async def test_a_product_comes_back_as_it_was_saved(products: Repository) -> None:
    await products.add(LAMP)

    assert await products.get("lamp") == LAMP


async def test_every_demo_product_comes_back_as_it_was_saved(
    products: Repository,
) -> None:
    shop = demo()

    assert await products.add_missing(shop.products) == 200

    assert await products.load_all() == sorted(shop.products, key=lambda each: each.id)


async def test_an_id_is_taken_once(products: Repository) -> None:
    await products.add(LAMP)

    with pytest.raises(Conflict):
        await products.add(replace(LAMP, variants=(Variant("other"),)))


async def test_a_sku_is_taken_once(products: Repository) -> None:
    await products.add(LAMP)
    await products.add(CHAIR)

    with pytest.raises(Conflict):
        await products.add(replace(LAMP, id="lamp-2"))
    with pytest.raises(Conflict):
        await products.put(replace(CHAIR, variants=LAMP.variants))


async def test_products_without_variants_do_not_disturb_each_other(
    products: Repository,
) -> None:
    await products.add(replace(LAMP, variants=()))
    await products.add(replace(CHAIR, variants=()))

    assert len(await products.load_all()) == 2


async def test_a_change_raises_the_version(products: Repository) -> None:
    await products.add(LAMP)

    saved = await products.put(replace(LAMP, price=9_999))

    assert (saved.version, saved.price) == (2, 9_999)
    assert await products.get("lamp") == saved


async def test_a_change_of_an_older_version_is_refused(products: Repository) -> None:
    await products.add(LAMP)
    await products.put(replace(LAMP, price=9_999))

    with pytest.raises(Conflict) as refusal:
        await products.put(replace(LAMP, price=1))

    assert refusal.value.details["version"] == 2
    assert (await products.get("lamp")).price == 9_999


async def test_what_is_not_there_cannot_be_changed(products: Repository) -> None:
    with pytest.raises(ProductNotFound):
        await products.put(LAMP)
    with pytest.raises(ProductNotFound):
        await products.retire("lamp")
    with pytest.raises(ProductNotFound):
        await products.get("lamp")


async def test_retiring_twice_changes_nothing_the_second_time(
    products: Repository,
) -> None:
    await products.add(LAMP)

    once = await products.retire("lamp")
    twice = await products.retire("lamp")

    assert (once.retired, once.version) == (True, 2)
    assert twice == once
    assert await products.load_all() == [once]


async def test_a_missing_product_is_added_and_no_other_touched(
    products: Repository,
) -> None:
    edited = replace(LAMP, price=1)
    await products.add(edited)

    assert await products.add_missing([LAMP, CHAIR]) == 1

    assert await products.load_all() == [CHAIR, edited]


async def test_one_unreadable_product_does_not_hide_the_others(
    database: Database,
) -> None:
    products = ProductRepository(database)
    await products.add(LAMP)
    await products.add(CHAIR)
    await database["products"].update_one({"_id": "lamp"}, {"$set": {"price": "12"}})

    assert await products.load_all() == [CHAIR]
    with pytest.raises(Conflict, match="lamp cannot be read"):
        await products.get("lamp")
    with pytest.raises(Conflict, match="lamp cannot be read"):
        await products.every()


@pytest.mark.parametrize(
    "wrong", [{"price": -1}, {"reviews_count": -1}, {"rating": float("nan")}]
)
async def test_a_number_that_cannot_be_is_unreadable(
    database: Database, wrong: dict[str, float]
) -> None:
    products = ProductRepository(database)
    await products.add(LAMP)
    await database["products"].update_one({"_id": "lamp"}, {"$set": wrong})

    assert await products.load_all() == []


async def test_a_whole_price_that_the_shell_wrote_as_a_double_is_read(
    database: Database,
) -> None:
    products = ProductRepository(database)
    await products.add(LAMP)
    await database["products"].update_one({"_id": "lamp"}, {"$set": {"price": 999.0}})

    price = (await products.get("lamp")).price

    assert price == 999
    assert isinstance(price, int)


async def test_prices_are_stored_as_whole_long_cents(database: Database) -> None:
    await ProductRepository(database).add(LAMP)

    found = await database["products"].find_one({"price": {"$type": "long"}})

    assert found is not None
    assert found["price"] == 12_999
