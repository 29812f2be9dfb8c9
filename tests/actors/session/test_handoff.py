"""A conversation handed to a person and back; the agent is silent meanwhile."""

import pytest

from actors.handoff import BACK, LEFT, NOBODY, TAKEN, WAITING
from commerce.errors import ChatNotTaken, ChatNotWaiting, ChatTaken, SessionNotFound
from messages.frames import Assistant, Read, System
from messages.session import (
    AdoptSession,
    CancelRun,
    ChatPassedOn,
    DeleteSession,
    GetHistory,
    GiveBackChat,
    MarkRead,
    ModeChanged,
    OpenSession,
    ResumeSession,
    Say,
    TakeChat,
)
from messages.stock import OPERATORS
from messages.turn import Answered, HandedOff, Words
from tests.scripted import Script
from tests.stage import ANNA, BERT, Stage

OPAL, OTTO = "opal", "otto"
WAIT_S = 600


async def wanting_a_person(stage: Stage) -> Script:
    script = await stage.say("I want to talk to a person")
    await script.tell(HandedOff("wants a person"))
    await script.tell(Words("I asked one to come."), Answered())
    await stage.quiet()
    return script


@pytest.fixture
async def waiting(open_stage: Stage) -> Stage:
    await wanting_a_person(open_stage)
    return open_stage


@pytest.fixture
async def taken(waiting: Stage) -> Stage:
    await waiting.ask(TakeChat(OPAL))
    return waiting


def notes(stage: Stage) -> list[tuple[str, str | None]]:
    return [
        (each.content, each.mode) for each in stage.recorded if isinstance(each, System)
    ]


def mode(stage: Stage) -> str:
    found: str = stage.storage.documents["sessions"]["s1"]["mode"]
    return found


async def test_a_hand_off_is_recorded_and_its_reply_goes_on_to_its_end(
    waiting: Stage,
) -> None:
    assert waiting.kinds == ["User", "System", "Assistant", "RunFinished"]
    assert notes(waiting) == [(WAITING, "waiting")]
    handoff = waiting.storage.documents["sessions"]["s1"]["handoff"]
    assert handoff["summary"] == "wants a person"


def told_operators(stage: Stage) -> list[tuple[str, str, str]]:
    return [
        (each.session_id, each.mode, each.operator_id)
        for topic, each in stage.node.published
        if topic == OPERATORS and isinstance(each, ChatPassedOn)
    ]


async def test_operators_hear_who_answers(waiting: Stage) -> None:
    await waiting.ask(TakeChat(OPAL))
    await waiting.ask(GiveBackChat(OPAL))

    assert told_operators(waiting) == [
        ("s1", "waiting", ""),
        ("s1", "human", OPAL),
        ("s1", "bot", ""),
    ]


async def test_operators_hear_that_a_shopper_waits_no_more(waiting: Stage) -> None:
    await waiting.ask(CancelRun(ANNA))

    assert told_operators(waiting)[-1] == ("s1", "bot", "")


async def test_operators_hear_that_a_chat_which_waited_is_gone(waiting: Stage) -> None:
    await waiting.ask(DeleteSession(ANNA))

    assert told_operators(waiting)[-1] == ("s1", "bot", "")


