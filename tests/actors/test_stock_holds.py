"""What is set aside: for one shopper, for a while, and never twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from actors.runtime.testing import Harness, MemoryStorage, actor_system
from actors.stock import stock_kind
from commerce.errors import (
    CommerceError,
    HoldLapsed,
    IllegalTransition,
    OutOfStock,
    ProductNotFound,
    UnknownWarehouse,
)
from commerce.stock import Stock
from messages.base import Event, Unavailable
from messages.stock import (
    AdjustStock,
    GetAvailable,
    GetStock,
    Held,
    HoldExpired,
    HoldExpiring,
    HoldPlaced,
    HoldUnits,
    LapseHolds,
    ReleaseHold,
    Restock,
    Scrap,
    ShipHold,
    StockItem,
    StockLow,
    cart_hold_id,
)
from store.port import Away
from tests.actors.shelf import Shelf

KEPT_S = 900


class Store(Harness):
    """One lamp on some shelves, and what is done to it."""

    async def begin(self, **on_hand: int) -> None:
        await self.ask("lamp", StockItem("lamp", on_hand))

    async def hold(
        self,
        hold_id: str,
        units: int = 1,
        *prefer: str,
        seconds: float = KEPT_S,
        instead_of: tuple[str, ...] = (),
        sell: bool = False,
    ) -> Held:
        """Hold for the user of the same name as the hold."""
        until = self.clock.now() + timedelta(seconds=seconds)
        command = HoldUnits(hold_id, units, prefer, until, hold_id, instead_of, sell)
        return await self.ask("lamp", command)

    async def sell(self, hold_id: str, units: int = 1) -> Held:
        return await self.hold(hold_id, units, sell=True)

    async def stock(self) -> Stock:
        return await self.ask("lamp", GetStock())

    async def free(self, *besides: str) -> int:
        return await self.ask("lamp", GetAvailable(besides))

    def stored(self) -> dict[str, object]:
        return self.storage.documents["stock"]["lamp"]

    def told(self, user_id: str) -> list[Event]:
        return [event for topic, event in self.published if topic == f"user/{user_id}"]


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with actor_system(stock_kind(Shelf()), refusals=CommerceError) as node:
        # The harness with this test's words; it is the same node.
        node.__class__ = Store
        assert isinstance(node, Store)
        yield node


async def test_what_is_held_cannot_be_bought_by_others(store: Store) -> None:
    await store.begin(east=5)

    held = await store.hold("ann", 2)

    assert (held.places, await store.free()) == ({"east": 2}, 3)
    assert (await store.stock()).held == {"east": 2}


async def test_of_500_at_once_fifty_get_the_fifty_units(store: Store) -> None:
    await store.begin(east=30, west=20)

    asks = [store.hold(f"buyer-{number}") for number in range(500)]
    answers = await asyncio.gather(*asks, return_exceptions=True)

    assert Counter(type(each) for each in answers) == {Held: 50, OutOfStock: 450}
    stock = await store.stock()
    assert (len(stock.holds), stock.held) == (50, {"east": 30, "west": 20})
    assert stock.free == 0


async def test_a_sold_out_refusal_writes_nothing(store: Store) -> None:
    await store.begin(east=1)
    await store.hold("ann")
    commits = len(store.storage.disk.commits)

    for _ in range(3):
        with pytest.raises(OutOfStock) as refused:
            await store.hold("bob")

    assert len(store.storage.disk.commits) == commits
    assert refused.value.details == {"sku": "lamp", "asked": 1, "available": 0}


async def test_the_preferred_warehouse_gives_first(store: Store) -> None:
    await store.begin(east=9, central=2, west=1)

    held = await store.hold("ann", 2, "west", "central")

    assert held.places == {"central": 2}


async def test_a_repeat_gets_the_same_answer_and_holds_no_more(store: Store) -> None:
    await store.begin(east=5)
    once = await store.hold("ann", 2)

    again = await store.hold("ann", 2)

    assert (again, await store.free()) == (once, 3)


async def test_a_repeat_after_the_sale_gets_the_same_answer(store: Store) -> None:
    await store.begin(east=5)
    once = await store.hold("ann", 2)
    first = await store.sell("ann", 2)

    again = await store.hold("ann", 2)
    second = await store.sell("ann", 2)

    assert once == first == again == second
    assert (await store.stock()).committed == {"east": 2}


async def test_what_was_sold_stays_sold_after_the_time_of_its_hold(
    store: Store,
) -> None:
    await store.begin(east=5)
    await store.sell("ann", 2)

    await store.advance(2 * KEPT_S)

    assert (await store.free(), (await store.stock()).committed) == (3, {"east": 2})


async def test_what_is_released_can_be_bought_again(store: Store) -> None:
    await store.begin(east=5)
    await store.hold("ann", 2)
    await store.sell("bob", 2)

    for _ in range(2):
        await store.ask("lamp", ReleaseHold("ann"))
        await store.ask("lamp", ReleaseHold("bob"))

    stock = await store.stock()
    assert (stock.free, stock.holds, stock.held, stock.committed) == (5, {}, {}, {})


async def test_releasing_what_nobody_holds_writes_nothing(store: Store) -> None:
    await store.begin(east=5)
    commits = len(store.storage.disk.commits)

    await store.ask("lamp", ReleaseHold("nobody"))

    assert len(store.storage.disk.commits) == commits


async def test_a_release_of_an_older_hold_leaves_the_newer_one(store: Store) -> None:
    await store.begin(east=5)
    old = await store.hold("ann", seconds=60)
    await store.ask("lamp", ReleaseHold("ann"))
    await store.hold("ann", seconds=600)

    await store.ask("lamp", ReleaseHold("ann", until=old.expires_at))

    assert await store.free() == 4


async def test_what_is_shipped_is_gone_once(store: Store) -> None:
    await store.begin(east=5)
    await store.sell("ann", 2)

    for _ in range(2):
        await store.ask("lamp", ShipHold("ann"))

    stock = await store.stock()
    assert (stock.on_hand, stock.free, stock.committed) == ({"east": 3}, 3, {})


async def test_what_is_only_held_is_not_shipped(store: Store) -> None:
    await store.begin(east=5)
    await store.hold("ann", 2)

    with pytest.raises(IllegalTransition):
        await store.ask("lamp", ShipHold("ann"))


async def test_what_is_not_sold_here_is_not_held(store: Store) -> None:
    with pytest.raises(ProductNotFound):
        await store.hold("ann")


async def test_what_came_back_is_counted_once(store: Store) -> None:
    await store.begin(east=5)

    for _ in range(2):
        fit = Restock("ret-1/fit", "east", 2)
        await store.ask("lamp", fit, once=fit.effect)
        broken = Scrap("ret-1/broken", "west", 1)
        await store.ask("lamp", broken, once=broken.effect)

    stock = await store.stock()
    assert (stock.on_hand, stock.scrapped) == ({"east": 7}, {"west": 1})


async def test_nothing_comes_back_to_a_warehouse_that_is_none(store: Store) -> None:
    await store.begin(east=5)

    for command in (Restock("ret-1", "moon", 1), Scrap("ret-1", "moon", 1)):
        with pytest.raises(UnknownWarehouse):
            await store.ask("lamp", command)


# The same shopper's own


async def test_what_the_asker_holds_counts_as_free_for_it(store: Store) -> None:
    await store.begin(east=5)
    await store.hold("ann", 2)
    await store.sell("bob", 2)

    assert await store.free("ann", "bob", "nobody") == 3


async def test_a_checkout_takes_over_what_the_cart_held(store: Store) -> None:
    await store.begin(east=2)
    until = store.clock.now() + timedelta(seconds=KEPT_S)
    in_cart = HoldUnits(cart_hold_id("ann", "lamp"), 2, (), until, "ann")
    await store.ask("lamp", in_cart)

    order = await store.ask("lamp", HoldUnits("ord_1", 2, (), until, "ann"))

    assert order.places == {"east": 2}
    assert set((await store.stock()).holds) == {"ord_1"}


async def test_another_shoppers_cart_keeps_what_it_holds(store: Store) -> None:
    await store.begin(east=2)
    until = store.clock.now() + timedelta(seconds=KEPT_S)
    in_cart = HoldUnits(cart_hold_id("ann", "lamp"), 2, (), until, "ann")
    await store.ask("lamp", in_cart)

    with pytest.raises(OutOfStock):
        await store.ask("lamp", HoldUnits("ord_1", 1, (), until, "bob"))


async def test_a_hold_may_be_exchanged_for_a_larger_one(store: Store) -> None:
    await store.begin(east=3)
    await store.hold("ann", 2)

    held = await store.hold("ann", 3, instead_of=("ann",))

    assert (held.places, await store.free()) == ({"east": 3}, 0)


async def test_a_hold_that_cannot_grow_stays_as_it_was(store: Store) -> None:
    await store.begin(east=3)
    await store.hold("ann", 2)

    with pytest.raises(OutOfStock):
        await store.hold("ann", 4, instead_of=("ann",))

    assert (await store.stock()).held == {"east": 2}


# Time


async def test_a_hold_lapses_exactly_at_its_time(store: Store) -> None:
    await store.begin(east=1)
    held = await store.hold("ann")

    await store.advance(KEPT_S - 0.001)
    before = store.stored()["free"]
    await store.advance(0.001)

    assert store.clock.now() == held.expires_at
    assert (before, store.stored()["free"]) == (0, 1)


async def test_holds_of_different_ends_lapse_each_at_its_own(store: Store) -> None:
    await store.begin(east=3)
    for seconds, hold_id in ((900, "slow"), (300, "quick"), (600, "middling")):
        await store.hold(hold_id, seconds=seconds)

    freed = []
    for _ in range(3):
        await store.advance(300)
        freed.append(store.stored()["free"])

    assert freed == [1, 2, 3]


async def test_what_lapsed_can_be_had_at_that_very_moment(store: Store) -> None:
    await store.begin(east=1)
    await store.hold("ann")

    store.clock.advance(KEPT_S)

    assert (await store.hold("bob")).places == {"east": 1}
    with pytest.raises(OutOfStock):
        await store.sell("ann")


async def test_nothing_is_held_until_a_time_that_has_gone(store: Store) -> None:
    await store.begin(east=1)

    with pytest.raises(HoldLapsed):
        await store.hold("ann", seconds=0)

    assert await store.free() == 1


async def test_looking_too_early_ends_nothing(store: Store) -> None:
    await store.begin(east=1)
    await store.hold("ann")

    await store.ask("lamp", LapseHolds())

    assert await store.free() == 0


@pytest.mark.parametrize("is_asked", [True, False])
async def test_a_hold_ends_although_no_server_ran(
    store: Store, *, is_asked: bool
) -> None:
    await store.begin(east=1)
    await store.hold("ann")

    await store.system.kill()
    store.clock.advance(KEPT_S)
    await store.restart()
    if is_asked:
        assert await store.free() == 1
    await store.advance(0.5)

    assert (store.stored()["free"], store.stored()["holds"]) == (1, {})


async def test_a_restart_before_the_end_forgets_no_end(store: Store) -> None:
    await store.begin(east=1)
    held = await store.hold("ann")

    await store.advance(100)
    await store.restart()
    await store.advance(KEPT_S - 100)

    assert store.clock.now() == held.expires_at
    assert store.stored()["free"] == 1


async def test_a_lapse_that_could_not_be_saved_is_made_up_for(store: Store) -> None:
    await store.begin(east=1)
    await store.hold("ann")
    await store.advance(KEPT_S - 1)

    store.storage.fail_next(Away("the store is away"), times=2)
    await store.advance(60)

    assert store.stored()["free"] == 1


async def test_a_hold_that_could_not_be_saved_is_none(store: Store) -> None:
    await store.begin(east=1)
    store.storage.fail_next(Away("the store is away"))

    with pytest.raises(Unavailable):
        await store.hold("ann")

    assert (await store.free(), store.told("ann")) == (1, [])


# What is told


async def test_the_shopper_hears_of_the_hold_of_its_end_and_that_it_nears(
    store: Store,
) -> None:
    await store.begin(east=2)
    held = await store.hold("ann", 2)

    heard: list[tuple[datetime, Event]] = []
    store.system.follow(
        "user/ann", lambda event: heard.append((store.clock.now(), event))
    )
    await store.advance(2 * KEPT_S)

    assert store.told("ann")[0] == HoldPlaced("lamp", 2, held.expires_at)
    assert heard == [
        (
            held.expires_at - timedelta(seconds=120),
            HoldExpiring("lamp", 2, held.expires_at),
        ),
        (held.expires_at, HoldExpired("lamp", 2)),
    ]


async def test_who_has_bought_is_not_told_of_any_end(store: Store) -> None:
    await store.begin(east=4)
    await store.hold("ann", 2)
    for hold_id in ("ann", "bob"):
        await store.sell(hold_id, 2)

    await store.advance(2 * KEPT_S)

    assert [type(each) for each in store.told("ann")] == [HoldPlaced]
    assert store.told("bob") == []


async def test_a_repeat_is_no_news(store: Store) -> None:
    await store.begin(east=2)
    await store.hold("ann")
    await store.hold("ann")

    assert [type(each) for each in store.told("ann")] == [HoldPlaced]


async def test_operators_hear_once_that_few_are_left(store: Store) -> None:
    await store.begin(east=4)

    for number in range(4):
        await store.hold(f"buyer-{number}")

    alerts = [event for topic, event in store.published if topic == "operators"]
    assert alerts == [StockLow("lamp", 2, 3)]


# By hand


async def test_a_count_edited_by_hand_while_units_are_held_is_adopted(
    store: Store,
) -> None:
    await store.begin(east=4)
    await store.hold("ann", 3)

    store.storage.edit("stock", "lamp", {"on_hand.east": 9})
    await store.hold("bob")

    stock = await store.stock()
    assert (stock.on_hand, stock.held, stock.free) == ({"east": 9}, {"east": 4}, 5)


async def test_a_count_edited_below_what_is_held_leaves_nothing_and_alerts(
    store: Store,
) -> None:
    await store.begin(east=4)
    await store.hold("ann", 3)

    with capture_logs() as logs:
        store.storage.edit("stock", "lamp", {"on_hand.east": 1})
        await store.ask("lamp", AdjustStock("east", 1, "found"))

    (alert,) = (each for each in logs if each["event"] == "stock.oversubscribed")
    assert (alert["holds"], store.stored()["free"]) == (("ann",), 0)
    assert store.stored()["on_hand"] == {"east": 2}


async def test_an_oversold_item_heals_as_its_holds_end(store: Store) -> None:
    await store.begin(east=4)
    await store.hold("ann", 3)
    store.storage.edit("stock", "lamp", {"on_hand.east": 1})
    store.system.refresh("stock", "lamp")
    await store.quiet()

    await store.advance(KEPT_S)

    assert await store.free() == 1


async def test_an_item_whose_holds_are_many_is_stored_hold_by_hold() -> None:
    storage = MemoryStorage()
    kind = stock_kind(Shelf())
    async with actor_system(kind, refusals=CommerceError, storage=storage) as node:
        await node.ask("lamp", StockItem("lamp", {"east": 5}))
        until = node.clock.now() + timedelta(seconds=KEPT_S)
        for hold_id in ("ann", "bob"):
            await node.ask("lamp", HoldUnits(hold_id, 1, (), until, hold_id))

    written = storage.disk.commits[-1].set_fields
    assert [path for path in written if path.startswith("holds")] == ["holds.bob"]
