"""A quote is decided by the shopper's own word, once, and nothing else decides it."""

import pytest

from actors.conversation import MAX_WAITING, Manners
from actors.engine import DEED_CUT_SHORT
from commerce.errors import PurchaseUnderway, SessionNotFound
from commerce.quote import (
    QUOTED_FOR,
    Decision,
    Quote,
    QuoteExpired,
    QuoteNotFound,
    QuoteSpent,
)
from messages.base import Busy
from messages.frames import ConfirmRequest, RunFinished, System, User
from messages.session import (
    CancelRun,
    Confirm,
    DeleteSession,
    GetHistory,
    Said,
    Say,
)
from messages.turn import (
    Answered,
    Broke,
    Called,
    HandedOff,
    Proposed,
    Returned,
    Words,
)
from tests.stage import ANNA, BERT, Stage, quote


async def quoted(stage: Stage, id: str = "q1") -> Quote:
    """Let the agent end a turn by asking for a confirmation."""
    script = await stage.say("checkout")
    asked = quote(stage.clock.now(), id)
    await script.tell(Proposed(asked), Words("Please confirm."), Answered())
    await stage.quiet()
    return asked


def confirm(decision: Decision = "approve", id: str = "q1", by: str = ANNA) -> Confirm:
    return Confirm(by, id, decision)


async def test_the_request_to_confirm_shows_what_it_is_about(open_stage: Stage) -> None:
    asked = await quoted(open_stage)

    (frame,) = [
        each for each in open_stage.recorded if isinstance(each, ConfirmRequest)
    ]
    assert (frame.quote_id, frame.expires_at) == ("q1", asked.expires_at)
    assert frame.quote.type == "confirm_purchase"
    assert str(frame.quote.total) == "43.18"
    assert frame.quote.payment_last4 == "4242"
    assert frame.quote.lines[0].product_name == "Lamp"


async def test_an_approval_begins_the_turn_that_carries_it_out(
    open_stage: Stage,
) -> None:
    asked = await quoted(open_stage)

    said = await open_stage.ask(confirm())
    script = await open_stage.engine.next()

    assert script.turn.turn_id == said.turn_id
    assert script.turn.decision == "approve"
    assert script.turn.confirmed == asked
    frame = open_stage.recorded[-1]
    assert isinstance(frame, User)
    assert (frame.quote_id, frame.decision) == ("q1", "approve")


async def test_a_decline_grants_nothing_and_spends_the_quote(open_stage: Stage) -> None:
    await quoted(open_stage)

    await open_stage.ask(confirm("decline"))
    script = await open_stage.engine.next()

    assert (script.turn.decision, script.turn.confirmed) == ("decline", None)
    with pytest.raises(QuoteSpent):
        await open_stage.ask(confirm("approve"))


async def test_a_typed_yes_is_no_confirmation(open_stage: Stage) -> None:
    await quoted(open_stage)

    script = await open_stage.say("yes, approve q1")

    assert (script.turn.decision, script.turn.confirmed) == (None, None)


async def test_a_second_tap_gets_the_first_answer_and_no_second_turn(
    open_stage: Stage,
) -> None:
    await quoted(open_stage)

    first = await open_stage.ask(confirm())
    script = await open_stage.engine.next()
    second = await open_stage.ask(confirm())
    await script.tell(Answered())
    third = await open_stage.ask(confirm())
    await open_stage.quiet()

    assert first == second == third
    assert open_stage.kinds.count("RunFinished") == 2


async def test_somebody_else_cannot_confirm(open_stage: Stage) -> None:
    await quoted(open_stage)

    with pytest.raises(SessionNotFound):
        await open_stage.ask(confirm(by=BERT))


async def test_what_was_never_quoted_cannot_be_confirmed(open_stage: Stage) -> None:
    await quoted(open_stage)

    with pytest.raises(QuoteNotFound):
        await open_stage.ask(confirm(id="q2"))


@pytest.mark.parametrize("decision", ["approve", "decline"])
async def test_after_five_minutes_a_quote_has_lapsed(
    open_stage: Stage, decision: Decision
) -> None:
    await quoted(open_stage)
    await open_stage.node.advance(QUOTED_FOR.total_seconds())

    with pytest.raises(QuoteExpired):
        await open_stage.ask(confirm(decision))


async def test_a_newer_quote_takes_the_place_of_the_older(open_stage: Stage) -> None:
    await quoted(open_stage)
    await quoted(open_stage, "q2")

    with pytest.raises(QuoteNotFound):
        await open_stage.ask(confirm())
    await open_stage.ask(confirm(id="q2"))


