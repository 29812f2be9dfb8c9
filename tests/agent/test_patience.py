"""A model that stalls is hung up on, by the clock and not before."""

import asyncio

import pytest

from actors.runtime.testing import ManualClock
from agent.conversation import Asked
from agent.model import Model, ModelAway, Text
from agent.patience import Patience
from tests.agent.scripted_model import ScriptedModel, SilentModel, says

HI = [Asked("hi")]


def patient(model: Model, clock: ManualClock) -> Patience:
    return Patience(model, clock, first_s=15, next_s=10)


async def test_who_talks_is_heard_to_the_end() -> None:
    model = patient(ScriptedModel(says("Hello there.")), ManualClock())

    heard = [each async for each in model.stream(HI, ())]

    assert heard == says("Hello there.")


@pytest.mark.parametrize(("first", "patience_s"), [((), 15), ((Text("Well, "),), 10)])
async def test_who_falls_silent_is_hung_up_on(
    first: tuple[Text, ...], patience_s: int
) -> None:
    clock, silent = ManualClock(), SilentModel(*first)
    heard: list[object] = []

    async def listen() -> None:
        heard.extend([each async for each in patient(silent, clock).stream(HI, ())])

    listening = asyncio.ensure_future(listen())
    await silent.silent.wait()
    clock.advance(patience_s - 1)
    assert not listening.done()
    clock.advance(1)

    with pytest.raises(ModelAway, match="said nothing"):
        await listening
    assert silent.closed


async def test_who_hangs_up_first_is_no_silence_of_the_model() -> None:
    clock, silent = ManualClock(), SilentModel()

    async def listen() -> None:
        async for _ in patient(silent, clock).stream(HI, ()):
            pass

    listening = asyncio.ensure_future(listen())
    await silent.silent.wait()
    listening.cancel()

    with pytest.raises(asyncio.CancelledError):
        await listening
    assert silent.closed
