"""A circuit breaker: who failed several times is left in peace for a while.

    closed ── failures in a row ──> open ── rest over ──> half-open: one may try
      ^                              ^                      │
      └───────── it worked ──────────┼──────────────────────┤
                                     └── it failed: a longer rest

After M. Nygard, Release It!, "Circuit Breaker".
"""

from messages.clock import Clock

# One failure is bad luck; at the third, waiting for a fourth is the shopper's time.
FAILURES = 3
REST_S = 30.0
LONGEST_REST_S = 300.0


class Breaker:
    """Says whether to try, and learns from what came of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._rest_s = REST_S
        self._rests_until: float | None = None
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether nobody is let through, or one at most."""
        return self._rests_until is not None

    def lets_through(self) -> bool:
        """Return whether to try; whoever does says how it went, or gives up."""
        if self._rests_until is None:
            return True
        if self._trying or self._clock.monotonic() < self._rests_until:
            return False
        self._trying = True
        return True

    def worked(self) -> None:
        """It answered: everybody may try again."""
        self._failures, self._rest_s = 0, REST_S
        self._rests_until, self._trying = None, False

    def failed(self) -> None:
        """It did not; those who began before it opened tell nothing new."""
        self._failures += 1
        if self._rests_until is None and self._failures < FAILURES:
            return
        if self._rests_until is not None:
            if not self._trying:
                return
            self._rest_s = min(self._rest_s * 2, LONGEST_REST_S)
        self._trying = False
        self._rests_until = self._clock.monotonic() + self._rest_s

    def gave_up(self) -> None:
        """Whoever tried left before it was known: the next one may try."""
        self._trying = False
