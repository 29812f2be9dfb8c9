"""The demo shop goes in once and never over anything."""

import asyncio

from msgspec.structs import replace

from store.client import Database, prepare_actor_collection
from store.product import ProductRepository
from store.seed import Seeded, seed
from store.stock import StockRepository
from tests.fakes_product import DATA, demo

WHOLE = Seeded(products=200, stocks=963, warehouses=3, coupons=22)
NOTHING = Seeded(products=0, stocks=0, warehouses=0, coupons=0)


async def test_an_empty_database_gets_the_whole_shop(database: Database) -> None:
    await prepare_actor_collection(database, "stock")

    assert await seed(database, DATA) == WHOLE

    assert len(await ProductRepository(database).load_all()) == 200
    stocks = await StockRepository(database).load_all()
    assert sum(each.free for each in stocks) == sum(each.free for each in demo().stocks)
    assert all(each.version == 1 for each in stocks)


async def test_a_second_run_changes_nothing(database: Database) -> None:
    await seed(database, DATA)
    before = await _everything(database)

    assert await seed(database, DATA) == NOTHING

    assert await _everything(database) == before


async def test_an_edited_price_and_a_sold_unit_stay(database: Database) -> None:
    await seed(database, DATA)
    lamp = {"_id": "HOM-016"}
    await database["products"].update_one(lamp, {"$set": {"price": 1}})
    unit = {"_id": "AUD-001-MID"}
    await database["stock"].update_one(unit, {"$set": {"on_hand.east": 3, "rev": 7}})
    await database["stock"].delete_one({"_id": "AUD-017"})

    assert await seed(database, DATA) == replace(NOTHING, stocks=1)

    assert (await ProductRepository(database).get("HOM-016")).price == 1
    found = await database["stock"].find_one(unit)
    assert (found["on_hand"]["east"], found["rev"]) == (3, 7)


async def test_nodes_that_seed_at_once_make_one_shop(database: Database) -> None:
    runs = await asyncio.gather(*(seed(database, DATA) for _ in range(3)))

    assert sum(each.products for each in runs) == 200
    assert sum(each.stocks for each in runs) == 963
    assert await database["stock"].count_documents({}) == 963


async def test_a_stock_document_waits_for_its_actor(database: Database) -> None:
    await seed(database, DATA)

    found = await database["stock"].find_one({"_id": "AUD-001-MID"})

    assert {"rev", "epoch", "owner", "writer"}.isdisjoint(found)
    assert found["born"]
    assert found["product_id"] == "AUD-001"
    assert found["on_hand"] == {"east": 12, "central": 9, "west": 15}
    assert (found["free"], found["version"]) == (36, 1)
    assert found["held"] == found["committed"] == {}


def test_limited_products_have_limited_variants() -> None:
    limited = {
        each.id for each in demo().products if any(v.limited for v in each.variants)
    }

    assert limited == {"WCH-012", "TOY-010"}


def test_products_came_into_the_shop_one_after_the_other() -> None:
    births = [each.created_at for each in demo().products]

    assert births == sorted(set(births))


async def _everything(database: Database) -> list[object]:
    return [
        await database[each].find().sort("_id", 1).to_list(None)
        for each in ("products", "stock", "warehouses", "coupons")
    ]
