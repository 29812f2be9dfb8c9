"""Runs jobs when they are due: each by one runner at a time, however many nodes.

The schedule is kept in the store, so a restart forgets nothing: what fell due meanwhile
is run once, late, or skipped, as the job says. A run may be cut short at any await and
be repeated: jobs are written so that this is harmless.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal, Protocol

import aiojobs
import structlog
from msgspec import Struct

from commerce.job import JobState, Outcome, retry_at
from messages.base import Unavailable
from messages.clock import Clock
from scheduler.every import When
from store.job import Finished
from store.port import StorageError

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
SET_BACK_S = 1.0  # a clock that is corrected by less delays no job noticeably
# Long enough for a slow database, short enough that a dead runner is soon followed.
LEASE_S = 30.0
# A job that skips what it missed still runs if it is less late than this.
SKIP_AFTER = timedelta(seconds=60)
STOP_WITHIN_S = 1.0  # to say that a run was cut short

Report = Mapping[str, Any]
"""What a run found: plain values, put into the log and kept until the next run."""


class Job(Struct, frozen=True, kw_only=True):
    """What is to be done and when; `work` may be repeated, or end at any await.

    `late`: what fell due while nobody ran is done once, or skipped. `jitter_s` spreads
    jobs of many nodes and shops. After `within_s` a run is cut off.
    """

    name: str
    when: When
    work: Callable[[], Awaitable[Report]]
    late: Literal["once", "skip"] = "once"
    jitter_s: float = 0.0
    within_s: float = 300.0


class Schedule(Protocol):
    """Who keeps the schedule; `store.job.JobRepository` says what each promises."""

    async def register(self, name: str, schedule: str, first: datetime) -> None:
        """Know the job."""
        ...

    async def forget_others(self, names: Collection[str]) -> None:
        """Know no other."""
        ...

    async def due(self, now: datetime) -> Sequence[str]:
        """Return what is due and free."""
        ...

    async def claim(
        self, name: str, runner: str, now: datetime, lease_s: float
    ) -> JobState | None:
        """Hold the job, if it is due and free."""
        ...

    async def renew(self, name: str, runner: str, lease_s: float) -> bool:
        """Hold it on."""
        ...

    async def finish(self, name: str, runner: str, run: Finished) -> bool:
        """Keep how it went and give it back."""
        ...


class Runner:
    """Runs `jobs` as `name`, from `start` to `stop`."""

    def __init__(
        self,
        jobs: Sequence[Job],
        schedule: Schedule,
        clock: Clock,
        *,
        name: str,
        random: Random,
    ) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._schedule = schedule
        self._clock = clock
        self._name = name
        self._random = random
        self._running: set[str] = set()
        self._work = aiojobs.Scheduler(limit=None, close_timeout=STOP_WITHIN_S)

    async def start(self) -> None:
        """Make the schedule known and look at it from now on. Raises Away."""
        await self._schedule.forget_others(self._jobs)
        await self._register()
        await self._work.spawn(self._look_forever())

    async def stop(self) -> None:
        """Cut off what runs; it is given back, so that another runner takes it up."""
        await self._work.close()

    async def _register(self) -> None:
        for job in self._jobs.values():
            await self._schedule.register(job.name, str(job.when), self._next(job))

    async def _look_forever(self) -> None:
        ahead = self._ahead()
        while True:
            with _going_on():
                if self._ahead() < ahead - SET_BACK_S:
                    # By the time of before, nothing were due for as long as that.
                    await self._register()
                ahead = self._ahead()
                await self._look()
            await self._clock.sleep(LOOK_EVERY_S)

    def _ahead(self) -> float:
        """Return by how much the time of day is ahead of the steady time."""
        return self._clock.now().timestamp() - self._clock.monotonic()

    async def _look(self) -> None:
        now = self._clock.now()
        for name in await self._schedule.due(now):
            job = self._jobs.get(name)
            if job is not None and name not in self._running:
                await self._begin(job, now)

    async def _begin(self, job: Job, now: datetime) -> None:
        with _going_on():
            state = await self._schedule.claim(job.name, self._name, now, LEASE_S)
            if state is not None:
                self._running.add(job.name)
                await self._work.spawn(self._run(job, state))

    async def _run(self, job: Job, state: JobState) -> None:
        run = Run(job, self._clock)
        keeping = await self._work.spawn(self._keep(run))
        try:
            late = run.began - state.next_run > SKIP_AFTER
            if job.late == "skip" and late and state.asked_by is None:
                run.outcome = "skipped"
            else:
                await run.through()
        finally:
            # Also when the server stops: the lease must not outlive the run.
            await keeping.close()
            try:
                await self._ended(run, state)
            finally:
                self._running.discard(job.name)

    async def _keep(self, run: "Run") -> None:
        """Hold the lease for as long as the run takes."""
        name, held = run.job.name, self._clock.monotonic()
        while self._clock.monotonic() - held < LEASE_S:
            await self._clock.sleep(LEASE_S / 3)
            asked = self._clock.monotonic()
            with _going_on():
                if not await self._schedule.renew(name, self._name, LEASE_S):
                    break
                held = asked
        # Another runner has it, or may have it any moment.
        run.end("cancelled", "the lease ended")

    async def _ended(self, run: "Run", state: JobState) -> None:
        failed = run.outcome in {"failed", "timed_out"}
        failures = 0 if run.outcome == "done" else state.failures + failed
        next_run = self._next(run.job)
        if failed:
            next_run = retry_at(self._clock.now(), failures)
        elif run.outcome == "cancelled":
            next_run = state.next_run
        finished = Finished(
            next_run=next_run,
            began=run.began,
            outcome=run.outcome,
            error=run.error,
            took_ms=run.took_ms,
            failures=failures,
            report=run.report,
        )
        try:
            kept = await self._schedule.finish(run.job.name, self._name, finished)
        except StorageError as trouble:
            # The lease runs out, and the job is run again.
            kept = False
            log.warning("job.not_kept", job=run.job.name, trouble=str(trouble))
        _tell(run, state, finished, kept=kept)

    def _next(self, job: Job) -> datetime:
        spread = timedelta(seconds=self._random.uniform(0, job.jitter_s))
        return job.when.next(self._clock.now()) + spread


@contextmanager
def _going_on() -> Iterator[None]:
    """Tell what breaks in here; no other job, and no later look, waits for it."""
    try:
        yield
    except StorageError as trouble:
        log.warning("jobs.unread", trouble=str(trouble))
    except Exception:
        log.exception("jobs.broke")


class Run:
    """One run of one job; `end` cuts it short."""

    def __init__(self, job: Job, clock: Clock) -> None:
        self.job = job
        self.began = clock.now()
        self.outcome: Outcome = "cancelled"
        self.error: str | None = None
        self.report: Report = {}
        self.trace: BaseException | None = None
        self._clock = clock
        self._started = clock.monotonic()
        self._task: asyncio.Task[Any] | None = None
        self._ended_as: Outcome | None = None

    @property
    def took_ms(self) -> int:
        """How long it has taken so far."""
        return int((self._clock.monotonic() - self._started) * 1000)

    async def through(self) -> None:
        """Do the work, whatever comes of it. Passes on a cancel that is not ours."""
        task = self._task = asyncio.current_task()
        assert task is not None, "jobs are tasks"
        late = self._clock.call_later(
            self.job.within_s, lambda: self.end("timed_out", "it took too long")
        )
        try:
            self.report = await self.job.work()
            self.outcome = "done"
        except asyncio.CancelledError as cut:
            # Ours is taken back: what is left are cancels of others.
            if (task.uncancel() if self._ended_as else task.cancelling()) > 0:
                raise
            if self._ended_as is None:
                self._broke(cut)
            else:
                self.outcome = self._ended_as
        except (StorageError, Unavailable) as trouble:
            self.outcome, self.error = "failed", str(trouble)
        except Exception as bug:  # noqa: BLE001 - a job has nobody to raise to
            self._broke(bug)
        finally:
            late.cancel()
            self._task = None

    def end(self, outcome: Outcome, error: str) -> None:
        """Cut the run short; one that has ended stays as it is."""
        if self._task is not None and self._ended_as is None:
            self._ended_as, self.error = outcome, error
            self._task.cancel()

    def _broke(self, bug: BaseException) -> None:
        self.outcome, self.trace = "failed", bug
        self.error = f"{type(bug).__name__}: {bug}"


def _tell(run: Run, state: JobState, finished: Finished, *, kept: bool) -> None:
    """Write the one line that says everything about a run."""
    # A sweep every few seconds that finds nothing is no news.
    idle = finished.outcome == "done" and not any(finished.report.values())
    write = log.debug if idle and state.asked_by is None else log.info
    if run.trace is not None:
        write = log.error
    elif finished.outcome in {"failed", "timed_out"}:
        write = log.warning
    told: dict[str, Any] = {} if run.trace is None else {"exc_info": run.trace}
    write(
        "job.finished",
        job=run.job.name,
        outcome=finished.outcome,
        error=finished.error,
        took_ms=finished.took_ms,
        late_s=round((run.began - state.next_run).total_seconds(), 3),
        asked_by=state.asked_by,
        runs=state.runs + 1,
        failures=finished.failures,
        next_run=finished.next_run.isoformat(),
        kept=kept,
        report=dict(finished.report),
        **told,
    )
