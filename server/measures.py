"""The runtime's own measures, in the words of Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from actors.runtime import System
from actors.runtime.metrics import Histogram, KindMetrics
from agent.budget import Budget
from store.lane import Flush

COUNTERS = {
    "messages": "Messages handled",
    "commits": "Commits made",
    "lost": "Commits lost to another owner or a hand",
    "unknown": "Commits whose outcome was unknown",
    "away": "Commits and loads that failed because the database was away",
    "refused": "Messages refused by a rule of the shop",
    "restarts": "Actors restarted after a bug",
    "busy": "Messages refused by a full mailbox",
    "activations": "Actors activated",
    "passivations": "Actors put to sleep",
    "dead_letters": "Messages given up",
}
# Name, what it is, and by how much its whole numbers are too large.
HISTOGRAMS = {
    "batch": ("batch_messages", "Messages handled in one turn", 1),
    "depth": ("mailbox_depth", "Messages waiting when a turn began", 1),
    "age": ("mailbox_age_seconds", "How long the oldest of them had waited", 1e6),
    "turn": ("turn_seconds", "How long a turn took without its commit", 1e6),
    "commit": ("commit_seconds", "How long a commit was under way", 1e6),
}
# What is told of the round trips to the database, gathered over actors.
FLUSHES = {
    "items": ("flush_items", "Writes or claims gathered into one round trip", 1),
    "waited": ("flush_wait_seconds", "How long the first of them waited", 1e6),
    "took": ("flush_seconds", "How long the round trip took", 1e6),
}
PROMISES = {
    "promises_sent": "Promises sent, each time they were",
    "promises_kept": "Promises that were answered",
}
# What is told of each language model.
MODELS = {
    "answers": "Answers that a model gave",
    "failures": "Times a model was away, stalled or broke off",
    "input_tokens": "Tokens that a model read",
    "output_tokens": "Tokens that a model wrote",
}


class Flushes:
    """Counts the store's round trips, by what was done to which collection."""

    def __init__(self) -> None:
        self.lanes: dict[str, dict[str, Histogram]] = {}

    def took_place(self, flush: Flush) -> None:
        """Count one round trip."""
        lane = self.lanes.get(flush.lane)
        if lane is None:
            lane = self.lanes[flush.lane] = {name: Histogram() for name in FLUSHES}
        lane["items"].add(flush.items)
        lane["waited"].add(int(flush.waited_s * 1e6))
        lane["took"].add(int(flush.took_s * 1e6))


class FlushMeasures(Collector):
    """Reads the store's round trips whenever Prometheus asks."""

    def __init__(self, flushes: Flushes) -> None:
        self._flushes = flushes

    def collect(self) -> Iterator[Metric]:
        """Yield one family per measure, labelled by lane."""
        for name, (told, said, scale) in FLUSHES.items():
            family = HistogramMetricFamily(f"souk_{told}", said, labels=["lane"])
            for lane, measured in self._flushes.lanes.items():
                histogram = measured[name]
                family.add_metric(
                    [lane], _buckets(histogram, scale), histogram.sum / scale
                )
            yield family


class ActorMeasures(Collector):
    """Reads the system's metrics whenever Prometheus asks."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._metrics = system.metrics

    def collect(self) -> Iterator[Metric]:
        """Yield one family per measure, labelled by kind of actor."""
        kinds = self._metrics.kinds
        for name, said in COUNTERS.items():
            counter = CounterMetricFamily(f"souk_actor_{name}", said, labels=["kind"])
            for kind, measured in kinds.items():
                counter.add_metric([kind], getattr(measured, name))
            yield counter
        for name in HISTOGRAMS:
            yield self._histogram(name, kinds)
        awake = GaugeMetricFamily(
            "souk_actors_awake", "Actors in memory now", labels=["kind"]
        )
        for kind, count in self._system.awake().items():
            awake.add_metric([kind], count)
        yield awake
        for name, said in PROMISES.items():
            value = getattr(self._metrics, name)
            yield CounterMetricFamily(f"souk_{name}", said, value=value)
        yield CounterMetricFamily(
            "souk_asks_expired",
            "Asks that got no answer in time",
            value=self._metrics.asks_expired,
        )

    def _histogram(
        self, name: str, kinds: dict[str, KindMetrics]
    ) -> HistogramMetricFamily:
        told, said, scale = HISTOGRAMS[name]
        family = HistogramMetricFamily(f"souk_actor_{told}", said, labels=["kind"])
        for kind, measured in kinds.items():
            histogram: Histogram = getattr(measured, name)
            family.add_metric([kind], _buckets(histogram, scale), histogram.sum / scale)
        return family


class ModelMeasures(Collector):
    """Reads what language models did and cost whenever Prometheus asks."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def collect(self) -> Iterator[Metric]:
        """Yield one family per measure, labelled by model."""
        for name, said in MODELS.items():
            family = CounterMetricFamily(f"souk_model_{name}", said, labels=["model"])
            for model, used in self._budget.models.items():
                family.add_metric([model], getattr(used, name))
            yield family
        reasons = CounterMetricFamily(
            "souk_model_handovers", "Why the built-in model answered", labels=["reason"]
        )
        for reason, count in self._budget.reasons.items():
            reasons.add_metric([reason], count)
        yield reasons


def _buckets(histogram: Histogram, scale: float) -> list[tuple[str, float]]:
    buckets: list[tuple[str, float]] = [
        (repr(bound / scale), count) for bound, count in histogram.bounds().items()
    ]
    return [*buckets, ("+Inf", histogram.count)]
