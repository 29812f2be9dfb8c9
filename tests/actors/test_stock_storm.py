"""Whatever happens to an item, and wherever its node dies: its units are conserved."""

import asyncio
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import Struct

from actors.runtime.testing import (
    Fault,
    Harness,
    ManualClock,
    MemoryStorage,
    steps,
)
from actors.stock import stock_kind
from commerce.errors import CommerceError
from commerce.stock import Stock
from messages.base import Command, Unavailable
from messages.stock import (
    AdjustStock,
    GetStock,
    HoldUnits,
    ReleaseHold,
    Restock,
    Scrap,
    ShipHold,
    StockItem,
    TransferStock,
)
from store.port import Away
from tests.actors.shelf import Shelf

PLACES = ["east", "central", "west"]
IDS = st.sampled_from(["ann", "bob", "cid", "dan"])
UNITS = st.integers(1, 9)
WHERE = st.sampled_from(PLACES)
TROUBLES = st.sampled_from([None, None, None, "away", "answer lost", "crash", "after"])


class Kept(Struct):
    """A hold as whoever asked for it knows it."""

    units: int
    until: datetime
    sold: bool = False


class Storm(RuleBasedStateMachine):
    """One item against a plain account of it; each change may meet trouble."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.node = Harness(
            (stock_kind(Shelf()),),
            MemoryStorage(),
            ManualClock(),
            refusals=CommerceError,
            random=Random(0),
        )
        self.runner.run(self.node.system.start())
        self.on_shelves = 20
        self.scrapped = 0
        self.holds: dict[str, Kept] = {}
        self.asked = 0
        self.run(StockItem("lamp", {"east": 12, "central": 0, "west": 8}), None)

    def teardown(self) -> None:
        self.runner.run(self.node.system.kill())
        self.runner.close()

    def run(self, command: Command[Any], trouble: str | None) -> Any:
        """Return the answer, or None if it was refused; repeated until it is known."""
        self.asked += 1
        soon = self.now + timedelta(seconds=5)
        if any(not each.sold and each.until < soon for each in self.holds.values()):
            # Trouble takes a moment, in which nothing shall lapse unaccounted for.
            self.time_goes_by(10)
        return self.runner.run(self._asked(command, trouble, f"storm/{self.asked}"))

    async def _asked(
        self, command: Command[Any], trouble: str | None, effect: str
    ) -> Any:
        storage = self.node.storage
        if trouble == "away":
            storage.fail_next(Away("the store is away"))
        elif trouble == "answer lost":
            faults = iter([Fault.ANSWER_LOST])
            storage.fault = lambda _write: next(faults, None)
        elif trouble == "crash":
            storage.hold()
        ask = asyncio.ensure_future(self._definite(command, effect))
        if trouble == "crash":
            await self._crash(ask)
            ask = asyncio.ensure_future(self._definite(command, effect))
        answer = await self._lived_through(ask)
        storage.fault = lambda _write: None
        # A refusal may have asked nothing of the store: no trouble is left for later.
        storage._failures.clear()
        # Whoever never got the answer asks again, on the node that came after.
        if trouble == "after":
            await self.node.restart(f"node-{self.asked}")
            again = asyncio.ensure_future(self._definite(command, effect))
            assert await self._lived_through(again) == answer
        return answer

    async def _lived_through(self, ask: "asyncio.Future[Any]") -> Any:
        """Return what `ask` gives; an actor in trouble rests for a while first."""
        await steps()
        while not ask.done():
            await self.node.advance(0.01)
        return await ask

    async def _crash(self, ask: "asyncio.Future[Any]") -> None:
        """Die in the middle of a commit, if one begins, and start again."""
        waiting = asyncio.ensure_future(self.node.storage.held())
        await asyncio.wait({waiting, ask}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        ask.cancel()
        await asyncio.gather(waiting, ask, return_exceptions=True)
        await self.node.system.kill()
        self.node.storage.release()
        await self.node.restart(f"node-{self.asked}")

    async def _definite(self, command: Command[Any], effect: str) -> Any:
        while True:
            try:
                answer = await self.node.ask("lamp", command, once=effect)
            except CommerceError:
                return None
            except Unavailable:
                continue
            return True if answer is None else answer

    @property
    def now(self) -> datetime:
        return self.node.clock.now()

    @rule(
        hold_id=IDS, units=UNITS, seconds=st.sampled_from([60, 600]), trouble=TROUBLES
    )
    def hold(self, hold_id: str, units: int, seconds: int, trouble: str | None) -> None:
        until = self.now + timedelta(seconds=seconds)
        free = self.stock().free
        held = self.run(HoldUnits(hold_id, units, (), until, hold_id), trouble)
        if hold_id in self.holds:
            assert sum(held.places.values()) == self.holds[hold_id].units
        elif held is None:
            assert free < units
        else:
            self.holds[hold_id] = Kept(units, until)

    @rule(hold_id=IDS, units=UNITS, trouble=TROUBLES)
    def sell(self, hold_id: str, units: int, trouble: str | None) -> None:
        until = self.now + timedelta(seconds=600)
        free, kept = self.stock().free, self.holds.get(hold_id)
        sold = self.run(
            HoldUnits(hold_id, units, (), until, hold_id, sell=True), trouble
        )
        assert (sold is not None) == (kept is not None or units <= free)
        if sold is not None:
            kept = self.holds.setdefault(hold_id, Kept(units, until))
            kept.sold = True

    @rule(hold_id=IDS, trouble=TROUBLES)
    def release(self, hold_id: str, trouble: str | None) -> None:
        self.run(ReleaseHold(hold_id), trouble)
        self.holds.pop(hold_id, None)

    @rule(hold_id=IDS, trouble=TROUBLES)
    def ship(self, hold_id: str, trouble: str | None) -> None:
        shipped = self.run(ShipHold(hold_id), trouble)
        kept = self.holds.get(hold_id)
        assert (shipped is None) == (kept is not None and not kept.sold)
        if kept is not None and shipped is not None:
            self.on_shelves -= self.holds.pop(hold_id).units

    @rule(place=WHERE, units=st.integers(0, 4), fit=st.booleans(), trouble=TROUBLES)
    def come_back(
        self, place: str, units: int, trouble: str | None, *, fit: bool
    ) -> None:
        if fit:
            self.run(Restock("ret", place, units), trouble)
            self.on_shelves += units
        else:
            self.run(Scrap("ret", place, units), trouble)
            self.scrapped += units

    @rule(place=WHERE, delta=st.integers(-6, 6), trouble=TROUBLES)
    def adjust(self, place: str, delta: int, trouble: str | None) -> None:
        if self.run(AdjustStock(place, delta, "counted"), trouble) is not None:
            self.on_shelves += delta

    @rule(source=WHERE, to=WHERE, units=UNITS, trouble=TROUBLES)
    def transfer(self, source: str, to: str, units: int, trouble: str | None) -> None:
        self.run(TransferStock(source, to, units), trouble)

    @rule(seconds=st.sampled_from([1, 59, 60, 300, 600]))
    def time_goes_by(self, seconds: int) -> None:
        self.runner.run(self.node.advance(seconds))
        self._lapse()
        self.what_lapsed_is_seen_by_everybody()

    @precondition(lambda self: self.holds)
    @rule(seconds=st.sampled_from([60, 600]))
    def no_server_runs_for_a_while(self, seconds: int) -> None:
        async def away() -> None:
            await self.node.system.kill()
            self.node.clock.advance(seconds)
            await self.node.restart(f"late-{self.asked}")
            await self.node.advance(0.5)

        self.asked += 1
        self.runner.run(away())
        self._lapse()
        self.what_lapsed_is_seen_by_everybody()

    @rule()
    def restart(self) -> None:
        self.asked += 1
        self.runner.run(self.node.restart(f"again-{self.asked}"))

    def _lapse(self) -> None:
        self.holds = {
            hold_id: each
            for hold_id, each in self.holds.items()
            if each.sold or each.until > self.now
        }

    def stock(self) -> Stock:
        found: Stock = self.runner.run(self.node.ask("lamp", GetStock()))
        return found

    @invariant()
    def no_unit_appears_or_is_lost(self) -> None:
        stock = self.stock()
        sold = sum(each.units for each in self.holds.values() if each.sold)
        held = sum(each.units for each in self.holds.values() if not each.sold)

        assert sum(stock.on_hand.values()) == self.on_shelves
        assert sum(stock.scrapped.values()) == self.scrapped
        assert (sum(stock.held.values()), sum(stock.committed.values())) == (held, sold)
        assert stock.free == self.on_shelves - held - sold

    @invariant()
    def no_shelf_owes_more_than_it_has(self) -> None:
        stock = self.stock()
        for place in PLACES:
            owed = stock.held.get(place, 0) + stock.committed.get(place, 0)
            assert 0 <= owed <= stock.on_hand.get(place, 0)

    @invariant()
    def what_lapsed_is_seen_by_everybody(self) -> None:
        """Although nobody asked: catalogues hear of what is stored."""
        document = self.node.storage.documents["stock"]["lamp"]
        kept = sum(each.units for each in self.holds.values())

        assert set(document.get("holds", {})) == set(self.holds)
        assert document["free"] == self.on_shelves - kept


Storm.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, database=None
)
TestStorm = Storm.TestCase
