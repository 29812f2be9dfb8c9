"""Stock is read as it is stored, whatever a hand did to it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from commerce.errors import ProductNotFound
from commerce.stock import UNCOUNTED, Hold, Stock
from store.client import Database
from store.stock import StockRepository, stock_of
from tests.fakes_product import FakeStockRepository, demo

BORN = datetime(2026, 1, 1, tzinfo=UTC)
LAMP = Stock(
    sku="lamp-red",
    product_id="lamp",
    on_hand={"east": 5, "west": 2},
    held={"east": 1},
    committed={"west": 2},
    free=4,
    version=3,
    changed_at=datetime(2026, 3, 4, tzinfo=UTC),
)


@pytest.fixture(params=["mongod", "fake"])
async def stocks(
    request: pytest.FixtureRequest, database: Database
) -> StockRepository | FakeStockRepository:
    places = demo().warehouses
    if request.param == "fake":
        return FakeStockRepository([LAMP], places)
    repository = StockRepository(database)
    await repository.add_missing([LAMP], born=BORN)
    await repository.add_missing_warehouses(places)
    return repository


async def test_stock_comes_back_as_it_was_saved(
    stocks: StockRepository | FakeStockRepository,
) -> None:
    assert await stocks.get("lamp-red") == LAMP
    assert await stocks.load_all() == [LAMP]


async def test_stock_of_what_is_not_sold_is_not_found(
    stocks: StockRepository | FakeStockRepository,
) -> None:
    with pytest.raises(ProductNotFound):
        await stocks.get("chair")


async def test_warehouses_come_in_the_order_of_their_priority(
    stocks: StockRepository | FakeStockRepository,
) -> None:
    found = await stocks.warehouses()

    assert [each.id for each in found] == ["east", "central", "west"]
    assert found[0].state == "NJ"


async def test_an_edit_made_while_no_server_ran_is_counted(database: Database) -> None:
    stocks = StockRepository(database)
    await stocks.add_missing([LAMP], born=BORN)
    edit = {"$set": {"on_hand.east": 9}}
    await database["stock"].update_one({"_id": "lamp-red"}, edit)

    stock = await stocks.get("lamp-red")

    assert (stock.free, stock.version) == (8, 3)


@pytest.mark.parametrize("nonsense", [-1, 2.5, "7", None, True, [7], {"seven": 7}])
def test_a_count_that_is_no_count_sells_nothing(nonsense: object) -> None:
    document = {"_id": "lamp", "product_id": "lamp", "on_hand": {"east": nonsense}}

    stock = stock_of(document)

    assert stock.on_hand == {"east": UNCOUNTED}
    assert stock.free == 0


def test_a_whole_count_that_the_shell_wrote_as_a_double_counts() -> None:
    stock = stock_of({"_id": "lamp", "on_hand": {"east": 7.0}, "version": 2.0})

    assert (stock.free, stock.version) == (7, 2)


@pytest.mark.parametrize(
    "document",
    [
        {"_id": "lamp"},
        {"_id": "lamp", "on_hand": 7, "held": [], "committed": None},
        {"_id": "lamp", "product_id": 7, "version": "new", "changed_at": "today"},
    ],
)
def test_half_a_document_is_no_stock(document: Mapping[str, Any]) -> None:
    assert stock_of(document) == Stock(sku="lamp")


def test_what_is_held_beyond_what_is_there_leaves_nothing() -> None:
    stock = stock_of({"_id": "lamp", "on_hand": {"east": 1}, "held": {"east": 3}})

    assert stock.free == 0


async def test_the_few_that_ran_low_or_hold_anything_are_found(
    database: Database,
) -> None:
    stocks = StockRepository(database)
    await stocks.prepare()
    noon, places = datetime(2026, 3, 4, 12, tzinfo=UTC), {"east": 1}
    lapsed, living = (
        {f"hold {at}": Hold(places=places, expires_at=at)}
        for at in (noon - timedelta(minutes=1), noon + timedelta(minutes=1))
    )
    await stocks.add_missing(
        [
            replace(LAMP, sku="idle"),
            replace(LAMP, sku="lapsed", holds=lapsed),
            replace(LAMP, sku="living", holds=living),
            replace(LAMP, sku="low", warned_at=noon),
        ],
        born=BORN,
    )

    low = await stocks.warned_since(noon - timedelta(hours=1))
    plan = await database["stock"].find({"warned_at": {"$gte": noon}}).explain()

    assert await stocks.with_lapsed_holds(noon) == ["lapsed"]
    assert [each.sku for each in low] == ["low"]
    assert plan["queryPlanner"]["winningPlan"]["inputStage"]["indexName"] == "warned"


async def test_a_hold_that_a_hand_made_unreadable_hides_no_other(
    database: Database,
) -> None:
    good = {"places": {"east": 1}, "expires_at": BORN, "committed": False}
    shelves = [
        {"_id": "lamp", "holds": {"o1": "mine", "o2": good}},
        {"_id": "rug", "holds": "none"},
    ]
    await database["stock"].insert_many(shelves)

    stocks = StockRepository(database)

    assert [list(each.holds) for each in await stocks.with_holds()] == [["o2"], []]
    assert await stocks.with_lapsed_holds(BORN + timedelta(days=1)) == ["lamp"]
