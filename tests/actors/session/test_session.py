"""A conversation: whose it is, and what is said in it."""

import pytest

from commerce.errors import SessionNotFound
from messages.frames import (
    User,
)
from messages.session import (
    AdoptSession,
    CancelRun,
    DeleteSession,
    GetHistory,
    MarkRead,
    OpenSession,
    ResumeSession,
    Said,
    Say,
    SessionDeleted,
)
from messages.turn import Answered, Words
from tests.stage import ANNA, BERT, Stage


async def test_the_first_who_opens_a_session_owns_it(stage: Stage) -> None:
    opened = await stage.ask(OpenSession(ANNA))

    assert (opened.last_seq, opened.history, opened.delta) == (0, (), None)
    assert opened.epoch
    with pytest.raises(SessionNotFound):
        await stage.ask(OpenSession(BERT))


async def test_its_history_keeps_its_name(open_stage: Stage) -> None:
    first = await open_stage.open()
    open_stage.clock.advance(60)
    await open_stage.again()

    again = await open_stage.open()

    assert again.epoch == first.epoch


@pytest.mark.parametrize(
    "command",
    [
        Say(BERT, "hello"),
        CancelRun(BERT),
        GetHistory(BERT),
        ResumeSession(BERT, epoch="e", last_seq=0),
        MarkRead(BERT, 1),
        DeleteSession(BERT),
    ],
)
async def test_a_stranger_may_do_nothing(open_stage: Stage, command: Say) -> None:
    with pytest.raises(SessionNotFound):
        await open_stage.ask(command)

    with pytest.raises(SessionNotFound):
        await open_stage.ask(command, key="nobody-opened-this")


async def test_a_guest_s_chat_goes_on_after_signing_up(open_stage: Stage) -> None:
    assert await open_stage.ask(AdoptSession(ANNA, BERT))

    assert await open_stage.ask(AdoptSession(ANNA, BERT))
    await open_stage.ask(Say(BERT, "still here"))
    with pytest.raises(SessionNotFound):
        await open_stage.ask(Say(ANNA, "me too"))


async def test_nobody_adopts_what_is_not_the_guest_s(open_stage: Stage) -> None:
    assert not await open_stage.ask(AdoptSession("carl", BERT))
    assert not await open_stage.ask(AdoptSession("carl", BERT), key="unopened")

    await open_stage.ask(OpenSession(ANNA))


async def test_a_deleted_session_is_nobody_s_any_more(open_stage: Stage) -> None:
    script = await open_stage.say("hello")

    await open_stage.ask(DeleteSession(ANNA))

    assert open_stage.heard[-1] == SessionDeleted()
    await script.ended.wait()
    for user in (ANNA, BERT):
        with pytest.raises(SessionNotFound):
            await open_stage.ask(OpenSession(user))
    assert not await open_stage.ask(AdoptSession(ANNA, BERT))
    stored = open_stage.storage.documents["sessions"]["s1"]
    assert stored["deleted_at"] == open_stage.clock.now()
    assert stored.get("due") is None


async def test_a_message_is_recorded_before_it_is_answered(open_stage: Stage) -> None:
    open_stage.storage.hold()
    open_stage.node.tell("s1", Say(ANNA, "hello", "m1"))
    assert open_stage.heard == []

    open_stage.storage.release()
    script = await open_stage.engine.next()

    [frame] = open_stage.recorded
    assert isinstance(frame, User)
    assert (frame.seq, frame.turn_id, frame.id) == (1, "s1.1", "m1")
    assert script.turn.text == "hello"
    tail = open_stage.storage.documents["sessions"]["s1"]["tail"]
    assert [each["content"] for each in tail] == ["hello"]


async def test_the_same_message_again_is_one(open_stage: Stage) -> None:
    first = await open_stage.ask(Say(ANNA, "hello", "m1"))
    await open_stage.engine.next()

    again = await open_stage.ask(Say(ANNA, "hello", "m1"))

    assert first == again == Said(1, "s1.1")
    assert open_stage.kinds == ["User"]


async def test_messages_without_a_name_are_never_the_same(open_stage: Stage) -> None:
    await open_stage.ask(Say(ANNA, "hello"))

    second = await open_stage.ask(Say(ANNA, "hello"))

    assert second.seq == 2


async def test_a_message_is_known_again_after_a_restart(open_stage: Stage) -> None:
    script = await open_stage.say("hello", "m1")
    await script.tell(Words("hi"), Answered())
    await open_stage.quiet()

    await open_stage.again()
    again = await open_stage.ask(Say(ANNA, "hello", "m1"))

    assert again == Said(1, "s1.1")


async def test_a_card_number_is_never_stored(open_stage: Stage) -> None:
    script = await open_stage.say("pay with 4242 4242 4242 4242 please")

    assert "4242 4242" not in script.turn.text
    assert "4242 4242" not in str(open_stage.storage.documents)
