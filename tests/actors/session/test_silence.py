"""Cancelling is silence at once, whatever the run is at.

The stage's clock stands still: what is heard here took no time at all.
"""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from actors.runtime.testing import steps
from messages.frames import Assistant, RunFinished
from messages.session import CancelRun, GetHistory, OpenSession, Page, Say
from messages.turn import Answered, Called, Step, Steps, Turn, Words
from tests.stage import ANNA, Stage


class Deaf:
    """An engine that stalls, and does not even listen when it is told to stop."""

    def __init__(self, *first: Step) -> None:
        self.first = first
        self.stalled = asyncio.Event()
        self.freed = asyncio.Event()

    async def run(self, turn: Turn) -> AsyncGenerator[Steps, None]:
        for each in self.first:
            yield (each,)
        try:
            self.stalled.set()
            await self.freed.wait()
        finally:
            await self.freed.wait()


@pytest.mark.parametrize(
    "first",
    [
        (),
        (Words("The lamp "),),
        (Called("c1", "add_to_cart", {"sku": "LAMP"}),),
    ],
    ids=["model stalls", "model stalls in its words", "tool in flight"],
)
async def test_cancel_is_silence_at_once(first: tuple[Step, ...]) -> None:
    engine = Deaf(*first)
    stage = Stage(engine=engine)
    await stage.start()
    await stage.open()
    await stage.ask(Say(ANNA, "hello"))
    await engine.stalled.wait()

    assert await stage.ask(CancelRun(ANNA))

    assert isinstance(stage.frames[-1], RunFinished)
    heard = len(stage.heard)
    engine.freed.set()
    await stage.node.advance(60)
    assert len(stage.heard) == heard
    await stage.node.system.kill()


class Uneven:
    """An engine that stalls for ever in one conversation and is quick in the others."""

    async def run(self, turn: Turn) -> AsyncGenerator[Steps, None]:
        yield (Words("Well, "),)
        if turn.session_id == "s1":
            await asyncio.get_running_loop().create_future()
        yield Words("hello."), Answered()


async def test_a_model_that_stalls_disturbs_nobody_else() -> None:
    stage = Stage(engine=Uneven())
    await stage.start()
    others = [f"other-{each}" for each in range(200)]
    for key in ("s1", *others):
        await stage.ask(OpenSession(ANNA), key)
    await stage.ask(Say(ANNA, "hello"))

    await asyncio.gather(*(stage.ask(Say(ANNA, "hello"), key) for key in others))
    replies = [await reply(stage, key) for key in others]

    # No timer fired: not even the deadline of the one that stalls was needed.
    assert set(replies) == {"Well, hello."}
    assert stage.kinds == ["User"]
    await stage.node.system.kill()


async def reply(stage: Stage, key: str) -> str:
    """Return what was replied, once it was."""
    while True:
        page: Page = await stage.ask(GetHistory(ANNA), key)
        if isinstance(page.frames[-1], RunFinished):
            said = page.frames[-2]
            assert isinstance(said, Assistant)
            return said.content
        await steps(1)
