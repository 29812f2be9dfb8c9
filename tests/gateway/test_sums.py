"""Money adds up whatever fails, whoever is faster, however often it is repeated."""

import asyncio
from collections.abc import Coroutine, Sequence
from random import Random
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from commerce.errors import CommerceError
from gateway.payment import Simulated
from messages.base import Unavailable
from tests.gateway.bank import (
    CAPTURE_FAILS,
    CHARGED_UNHEARD,
    GOOD,
    REFUND_FLIPS,
    REFUND_PENDING,
    THREE_DS,
    UNHEARD,
    Bank,
)

T = TypeVar("T")
WORTH = {"GIFT-5000-AAAA": 5000, "GIFT-0500-CCCC": 500}
MEANS = (
    *WORTH,
    GOOD,
    THREE_DS,
    CAPTURE_FAILS,
    CHARGED_UNHEARD,
    UNHEARD,
    REFUND_FLIPS,
    REFUND_PENDING,
    "success@mock",
    "instant@mock",
    "late@mock",
)


class Call(Struct, frozen=True):
    """One call of one of two nodes; on what was not charged yet it is a charge."""

    name: Literal["charge", "capture", "void", "refund", "simulate"]
    payment: int
    amount: int
    key: int
    node: int


class Round(Struct, frozen=True):
    """Calls made at once, and how much later the next round is."""

    calls: tuple[Call, ...]
    pause_s: float


CALLS = st.builds(
    Call,
    name=st.sampled_from(["charge", "capture", "void", "refund", "simulate"]),
    payment=st.integers(0, 2),
    amount=st.sampled_from([100, 200, 300, 500]),
    key=st.integers(0, 2),
    node=st.integers(0, 1),
)
ROUNDS = st.lists(
    st.builds(
        Round,
        calls=st.lists(CALLS, min_size=1, max_size=6).map(tuple),
        pause_s=st.sampled_from([0, 0, 2, 10, 1000]),
    ),
    min_size=3,
    max_size=12,
)
# Mostly everybody is about as fast as the others; at times one falls far behind.
TURNS = (0, 1, 1, 2, 3, 90)


class Shop:
    """Two nodes on one ledger that fails, and who keeps asking them."""

    def __init__(self, means: Sequence[str], seed: int, faults: float) -> None:
        self.random = Random(seed)
        self.bank = Bank()
        self.means = means
        self.faults = faults
        ledger = self.bank.ledger
        ledger.turns = lambda: self.random.choice(TURNS)
        ledger.fault = self.fault
        self.nodes = [self.bank.gateway, self.bank.start()]

    def fault(self) -> Any:
        if self.random.random() < self.faults:
            return self.random.choice(["before", "after"])
        return None

    async def live(self, rounds: Sequence[Round]) -> None:
        for each in rounds:
            await asyncio.gather(*(tolerated(self.do(call)) for call in each.calls))
            self.bank.clock.advance(each.pause_s)
            now = self.bank.clock.now()
            await asyncio.gather(*(tolerated(node.wake(now)) for node in self.nodes))
            self.check_pages()
        await self.settle()

    async def do(self, call: Call) -> None:
        gateway = self.nodes[call.node]
        key = f"pay-{call.payment}"
        step = f"{call.name}-{call.key}"
        found = await gateway.look_up(key)
        if found is None or call.name == "charge":
            means = self.means[call.payment % len(self.means)]
            charge = await self.bank.charge(means, amount=500)
            await gateway.authorise(key, charge)
            return
        payment_id = found.id
        match call.name:
            case "capture":
                await gateway.capture(f"{key}/{step}", payment_id, call.amount)
            case "void":
                await gateway.void(f"{key}/{step}", payment_id)
            case "refund":
                await gateway.refund(f"{key}/{step}", payment_id, call.amount)
            case "simulate":
                await gateway.simulate(payment_id, self.event(call))

    def event(self, call: Call) -> Simulated:
        events: list[Simulated] = ["authenticated", "failed", "succeeded", "expired"]
        return events[call.amount % 4]

    def check_pages(self) -> None:
        """Hold at any time, in the middle of anything."""
        keys = []
        for page in self.bank.ledger.pages.values():
            payment = page.payment
            assert 0 <= payment.refunded <= payment.captured <= payment.amount
            refunds = [refund.key for refund in payment.refunds]
            assert len(refunds) == len(set(refunds))
            keys += [step.key for step in page.steps]
        assert len(keys) == len(set(keys))
        for card in self.bank.ledger.gift_cards.values():
            assert card.balance >= 0
            assert all(min(tab.held, tab.spent) >= 0 for tab in card.tabs.values())
            out = sum(tab.held + tab.spent for tab in card.tabs.values())
            assert card.balance + out in WORTH.values()

    async def settle(self) -> None:
        """Once all is mended, pages and gift cards say the same."""
        self.bank.mend()
        for payment_id in list(self.bank.ledger.pages):
            await self.nodes[0].payment(payment_id)
        self.check_pages()
        for card in self.bank.ledger.gift_cards.values():
            for payment_id, tab in card.tabs.items():
                payment = self.bank.ledger.pages[payment_id].payment
                aside = payment.amount if payment.state == "authorized" else 0
                assert (tab.held, tab.spent) == (aside, payment.left)


