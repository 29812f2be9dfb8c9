"""One wheel, absolute deadlines: pings, silence, idleness, the end of a token."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.runtime.testing import ManualClock
from handlers.heartbeat import (
    GRAIN_S,
    IDLE_AFTER_S,
    PING_EVERY_S,
    WARN_BEFORE_S,
    Pulse,
    Wheel,
)
from messages.frames import Close


class Peer:
    """Writes down what its heart tells it, and when."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.pings: list[float] = []
        self.warnings: list[float] = []
        self.ended: list[tuple[float, Close]] = []
        self.answers = True
        self.pulse: Pulse | None = None

    def ping(self) -> None:
        self.pings.append(self.clock.monotonic())
        if self.answers and self.pulse is not None:
            self.pulse.heard()

    def warn(self) -> None:
        self.warnings.append(self.clock.monotonic())

    def end(self, code: Close, reason: str) -> None:
        self.ended.append((self.clock.monotonic(), code))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def wheel(clock: ManualClock) -> Wheel:
    return Wheel(clock)


def living(wheel: Wheel, clock: ManualClock, token_s: float = 86_400) -> Peer:
    peer = Peer(clock)
    peer.pulse = Pulse(wheel, peer, clock.now() + timedelta(seconds=token_s))
    return peer


def test_a_ping_comes_every_25_seconds_without_drift(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock)

    clock.advance(60 * PING_EVERY_S)

    expected = [PING_EVERY_S * (each + 1) for each in range(60)]
    assert peer.pings == pytest.approx(expected, abs=1)


@settings(max_examples=50)
@given(st.lists(st.floats(0.001, 3), min_size=1, max_size=100))
def test_a_ping_is_in_time_however_the_clock_is_turned(steps: list[float]) -> None:
    clock = ManualClock()
    wheel = Wheel(clock)
    clock.advance(steps[0])
    began = clock.monotonic()
    peer = living(wheel, clock)

    for step in steps:
        clock.advance(step)

    lived = clock.monotonic() - began
    assert len(peer.pings) in {
        int(lived // PING_EVERY_S),
        int((lived - GRAIN_S) // PING_EVERY_S),
    }


def test_silence_over_two_pings_is_the_end(wheel: Wheel, clock: ManualClock) -> None:
    peer = living(wheel, clock)
    peer.answers = False

    clock.advance(3 * PING_EVERY_S - 1)
    before = list(peer.ended)
    clock.advance(2)

    assert before == []
    assert [code for _, code in peer.ended] == [Close.TIMED_OUT]
    assert len(peer.pings) == 2


def test_anything_heard_between_two_pings_keeps_it_alive(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock)
    peer.answers = False
    assert peer.pulse is not None

    for _ in range(10):
        clock.advance(2 * PING_EVERY_S - 1)
        peer.pulse.heard()

    assert peer.ended == []


def test_pongs_alone_do_not_save_one_who_says_nothing(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock)

    clock.advance(IDLE_AFTER_S + 1)

    assert [code for _, code in peer.ended] == [Close.TIMED_OUT]


def test_who_speaks_is_not_idle(wheel: Wheel, clock: ManualClock) -> None:
    peer = living(wheel, clock)
    assert peer.pulse is not None

    clock.advance(IDLE_AFTER_S - 1)
    peer.pulse.spoke()
    clock.advance(IDLE_AFTER_S - 1)

    assert peer.ended == []
    clock.advance(2)
    assert len(peer.ended) == 1


def test_a_token_is_warned_of_a_minute_before_its_end(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock, token_s=300)

    clock.advance(299)

    assert peer.warnings == pytest.approx([300 - WARN_BEFORE_S], abs=1)
    assert peer.ended == []
    clock.advance(2)
    assert [code for _, code in peer.ended] == [Close.NOT_AUTHORISED]


def test_a_token_that_has_less_than_a_minute_is_warned_of_at_once(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock, token_s=10)

    clock.advance(1)

    assert len(peer.warnings) == 1


def test_a_renewed_token_is_lived_by(wheel: Wheel, clock: ManualClock) -> None:
    peer = living(wheel, clock, token_s=100)
    assert peer.pulse is not None
    clock.advance(50)

    peer.pulse.renew(clock.now() + timedelta(seconds=200))
    clock.advance(190)

    assert len(peer.warnings) == 2
    assert peer.ended == []
    clock.advance(11)
    assert [code for _, code in peer.ended] == [Close.NOT_AUTHORISED]


def test_who_gets_but_a_short_token_is_not_warned_again_and_again(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock, token_s=30)
    assert peer.pulse is not None

    for _ in range(20):
        clock.advance(1)
        peer.pulse.renew(clock.now() + timedelta(seconds=30))
    clock.advance(31)

    assert len(peer.warnings) == 1
    assert [code for _, code in peer.ended] == [Close.NOT_AUTHORISED]


def test_a_token_renewed_for_a_shorter_time_ends_sooner(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock)
    assert peer.pulse is not None

    peer.pulse.renew(clock.now() + timedelta(seconds=5))
    clock.advance(6)

    assert [code for _, code in peer.ended] == [Close.NOT_AUTHORISED]


def test_a_stopped_pulse_is_never_looked_at_again(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock, token_s=100)
    assert peer.pulse is not None

    peer.pulse.stop()
    clock.advance(1000)

    assert (peer.pings, peer.warnings, peer.ended) == ([], [], [])


def test_a_wheel_that_turns_late_makes_up_for_nothing(
    wheel: Wheel, clock: ManualClock
) -> None:
    peer = living(wheel, clock)
    assert peer.pulse is not None
    clock.advance(PING_EVERY_S + 1)

    # The loop was busy for four pings' time: one ping, and the next one on time.
    peer.pulse.look(clock.monotonic() + 4 * PING_EVERY_S)

    assert len(peer.pings) == 2


def test_a_thousand_sockets_share_one_timer(wheel: Wheel, clock: ManualClock) -> None:
    peers = [living(wheel, clock) for _ in range(1000)]

    clock.advance(PING_EVERY_S + 1)

    assert all(len(peer.pings) == 1 for peer in peers)
    assert sum(not each.cancelled for each in clock._timers) == 1


def test_a_stopped_wheel_turns_no_more(wheel: Wheel, clock: ManualClock) -> None:
    peer = living(wheel, clock)

    wheel.stop()
    clock.advance(1000)

    assert peer.pings == []
