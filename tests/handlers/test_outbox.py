"""One socket's way out: three lanes, bounds, and one sweep for all that lag."""

import pytest

from actors.runtime.testing import ManualClock
from handlers import wire
from handlers.outbox import (
    LIMIT_BYTES,
    LINGER_S,
    STUCK_AFTER_S,
    Outbox,
)
from handlers.sweep import LONGEST_TICK_S, TICK_S, Sweep, tick_after
from tests.handlers.pipe import Pipe, read_on, stop_reading


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def sweep(clock: ManualClock) -> Sweep:
    return Sweep(clock)


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


@pytest.fixture
def outbox(pipe: Pipe, sweep: Sweep) -> Outbox:
    return Outbox(pipe, pipe, sweep)


def test_a_frame_to_a_peer_that_reads_is_written_at_once(
    pipe: Pipe, outbox: Outbox
) -> None:
    outbox.talk(b"hello")

    assert pipe.taken == b"hello"


def test_a_frame_to_a_peer_that_lags_waits(
    pipe: Pipe, outbox: Outbox, sweep: Sweep
) -> None:
    stop_reading(pipe, outbox)
    writes = pipe.writes

    outbox.talk(b"later")

    assert pipe.writes == writes
    assert outbox.lagging
    assert len(sweep) == 1


def test_the_sweep_writes_control_then_talk_then_state(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    stop_reading(pipe, outbox)
    outbox.state("lamp", b"state ")
    outbox.talk(b"talk ")
    outbox.control(b"control ")

    read_on(pipe)
    clock.advance(TICK_S)

    assert pipe.taken == b"control talk state "
    assert not outbox.lagging


def test_only_the_newest_state_of_a_key_is_kept(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    stop_reading(pipe, outbox)
    for left in range(1000):
        outbox.state("lamp", b"lamp %d " % left)
    outbox.states(b"unused", [("desk", b"desk 7 "), ("lamp", b"lamp 0 ")])

    read_on(pipe)
    clock.advance(TICK_S)

    assert pipe.taken == b"lamp 0 desk 7 "


def test_the_conversation_keeps_its_order_while_lagging_comes_and_goes(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    stop_reading(pipe, outbox)
    outbox.talk(b"1 ")
    read_on(pipe)
    # The peer reads again, but 1 still waits for the sweep: 2 may not overtake it.
    outbox.talk(b"2 ")
    clock.advance(TICK_S)
    outbox.talk(b"3 ")

    assert pipe.taken == b"1 2 3 "


def test_a_peer_that_owes_too_much_is_dropped(pipe: Pipe, outbox: Outbox) -> None:
    stop_reading(pipe, outbox)

    for _ in range(LIMIT_BYTES // 1024 + 1):
        outbox.talk(b"x" * 1024)

    assert pipe.aborted
    assert pipe.buffer.endswith(wire.close(4503, "too slow to read"))
    assert outbox.closed


def test_control_frames_count_too(pipe: Pipe, outbox: Outbox) -> None:
    stop_reading(pipe, outbox)

    for _ in range(LIMIT_BYTES // 125 + 1):
        outbox.control(wire.pong(b"x" * 123))

    assert pipe.aborted


def test_states_are_never_too_many(pipe: Pipe, outbox: Outbox) -> None:
    stop_reading(pipe, outbox)

    for _ in range(LIMIT_BYTES):
        outbox.state("lamp", b"lamp 7 ")

    assert not pipe.aborted


def test_a_page_that_was_asked_for_is_not_held_against_the_peer(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    stop_reading(pipe, outbox)
    page = [bytes([65 + each % 26]) * 4096 for each in range(LIMIT_BYTES // 4096 * 5)]

    outbox.page(page)
    outbox.talk(b"news")

    assert not pipe.aborted
    assert outbox.paging
    read_on(pipe)
    clock.advance(60)
    assert pipe.taken == b"".join(page) + b"news"
    assert not outbox.paging


def test_a_peer_that_takes_nothing_for_too_long_is_dropped(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    stop_reading(pipe, outbox)
    outbox.talk(b"waits")

    clock.advance(STUCK_AFTER_S - TICK_S)
    before = pipe.aborted
    clock.advance(2 * TICK_S)

    assert (before, pipe.aborted) == (False, True)


def test_a_peer_that_takes_a_little_is_not_stuck(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    stop_reading(pipe, outbox)
    outbox.talk(b"waits")

    for _ in range(10):
        clock.advance(STUCK_AFTER_S / 2)
        pipe.read(1)

    assert not pipe.aborted


def test_one_that_is_stuck_holds_up_no_other(clock: ManualClock, sweep: Sweep) -> None:
    stuck, lags = Pipe(), Pipe()
    outboxes = [Outbox(each, each, sweep) for each in (stuck, lags)]
    for pipe, outbox in zip((stuck, lags), outboxes, strict=True):
        stop_reading(pipe, outbox)
        outbox.talk(b"news")

    read_on(lags)
    clock.advance(TICK_S)

    assert lags.taken == b"news"
    assert stuck.taken == b""


def test_a_close_is_said_and_then_the_peer_has_a_moment_to_answer(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    outbox.close(4401, "signed out")
    outbox.talk(b"too late")

    assert pipe.taken == wire.close(4401, "signed out")
    assert not pipe.aborted
    clock.advance(LINGER_S)
    assert pipe.aborted


def test_a_second_close_says_nothing(pipe: Pipe, outbox: Outbox) -> None:
    outbox.close(4401, "signed out")

    outbox.close(1001, "going away")

    assert pipe.taken == wire.close(4401, "signed out")


def test_the_end_gives_what_is_written_a_moment_to_leave(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    stop_reading(pipe, outbox)

    outbox.end()

    assert pipe.closing
    assert not pipe.aborted
    clock.advance(LINGER_S)
    assert pipe.aborted


def test_the_end_of_a_peer_that_read_everything_needs_no_abort(
    pipe: Pipe, outbox: Outbox, clock: ManualClock
) -> None:
    outbox.close(1001)

    outbox.end()
    clock.advance(LINGER_S)

    assert pipe.closing
    assert not pipe.aborted


def test_the_sweep_forgets_a_connection_that_was_lost(
    pipe: Pipe, outbox: Outbox, clock: ManualClock, sweep: Sweep
) -> None:
    stop_reading(pipe, outbox)
    outbox.talk(b"waits")

    pipe.closing = True
    clock.advance(TICK_S)

    assert len(sweep) == 0
    assert outbox.closed


def test_a_stopped_sweep_ticks_no_more(
    pipe: Pipe, outbox: Outbox, clock: ManualClock, sweep: Sweep
) -> None:
    stop_reading(pipe, outbox)
    outbox.talk(b"waits")

    sweep.stop()
    read_on(pipe)
    clock.advance(1)

    assert pipe.taken == b""


@pytest.mark.parametrize(
    ("writes", "rest_s"), [(0, TICK_S), (1000, TICK_S), (20_000, 0.5), (10**9, 1.0)]
)
def test_the_tick_stretches_with_the_load(writes: int, rest_s: float) -> None:
    assert tick_after(writes) == pytest.approx(rest_s)
    assert tick_after(writes) <= LONGEST_TICK_S
