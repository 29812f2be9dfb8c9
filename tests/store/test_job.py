"""One schedule, kept in memory, in a mongod, and in what stands in for one."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol

import pytest
from bson import Code

from actors.runtime.testing import ManualClock
from commerce.job import JobNotFound, JobRunning, JobState
from scheduler.runner import Schedule
from store.client import Database, close, connect
from store.job import Finished, JobRepository
from tests.scheduler.memory_schedule import MemorySchedule

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
LEASE_S = 3600.0
_numbers = count()


class Kept(Schedule, Protocol):
    """A schedule as operators see it, too."""

    async def all(self) -> Sequence[JobState]: ...

    async def ask(self, name: str, by: str, now: datetime) -> JobState: ...


def finished(next_run: datetime, **told: object) -> Finished:
    usual = {"began": NOON, "outcome": "done", "took_ms": 7, "failures": 0}
    return Finished(next_run=next_run, report={"found": 3}, **{**usual, **told})  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "mongod", "secantusdb"])
async def schedule(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    if request.param == "memory":
        yield MemorySchedule(ManualClock())
        return
    fixture = "mongod_url" if request.param == "mongod" else "secantus_url"
    db = await connect(request.getfixturevalue(fixture), f"jobs{next(_numbers)}")
    yield JobRepository(db)
    await db.client.drop_database(db.name)
    close(db)


async def test_a_new_job_is_first_due_when_it_says(schedule: Kept) -> None:
    await schedule.register("sweep", "every 5 s", NOON)

    assert await schedule.due(NOON - timedelta(seconds=1)) == []
    assert await schedule.due(NOON) == ["sweep"]


async def test_a_known_job_keeps_its_time_unless_its_schedule_changed(
    schedule: Kept,
) -> None:
    await schedule.register("same", "every 5 s", NOON)
    await schedule.register("changed", "every 5 s", NOON)

    await schedule.register("same", "every 5 s", LATER)
    await schedule.register("changed", "every 9 s", LATER)

    assert [each.next_run for each in await schedule.all()] == [LATER, NOON]


async def test_a_known_job_is_not_due_later_than_a_new_one(schedule: Kept) -> None:
    await schedule.register("sweep", "every 5 s", LATER)

    await schedule.register("sweep", "every 5 s", NOON)

    assert await schedule.due(NOON) == ["sweep"]


async def test_what_is_no_job_any_more_is_forgotten(schedule: Kept) -> None:
    await schedule.register("old", "every 5 s", NOON)
    await schedule.register("new", "every 5 s", NOON)

    await schedule.forget_others(["new"])

    assert [each.name for each in await schedule.all()] == ["new"]


async def test_one_runner_at_a_time_holds_a_job(schedule: Kept) -> None:
    await schedule.register("sweep", "every 5 s", NOON)

    first = await schedule.claim("sweep", "a", NOON, LEASE_S)
    second = await schedule.claim("sweep", "b", NOON, LEASE_S)

    assert first is not None
    assert second is None
    assert [each.runner for each in await schedule.all()] == ["a"]


async def test_a_job_that_is_not_due_is_not_held(schedule: Kept) -> None:
    await schedule.register("sweep", "every 5 s", LATER)

    assert await schedule.claim("sweep", "a", NOON, LEASE_S) is None


async def test_a_lease_that_is_over_is_followed_and_cannot_be_renewed(
    schedule: Kept,
) -> None:
    await schedule.register("sweep", "every 5 s", NOON)
    await schedule.claim("sweep", "dead", NOON, 0)

    heir = await schedule.claim("sweep", "heir", NOON, LEASE_S)

    assert heir is not None
    assert not await schedule.renew("sweep", "dead", LEASE_S)
    assert not await schedule.finish("sweep", "dead", finished(LATER))
    assert await schedule.renew("sweep", "heir", LEASE_S)


async def test_how_a_run_went_is_kept_and_the_job_is_free(schedule: Kept) -> None:
    await schedule.register("sweep", "every 5 s", NOON)
    await schedule.claim("sweep", "a", NOON, LEASE_S)

    kept = await schedule.finish(
        "sweep", "a", finished(LATER, outcome="failed", error="away", failures=2)
    )

    assert kept
    assert await schedule.all() == [
        JobState(
            name="sweep",
            schedule="every 5 s",
            next_run=LATER,
            last_run=NOON,
            last_outcome="failed",
            last_error="away",
            last_took_ms=7,
            runs=1,
            failures=2,
            report={"found": 3},
        )
    ]
    assert await schedule.claim("sweep", "b", LATER, LEASE_S) is not None


async def test_asking_for_a_job_makes_it_due_once(schedule: Kept) -> None:
    await schedule.register("sweep", "every 5 s", LATER)

    asked = await schedule.ask("sweep", "olga", NOON)

    assert (asked.next_run, asked.asked_by) == (NOON, "olga")
    await schedule.claim("sweep", "a", NOON, LEASE_S)
    await schedule.finish("sweep", "a", finished(LATER))
    assert [each.asked_by for each in await schedule.all()] == [None]


async def test_asking_never_delays_what_is_overdue(schedule: Kept) -> None:
    await schedule.register("sweep", "every 5 s", NOON)

    asked = await schedule.ask("sweep", "olga", LATER)

    assert asked.next_run == NOON


async def test_a_job_that_runs_or_is_none_cannot_be_asked_for(schedule: Kept) -> None:
    await schedule.register("sweep", "every 5 s", NOON)
    await schedule.claim("sweep", "a", NOON, LEASE_S)

    with pytest.raises(JobRunning):
        await schedule.ask("sweep", "olga", NOON)
    with pytest.raises(JobNotFound):
        await schedule.ask("nap", "olga", NOON)


@pytest.mark.parametrize(
    "by_hand",
    [
        {"next_run": "noon"},
        {"schedule": 5},
        {"failures": "many"},
        {"last_outcome": "splendid"},
        {"report": {"seen": Code("1 + 1")}},
        {"report": 7},
    ],
)
async def test_a_job_that_a_hand_edited_is_told_of_and_mended_by_its_next_run(
    database: Database, by_hand: dict[str, object]
) -> None:
    jobs = JobRepository(database)
    await jobs.register("sweep", "every 5 s", NOON)
    await jobs.register("tidy", "every 5 s", NOON)
    await database["jobs"].update_one({"_id": "sweep"}, {"$set": by_hand})

    sweep, tidy = await jobs.all()
    assert (sweep.name, sweep.last_outcome, tidy.failures) == ("sweep", "failed", 0)
    assert "cannot be read" in (sweep.last_error or "")

    await jobs.register("sweep", "every 5 s", NOON)
    assert await jobs.claim("sweep", "a", NOON, LEASE_S) is not None
    assert await jobs.finish("sweep", "a", finished(LATER))
    await jobs.register("sweep", "every 5 s", LATER)
    [mended, _] = await jobs.all()
    assert (mended.last_outcome, mended.last_error) == ("done", None)


@pytest.mark.parametrize("lease", ["mine", {}, {"owner": "a"}, {"until": "noon"}])
async def test_a_lease_that_a_hand_broke_holds_nothing(
    database: Database, lease: object
) -> None:
    jobs = JobRepository(database)
    await jobs.register("sweep", "every 5 s", NOON)
    await database["jobs"].update_one({"_id": "sweep"}, {"$set": {"lease": lease}})

    assert [each.runner for each in await jobs.all()] == [None]
    assert await jobs.claim("sweep", "a", NOON, LEASE_S) is not None
