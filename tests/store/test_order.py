"""Orders on a real mongod: found by owner, number and status; sessions in no list."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from actors.runtime import Actor, Kind, LoopClock, System
from commerce.checkout import Journal
from commerce.errors import CommerceError, OrderNotFound
from messages.order import ToOrder
from store.client import Database
from store.commit import MongoStorage
from store.order import OrderRepository

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Put(ToOrder[None], frozen=True, tag=True):
    """Be this order."""

    order: Journal


class Shelf(Actor[Put, Journal]):
    """Writes orders as the order's own actor does."""

    def initial(self, key: str) -> Journal:
        return Journal(id=key, user_id="", created_at=NOW, updated_at=NOW)

    def receive(self, command: Put) -> None:
        self.become(command.order)


def made(number: int, **told: object) -> Journal:
    placed_at = NOW + timedelta(minutes=number)
    order = Journal(
        id=f"ord_{number}",
        user_id="ann",
        number=f"ORD-{number}",
        status="confirmed",
        placed_at=placed_at,
        created_at=placed_at,
        updated_at=placed_at,
    )
    return replace(order, **told)


@pytest.fixture
async def orders(database: Database) -> OrderRepository:
    repository = OrderRepository(database)
    await repository.prepare()
    storage = MongoStorage(database, clock=LoopClock(), owner="one")
    kind = Kind(
        name="order", actor=Shelf, state=Journal, commands=Put, collection="orders"
    )
    system = System(
        [kind], storage, LoopClock(), refusals=CommerceError, random=Random(0)
    )
    await system.start()
    kept = (
        made(1),
        made(2, status="cancelled"),
        made(3, user_id="bob", returning=("requested",), attention="refund_failed"),
        made(4, placed_at=None),
        made(5),
    )
    for each in kept:
        await system.ask(each.id, Put(each))
    await system.stop()
    await storage.close()
    return repository


async def test_ones_orders_come_newest_first_without_sessions(
    orders: OrderRepository,
) -> None:
    page, total = await orders.of_user("ann", limit=2)
    rest, _ = await orders.of_user("ann", limit=2, offset=2)

    assert [each.id for each in page] == ["ord_5", "ord_2"]
    assert [each.id for each in rest] == ["ord_1"]
    assert total == 3


async def test_an_order_is_found_by_its_owner_alone(orders: OrderRepository) -> None:
    assert (await orders.get("ord_1", "ann")) == made(1)
    assert (await orders.by_number("ORD-1", "ann")).id == "ord_1"
    assert (await orders.get("ord_3")).user_id == "bob"

    for wrong in (
        orders.get("ord_3", "ann"),
        orders.by_number("ORD-3", "ann"),
        orders.get("ord_4"),
        orders.get("ord_9"),
    ):
        with pytest.raises(OrderNotFound):
            await wrong


async def test_operators_list_by_status_and_owner(orders: OrderRepository) -> None:
    confirmed, total = await orders.listed(status="confirmed", limit=10)
    bobs, _ = await orders.listed(user_id="bob", limit=10)

    assert [each.id for each in confirmed] == ["ord_5", "ord_3", "ord_1"]
    assert total == 3
    assert [each.id for each in bobs] == ["ord_3"]


async def test_what_waits_in_a_status_is_found_first_placed_first(
    orders: OrderRepository,
) -> None:
    before = NOW + timedelta(minutes=3)

    waiting = await orders.unchanged("confirmed", before)

    assert waiting == [("ord_1", "ORD-1"), ("ord_3", "ORD-3")]


async def test_operators_list_what_a_person_must_look_at(
    orders: OrderRepository,
) -> None:
    page, total = await orders.listed(attention=True, limit=10)

    assert ([each.id for each in page], total) == (["ord_3"], 1)


async def test_operators_find_orders_with_returns(orders: OrderRepository) -> None:
    every, total = await orders.with_returns(limit=10)
    rejected, none = await orders.with_returns(status="rejected", limit=10)

    assert ([each.id for each in every], total) == (["ord_3"], 1)
    assert (list(rejected), none) == ([], 0)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"returning": "requested"}, "with_returning"),
        ({"returning": {"$gt": ""}}, "with_returning"),
        ({"attention": {"$gt": ""}}, "with_attention"),
    ],
)
async def test_what_few_orders_have_is_found_by_an_index_of_those_few(
    orders: OrderRepository, database: Database, wanted: dict[str, object], index: str
) -> None:
    plan = await database["orders"].find(wanted).explain()

    assert plan["queryPlanner"]["winningPlan"]["inputStage"]["indexName"] == index


async def test_orders_are_counted_by_status_and_by_their_returns(
    orders: OrderRepository,
) -> None:
    assert await orders.count_by("status") == {"cancelled": 1, "confirmed": 3}
    assert await orders.count_by("returning") == {"requested": 1}


async def test_to_count_orders_none_of_them_is_read(
    orders: OrderRepository, database: Database
) -> None:
    await database.command({"profile": 2})
    await orders.count_by("status")
    await orders.count_by("returning")
    await database.command({"profile": 0})

    asked = {"command.aggregate": "orders"}
    told = await database["system.profile"].find(asked).sort("ts", 1).to_list(None)
    read = [(each["planSummary"], each["docsExamined"]) for each in told]
    assert read[0][1] == 0, read
    assert read[1][1] == 1, read
