"""Whatever goes wrong at whichever commit: what was heard is what is recorded."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress

import pytest

from actors.runtime import Bug
from actors.runtime.testing import Fault, ManualClock
from messages.base import Unavailable
from messages.frames import RecordedFrame, RunFinished, User
from messages.session import GetHistory, OpenSession, Said, Say
from messages.turn import Answered, Called, Returned, Steps, Thought, Turn, Words
from store.port import Write
from tests.stage import ANNA, Stage

# The first turn takes four commits; what is beyond them hits the second.
COMMITS = range(8)


class Fluent:
    """An engine that always answers, at once."""

    async def run(self, turn: Turn) -> AsyncGenerator[Steps, None]:
        yield (Thought("Look for it"),)
        yield (Called("c1", "search", {"query": turn.text}),)
        yield (Returned("c1", [{"sku": "LAMP"}]),)
        for word in ("The ", "lamp ", "💡"):
            yield (Words(word),)
        yield (Answered(),)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage(ManualClock(), engine=Fluent())
    await stage.start()
    await stage.open()
    yield stage
    await stage.node.system.kill()


def at_commit(number: int, call: Callable[[], Fault | None]) -> Callable[..., object]:
    """Return a fault that happens at one commit, counted from 0."""
    commits = iter(range(1000))

    def fault(_write: Write) -> Fault | None:
        return call() if next(commits) == number else None

    return fault


async def insist(stage: Stage, text: str) -> Said:
    """Say it as a client does: again, under the same name, until it is acked."""
    while True:
        asked = asyncio.ensure_future(stage.ask(Say(ANNA, text, f"id of {text}")))
        # An actor that failed rests for a while: time must pass meanwhile.
        while not asked.done():
            await stage.node.advance(0.1)
        with suppress(Unavailable, Bug):
            return asked.result()


async def history(stage: Stage) -> list[RecordedFrame]:
    page = await stage.ask(GetHistory(ANNA, None, 1000))
    assert [each.seq for each in page.frames] == list(range(1, len(page.frames) + 1))
    return list(page.frames)


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("number", COMMITS)
async def test_a_fault_at_any_commit_is_heard_of_by_nobody(
    stage: Stage, number: int, fault: Fault
) -> None:
    stage.storage.fault = at_commit(number, lambda: fault)  # type: ignore[assignment]

    said = await insist(stage, "a lamp")
    await stage.node.advance(40)
    again = await insist(stage, "a lamp")
    later = await insist(stage, "and a desk")
    await stage.node.advance(40)

    frames = await history(stage)
    asked = [each.content for each in frames if isinstance(each, User)]
    assert again == said
    assert asked == ["a lamp", "and a desk"]
    assert stage.recorded == frames
    ended = [each.turn_id for each in frames if isinstance(each, RunFinished)]
    assert ended == [said.turn_id, later.turn_id]


async def test_a_run_that_could_not_even_say_that_it_failed_is_ended_in_time(
    stage: Stage,
) -> None:
    commits = iter(range(1000))
    away_at = {1, 2, 3}
    stage.storage.fault = lambda _: Fault.AWAY if next(commits) in away_at else None

    said = await insist(stage, "a lamp")
    await stage.node.advance(40)

    frames = await history(stage)
    assert stage.recorded == frames
    ended = [each for each in frames if isinstance(each, RunFinished)]
    assert [(each.turn_id, each.status) for each in ended] == [(said.turn_id, "failed")]


@pytest.mark.parametrize("number", range(4))
async def test_a_commit_nobody_could_ask_about_is_told_late_and_in_order(
    stage: Stage, number: int
) -> None:
    def lose_touch() -> Fault:
        stage.storage.away = lambda: True
        return Fault.ANSWER_LOST

    stage.storage.fault = at_commit(number, lose_touch)  # type: ignore[assignment]
    stage.node.tell("s1", Say(ANNA, "a lamp", "id of a lamp"))
    await stage.node.advance(3)
    stage.storage.away = lambda: False

    said = await insist(stage, "a lamp")
    await stage.node.advance(40)

    frames = await history(stage)
    assert said.seq == 1
    # In the order in which they were first heard.
    assert stage.recorded == frames


@pytest.mark.parametrize("number", range(4))
async def test_a_crash_at_any_commit_loses_nothing_that_was_heard(
    stage: Stage, number: int
) -> None:
    frozen = asyncio.Event()

    def freeze() -> None:
        stage.storage.hold()
        frozen.set()

    stage.storage.fault = at_commit(number, freeze)  # type: ignore[assignment]
    stage.node.tell("s1", Say(ANNA, "a lamp", "id of a lamp"))
    await frozen.wait()
    heard = stage.recorded

    await stage.again()
    await stage.ask(OpenSession(ANNA))
    said = await insist(stage, "a lamp")
    await stage.node.advance(40)

    frames = await history(stage)
    assert frames[: len(heard)] == heard
    assert [each.content for each in frames if isinstance(each, User)] == ["a lamp"]
    ended = [each.turn_id for each in frames if isinstance(each, RunFinished)]
    assert ended == [said.turn_id]
