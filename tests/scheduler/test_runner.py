"""Who runs a job, and what becomes of it: on a clock that the tests turn."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from actors.runtime.testing import ManualClock, steps
from commerce.job import JobState
from messages.base import Unavailable
from scheduler.every import At, Every
from scheduler.runner import LEASE_S, Job, Report, Runner
from tests.scheduler.memory_schedule import MemorySchedule


class Work:
    """Work that ends when a test says so, and how often it was begun."""

    def __init__(
        self, trouble: BaseException | None = None, *, hangs: bool = False
    ) -> None:
        self.trouble = trouble
        self.begun = 0
        self.done = asyncio.Event()
        if not hangs:
            self.done.set()

    async def __call__(self) -> Report:
        self.begun += 1
        await self.done.wait()
        if self.trouble is not None:
            raise self.trouble
        return {"swept": self.begun}


class Nodes:
    """Some runners over one schedule."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.schedule = MemorySchedule(self.clock)
        self.runners: list[Runner] = []

    async def start(self, *jobs: Job, name: str = "a") -> Runner:
        runner = Runner(jobs, self.schedule, self.clock, name=name, random=Random(1))
        self.runners.append(runner)
        await runner.start()
        await steps()
        return runner

    async def pass_by(self, seconds: float) -> None:
        """Live through so many seconds, one look at a time."""
        for _ in range(int(seconds)):
            self.clock.advance(1)
            await steps()

    async def seen(self) -> JobState:
        """Return the only job there is."""
        [job] = await self.schedule.all()
        return job


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    every = Nodes()
    yield every
    for runner in every.runners:
        await runner.stop()


def sweep(work: Work, **told: Any) -> Job:
    return Job(**{"name": "sweep", "when": Every(10), "work": work, **told})


async def test_a_job_runs_each_time_it_is_due(nodes: Nodes) -> None:
    work = Work()
    await nodes.start(sweep(work))

    await nodes.pass_by(9)
    early = work.begun
    await nodes.pass_by(22)

    assert (early, work.begun) == (0, 3)
    assert (await nodes.seen()).report == {"swept": 3}


async def test_of_many_nodes_one_runs_it(nodes: Nodes) -> None:
    work = Work(hangs=True)
    for name in "abc":
        await nodes.start(sweep(work), name=name)

    await nodes.pass_by(60)

    assert work.begun == 1


async def test_a_run_longer_than_its_lease_is_held_on(nodes: Nodes) -> None:
    work = Work(hangs=True)
    await nodes.start(sweep(work))
    await nodes.start(sweep(work), name="b")

    await nodes.pass_by(10 + 3 * LEASE_S)
    work.done.set()
    await steps()

    job = await nodes.seen()
    assert (work.begun, job.runs, job.last_outcome) == (1, 1, "done")


async def test_a_runner_that_died_is_followed(nodes: Nodes) -> None:
    work = Work()
    await nodes.schedule.register("sweep", "every 10 s", nodes.clock.now())
    await nodes.schedule.claim("sweep", "dead", nodes.clock.now(), LEASE_S)
    await nodes.start(sweep(work))

    await nodes.pass_by(LEASE_S - 1)
    before = work.begun
    await nodes.pass_by(2)

    assert (before, work.begun) == (0, 1)


async def test_a_run_that_lost_its_lease_is_cut_off(nodes: Nodes) -> None:
    work = Work(hangs=True)
    await nodes.start(sweep(work))
    await nodes.pass_by(10)
    nodes.schedule._until.clear()
    await nodes.schedule.claim("sweep", "thief", nodes.clock.now(), LEASE_S)

    with capture_logs() as logs:
        await nodes.pass_by(LEASE_S / 3)

    [line] = [each for each in logs if each["event"] == "job.finished"]
    assert (line["outcome"], line["kept"]) == ("cancelled", False)
    assert (await nodes.seen()).runner == "thief"


