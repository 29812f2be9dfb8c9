"""When to try a model that failed, and when to leave it in peace."""

from actors.runtime.testing import ManualClock
from agent.breaker import FAILURES, LONGEST_REST_S, REST_S, Breaker


def opened(clock: ManualClock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        assert breaker.lets_through()
        breaker.failed()
    return breaker


def test_it_opens_at_the_third_failure_in_a_row() -> None:
    breaker = Breaker(ManualClock())
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.lets_through()

    breaker.failed()

    assert not breaker.lets_through()


def test_a_success_in_between_begins_the_count_again() -> None:
    breaker = Breaker(ManualClock())
    for _ in range(FAILURES - 1):
        breaker.failed()
    breaker.worked()

    for _ in range(FAILURES - 1):
        breaker.failed()

    assert not breaker.is_open


def test_after_its_rest_one_may_try_and_success_opens_the_way() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(REST_S)

    assert breaker.lets_through()
    assert not breaker.lets_through()
    breaker.worked()

    assert breaker.lets_through()
    assert not breaker.is_open


def test_each_trial_that_fails_doubles_the_rest_up_to_a_bound() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    rests = []
    for _ in range(6):
        began = clock.monotonic()
        while not breaker.lets_through():
            clock.advance(REST_S / 2)
        rests.append(clock.monotonic() - began)
        breaker.failed()

    assert rests == [30, 60, 120, 240, LONGEST_REST_S, LONGEST_REST_S]


def test_a_trial_that_was_given_up_lets_the_next_one_try() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(REST_S)
    assert breaker.lets_through()

    breaker.gave_up()

    assert breaker.lets_through()


def test_those_who_began_before_it_opened_do_not_prolong_its_rest() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(REST_S / 2)
    breaker.failed()
    clock.advance(REST_S / 2)

    assert breaker.lets_through()
