"""What models cost is counted, and a day's limit ends with the day."""

from datetime import UTC, datetime

from actors.runtime.testing import ManualClock
from agent.budget import Budget, Limits
from agent.model import Spent

EVENING = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


def budget(**limits: int) -> tuple[Budget, ManualClock]:
    clock = ManualClock(EVENING)
    return Budget(Limits(**limits), clock), clock


def test_without_a_limit_it_is_never_spent() -> None:
    counted, _ = budget()

    counted.spend("small", Spent(10**9, 10**9))

    assert not counted.is_spent()


def test_tokens_are_enough_at_the_limit_until_midnight() -> None:
    counted, clock = budget(daily_tokens=100)
    counted.spend("small", Spent(60, 39))
    assert not counted.is_spent()

    counted.spend("small", Spent(0, 1))

    assert counted.is_spent()
    clock.advance(1800)
    assert not counted.is_spent()


def test_cost_is_counted_to_the_last_token() -> None:
    counted, _ = budget(
        daily_cost_cents=1, input_price_cents=250, output_price_cents=1000
    )

    counted.spend("small", Spent(2000, 499))
    assert not counted.is_spent()
    assert counted.cents_today() == 0
    counted.spend("small", Spent(4, 0))

    assert counted.is_spent()
    assert counted.cents_today() == 1


def test_each_model_has_a_count_of_its_own() -> None:
    counted, _ = budget()

    counted.spend("small", Spent(1, 2))
    counted.spend("large", Spent(3, 4))
    counted.spend("large", Spent(3, 4))

    small, large = counted.of("small"), counted.of("large")
    assert (small.input_tokens, small.output_tokens) == (1, 2)
    assert (large.input_tokens, large.output_tokens) == (6, 8)
