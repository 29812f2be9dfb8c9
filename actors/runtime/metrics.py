"""What the runtime measures of itself: counters and histograms of powers of two.

Told once per turn, never per message: measuring must not cost what it measures.
"""

from collections.abc import Mapping

from msgspec import Struct

BUCKETS = 64


class Histogram:
    """Counts of values by their number of binary digits, and their sum."""

    __slots__ = ("buckets", "sum")

    def __init__(self) -> None:
        self.buckets = [0] * BUCKETS
        self.sum = 0

    @property
    def count(self) -> int:
        """How many values were counted."""
        return sum(self.buckets)

    def add(self, value: int) -> None:
        """Count `value` (0 <= value < 2**63)."""
        self.buckets[value.bit_length()] += 1
        self.sum += value

    def bounds(self) -> Mapping[int, int]:
        """Return how many values were at most each bound, for bounds in use."""
        seen, found = 0, {}
        for digits, count in enumerate(self.buckets):
            seen += count
            if count:
                found[(1 << digits) - 1] = seen
        return found


class KindMetrics:
    """What is measured of one kind; times in microseconds."""

    def __init__(self) -> None:
        self.messages = 0
        self.batch = Histogram()
        """Messages per turn."""
        self.depth = Histogram()
        """Messages in the mailbox when a turn begins."""
        self.age = Histogram()
        """How long the oldest of them has waited."""
        self.turn = Histogram()
        """How long the messages of a turn took, commit and awaiting excluded."""
        self.commit = Histogram()
        """How long a commit was under way."""
        self.commits = 0
        self.lost = 0
        self.unknown = 0
        self.away = 0
        self.refused = 0
        self.restarts = 0
        self.busy = 0
        self.activations = 0
        self.passivations = 0
        self.dead_letters = 0

    def turned(self, depth: int, messages: int, waited_s: float, took_s: float) -> None:
        """Count a turn that found `depth` messages, the oldest `waited_s` old."""
        self.messages += messages
        # Written out: a call for each histogram would cost more than most messages.
        waited, took = int(waited_s * 1e6), int(took_s * 1e6)
        self.batch.buckets[messages.bit_length()] += 1
        self.depth.buckets[depth.bit_length()] += 1
        self.age.buckets[waited.bit_length()] += 1
        self.age.sum += waited
        self.turn.buckets[took.bit_length()] += 1
        self.turn.sum += took

    def committed(self, took_s: float) -> None:
        """Count a commit, whatever became of it."""
        self.commits += 1
        self.commit.add(int(took_s * 1e6))


class Metrics:
    """Everything measured on this node."""

    def __init__(self) -> None:
        self.kinds: dict[str, KindMetrics] = {}
        self.asks_expired = 0
        self.promises_sent = 0
        self.promises_kept = 0
        self.cycles = 0


class ActorInfo(Struct, frozen=True, kw_only=True):
    """One live actor, for the people who watch."""

    kind: str
    key: str
    mailbox: int
    oldest_s: float
    idle_s: float
    status: str
    rev: int
    version: int | None
    jobs: int
    failures: int
    """How often it failed in a row."""
    last_error: str | None
