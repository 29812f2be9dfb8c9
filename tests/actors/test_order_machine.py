"""Whatever fails, delays or crashes around a checkout, the books add up.

`python -m bench faults` looks at many more of these worlds.
"""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from actors import order_pay, order_reserve
from actors.runtime.stored import Stored
from commerce import cart_checkout
from tests.actors.order_books import Broken
from tests.actors.order_machine import Checkout
from tests.actors.order_trouble import Trouble
from tests.gateway.bank import GOOD

WORLDS = settings(
    max_examples=100,
    stateful_step_count=25,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# The same worlds each time; to find one is enough, it need not be the shortest.
HUNT = settings(
    WORLDS,
    max_examples=200,
    phases=[Phase.generate],
    derandomize=True,
    report_multiple_bugs=False,
)

Checkout.TestCase.settings = WORLDS
TestCheckout = Checkout.TestCase


def lived(seed: int) -> tuple[int, float]:
    """Return how far a world with a crash in it got, by its steps and its clock."""
    machine = Checkout()
    machine.open(
        seed=seed,
        troubles=[Trouble("store", "killed before", seed % 8)],
        saving={"ann"},
        means=[("ann", GOOD, ""), ("bob", GOOD, "")],
    )
    machine.live(10.0)
    loop = machine.world.loop
    machine.teardown()
    return loop.steps, loop.time()


def test_a_world_that_crashes_is_the_same_each_time() -> None:
    first = [lived(seed) for seed in range(12)]
    # What stands elsewhere in memory this time.
    moved = [bytearray(size) for size in range(2000)]

    assert [lived(seed) for seed in range(12)] == first
    assert len(moved) == 2000


# A guard that could be left out without the machine failing would guard nothing.


def is_noticed() -> bool:
    try:
        run_state_machine_as_test(Checkout, settings=HUNT)
    except Broken:
        return True
    return False


def test_money_that_is_not_voided_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def kept(_outside: Any, state: Any, _number: int) -> Any:
        return state

    monkeypatch.setattr(order_pay, "_let_go", kept)

    assert is_noticed()


def test_holds_that_are_not_given_back_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(order_reserve, "promise_release", lambda *_: None)

    assert is_noticed()


def test_a_cart_that_is_not_frozen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cart_checkout, "freeze", lambda cart, *_, **__: cart)

    assert is_noticed()


def test_a_charge_under_a_new_key_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count()

    def key(state: Any, number: int, call: str) -> str:
        return f"{state.id}/{number}/{call}/{next(numbers)}"

    monkeypatch.setattr(order_pay, "journal_key", key)

    assert is_noticed()


def test_an_edit_that_is_repeated_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stored, "outcome", lambda _stored, _effect: None)

    assert is_noticed()
