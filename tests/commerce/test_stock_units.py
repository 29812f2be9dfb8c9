"""No unit appears or is lost, whatever happens to a variant."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from commerce.errors import (
    CommerceError,
    HoldLapsed,
    IllegalTransition,
    OutOfStock,
)
from commerce.hold import (
    commit_hold,
    hold,
    lapse,
    next_expiry,
    release,
    ship,
    uncommit,
)
from commerce.stock import (
    Stock,
    adjust,
    available,
    counted,
    restock,
    scrap,
    transfer,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOON = NOON + timedelta(seconds=900)
PLACES = ["east", "central", "west"]


def lamp(**on_hand: int) -> Stock:
    return counted(Stock(sku="lamp", product_id="lamp", on_hand=on_hand, version=1))


class Holds(RuleBasedStateMachine):
    """Any run of what may happen to a variant, against a plain count of its units."""

    ids = st.sampled_from(["ann", "bob", "cid", "dan"])
    places = st.sampled_from(PLACES)
    units = st.integers(1, 12)

    def __init__(self) -> None:
        super().__init__()
        self.stock = lamp(east=10, central=0, west=7)
        self.now = NOON
        self.on_shelves = 17
        self.shipped = 0
        self.version = 1

    def become(self, stock: Stock) -> None:
        assert stock is self.stock or stock.version == self.stock.version + 1
        self.stock = stock

    @rule(hold_id=ids, units=units, prefer=st.lists(places, max_size=3))
    def hold(self, hold_id: str, units: int, prefer: list[str]) -> None:
        try:
            stock, made = hold(
                self.stock,
                hold_id,
                units,
                now=self.now,
                expires_at=self.now + timedelta(seconds=900),
                prefer=prefer,
            )
        except HoldLapsed:
            return
        except OutOfStock:
            assert self.stock.free < units
            return
        assert stock is self.stock or made.units == units
        self.become(stock)

    @rule(hold_id=ids, other=ids, units=units)
    def hold_instead(self, hold_id: str, other: str, units: int) -> None:
        free_then = self.stock.free
        given_up = self.stock.holds.get(other)
        try:
            stock, made = hold(
                self.stock,
                hold_id,
                units,
                now=self.now,
                expires_at=self.now + timedelta(seconds=600),
                instead_of=[other],
            )
        except (OutOfStock, HoldLapsed, IllegalTransition):
            return
        if stock is not self.stock:
            back = given_up.units if given_up else 0
            assert stock.free == free_then + back - made.units
        self.become(stock)

    @rule(hold_id=ids)
    def commit(self, hold_id: str) -> None:
        try:
            self.become(commit_hold(self.stock, hold_id, self.now))
        except HoldLapsed:
            return
        assert self.stock.holds[hold_id].committed

    @rule(hold_id=ids)
    def release(self, hold_id: str) -> None:
        try:
            self.become(release(self.stock, hold_id))
        except IllegalTransition:
            assert self.stock.holds[hold_id].committed

    @rule(hold_id=ids)
    def uncommit(self, hold_id: str) -> None:
        self.become(uncommit(self.stock, hold_id))

    @rule(hold_id=ids)
    def ship(self, hold_id: str) -> None:
        found = self.stock.holds.get(hold_id)
        try:
            self.become(ship(self.stock, hold_id))
        except IllegalTransition:
            return
        gone = found.units if found else 0
        self.on_shelves -= gone
        self.shipped += gone

    @rule(seconds=st.sampled_from([1, 300, 900]))
    def time_goes_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def lapse(self) -> None:
        stock, over = lapse(self.stock, self.now)
        assert not set(over) & set(stock.holds)
        expiry = next_expiry(stock)
        assert expiry is None or expiry > self.now
        self.become(stock)

    @rule(place=places, units=st.integers(0, 5))
    def restock(self, place: str, units: int) -> None:
        self.become(restock(self.stock, place, units))
        self.on_shelves += units

    @rule(place=places, units=st.integers(0, 5))
    def scrap(self, place: str, units: int) -> None:
        self.become(scrap(self.stock, place, units))

    @rule(place=places, delta=st.integers(-8, 8))
    def adjust(self, place: str, delta: int) -> None:
        try:
            self.become(adjust(self.stock, place, delta))
        except CommerceError:
            return
        self.on_shelves += delta

    @rule(source=places, to=places, units=units)
    def transfer(self, source: str, to: str, units: int) -> None:
        try:
            self.become(transfer(self.stock, source, to, units))
        except CommerceError:
            return

    @invariant()
    def no_unit_appears_or_is_lost(self) -> None:
        stock = self.stock
        whole = sum(stock.held.values()) + sum(stock.committed.values()) + stock.free

        assert whole == sum(stock.on_hand.values()) == self.on_shelves

    @invariant()
    def no_shelf_owes_more_than_it_has(self) -> None:
        for place in PLACES:
            kept = self.stock.held.get(place, 0) + self.stock.committed.get(place, 0)
            assert 0 <= kept <= self.stock.on_hand.get(place, 0)
            assert available(self.stock, place) >= 0

    @invariant()
    def the_sums_are_those_of_the_holds(self) -> None:
        for sums, committed in [
            (self.stock.held, False),
            (self.stock.committed, True),
        ]:
            expected: dict[str, int] = {}
            for each in self.stock.holds.values():
                if each.committed is committed:
                    for place, units in each.places.items():
                        expected[place] = expected.get(place, 0) + units
            assert sums == expected


TestHolds = Holds.TestCase
TestHolds.settings = settings(max_examples=120, stateful_step_count=30)