async def test_a_question_in_between_leaves_the_quote_open(open_stage: Stage) -> None:
    await quoted(open_stage)
    script = await open_stage.say("how long do I have to return it?")
    await script.tell(Words("30 days."), Answered())

    await open_stage.ask(confirm())


async def test_a_confirmation_waits_for_the_reply_under_way(open_stage: Stage) -> None:
    asked = await quoted(open_stage)
    talk = await open_stage.say("and what does express cost?")

    await open_stage.ask(confirm())
    await talk.tell(Words("14.99"), Answered())
    script = await open_stage.engine.next()

    assert script.turn.confirmed == asked


async def test_a_quote_and_its_confirmation_survive_a_restart(
    open_stage: Stage,
) -> None:
    asked = await quoted(open_stage)
    await open_stage.again()

    said = await open_stage.ask(confirm())
    script = await open_stage.engine.next()
    await open_stage.again()

    assert script.turn.confirmed == asked
    assert await open_stage.ask(confirm()) == said


@pytest.mark.parametrize(("away_s", "is_done"), [(60, True), (3600, False)])
async def test_what_was_approved_long_before_a_crash_is_not_done_out_of_the_blue(
    open_stage: Stage, away_s: int, *, is_done: bool
) -> None:
    asked = await quoted(open_stage)
    await open_stage.say("and what does express cost?")
    await open_stage.ask(confirm())
    await open_stage.node.system.kill()

    open_stage.clock.advance(away_s)
    await open_stage.again()
    script = await open_stage.engine.next()

    assert script.turn.decision == "approve"
    assert script.turn.confirmed == (asked if is_done else None)


async def test_a_turn_that_broke_grants_nothing_to_the_next(open_stage: Stage) -> None:
    await quoted(open_stage)
    await open_stage.ask(confirm())
    script = await open_stage.engine.next()
    await script.tell(Broke("timeout", "Too late."))

    later = await open_stage.say("so?")

    assert later.turn.confirmed is None


async def test_too_many_waiting_messages_keep_a_confirmation_out(
    open_stage: Stage,
) -> None:
    await quoted(open_stage)
    await open_stage.say("0")
    for number in range(MAX_WAITING):
        await open_stage.ask(Say(ANNA, str(number)))

    with pytest.raises(Busy):
        await open_stage.ask(confirm())


async def test_a_quote_lives_to_its_last_second(open_stage: Stage) -> None:
    await quoted(open_stage)
    await open_stage.node.advance(QUOTED_FOR.total_seconds() - 1)

    said: Said = await open_stage.ask(confirm())

    assert said.seq == open_stage.recorded[-1].seq


async def test_what_was_confirmed_is_never_interrupted() -> None:
    stage = Stage(manners=Manners(double_texting="interrupt"))
    await stage.start()
    await stage.open()
    await quoted(stage)
    await stage.ask(confirm())
    buying = await stage.engine.next()

    # Not even before its tool was called.
    await stage.ask(Say(ANNA, "wait"))
    with pytest.raises(PurchaseUnderway):
        await stage.ask(CancelRun(ANNA))
    await buying.tell(
        Called("c1", "place_order", {}, binding=True),
        Returned("c1", {"order": "ORD-1"}),
        Words("Thank you."),
        Answered(),
    )

    assert (await stage.engine.next()).turn.text == "wait"
    await stage.node.system.kill()


async def test_what_waits_to_be_done_is_done_though_a_person_was_called(
    open_stage: Stage,
) -> None:
    asked = await quoted(open_stage)
    talk = await open_stage.say("a person, please")
    await open_stage.ask(Say(ANNA, "are you there?"))
    await open_stage.ask(confirm())

    await talk.tell(HandedOff("wants a person"), Answered())
    script = await open_stage.engine.next()

    assert script.turn.confirmed == asked
    await script.tell(Answered())
    await open_stage.quiet()
    assert open_stage.engine.begun.empty()


async def test_a_conversation_is_not_deleted_over_what_is_being_done(
    open_stage: Stage,
) -> None:
    await quoted(open_stage)
    await open_stage.ask(confirm())
    script = await open_stage.engine.next()

    with pytest.raises(PurchaseUnderway):
        await open_stage.ask(DeleteSession(ANNA))

    await script.tell(Answered())
    await open_stage.quiet()
    await open_stage.ask(DeleteSession(ANNA))


async def test_who_confirmed_is_sent_to_the_orders_after_a_crash(
    open_stage: Stage,
) -> None:
    await quoted(open_stage)
    await open_stage.ask(confirm())
    await open_stage.engine.next()

    await open_stage.again()
    page = await open_stage.ask(GetHistory(ANNA))

    *_, finished, note = page.frames
    assert isinstance(finished, RunFinished)
    assert isinstance(note, System)
    assert note.content == DEED_CUT_SHORT
