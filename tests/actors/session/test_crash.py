"""The node dies at every commit of a talk: nothing is lost, doubled or out of order.

Each talk is lived again and again, killed one commit later every time, just before the
commit lands or just after, until it is over before it could be killed.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from typing import Literal

import pytest
from structlog.testing import capture_logs

from actors.conversation import Manners
from actors.runtime.testing import MemoryStorage, steps
from messages.frames import Assistant, RecordedFrame, RunFinished, User
from messages.session import DoubleTexting, GetHistory, Say, TakeChat
from messages.turn import (
    Answered,
    Called,
    HandedOff,
    Returned,
    Steps,
    Thought,
    Turn,
    Words,
)
from store.port import Write
from tests.actors.session.tab import Tab, as_told
from tests.stage import ANNA, Stage

When = Literal["before", "after"]


@pytest.fixture(autouse=True)
def silent() -> Iterator[None]:
    """Keep the tracebacks of what dies on purpose out of the way: they take long."""
    with capture_logs():
        yield


class Mortal(MemoryStorage):
    """Freezes at one of its commits, before it lands or after, and never goes on."""

    def __init__(self, number: int, when: When) -> None:
        super().__init__()
        self.left = number
        self.when = when
        self.died = asyncio.Event()

    async def commit(self, write: Write) -> None:
        """Commit, unless this is the last."""
        self.left -= 1
        if self.left < 0:
            if self.left == -1 and self.when == "after":
                await super().commit(write)
            self.died.set()
            await asyncio.get_running_loop().create_future()
        await super().commit(write)


class Talkative:
    """Answers with a thought, a tool and words; hands off who asks for a person.

    Its steps come one by one, or so many at once.
    """

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once

    async def run(self, turn: Turn) -> AsyncGenerator[Steps, None]:
        steps = [
            Thought("Look for it"),
            Called(f"{turn.turn_id}.1", "search", {"query": turn.text}),
            Returned(f"{turn.turn_id}.1", [{"sku": "LAMP"}]),
            *([HandedOff(turn.text)] if "person" in turn.text else ()),
            *(Words(each) for each in ("The ", "lämp ", "💡 ", "is ", turn.text)),
            Answered(),
        ]
        for first in range(0, len(steps), self._at_once):
            yield steps[first : first + self._at_once]


async def talk(stage: Stage, tab: Tab, texts: tuple[str, ...]) -> None:
    """Say them one upon the other, as a client that waits for acks alone."""
    await tab.open()
    for text in texts:
        await stage.ask(Say(ANNA, text, text))
        await steps(20)
    while stage.storage.documents["sessions"]["s1"]["run"] is not None:
        await steps(1)


async def live(
    number: int,
    when: When,
    texting: DoubleTexting,
    texts: tuple[str, ...],
    at_once: int = 1,
) -> bool:
    """Live through a talk that dies at a commit; return whether it did."""
    storage = Mortal(number, when)
    stage = Stage(
        engine=Talkative(at_once),
        manners=Manners(double_texting=texting),
        storage=storage,
    )
    await stage.start()
    tab = Tab(stage)
    talking = asyncio.ensure_future(talk(stage, tab, texts))
    dying = asyncio.ensure_future(storage.died.wait())
    await asyncio.wait({talking, dying}, return_when=asyncio.FIRST_COMPLETED)
    # It may have seen the last commit land before that was answered.
    died = storage.left < 0
    if died:
        await dying
        talking.cancel()
        await stage.again()
        await (tab.again() if tab.epoch else tab.open())
    storage.left = 1000
    dying.cancel()
    for text in texts:
        await tab.insist(text)
    await stage.node.advance(40)
    await check(stage, tab, texts)
    await stage.node.system.kill()
    return died


async def check(stage: Stage, tab: Tab, texts: tuple[str, ...]) -> None:
    page = await stage.ask(GetHistory(ANNA, None, 1000))
    frames: list[RecordedFrame] = list(page.frames)
    assert tab.wrong == []
    assert [as_told(each) for each in tab.frames] == [as_told(each) for each in frames]
    said = [each for each in frames if isinstance(each, User)]
    assert [each.content for each in said] == list(texts)
    ends = Counter(each.turn_id for each in frames if isinstance(each, RunFinished))
    assert set(ends.values()) <= {1}
    # With a person, nobody else answers.
    silent = {each.turn_id for each in said[1:] if "person" in texts[0]}
    assert {each.turn_id for each in said} - silent <= set(ends)
    for frame in frames:
        if isinstance(frame, Assistant) and frame.status == "done":
            assert frame.turn_id is not None
            assert tab.texts[frame.turn_id].encode() == frame.content.encode()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("texting", ["enqueue", "interrupt", "rollback"])
@pytest.mark.parametrize("at_once", [1, 3, 9])
async def test_a_node_may_die_at_every_commit_of_two_turns(
    at_once: int, texting: DoubleTexting, when: When
) -> None:
    number = 0
    while await live(number, when, texting, ("a lamp", "a desk"), at_once):
        number += 1

    assert number >= (6 if at_once == 1 else 4)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_node_may_die_at_every_commit_of_a_hand_off(when: When) -> None:
    number = 0
    while await live(number, when, "enqueue", ("a person", "hello?")):
        number += 1

    assert number >= 5


async def test_a_node_that_dies_as_an_operator_takes_over_leaves_one_answerer() -> None:
    storage = Mortal(1000, "after")
    stage = Stage(engine=Talkative(), storage=storage)
    await stage.start()
    tab = Tab(stage)
    await tab.open()
    await tab.insist("a person")
    await stage.quiet()
    storage.left = 0
    taking = asyncio.ensure_future(stage.ask(TakeChat("opal")))
    await storage.died.wait()

    taking.cancel()
    await stage.again()
    await tab.again()
    await stage.ask(TakeChat("opal"))

    modes = [getattr(each, "mode", None) for each in tab.frames]
    assert [each for each in modes if each] == ["waiting", "human"]
    await stage.node.system.kill()