async def test_a_run_is_cut_off_where_its_lease_cannot_be_held(nodes: Nodes) -> None:
    work = Work(hangs=True)
    await nodes.start(sweep(work))
    await nodes.pass_by(10)
    nodes.schedule.away = True

    with capture_logs() as logs:
        await nodes.pass_by(LEASE_S)

    [line] = [each for each in logs if each["event"] == "job.finished"]
    assert (line["outcome"], line["error"]) == ("cancelled", "the lease ended")


async def test_a_clock_that_is_set_back_holds_up_no_job(nodes: Nodes) -> None:
    work = Work()
    await nodes.start(sweep(work))
    await nodes.pass_by(11)

    nodes.clock.set_back(600)
    await nodes.pass_by(12)

    assert work.begun == 2


async def test_a_start_after_the_clock_was_set_back_holds_up_no_job(
    nodes: Nodes,
) -> None:
    work = Work()
    runner = await nodes.start(sweep(work))
    await runner.stop()

    nodes.clock.set_back(600)
    await nodes.start(sweep(work))
    await nodes.pass_by(11)

    assert work.begun == 1


async def test_a_job_that_a_hand_made_unreadable_stops_no_other(nodes: Nodes) -> None:
    good = Work()
    nodes.schedule.unreadable.add("sweep")
    await nodes.start(sweep(Work()), sweep(good, name="other"))

    with capture_logs() as logs:
        await nodes.pass_by(21)

    assert good.begun == 2
    assert "jobs.broke" in {each["event"] for each in logs}


async def test_what_was_missed_runs_once_late(nodes: Nodes) -> None:
    work = Work()
    await nodes.schedule.register("sweep", "every 10 s", nodes.clock.now())
    nodes.clock.advance(3600)

    await nodes.start(sweep(work))
    await nodes.pass_by(9)

    assert work.begun == 1


async def test_what_was_missed_is_skipped_where_late_is_too_late(nodes: Nodes) -> None:
    work = Work()
    await nodes.schedule.register("sweep", "at 0 * * * *", nodes.clock.now())
    nodes.clock.advance(1800)

    await nodes.start(sweep(work, when=At("0 * * * *"), late="skip"))

    job = await nodes.seen()
    assert (work.begun, job.last_outcome) == (0, "skipped")
    assert job.next_run == nodes.clock.now() + timedelta(minutes=30)


async def test_asked_for_it_runs_however_late_it_is(nodes: Nodes) -> None:
    work = Work()
    await nodes.start(sweep(work, when=At("0 0 * * *"), late="skip"))

    await nodes.schedule.ask("sweep", "olga", nodes.clock.now() - timedelta(hours=1))
    with capture_logs() as logs:
        await nodes.pass_by(1)

    assert work.begun == 1
    assert [each["asked_by"] for each in logs] == ["olga"]


async def test_trouble_outside_is_tried_again_later_and_later(nodes: Nodes) -> None:
    work = Work(Unavailable("the actors are not there yet"))
    await nodes.start(sweep(work))

    await nodes.pass_by(10)
    first = await nodes.seen()
    await nodes.pass_by(10)
    second = await nodes.seen()

    assert (first.failures, first.last_error) == (1, "the actors are not there yet")
    assert first.next_run - nodes.clock.now() == timedelta(seconds=0)
    assert second.next_run - nodes.clock.now() == timedelta(seconds=20)


async def test_being_cut_off_ends_no_back_off(nodes: Nodes) -> None:
    work = Work(Unavailable("away"))
    runner = await nodes.start(sweep(work))
    await nodes.pass_by(10)
    work.done.clear()
    await nodes.pass_by(10)

    await runner.stop()

    job = await nodes.seen()
    assert (job.last_outcome, job.failures) == ("cancelled", 1)


async def test_success_ends_the_back_off(nodes: Nodes) -> None:
    work = Work(Unavailable("away"))
    await nodes.start(sweep(work))
    await nodes.pass_by(20)

    work.trouble = None
    await nodes.pass_by(20)

    job = await nodes.seen()
    assert (job.failures, job.last_error) == (0, None)
    assert job.next_run - nodes.clock.now() == timedelta(seconds=10)


