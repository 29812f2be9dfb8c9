"""What was done on this node, in the words of Prometheus: turns, sockets, jobs."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from actors.runtime import System
from handlers.sockets import Sockets
from messages.base import Event
from messages.frames import RunFinished, ToolCall
from messages.session import Framed
from store.job import Finished, JobRepository


class Turns(Collector):
    """Counts the turns of conversations by the frames that leave for their topics."""

    def __init__(self, system: System) -> None:
        self._turns: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        system.topics.watch(self._saw)

    def _saw(self, _topic: str, event: Event) -> None:
        if type(event) is not Framed:
            return
        match event.frame:
            case RunFinished(status=status):
                self._turns[status] += 1
            case ToolCall(tool=tool):
                self._calls[tool] += 1

    def collect(self) -> Iterator[Metric]:
        """Yield how many turns ended and how many tools were called."""
        yield _counted(
            "souk_turns", "Turns of conversations that ended", "status", self._turns
        )
        yield _counted(
            "souk_tool_calls", "Tools that the agent called", "tool", self._calls
        )


class SocketMeasures(Collector):
    """Reads the sockets of this node whenever Prometheus asks."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets

    def collect(self) -> Iterator[Metric]:
        """Yield how many are open, and how those ended that are not."""
        yield GaugeMetricFamily(
            "souk_sockets", "Sockets that are open now", value=len(self._sockets)
        )
        yield _counted(
            "souk_sockets_closed", "Sockets closed by us", "code", self._sockets.closed
        )


class MeasuredJobs(JobRepository):
    """Keeps the schedule and counts the runs that end on this node."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.runs: Counter[tuple[str, str]] = Counter()
        self.took_ms: Counter[str] = Counter()
        self.failures: dict[str, int] = {}

    async def finish(self, name: str, runner: str, run: Finished) -> bool:
        """Keep how the run went, as always, and count it."""
        self.runs[name, run.outcome] += 1
        self.took_ms[name] += run.took_ms
        self.failures[name] = run.failures
        return await super().finish(name, runner, run)


class JobMeasures(Collector):
    """Reads the runs of jobs whenever Prometheus asks."""

    def __init__(self, jobs: MeasuredJobs) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        """Yield how often jobs ran, how they ended, and how long they took."""
        runs = CounterMetricFamily(
            "souk_job_runs", "Runs of jobs that ended here", labels=["job", "outcome"]
        )
        took = SummaryMetricFamily(
            "souk_job_seconds", "How long runs of jobs took", labels=["job"]
        )
        row = GaugeMetricFamily(
            "souk_job_failures", "How often a job failed in a row", labels=["job"]
        )
        for (job, outcome), count in self._jobs.runs.items():
            runs.add_metric([job, outcome], count)
        for job, took_ms in self._jobs.took_ms.items():
            count = sum(n for (each, _), n in self._jobs.runs.items() if each == job)
            took.add_metric([job], count, took_ms / 1000)
            row.add_metric([job], self._jobs.failures[job])
        yield from (runs, took, row)


def _counted(name: str, said: str, label: str, counts: Counter[Any]) -> Metric:
    family = CounterMetricFamily(name, said, labels=[label])
    for value, count in counts.items():
        family.add_metric([str(value)], count)
    return family
