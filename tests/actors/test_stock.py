"""A variant's stock as its owner: guarded, watched, and never above the truth."""

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from actors.runtime import System
from actors.runtime.testing import ManualClock, MemoryStorage
from actors.stock import stock_kind
from commerce.errors import (
    BelowCommitted,
    CommerceError,
    OutOfStock,
    ProductNotFound,
    StockChanged,
    Uncounted,
    UnknownWarehouse,
)
from commerce.stock import Stock
from messages.base import Unavailable
from messages.stock import (
    AdjustStock,
    GetAvailable,
    GetStock,
    HoldUnits,
    SetStock,
    StockItem,
    TransferStock,
)
from store.port import Away
from tests.actors.shelf import Shelf


class Store:
    """Stock items on one memory."""

    def __init__(self, storage: MemoryStorage | None = None) -> None:
        self.storage = storage or MemoryStorage()
        self.clock = ManualClock()
        self.system = System(
            [stock_kind(Shelf())],
            self.storage,
            self.clock,
            refusals=CommerceError,
            random=Random(0),
        )

    async def begin(self, **on_hand: int) -> Stock:
        return await self.system.ask("lamp", StockItem("lamp", on_hand))

    async def stock(self) -> Stock:
        return await self.system.ask("lamp", GetStock())

    async def edit(self, **fields: Any) -> None:
        """Write by hand into the database, and let the change stream tell of it."""
        self.storage.edit(
            "stock",
            "lamp",
            {name.replace("__", "."): value for name, value in fields.items()},
        )
        self.system.refresh("stock", "lamp")
        await self.system.quiet()


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    store = Store()
    await store.system.start()
    yield store
    await store.system.stop()


@pytest.fixture
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as captured:
        yield captured


def named(logs: list[MutableMapping[str, Any]], event: str) -> int:
    return sum(each["event"] == event for each in logs)


async def test_a_new_item_can_be_bought(store: Store) -> None:
    await store.begin(east=4, west=3)

    assert await store.system.ask("lamp", GetAvailable()) == 7


async def test_beginning_a_second_time_changes_nothing(store: Store) -> None:
    first = await store.begin(east=4)

    assert await store.begin(east=9) == first


@pytest.mark.parametrize(
    "command",
    [
        GetStock(),
        GetAvailable(),
        AdjustStock("east", 1, "found"),
        SetStock("east", 1, "counted"),
        TransferStock("east", "west", 1),
    ],
)
async def test_what_is_not_sold_has_no_stock(store: Store, command: Any) -> None:
    with pytest.raises(ProductNotFound):
        await store.system.ask("dragon", command)

    assert not store.storage.documents.get("stock")


async def test_an_adjustment_is_a_change_with_its_time(store: Store) -> None:
    await store.begin(east=4)
    store.clock.advance(60)

    stock = await store.system.ask("lamp", AdjustStock("east", -1, "broken"))

    assert (stock.on_hand, stock.free, stock.version) == ({"east": 3}, 3, 2)
    assert stock.changed_at == store.clock.now()


async def test_what_is_stored_is_what_was_answered(store: Store) -> None:
    stock = await store.begin(east=4)

    document = store.storage.documents["stock"]["lamp"]
    assert (document["on_hand"], document["free"]) == ({"east": 4}, 4)
    assert document["version"] == stock.version


async def test_nobody_takes_more_than_there_is(store: Store) -> None:
    await store.begin(east=10)

    takes = [
        store.system.ask("lamp", AdjustStock("east", -1, "taken")) for _ in range(50)
    ]
    answers = await asyncio.gather(*takes, return_exceptions=True)

    assert sum(isinstance(each, BelowCommitted) for each in answers) == 40
    assert (await store.stock()).on_hand == {"east": 0}


async def test_a_transfer_is_one_change(store: Store) -> None:
    await store.begin(east=4)

    stock = await store.system.ask("lamp", TransferStock("east", "west", 3))

    assert stock.on_hand == {"east": 1, "west": 3}
    assert (stock.free, stock.version) == (4, 2)


async def test_more_than_available_is_not_transferred(store: Store) -> None:
    await store.begin(east=4)

    with pytest.raises(OutOfStock):
        await store.system.ask("lamp", TransferStock("east", "west", 5))


@pytest.mark.parametrize(
    "command",
    [
        AdjustStock("moon", 1, "found"),
        SetStock("moon", 1, "counted"),
        TransferStock("east", "moon", 1),
        TransferStock("moon", "east", 1),
        StockItem("lamp", {"moon": 1}),
    ],
)
async def test_a_warehouse_that_is_none_is_refused(store: Store, command: Any) -> None:
    await store.begin(east=4)

    with pytest.raises(UnknownWarehouse) as refused:
        await store.system.ask("lamp", command)

    assert refused.value.details["warehouses"] == ["central", "east", "west"]


@pytest.mark.parametrize(
    "command",
    [
        AdjustStock("east", 1, "found", expected_version=7),
        SetStock("east", 1, "counted", expected_version=7),
        TransferStock("east", "west", 1, expected_version=7),
    ],
)
async def test_who_saw_another_version_is_refused(store: Store, command: Any) -> None:
    await store.begin(east=4)

    with pytest.raises(StockChanged):
        await store.system.ask("lamp", command)

    assert (await store.stock()).on_hand == {"east": 4}