async def test_operators_hear_nothing_of_a_chat_that_wants_nobody(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("hello")
    await script.tell(Words("Hi"), Answered())
    await open_stage.ask(DeleteSession(ANNA))

    assert told_operators(open_stage) == []


async def test_the_agent_is_silent_until_it_has_the_conversation_back(
    taken: Stage,
) -> None:
    await taken.ask(Say(ANNA, "hello?"))
    assert taken.engine.begun.empty()

    await taken.ask(GiveBackChat(OPAL))
    script = await taken.say("and you?")

    assert script.turn.text == "and you?"
    assert notes(taken)[-2:] == [(TAKEN, "human"), (BACK, "bot")]


async def test_what_waited_for_the_agent_is_left_to_the_person(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("a person, please")
    await open_stage.ask(Say(ANNA, "are you there?"))
    await script.tell(HandedOff("wants a person"), Answered())
    await open_stage.quiet()

    assert open_stage.engine.begun.empty()
    assert open_stage.storage.documents["sessions"]["s1"]["waiting"] == []


async def test_an_operator_sees_what_waits_and_writes_in_what_they_took(
    waiting: Stage,
) -> None:
    opened = await waiting.ask(OpenSession(OPAL, operator=True))
    with pytest.raises(ChatNotTaken):
        await waiting.ask(Say(OPAL, "hello", operator=True))
    await waiting.ask(TakeChat(OPAL))
    said = await waiting.ask(Say(OPAL, "Opal here.", "m1", operator=True))
    again = await waiting.ask(Say(OPAL, "Opal here.", "m1", operator=True))

    assert (opened.side, opened.mode, opened.last_seq) == ("operator", "waiting", 4)
    reply = waiting.recorded[-1]
    assert isinstance(reply, Assistant)
    assert (reply.content, reply.author) == ("Opal here.", "operator")
    assert again == said


async def test_both_sides_may_use_the_same_names_for_their_messages(
    taken: Stage,
) -> None:
    theirs = await taken.ask(Say(OPAL, "Opal here.", "1", operator=True))
    mine = await taken.ask(Say(ANNA, "At last!", "1"))
    await taken.again()

    assert mine.seq == theirs.seq + 1
    assert await taken.ask(Say(ANNA, "At last!", "1")) == mine
    assert await taken.ask(Say(OPAL, "Opal here.", "1", operator=True)) == theirs


@pytest.mark.parametrize(
    "command",
    [
        OpenSession(OTTO, operator=True),
        Say(OTTO, "hello", operator=True),
        GetHistory(OTTO, operator=True),
        ResumeSession(OTTO, epoch="e", last_seq=0, operator=True),
        MarkRead(OTTO, 1, operator=True),
        OpenSession(BERT),
        Say(BERT, "hello"),
        Say(OPAL, "not as an operator"),
        CancelRun(OPAL),
        DeleteSession(OPAL),
    ],
    ids=str,
)
async def test_nobody_else_has_a_part_in_it(taken: Stage, command: Say) -> None:
    with pytest.raises(SessionNotFound):
        await taken.ask(command)


async def test_no_operator_sees_what_is_with_the_assistant(open_stage: Stage) -> None:
    with pytest.raises(SessionNotFound):
        await open_stage.ask(OpenSession(OPAL, operator=True))
    with pytest.raises(ChatNotWaiting):
        await open_stage.ask(TakeChat(OPAL))


async def test_one_operator_takes_it_and_taking_it_twice_is_once(taken: Stage) -> None:
    await taken.ask(TakeChat(OPAL))

    with pytest.raises(ChatTaken):
        await taken.ask(TakeChat(OTTO))
    with pytest.raises(ChatTaken):
        await taken.ask(GiveBackChat(OTTO))

    assert notes(taken) == [(WAITING, "waiting"), (TAKEN, "human")]


async def test_sockets_are_told_whose_it_is_after_the_frame_that_says_so(
    taken: Stage,
) -> None:
    await taken.ask(GiveBackChat(OPAL))

    changes = [each for each in taken.heard if isinstance(each, ModeChanged)]
    assert changes == [
        ModeChanged("waiting"),
        ModeChanged("human", OPAL),
        ModeChanged("bot"),
    ]
    assert taken.heard[-1] == changes[-1]


async def test_a_reply_under_way_is_cut_when_a_person_takes_over(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("a person, please")
    await script.tell(HandedOff("wants a person"), Words("One mo"))

    await open_stage.ask(TakeChat(OPAL))
    await script.ended.wait()

    [reply] = [each for each in open_stage.recorded if isinstance(each, Assistant)]
    assert (reply.content, reply.status) == ("One mo", "cancelled")


async def test_where_nobody_comes_the_assistant_is_back(waiting: Stage) -> None:
    await waiting.node.advance(WAIT_S + 1)

    assert notes(waiting)[-1] == (NOBODY, "bot")
    await waiting.say("then you")


async def test_who_waits_may_stop_waiting(waiting: Stage) -> None:
    assert await waiting.ask(CancelRun(ANNA))

    assert notes(waiting)[-1] == (BACK, "bot")
    assert not await waiting.ask(CancelRun(ANNA))


async def test_an_operator_who_never_answers_loses_it(taken: Stage) -> None:
    await taken.node.advance(WAIT_S + 1)
    assert notes(taken)[-1] == (LEFT, "waiting")

    await taken.node.advance(WAIT_S + 1)

    assert notes(taken)[-1] == (NOBODY, "bot")


async def test_an_operator_has_time_once_they_answered(taken: Stage) -> None:
    await taken.ask(Say(OPAL, "Opal here.", operator=True))
    await taken.node.advance(10 * WAIT_S)
    assert mode(taken) == "human"

    await taken.ask(Say(ANNA, "still there?"))
    await taken.node.advance(WAIT_S - 1)
    assert mode(taken) == "human"
    await taken.node.advance(2)

    assert mode(taken) == "waiting"


async def test_waiting_for_a_person_survives_a_restart(waiting: Stage) -> None:
    await waiting.again()

    await waiting.node.advance(WAIT_S + 1)

    assert notes(waiting)[-1] == (NOBODY, "bot")


async def test_a_run_that_is_cut_by_a_crash_leaves_the_hand_off(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("a person, please")
    await script.tell(HandedOff("wants a person"), Words("One mo"))

    await open_stage.again()
    await open_stage.ask(TakeChat(OPAL))
    await open_stage.ask(Say(OPAL, "Opal here.", operator=True))

    assert mode(open_stage) == "human"


async def test_a_second_hand_off_does_nothing(open_stage: Stage) -> None:
    script = await open_stage.say("a person, please")
    await script.tell(HandedOff("one"), HandedOff("two"), Answered())
    await open_stage.quiet()

    assert notes(open_stage) == [(WAITING, "waiting")]


async def test_the_agent_is_told_what_the_person_said(taken: Stage) -> None:
    await taken.ask(Say(OPAL, "We sent it again.", operator=True))
    await taken.ask(GiveBackChat(OPAL))

    script = await taken.say("where is it?")

    said = [each for each in script.turn.history if isinstance(each, Assistant)]
    assert [each.content for each in said][-1] == "We sent it again."


async def test_both_sides_see_how_far_the_other_has_read(taken: Stage) -> None:
    await taken.ask(MarkRead(ANNA, 2))
    await taken.ask(MarkRead(OPAL, 5, operator=True))
    await taken.ask(MarkRead(OPAL, 4, operator=True))
    opened = await taken.open()

    told = [(each.who, each.seq) for each in taken.frames if isinstance(each, Read)]
    assert told == [("user", 2), ("operator", 5)]
    assert opened.read == {"user": 2, "operator": 5}


async def test_a_guest_who_signs_up_keeps_their_mark(waiting: Stage) -> None:
    await waiting.ask(MarkRead(ANNA, 2))
    await waiting.ask(AdoptSession(ANNA, BERT))

    opened = await waiting.ask(OpenSession(BERT))

    assert opened.read == {"user": 2, "operator": 0}


async def test_a_conversation_deleted_is_with_nobody(taken: Stage) -> None:
    await taken.ask(DeleteSession(ANNA))

    with pytest.raises(SessionNotFound):
        await taken.ask(OpenSession(OPAL, operator=True))
    assert taken.storage.documents["sessions"]["s1"]["handoff"] is None
