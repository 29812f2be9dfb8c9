"""A message while a reply is under way: it waits, is refused, interrupts or undoes."""

import pytest

from actors.conversation import MAX_WAITING, Manners
from actors.engine import TAKEN_BACK, UNKNOWN
from commerce.errors import PurchaseUnderway, ReplyUnderway
from commerce.quote import QuoteNotFound
from messages.base import Busy
from messages.frames import (
    Assistant,
    Error,
    RunFinished,
    System,
    ToolCall,
    ToolResult,
    User,
)
from messages.session import CancelRun, Confirm, DoubleTexting, Said, Say, TakeSteps
from messages.turn import Answered, Called, Proposed, Returned, Words
from tests.scripted import Script
from tests.stage import ANNA, Stage, joined, quote

BUY = Called("c1", "place_order", {"quote_id": "q1"}, binding=True)


async def on_stage(texting: DoubleTexting) -> Stage:
    stage = Stage(manners=Manners(double_texting=texting))
    await stage.start()
    await stage.open()
    return stage


async def half_way(stage: Stage) -> Script:
    """Return a turn that has added a lamp and begun to say so."""
    script = await stage.say("add a lamp")
    await script.tell(
        Called("c1", "add_to_cart", {"sku": "LAMP"}),
        Returned("c1", {"added": "LAMP"}),
        Words("I added "),
    )
    return script


async def test_reject_refuses_the_second_message_and_loses_nothing() -> None:
    stage = await on_stage("reject")
    first = await half_way(stage)

    with pytest.raises(ReplyUnderway):
        await stage.ask(Say(ANNA, "and a desk", "m2"))
    await first.tell(Words("the lamp."), Answered())
    await stage.quiet()
    said = await stage.ask(Say(ANNA, "and a desk", "m2"))

    reply = stage.recorded[3]
    assert isinstance(reply, Assistant)
    assert (reply.content, reply.status) == ("I added the lamp.", "done")
    assert said.seq == stage.recorded[-1].seq
    await stage.node.system.kill()


async def test_reject_still_knows_a_message_it_took(open_stage: Stage) -> None:
    stage = await on_stage("reject")
    said = await stage.ask(Say(ANNA, "hello", "m1"))

    assert await stage.ask(Say(ANNA, "hello", "m1")) == said
    await stage.node.system.kill()


async def test_interrupt_keeps_what_was_said_and_done() -> None:
    stage = await on_stage("interrupt")
    first = await half_way(stage)

    await stage.ask(Say(ANNA, "and a desk"))
    await first.ended.wait()
    second = await stage.engine.next()

    assert stage.kinds == [
        *("User", "ToolCall", "ToolResult", "Assistant", "RunFinished"),
        "User",
    ]
    reply, finished = stage.recorded[3:5]
    assert isinstance(reply, Assistant)
    assert (reply.content, reply.status) == ("I added ", "cancelled")
    assert joined(stage.previews) == reply.content
    assert isinstance(finished, RunFinished)
    assert (finished.status, finished.reason) == ("cancelled", "interrupted")
    assert list(second.turn.history) == stage.recorded[:5]
    await stage.node.system.kill()


async def test_rollback_forgets_the_words_but_not_what_was_done() -> None:
    stage = await on_stage("rollback")
    first = await half_way(stage)

    await stage.ask(Say(ANNA, "a desk instead"))
    await first.ended.wait()
    second = await stage.engine.next()

    assert stage.kinds == [
        *("User", "ToolCall", "ToolResult", "System", "RunFinished"),
        "User",
    ]
    note, finished = stage.recorded[3:5]
    assert isinstance(note, System)
    assert note.content == TAKEN_BACK
    assert isinstance(finished, RunFinished)
    assert (finished.status, finished.reason) == ("failed", "rolled_back")
    known = [
        each
        for each in second.turn.history
        if isinstance(each, User | Assistant | ToolCall | ToolResult)
    ]
    assert known == stage.recorded[1:3]
    await stage.node.system.kill()


async def test_rollback_takes_back_the_question_to_confirm() -> None:
    stage = await on_stage("rollback")
    asking = await stage.say("checkout")
    await asking.tell(Proposed(quote(stage.clock.now())), Words("Please confirm."))

    await stage.ask(Say(ANNA, "no, add a pen first"))

    with pytest.raises(QuoteNotFound):
        await stage.ask(Confirm(ANNA, "q1", "approve"))
    await stage.node.system.kill()


async def test_rollback_leaves_the_question_of_an_earlier_turn() -> None:
    stage = await on_stage("rollback")
    asking = await stage.say("checkout")
    await asking.tell(Proposed(quote(stage.clock.now())), Answered())
    await stage.quiet()
    await stage.say("how long does it take?")

    await stage.ask(Say(ANNA, "never mind"))

    await stage.ask(Confirm(ANNA, "q1", "approve"))
    await stage.node.system.kill()