async def test_a_failed_commit_leaves_the_stock_as_it_was(store: Store) -> None:
    before = await store.begin(east=4)
    store.storage.fail_next(Away("the store is away"))

    with pytest.raises(Unavailable):
        await store.system.ask("lamp", AdjustStock("east", 1, "found"))

    assert await store.stock() == before


# By hand


async def test_a_hand_edit_is_adopted_as_a_change(store: Store) -> None:
    await store.begin(east=4, west=1)

    await store.edit(on_hand__east=9)

    stock = await store.stock()
    assert (stock.on_hand, stock.free) == ({"east": 9, "west": 1}, 10)
    assert stock.version == 2
    assert store.storage.documents["stock"]["lamp"]["free"] == 10


async def test_a_hand_edit_nobody_told_of_is_not_overwritten(store: Store) -> None:
    await store.begin(east=4)
    store.storage.edit("stock", "lamp", {"on_hand.east": 100})

    stock = await store.system.ask("lamp", AdjustStock("east", 1, "found"))

    assert stock.on_hand == {"east": 101}


async def test_an_edit_made_while_no_server_ran_is_adopted_at_the_start(
    store: Store,
) -> None:
    await store.begin(east=4)
    store.storage.edit("stock", "lamp", {"on_hand.east": 2})

    started = Store(store.storage.beside("the next start"))
    await started.system.start()

    stock = await started.stock()
    assert (stock.free, stock.version) == (2, 2)
    await started.system.stop()


@pytest.mark.parametrize("broken", ["many", 2.5, -3, None, True, [], {}])
async def test_what_is_no_count_leaves_nothing_to_buy_and_alerts(
    store: Store, logs: list[MutableMapping[str, Any]], broken: Any
) -> None:
    await store.begin(east=4, west=1)

    await store.edit(on_hand__east=broken)

    assert await store.system.ask("lamp", GetAvailable()) == 0
    assert named(logs, "stock.uncounted") == 1


async def test_a_whole_number_written_as_a_double_is_a_count(store: Store) -> None:
    await store.begin(east=4)

    await store.edit(on_hand__east=6.0)

    assert await store.system.ask("lamp", GetAvailable()) == 6


async def test_an_unreadable_count_is_mended_by_counting(store: Store) -> None:
    await store.begin(east=4, west=1)
    await store.edit(on_hand__east="many")

    with pytest.raises(Uncounted):
        await store.system.ask("lamp", AdjustStock("east", 1, "found"))
    stock = await store.system.ask("lamp", SetStock("east", 5, "counted"))

    assert stock.free == 6


async def test_an_unreadable_count_is_mended_by_hand(store: Store) -> None:
    await store.begin(east=4)
    await store.edit(on_hand__east="many")

    await store.edit(on_hand__east=3)

    assert await store.system.ask("lamp", GetAvailable()) == 3


async def test_less_than_is_held_and_sold_leaves_nothing_and_alerts(
    store: Store, logs: list[MutableMapping[str, Any]]
) -> None:
    await store.begin(east=4)
    until = store.clock.now() + timedelta(seconds=900)
    for hold_id in ("kept", "sold"):
        command = HoldUnits(hold_id, 1, (), until, "ann", sell=hold_id == "sold")
        await store.system.ask("lamp", command)

    await store.edit(on_hand__east=1)

    assert await store.system.ask("lamp", GetAvailable()) == 0
    (alert,) = (each for each in logs if each["event"] == "stock.oversubscribed")
    assert (alert["warehouses"], alert["holds"]) == (("east",), ("kept", "sold"))


async def test_sums_edited_by_hand_are_made_those_of_the_holds_again(
    store: Store,
) -> None:
    await store.begin(east=4)

    await store.edit(held__east=2, committed__west=1)

    stock = await store.stock()
    assert (stock.held, stock.committed, stock.free) == ({}, {}, 4)


async def test_an_item_written_by_hand_can_be_bought(store: Store) -> None:
    store.storage.edit("stock", "rug", {"product_id": "rug", "on_hand.east": 5})

    assert await store.system.ask("rug", GetAvailable()) == 5


async def test_an_item_deleted_by_hand_is_no_longer_sold(store: Store) -> None:
    await store.begin(east=4)

    store.storage.delete("stock", "lamp")
    store.system.refresh("stock", "lamp")
    await store.system.quiet()

    with pytest.raises(ProductNotFound):
        await store.stock()


async def test_a_document_replaced_by_hand_is_still_news(store: Store) -> None:
    await store.begin(east=4)
    await store.system.ask("lamp", AdjustStock("east", 1, "found"))

    await store.edit(version=0, on_hand__east=3)

    assert (await store.stock()).version > 2


async def test_running_low_is_told_once(
    store: Store, logs: list[MutableMapping[str, Any]]
) -> None:
    await store.begin(east=4)

    for _ in range(4):
        await store.system.ask("lamp", AdjustStock("east", -1, "sold"))

    assert named(logs, "stock.low") == 1


async def test_running_low_is_not_told_again_after_a_restart(
    store: Store, logs: list[MutableMapping[str, Any]]
) -> None:
    await store.begin(east=4)
    await store.system.ask("lamp", AdjustStock("east", -2, "sold"))

    started = Store(store.storage.beside("the next start"))
    await started.system.start()
    for delta in (+1, -1):  # which is not clearly above
        await started.system.ask("lamp", AdjustStock("east", delta, "moved"))

    assert named(logs, "stock.low") == 1
    await started.system.stop()
