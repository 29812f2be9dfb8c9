"""Calls that come together travel together, and each gets its own answer."""

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from actors.runtime.testing import ManualClock
from store.lane import MOST_BYTES, MOST_ITEMS, TOLD_AT_ONCE, Flush, Lane
from store.port import Away, Lost, StorageError
from tests.store.shelf import a_turn_of_the_loop


class Counter:
    """Answers each number with its double, once let through; 13 is lost."""

    def __init__(self) -> None:
        self.batches: list[Sequence[int]] = []
        self.flushes: list[Flush] = []
        self.open = asyncio.Event()
        self.open.set()
        self.begun = asyncio.Event()
        self.clock = ManualClock()
        self.lane: Lane[int, int] = Lane(
            "count", self._flush, clock=self.clock, observe=self.flushes.append
        )

    async def _flush(self, items: Sequence[int]) -> Sequence[int | StorageError]:
        self.batches.append(items)
        self.begun.set()
        await self.open.wait()
        return [Lost("unlucky") if item == 13 else item * 2 for item in items]


async def test_a_lone_call_goes_at_once() -> None:
    counter = Counter()

    assert await counter.lane.put(1) == 2
    assert await counter.lane.put(2) == 4

    assert counter.batches == [[1], [2]]


async def test_what_comes_during_a_flush_goes_with_the_next() -> None:
    counter = Counter()
    counter.open.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(counter.lane.put(1))
        await counter.begun.wait()
        rest = [group.create_task(counter.lane.put(number)) for number in (2, 3, 4)]
        await a_turn_of_the_loop()
        counter.clock.advance(2.0)
        counter.open.set()

    assert [first.result(), *(task.result() for task in rest)] == [2, 4, 6, 8]
    assert counter.batches == [[1], [2, 3, 4]]
    assert [flush.items for flush in counter.flushes] == [1, 3]
    assert counter.flushes[1].waited_s == 2.0
    assert counter.flushes[0].took_s == 2.0


async def test_a_batch_has_its_bound_in_number() -> None:
    counter = Counter()

    await asyncio.gather(*(counter.lane.put(n) for n in range(100, MOST_ITEMS + 120)))

    assert [len(batch) for batch in counter.batches] == [MOST_ITEMS, 20]


async def test_a_batch_has_its_bound_in_bytes() -> None:
    counter = Counter()
    size = MOST_BYTES // 2

    await asyncio.gather(*(counter.lane.put(number, size) for number in range(5)))
    await counter.lane.put(5, MOST_BYTES * 2)

    assert counter.batches == [[0, 1], [2, 3], [4], [5]]


async def test_one_loser_does_not_hurt_the_others() -> None:
    counter = Counter()

    outcomes = await asyncio.gather(
        *(counter.lane.put(number) for number in (12, 13, 14)), return_exceptions=True
    )

    assert outcomes[0] == 24
    assert isinstance(outcomes[1], Lost)
    assert outcomes[2] == 28


async def test_who_stops_waiting_is_flushed_none_the_less() -> None:
    counter = Counter()
    counter.open.clear()
    async with asyncio.TaskGroup() as group:
        impatient = group.create_task(counter.lane.put(1))
        await counter.begun.wait()
        impatient.cancel()
        counter.open.set()

    assert await counter.lane.put(2) == 4
    assert counter.batches == [[1], [2]]


async def test_a_bug_in_a_flush_reaches_everybody_and_ends_nothing() -> None:
    async def broken(items: Sequence[int]) -> Sequence[int]:
        if 1 in items:
            raise ValueError("a bug")
        return items

    lane: Lane[int, int] = Lane(
        "broken", broken, clock=ManualClock(), observe=lambda _flush: None
    )
    outcomes = await asyncio.gather(lane.put(1), lane.put(2), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [RuntimeError, RuntimeError]
    assert outcomes[0] is not outcomes[1]
    assert await lane.put(3) == 3


async def test_an_observer_that_fails_stops_no_flush() -> None:
    def broken(_flush: Flush) -> None:
        raise ValueError("a bug of whoever keeps figures")

    async def echo(items: Sequence[int]) -> Sequence[int]:
        return items

    lane: Lane[int, int] = Lane("echo", echo, clock=ManualClock(), observe=broken)
    with capture_logs() as logs:
        answers = [await lane.put(1), await lane.put(2)]

    assert answers == [1, 2]
    assert [each["event"] for each in logs] == ["lane.observer_failed"] * 2


async def test_the_first_who_hear_go_on_while_the_others_still_wait() -> None:
    counter, later = Counter(), Counter()

    async def go_on(number: int) -> None:
        await counter.lane.put(number)
        await later.lane.put(number)

    await asyncio.gather(*(go_on(n) for n in range(100, 101 + 2 * TOLD_AT_ONCE)))

    assert [len(batch) for batch in counter.batches] == [2 * TOLD_AT_ONCE + 1]
    assert len(later.batches[0]) == TOLD_AT_ONCE


async def test_a_flush_that_is_cancelled_while_it_tells_cancels_the_rest() -> None:
    async def echo(items: Sequence[int]) -> Sequence[int]:
        return items

    def end(_flush: Flush) -> None:
        assert lane._running is not None
        lane._running.cancel()

    lane: Lane[int, int] = Lane("echo", echo, observe=end)
    puts = [asyncio.ensure_future(lane.put(n)) for n in range(50)]

    await asyncio.wait(puts)

    assert [each.cancelled() for each in puts] == [
        *[False] * TOLD_AT_ONCE,
        *[True] * (50 - TOLD_AT_ONCE),
    ]


async def test_a_flush_that_is_cancelled_cancels_who_waits_for_it() -> None:
    counter = Counter()
    counter.open.clear()
    async with asyncio.TaskGroup() as group:
        putting = group.create_task(counter.lane.put(1))
        await counter.begun.wait()
        assert counter.lane._running is not None
        counter.lane._running.cancel()

    assert putting.cancelled()


async def test_closing_answers_what_was_put_and_refuses_the_rest() -> None:
    counter = Counter()
    counter.open.clear()
    async with asyncio.TaskGroup() as group:
        putting = group.create_task(counter.lane.put(1))
        await counter.begun.wait()
        closing = group.create_task(counter.lane.close())
        counter.open.set()

    assert putting.result() == 2
    assert closing.done()
    with pytest.raises(Away):
        await counter.lane.put(2)


async def test_an_unused_lane_closes_at_once() -> None:
    await Counter().lane.close()
