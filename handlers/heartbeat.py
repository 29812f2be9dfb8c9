"""When a socket is asked whether it lives, and when it ends: one wheel for all.

Deadlines are absolute: a late turn of the wheel makes one ping late, never the next.
Hearing from a peer is one assignment, because what arrives only matters when the next
deadline is looked at. The wheel shares no await with readers and outboxes, so neither
a slow peer nor a slow actor can hold up the heart of another.
"""

from datetime import datetime
from heapq import heappop, heappush
from typing import Protocol

from messages.clock import Cancellable, Clock
from messages.frames import Close

PING_EVERY_S = 25.0
# Two pings without a word between them, and the time for an answer to the second.
UNANSWERED = 2
IDLE_AFTER_S = 30 * 60.0
WARN_BEFORE_S = 60.0
# Deadlines are rounded up to this, so that sockets opened together share a turn.
GRAIN_S = 0.25


class Peer(Protocol):
    """The socket, as its heart needs it. None of these waits."""

    def ping(self) -> None:
        """Ask whether the peer is there."""
        ...

    def warn(self) -> None:
        """Tell that the token ends in a minute."""
        ...

    def end(self, code: Close, reason: str) -> None:
        """Close."""
        ...


class Pulse:
    """One socket's deadlines: ping, silence, idleness, the end of its token."""

    __slots__ = (
        "_expires_at",
        "_next_ping",
        "_peer",
        "_spoke_at",
        "_unanswered",
        "_warned",
        "_wheel",
        "slot",
    )

    def __init__(self, wheel: "Wheel", peer: Peer, expires_at: datetime) -> None:
        self._wheel = wheel
        self._peer = peer
        self._spoke_at = wheel.clock.monotonic()
        self._next_ping = self._spoke_at + PING_EVERY_S
        self._unanswered = 0
        self._warned = False
        self.slot: int | None = None
        self._live_until(expires_at)
        wheel.put(self, self._due())

    def heard(self) -> None:
        """Something came: any frame, or a protocol pong."""
        self._unanswered = 0

    def spoke(self) -> None:
        """The shopper said something."""
        self._spoke_at = self._wheel.clock.monotonic()

    def renew(self, expires_at: datetime) -> None:
        """Live by another token from now on."""
        # Who gets none that lasts a minute would be warned, and renew, without end.
        self._warned = self._live_until(expires_at) <= WARN_BEFORE_S
        self._wheel.put(self, self._due())

    def stop(self) -> None:
        """Look no more; a second call does nothing."""
        self.slot = None

    def look(self, now: float) -> None:
        """Do what is due by `now`, then wait for what comes next."""
        if now >= self._expires_at:
            return self._end(Close.NOT_AUTHORISED, "the token has ended")
        if now >= self._spoke_at + IDLE_AFTER_S:
            return self._end(Close.TIMED_OUT, "nothing said for 30 minutes")
        if now >= self._next_ping:
            if self._unanswered >= UNANSWERED:
                return self._end(Close.TIMED_OUT, "no answer to two pings")
            self._ping(now)
        if not self._warned and now >= self._expires_at - WARN_BEFORE_S:
            self._warned = True
            self._peer.warn()
        self._wheel.put(self, self._due())
        return None

    def _live_until(self, expires_at: datetime) -> float:
        clock = self._wheel.clock
        left_s = (expires_at - clock.now()).total_seconds()
        self._expires_at = clock.monotonic() + left_s
        return left_s

    def _ping(self, now: float) -> None:
        self._unanswered += 1
        self._peer.ping()
        while self._next_ping <= now:
            self._next_ping += PING_EVERY_S

    def _due(self) -> float:
        ends = self._expires_at if self._warned else self._expires_at - WARN_BEFORE_S
        return min(ends, self._next_ping, self._spoke_at + IDLE_AFTER_S)

    def _end(self, code: Close, reason: str) -> None:
        self.stop()
        self._peer.end(code, reason)


class Wheel:
    """The one timer behind all pulses of this node."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._slots: dict[int, list[Pulse]] = {}
        self._order: list[int] = []
        self._timer: Cancellable | None = None
        self._armed: int | None = None

    def put(self, pulse: Pulse, when: float) -> None:
        """Look at `pulse` at `when`, instead of when it was to be looked at before."""
        slot = max(int(-(-when // GRAIN_S)), int(self.clock.monotonic() // GRAIN_S) + 1)
        if pulse.slot == slot:
            return
        pulse.slot = slot
        if slot not in self._slots:
            self._slots[slot] = []
            heappush(self._order, slot)
        self._slots[slot].append(pulse)
        if self._armed is None or slot < self._armed:
            self._arm()

    def stop(self) -> None:
        """Turn no more."""
        self._slots.clear()
        self._order.clear()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._armed = None, None
        if self._order:
            self._armed = self._order[0]
            left_s = max(0.0, self._armed * GRAIN_S - self.clock.monotonic())
            self._timer = self.clock.call_later(left_s, self._turn)

    def _turn(self) -> None:
        # A timer may fire a rounding error early.
        now = self.clock.monotonic() + 0.001
        while self._order and self._order[0] * GRAIN_S <= now:
            slot = heappop(self._order)
            for pulse in self._slots.pop(slot):
                # One that was moved or stopped is still on its old slot's list.
                if pulse.slot == slot:
                    pulse.slot = None
                    pulse.look(now)
        self._arm()
