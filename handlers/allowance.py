"""How fast one socket may talk: a token bucket."""

from messages.clock import Clock

PER_SECOND = 20.0
BURST = 20.0
# So many refused frames without one quiet second between them are no accident.
STRIKES = 100


class Allowance:
    """Twenty frames a second; `spent` once somebody goes on far beyond that."""

    __slots__ = ("_at", "_clock", "_left", "_strikes")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = clock.monotonic()
        self._left = BURST
        self._strikes = 0

    @property
    def spent(self) -> bool:
        """Return whether the patience with this peer is at its end."""
        return self._strikes > STRIKES

    def take(self) -> bool:
        """Return whether one more frame may be read now."""
        now = self._clock.monotonic()
        self._left += (now - self._at) * PER_SECOND
        self._at = now
        if self._left >= BURST:
            self._left, self._strikes = BURST, 0
        if self._left < 1:
            self._strikes += 1
            return False
        self._left -= 1
        return True
