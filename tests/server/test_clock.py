"""A server may live at another time, for evaluations, and never in production."""

from datetime import UTC, datetime, timedelta

from actors.runtime.clock import LoopClock
from server.config import load
from server.faults import Shifted, clock

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_a_shifted_clock_begins_at_its_time_and_goes_on() -> None:
    clock = Shifted(NOW)

    first, second = clock.now(), clock.now()

    assert NOW <= first <= second < NOW + timedelta(minutes=1)


def test_a_shifted_clock_leaves_durations_alone() -> None:
    assert Shifted(NOW).monotonic is LoopClock.monotonic


def test_the_configuration_names_the_time_at_which_a_server_starts() -> None:
    told = load({"SOUK__FAULTS__NOW": "2026-11-23T10:00:00Z"})

    assert NOW <= clock(told).now() < NOW + timedelta(minutes=1)


def test_in_production_it_is_always_now() -> None:
    production = load(
        {
            "SOUK__FAULTS__NOW": "2026-11-23T10:00:00Z",
            "APP_ENV": "production",
            "JWT_SECRET_KEY": "0123456789abcdef0123456789abcdef",
        }
    )

    assert isinstance(clock(production), LoopClock)
    assert not isinstance(clock(production), Shifted)