async def test_a_bug_is_told_with_its_trace_and_stops_no_other_job(
    nodes: Nodes,
) -> None:
    good = Work()
    await nodes.start(
        sweep(Work(ZeroDivisionError("by zero"))), sweep(good, name="other")
    )

    with capture_logs() as logs:
        await nodes.pass_by(10)

    [line] = [each for each in logs if each["job"] == "sweep"]
    assert (line["log_level"], line["outcome"]) == ("error", "failed")
    assert line["error"] == "ZeroDivisionError: by zero"
    assert isinstance(line["exc_info"], ZeroDivisionError)
    assert good.begun == 1


async def test_what_is_cancelled_within_a_job_is_its_bug_and_not_tried_at_once(
    nodes: Nodes,
) -> None:
    work = Work(asyncio.CancelledError("within"))
    await nodes.start(sweep(work))

    await nodes.pass_by(15)

    job = await nodes.seen()
    assert (work.begun, job.last_outcome, job.failures) == (1, "failed", 1)


async def test_a_job_that_hangs_is_timed_out(nodes: Nodes) -> None:
    work = Work(hangs=True)
    await nodes.start(sweep(work, within_s=5))

    await nodes.pass_by(16)

    job = await nodes.seen()
    assert (job.last_outcome, job.last_error) == ("timed_out", "it took too long")
    assert (job.last_took_ms, job.runner, job.failures) == (5000, None, 1)


async def test_stopping_cuts_a_run_off_and_gives_the_job_back(nodes: Nodes) -> None:
    work = Work(hangs=True)
    runner = await nodes.start(sweep(work))
    await nodes.pass_by(10)

    await runner.stop()

    job = await nodes.seen()
    assert (job.last_outcome, job.runner) == ("cancelled", None)
    assert job.next_run <= nodes.clock.now()


async def test_stopping_twice_or_before_starting_does_nothing(nodes: Nodes) -> None:
    runner = Runner([], nodes.schedule, nodes.clock, name="a", random=Random(1))

    await runner.stop()
    await runner.stop()


async def test_a_database_that_is_away_only_delays(nodes: Nodes) -> None:
    work = Work()
    await nodes.start(sweep(work))
    nodes.schedule.away = True
    with capture_logs() as logs:
        await nodes.pass_by(20)

    nodes.schedule.away = False
    await nodes.pass_by(2)

    assert {each["event"] for each in logs} == {"jobs.unread"}
    assert work.begun == 1


async def test_an_outcome_that_cannot_be_kept_means_one_more_run(nodes: Nodes) -> None:
    work = Work(hangs=True)
    await nodes.start(sweep(work))
    await nodes.pass_by(10)

    nodes.schedule.away = True
    work.done.set()
    await steps()
    nodes.schedule.away = False
    await nodes.pass_by(LEASE_S + 1)

    job = await nodes.seen()
    assert (work.begun, job.last_outcome) == (2, "done")


async def test_one_line_tells_everything_about_a_run(nodes: Nodes) -> None:
    await nodes.start(sweep(Work()))

    with capture_logs() as logs:
        await nodes.pass_by(11)

    [line] = logs
    assert line == {
        "event": "job.finished",
        "log_level": "info",
        "job": "sweep",
        "outcome": "done",
        "error": None,
        "took_ms": 0,
        "late_s": 0.0,
        "asked_by": None,
        "runs": 1,
        "failures": 0,
        "next_run": "2026-01-01T12:00:20+00:00",
        "kept": True,
        "report": {"swept": 1},
    }


async def test_jitter_spreads_and_stays_within_its_bound(nodes: Nodes) -> None:
    await nodes.start(sweep(Work(), jitter_s=600))

    wait = (await nodes.seen()).next_run - nodes.clock.now()

    assert timedelta(seconds=10) < wait < timedelta(seconds=610)
