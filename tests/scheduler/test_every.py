"""When a job is due."""

from datetime import UTC, datetime, timedelta

from commerce.job import RETRY_AT_MOST, retry_at
from scheduler.every import At, Every

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_an_interval_counts_from_the_last_run() -> None:
    assert Every(5).next(NOON) == NOON + timedelta(seconds=5)


def test_a_time_of_the_day_comes_today_or_tomorrow() -> None:
    at = At("30 12 * * *")

    assert at.next(NOON) == NOON + timedelta(minutes=30)
    assert at.next(NOON + timedelta(minutes=30)) == NOON + timedelta(hours=24.5)


def test_a_schedule_is_known_by_its_text() -> None:
    assert [str(Every(0.5)), str(At("20 3 * * *"))] == ["every 0.5 s", "at 20 3 * * *"]


def test_what_fails_is_tried_twice_as_late_each_time_but_never_given_up() -> None:
    waits = [(retry_at(NOON, n) - NOON).total_seconds() for n in (1, 2, 3)]

    assert waits == [10, 20, 40]
    assert retry_at(NOON, 9_999) - NOON == RETRY_AT_MOST
