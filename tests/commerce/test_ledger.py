"""The ledger adds up to the purse, whatever is booked and however often."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from commerce.errors import CommerceError
from commerce.ledger import Cause, Entry, add_up
from commerce.lots import units
from commerce.loyalty import (
    Booked,
    activate,
    adjust,
    earn_pending,
    expire,
    hold,
    release,
    restore,
    reverse,
    spend,
)
from commerce.purse import (
    Purse,
    available,
    held,
    sums,
)
from tests.commerce.purses import DAY, NEW, NOON, PROGRAM


class Ledger(RuleBasedStateMachine):
    """Any run of bookings, each said once or more, against the sum of the ledger."""

    orders = st.sampled_from(["first", "second", "third"])
    points = st.integers(0, 400)
    times = st.integers(1, 3)

    def __init__(self) -> None:
        super().__init__()
        self.purse = NEW
        self.ledger: tuple[Entry, ...] = ()
        self.now = NOON
        self.count = 0

    def cause(self, order: str) -> Cause:
        self.count += 1
        return Cause(str(self.count), self.now, order)

    def book(self, booked: Booked[Purse]) -> None:
        self.purse, entries = booked
        self.ledger += entries

    @rule(order=orders, points=points, times=times)
    def earn(self, order: str, points: int, times: int) -> None:
        why = self.cause(order)
        for _ in range(times):
            self.book(earn_pending(self.purse, points, why))

    @rule(order=orders, times=times)
    def activate(self, order: str, times: int) -> None:
        why = self.cause(order)
        for _ in range(times):
            self.book(activate(self.purse, why, PROGRAM))

    @rule(order=orders, points=points, times=times)
    def hold(self, order: str, points: int, times: int) -> None:
        why = self.cause(order)
        there = available(self.purse)
        for _ in range(times):
            try:
                self.book(hold(self.purse, points, why))
            except CommerceError:
                assert points > there
                return

    @rule(order=orders, times=times)
    def release(self, order: str, times: int) -> None:
        why = self.cause(order)
        for _ in range(times):
            self.book(release(self.purse, why))

    @rule(order=orders, times=times)
    def spend(self, order: str, times: int) -> None:
        why = self.cause(order)
        for _ in range(times):
            self.book(spend(self.purse, why))

    @rule(order=orders, points=points, times=times)
    def restore(self, order: str, points: int, times: int) -> None:
        why = self.cause(order)
        for _ in range(times):
            self.book(restore(self.purse, points, why, PROGRAM))

    @rule(order=orders, points=points, times=times)
    def reverse(self, order: str, points: int, times: int) -> None:
        why = self.cause(order)
        for _ in range(times):
            self.book(reverse(self.purse, points, why))

    @rule(order=orders, points=points)
    def deliver(self, order: str, points: int) -> None:
        self.book(earn_pending(self.purse, points, self.cause(order)))
        self.book(activate(self.purse, self.cause(order), PROGRAM))

    @rule(order=orders)
    def pay_with_everything(self, order: str) -> None:
        self.book(hold(self.purse, available(self.purse), self.cause(order)))
        self.book(spend(self.purse, self.cause(order)))

    @rule(points=st.integers(-300, 300), times=times)
    def adjust(self, points: int, times: int) -> None:
        why = self.cause("")
        there = available(self.purse)
        for _ in range(times):
            try:
                self.book(adjust(self.purse, points, why, PROGRAM))
            except CommerceError:
                assert -points > there
                return

    @rule(days=st.sampled_from([1, 30, 200, 365]))
    def time_goes_by(self, days: int) -> None:
        self.now += days * DAY
        self.book(expire(self.purse, self.now))

    @invariant()
    def the_ledger_adds_up_to_the_purse(self) -> None:
        assert add_up(self.ledger) == sums(self.purse)

    @invariant()
    def the_balance_is_what_lies_in_lots_and_holds_less_the_debt(self) -> None:
        purse = self.purse
        assert purse.balance == units(purse.lots) + held(purse) - purse.debt
        assert not (purse.debt and purse.lots)

    @invariant()
    def nothing_is_below_zero_but_by_a_reversal(self) -> None:
        purse = self.purse
        assert purse.balance >= 0 or any(e.kind == "reverse" for e in self.ledger)
        assert min(purse.pending, purse.debt, held(purse), available(purse)) >= 0
        assert all(each.points > 0 for each in purse.lots.values())

    @invariant()
    def no_order_gets_back_more_than_it_spent(self) -> None:
        for order in ("first", "second", "third"):
            mine = [each for each in self.ledger if each.order == order]
            assert sum(e.points for e in mine if e.kind in {"spend", "restore"}) <= 0
            earned = {"earn_active", "earn_pending", "reverse"}
            assert sum(e.points + e.pending for e in mine if e.kind in earned) >= 0

    @invariant()
    def no_entry_stands_twice(self) -> None:
        assert len({each.id for each in self.ledger}) == len(self.ledger)


TestLedger = Ledger.TestCase