async def test_rollback_leaves_what_was_confirmed_in_the_meantime() -> None:
    stage = await on_stage("rollback")
    asking = await stage.say("checkout")
    asked = quote(stage.clock.now())
    await asking.tell(Proposed(asked), Words("Please confirm."))
    await stage.ask(Confirm(ANNA, "q1", "approve"))

    await stage.ask(Say(ANNA, "thanks"))

    assert (await stage.engine.next()).turn.confirmed == asked
    await stage.node.system.kill()


@pytest.mark.parametrize("texting", ["interrupt", "rollback"])
async def test_a_purchase_under_way_is_not_interrupted(texting: DoubleTexting) -> None:
    stage = await on_stage(texting)
    first = await stage.say("buy it")
    await first.tell(BUY)

    said = await stage.ask(Say(ANNA, "no, wait"))
    with pytest.raises(PurchaseUnderway):
        await stage.ask(CancelRun(ANNA))
    await first.tell(Returned("c1", {"order": "ORD-1"}), Words("Done."), Answered())
    second = await stage.engine.next()

    assert said == Said(3, "s1.3")
    assert [each.content for each in stage.recorded if isinstance(each, Assistant)] == [
        "Done."
    ]
    assert second.turn.text == "no, wait"
    await stage.node.system.kill()


async def test_after_the_purchase_its_reply_may_be_interrupted() -> None:
    stage = await on_stage("interrupt")
    first = await stage.say("buy it")
    await first.tell(BUY, Returned("c1", {"order": "ORD-1"}), Words("Your or"))

    await stage.ask(Say(ANNA, "thanks"))

    assert (await stage.engine.next()).turn.text == "thanks"
    await stage.node.system.kill()


async def test_messages_that_waited_for_a_purchase_give_way_too() -> None:
    stage = await on_stage("interrupt")
    first = await stage.say("buy it")
    await first.tell(BUY)
    for text in ("one", "two"):
        await stage.ask(Say(ANNA, text))
    await first.tell(Returned("c1", {"order": "ORD-1"}), Answered())

    await stage.ask(Say(ANNA, "three"))
    await stage.quiet()

    turns = [each.text for each in stage.engine.turns]
    assert turns[-1] == "three"
    ended = [each.turn_id for each in stage.recorded if isinstance(each, RunFinished)]
    assert ended == ["s1.1", "s1.3", "s1.4"]
    await stage.node.system.kill()


async def test_a_purchase_that_outlasts_its_run_is_not_called_a_failure() -> None:
    stage = await on_stage("enqueue")
    script = await stage.say("buy it")
    await script.tell(BUY)

    await stage.node.advance(31)

    [error] = [each for each in stage.recorded if isinstance(each, Error)]
    assert (error.code, error.content) == ("timeout", UNKNOWN)
    await stage.node.system.kill()


@pytest.mark.parametrize("texting", ["interrupt", "rollback"])
async def test_a_tool_that_nobody_waits_for_is_given_a_result(
    texting: DoubleTexting,
) -> None:
    stage = await on_stage(texting)
    script = await stage.say("add a lamp")
    await script.tell(Called("c1", "add_to_cart", {"sku": "LAMP"}))

    await stage.ask(Say(ANNA, "and a desk"))

    [result] = [each for each in stage.recorded if isinstance(each, ToolResult)]
    assert (result.call_id, result.content["error"]) == ("c1", "stopped")
    await stage.node.system.kill()


async def test_a_call_cut_by_a_crash_is_given_a_result(open_stage: Stage) -> None:
    script = await open_stage.say("add a lamp")
    await script.tell(Called("c1", "add_to_cart", {"sku": "LAMP"}))

    await open_stage.again()
    opened = await open_stage.open()

    *_, result, finished, _ = opened.history
    assert isinstance(result, ToolResult)
    assert result.content["error"] == "stopped"
    assert isinstance(finished, RunFinished)
    assert finished.reason == "cut_short"


async def test_a_step_of_a_run_that_ended_is_told_so(open_stage: Stage) -> None:
    await open_stage.say("hello")

    assert await open_stage.ask(TakeSteps("s1.1", (Words("Hi"),)))
    await open_stage.ask(CancelRun(ANNA))

    assert not await open_stage.ask(TakeSteps("s1.1", (Words(" there"),)))


async def test_waiting_messages_are_bounded_where_a_purchase_makes_them_wait() -> None:
    stage = await on_stage("interrupt")
    script = await stage.say("buy it")
    await script.tell(BUY)
    for each in range(MAX_WAITING):
        await stage.ask(Say(ANNA, f"and {each}"))

    with pytest.raises(Busy):
        await stage.ask(Say(ANNA, "and more"))

    assert stage.kinds[2:] == ["User"] * MAX_WAITING
    await stage.node.system.kill()
