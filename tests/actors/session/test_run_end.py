"""A run that does not end well, and what waits behind it."""

import pytest
from structlog.testing import capture_logs

from actors.conversation import MAX_WAITING
from messages.base import Busy
from messages.frames import (
    Assistant,
    Error,
    RunFinished,
    System,
)
from messages.session import CancelRun, Said, Say, TakeSteps
from messages.turn import Answered, Broke, Called, Returned, Thought, Words
from store.port import Away
from tests.stage import ANNA, Stage, joined


async def test_a_cancelled_reply_keeps_what_was_said_of_it(open_stage: Stage) -> None:
    script = await open_stage.say("hello")
    await script.tell(Thought("Hm"), Words("The lamp "), Words("costs"))

    assert await open_stage.ask(CancelRun(ANNA))

    await script.ended.wait()
    *_, reply, finished = open_stage.recorded
    assert isinstance(reply, Assistant)
    assert (reply.content, reply.status) == ("The lamp costs", "cancelled")
    assert isinstance(finished, RunFinished)
    assert finished.status == "cancelled"
    assert joined(open_stage.previews) == reply.content


async def test_cancel_is_heard_while_the_engine_is_at_work(open_stage: Stage) -> None:
    script = await open_stage.say("hello")

    # The engine yields nothing: it waits for its model, for ever.
    assert await open_stage.ask(CancelRun(ANNA))

    await script.ended.wait()
    assert open_stage.kinds == ["User", "Assistant", "RunFinished"]


async def test_without_a_reply_there_is_nothing_to_cancel(open_stage: Stage) -> None:
    assert not await open_stage.ask(CancelRun(ANNA))
    assert open_stage.heard == []


async def test_late_steps_of_an_ended_run_are_dropped(open_stage: Stage) -> None:
    await open_stage.say("hello")
    await open_stage.ask(CancelRun(ANNA))
    heard = len(open_stage.heard)

    for step in (Words("more"), Called("c", "search", {}), Answered(), Broke("x", "y")):
        await open_stage.ask(TakeSteps("s1.1", (step,)))

    assert len(open_stage.heard) == heard


async def test_an_engine_that_gives_up_says_why(open_stage: Stage) -> None:
    script = await open_stage.say("hello")
    await script.tell(Words("Well, "), Broke("model_unavailable", "I can't think"))
    await open_stage.quiet()

    *_, error, finished = open_stage.recorded
    assert isinstance(error, Error)
    assert (error.code, error.content) == ("model_unavailable", "I can't think")
    assert isinstance(finished, RunFinished)
    assert finished.status == "failed"


async def test_an_engine_that_raises_fails_its_run_and_is_logged(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("hello")
    with capture_logs() as lines:
        await script.fail(ZeroDivisionError("a bug"))
        await open_stage.quiet()

    assert open_stage.kinds == ["User", "Error", "RunFinished"]
    assert [each["event"] for each in lines] == ["run.broke", "turn.finished"]
    assert "a bug" not in str(open_stage.recorded)


async def test_a_store_that_a_tool_could_not_read_is_no_bug(open_stage: Stage) -> None:
    script = await open_stage.say("my addresses")
    with capture_logs() as lines:
        await script.fail(Away("the store is away"))
        await open_stage.quiet()

    assert open_stage.kinds == ["User", "Error", "RunFinished"]
    assert [each["event"] for each in lines] == ["run.lost", "turn.finished"]


async def test_an_engine_without_a_last_word_fails_its_run(open_stage: Stage) -> None:
    script = await open_stage.say("hello")
    await script.tell(Words("Well"))
    script.stop()
    await script.ended.wait()
    await open_stage.quiet()

    assert open_stage.kinds == ["User", "Error", "RunFinished"]


async def test_no_run_hangs(open_stage: Stage) -> None:
    script = await open_stage.say("hello")
    await script.tell(Words("Well"))

    await open_stage.node.advance(31)

    await script.ended.wait()
    *_, error, finished = open_stage.recorded
    assert isinstance(error, Error)
    assert error.code == "timeout"
    assert isinstance(finished, RunFinished)
    assert finished.status == "failed"


async def test_a_deadline_ends_no_later_run(open_stage: Stage) -> None:
    first = await open_stage.say("hello")
    await open_stage.node.advance(20)
    await first.tell(Words("Hi"), Answered())
    await open_stage.say("and again")

    await open_stage.node.advance(20)

    assert open_stage.kinds[-1] == "User"


async def test_a_run_cut_short_by_a_crash_is_ended_and_said_so(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("hello")
    await script.tell(Called("c1", "search", {}), Returned("c1", []), Words("Well"))

    await open_stage.again()
    opened = await open_stage.open()

    *_, finished, note = opened.history
    assert isinstance(finished, RunFinished)
    assert (finished.status, finished.turn_id) == ("failed", "s1.1")
    assert isinstance(note, System)
    assert opened.delta is None


async def test_a_crash_is_mended_by_time_alone(open_stage: Stage) -> None:
    await open_stage.say("hello")

    await open_stage.again()
    await open_stage.node.advance(31)

    assert open_stage.kinds == ["User", "RunFinished", "System"]


async def test_what_waited_is_answered_after_a_crash(open_stage: Stage) -> None:
    await open_stage.say("one")
    await open_stage.ask(Say(ANNA, "two"))

    await open_stage.again()
    await open_stage.open()
    script = await open_stage.engine.next()

    assert (script.turn.turn_id, script.turn.text) == ("s1.2", "two")


async def test_a_step_that_cannot_be_saved_ends_the_run_without_a_trace(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("hello")
    open_stage.storage.fail_next(Away("the store is away"))
    await script.tell(Called("c1", "search", {}))
    await script.ended.wait()

    opened = await open_stage.open()

    assert [type(each).__name__ for each in opened.history] == [
        "User",
        "RunFinished",
        "System",
    ]
    assert "ToolCall" not in open_stage.kinds


async def test_a_message_during_a_reply_waits_for_its_turn(open_stage: Stage) -> None:
    first = await open_stage.say("one")
    said = await open_stage.ask(Say(ANNA, "two"))
    assert said == Said(2, "s1.2")
    assert open_stage.engine.begun.empty()

    await first.tell(Words("1"), Answered())
    second = await open_stage.engine.next()
    await second.tell(Words("2"), Answered())
    await open_stage.quiet()

    assert open_stage.kinds == [
        *("User", "User"),
        *("Assistant", "RunFinished"),
        *("Assistant", "RunFinished"),
    ]
    assert open_stage.recorded[-1].turn_id == "s1.2"


async def test_cancel_goes_on_with_what_waits(open_stage: Stage) -> None:
    await open_stage.say("one")
    await open_stage.ask(Say(ANNA, "two"))

    await open_stage.ask(CancelRun(ANNA))
    second = await open_stage.engine.next()

    assert second.turn.text == "two"


async def test_only_so_many_messages_may_wait(open_stage: Stage) -> None:
    await open_stage.say("one")
    for each in range(MAX_WAITING):
        await open_stage.ask(Say(ANNA, f"and {each}"))

    with pytest.raises(Busy):
        await open_stage.ask(Say(ANNA, "and more"))

    assert len(open_stage.recorded) == 1 + MAX_WAITING