async def tolerated(call: Coroutine[Any, Any, T]) -> None:
    try:
        await call
    except (CommerceError, Unavailable):
        return


@pytest.fixture(autouse=True)
def tidy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweep gift cards at every step: the hardest case for who falls behind."""
    monkeypatch.setattr("gateway.till._IDLE_TABS", 0)


@given(
    rounds=ROUNDS,
    means=st.lists(st.sampled_from(MEANS), min_size=1, max_size=3),
    seed=st.integers(0, 10_000),
    faults=st.sampled_from([0.0, 0.1, 0.4]),
)
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_money_adds_up(
    rounds: list[Round], means: list[str], seed: int, faults: float
) -> None:
    asyncio.run(Shop(means, seed, faults).live(rounds))


@given(
    rounds=ROUNDS,
    code=st.sampled_from(sorted(WORTH)),
    seed=st.integers(0, 10_000),
    faults=st.sampled_from([0.0, 0.1, 0.4]),
)
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_a_gift_card_adds_up(
    rounds: list[Round], code: str, seed: int, faults: float
) -> None:
    asyncio.run(Shop([code], seed, faults).live(rounds))


@given(
    means=st.sampled_from(MEANS),
    faults=st.lists(st.sampled_from(["before", "after", None]), max_size=12),
    name=st.sampled_from(["capture", "void", "refund"]),
)
@settings(max_examples=150)
def test_look_up_tells_the_truth_about_a_lost_answer(
    means: str, faults: list[Literal["before", "after"] | None], name: str
) -> None:
    async def live() -> None:
        bank = Bank()
        plan = iter(faults)
        bank.ledger.fault = lambda: next(plan, None)
        paid = await _insist(bank, "pay", lambda: bank.pay(means, amount=400))
        if paid is None:
            return

        steps = {
            "capture": lambda: bank.gateway.capture("step", paid.id, 400),
            "void": lambda: bank.gateway.void("step", paid.id),
            "refund": lambda: bank.gateway.refund("step", paid.id, 400),
        }
        await _insist(bank, "step", steps[name])

        assert len(bank.ledger.pages) == 1
        assert [step.key for step in bank.ledger.pages[paid.id].steps] in (
            ["pay"],
            ["pay", "step"],
        )

    asyncio.run(live())


async def _insist(bank: Bank, key: str, call: Any) -> Any:
    """Repeat `call` under its key until it is answered, as an order does.

    Whatever look_up told in between must still be true afterwards.
    """
    seen = None
    while True:
        try:
            await call()
        except Unavailable:
            try:
                found = await bank.gateway.look_up(key)
            except Unavailable:
                continue
            assert seen is None or found is not None
            seen = found or seen
            continue
        except CommerceError:
            pass
        bank.mend()
        told = await bank.gateway.look_up(key)
        if seen is not None:
            assert told is not None
            assert told.id == seen.id
            assert told.captured >= seen.captured
        return told
