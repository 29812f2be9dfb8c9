"""The schedule in memory; passes the same suite as the one in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from msgspec import ValidationError
from msgspec.structs import asdict, replace

from commerce.job import JobNotFound, JobRunning, JobState
from messages.clock import Clock
from store.job import Finished
from store.port import Away


class MemorySchedule:
    """Fulfils `scheduler.runner.Schedule`; leases go by `clock`, as the server's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, JobState] = {}
        self._until: dict[str, datetime] = {}
        self.away = False
        self.unreadable: set[str] = set()
        """Jobs of which nobody understands what is kept."""

    async def register(self, name: str, schedule: str, first: datetime) -> None:
        known = self._jobs.get(name)
        if known is None:
            self._jobs[name] = JobState(name=name, schedule=schedule, next_run=first)
        else:
            same = known.schedule == schedule
            due = min(known.next_run, first) if same else first
            self._jobs[name] = replace(known, schedule=schedule, next_run=due)

    async def forget_others(self, names: Collection[str]) -> None:
        for name in set(self._jobs).difference(names):
            del self._jobs[name]

    async def all(self) -> Sequence[JobState]:
        return [self._seen(self._jobs[name]) for name in sorted(self._jobs)]

    async def due(self, now: datetime) -> Sequence[str]:
        if self.away:
            raise Away("the database cannot be reached")
        found = sorted(self._jobs.values(), key=lambda each: each.next_run)
        return [each.name for each in found if each.next_run <= now]

    async def claim(
        self, name: str, runner: str, now: datetime, lease_s: float
    ) -> JobState | None:
        if name in self.unreadable:
            raise ValidationError("Expected `str`, got `int` - at `$.schedule`")
        job = self._jobs[name]
        if job.next_run > now or self._seen(job).runner is not None:
            return None
        self._hold(job, runner, lease_s)
        return self._jobs[name]

    async def renew(self, name: str, runner: str, lease_s: float) -> bool:
        if self.away:
            raise Away("the database cannot be reached")
        if self._jobs[name].runner != runner:
            return False
        self._hold(self._jobs[name], runner, lease_s)
        return True

    async def finish(self, name: str, runner: str, run: Finished) -> bool:
        if self.away:
            raise Away("the database cannot be reached")
        job = self._jobs[name]
        if job.runner != runner:
            return False
        told = asdict(run)
        names = {"began": "run", "outcome": "outcome", "error": "error"}
        last = {f"last_{to}": told.pop(name) for name, to in names.items()}
        last["last_took_ms"] = told.pop("took_ms")
        self._jobs[name] = replace(
            job, runner=None, asked_by=None, runs=job.runs + 1, **last, **told
        )
        return True

    async def ask(self, name: str, by: str, now: datetime) -> JobState:
        if name not in self._jobs:
            raise JobNotFound(name)
        job = self._jobs[name]
        if self._seen(job).runner is not None:
            raise JobRunning(name)
        self._jobs[name] = replace(
            job, runner=None, asked_by=by, next_run=min(job.next_run, now)
        )
        return self._jobs[name]

    def _hold(self, job: JobState, runner: str, lease_s: float) -> None:
        self._until[job.name] = self._clock.now() + timedelta(seconds=lease_s)
        self._jobs[job.name] = replace(job, runner=runner)

    def _seen(self, job: JobState) -> JobState:
        held = job.name in self._until and self._until[job.name] > self._clock.now()
        return job if held else replace(job, runner=None)
