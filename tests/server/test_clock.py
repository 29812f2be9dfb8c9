"""A server may live at another time, for evaluations, and never in production."""

from datetime import UTC, datetime, timedelta

from actors.runtime.clock import LoopClock
from server.faults import Shifted

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_a_shifted_clock_begins_at_its_time_and_goes_on() -> None:
    clock = Shifted(NOW)

    first, second = clock.now(), clock.now()

    assert NOW <= first <= second < NOW + timedelta(minutes=1)


def test_a_shifted_clock_leaves_durations_alone() -> None:
    assert Shifted(NOW).monotonic is LoopClock.monotonic
