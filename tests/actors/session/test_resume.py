"""Joining, resuming and paging: exactly what was missed."""

from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.record import CONTEXT, DROPPED
from messages.frames import (
    Assistant,
    AssistantDelta,
)
from messages.session import GetHistory, MarkRead, ResumeSession
from messages.turn import Answered, Called, Returned, Words
from tests.stage import ANNA, Stage, joined


async def test_who_opens_during_a_reply_gets_it_from_the_beginning(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("hello")
    await script.tell(Words("The "), Words("lamp "), Words("is "))

    opened = await open_stage.open()

    assert isinstance(opened.delta, AssistantDelta)
    assert (opened.delta.offset, opened.delta.content) == (0, "The lamp is ")
    assert joined(open_stage.previews) == "The lamp is "
    assert [type(each).__name__ for each in opened.history] == ["User"]


async def test_resume_gives_exactly_what_was_missed(open_stage: Stage) -> None:
    epoch = (await open_stage.open()).epoch
    script = await open_stage.say("one")
    await script.tell(Called("c1", "search", {}), Returned("c1", []), Words("Well, 💡"))

    resumed = await open_stage.ask(
        ResumeSession(ANNA, epoch=epoch, last_seq=1, turn_id="s1.1", offset=4)
    )

    assert [each.seq for each in resumed.frames] == [2, 3]
    assert resumed.delta is not None
    assert (resumed.delta.offset, resumed.delta.content) == (4, ", 💡")
    assert not resumed.resync


async def test_resume_of_another_turn_gives_the_running_reply_from_its_beginning(
    open_stage: Stage,
) -> None:
    epoch = (await open_stage.open()).epoch
    script = await open_stage.say("one")
    await script.tell(Words("Well"))

    for turn_id, offset in (("s1.0", 2), (None, 2), ("s1.1", 99)):
        resumed = await open_stage.ask(
            ResumeSession(ANNA, epoch=epoch, last_seq=1, turn_id=turn_id, offset=offset)
        )
        assert resumed.delta is not None
        assert (resumed.delta.offset, resumed.delta.content) == (0, "Well")


@pytest.mark.parametrize(
    ("epoch", "last_seq"), [("another", 1), (None, 3), (None, 2**53)]
)
async def test_another_history_is_begun_again(
    open_stage: Stage, epoch: str | None, last_seq: int
) -> None:
    known = (await open_stage.open()).epoch
    script = await open_stage.say("one")
    await script.tell(Words("Well"))

    resumed = await open_stage.ask(
        ResumeSession(
            ANNA, epoch=epoch or known, last_seq=last_seq, turn_id="s1.1", offset=3
        )
    )

    assert resumed.resync
    assert [each.seq for each in resumed.frames] == [1]
    assert resumed.delta is not None
    assert resumed.delta.offset == 0


async def test_who_missed_more_than_a_day_begins_again(open_stage: Stage) -> None:
    epoch = (await open_stage.open()).epoch
    script = await open_stage.say("one")
    await script.tell(Words("1"), Answered())
    await open_stage.quiet()
    open_stage.clock.advance(24 * 3600 + 1)
    script = await open_stage.say("two")

    late = await open_stage.ask(ResumeSession(ANNA, epoch=epoch, last_seq=1))
    recent = await open_stage.ask(ResumeSession(ANNA, epoch=epoch, last_seq=3))

    assert late.resync
    assert [each.seq for each in recent.frames] == [4]


async def test_a_long_conversation_is_resumed_and_paged_across_its_chunks(
    open_stage: Stage,
) -> None:
    epoch = (await open_stage.open()).epoch
    await long_talk(open_stage, frames=1100)
    assert open_stage.storage.documents["sessions"]["s1"]["sealed_to"] > 100

    missed = await open_stage.ask(ResumeSession(ANNA, epoch=epoch, last_seq=150))
    too_much = await open_stage.ask(ResumeSession(ANNA, epoch=epoch, last_seq=1))
    pages = await all_pages(open_stage)

    last = (await open_stage.open()).last_seq
    assert [each.seq for each in missed.frames] == list(range(151, last + 1))
    assert too_much.resync
    assert [each.seq for each in too_much.frames] == list(range(last - 49, last + 1))
    assert pages == list(range(1, last + 1))


async def test_the_agent_remembers_what_was_sealed(open_stage: Stage) -> None:
    await long_talk(open_stage, frames=300)

    script = await open_stage.say("and now?")
    seqs = [each.seq for each in script.turn.history]
    await script.tell(Words("Yes"), Answered())
    await open_stage.quiet()
    await open_stage.again()
    await open_stage.open()
    script = await open_stage.say("and after the restart?")

    assert seqs == list(range(seqs[-1] - len(seqs) + 1, seqs[-1] + 1))
    assert len(seqs) >= CONTEXT
    assert len(script.turn.history) >= CONTEXT


async def test_what_the_agent_is_told_begins_at_the_same_places_after_a_restart(
    open_stage: Stage,
) -> None:
    await long_talk(open_stage, frames=300)
    before = await open_stage.say("and now?")
    await open_stage.again()
    await open_stage.open()
    after = await open_stage.say("and after the restart?")

    starts = [each.turn.history[0].seq for each in (before, after)]
    assert {each % DROPPED for each in starts} == {-CONTEXT % DROPPED}


@pytest.mark.parametrize(("before_seq", "seqs"), [(0, []), (1, []), (3, [1, 2])])
async def test_the_beginning_of_a_history_is_its_last_page(
    open_stage: Stage, before_seq: int, seqs: list[int]
) -> None:
    script = await open_stage.say("one")
    await script.tell(Words("1"), Answered())
    await open_stage.quiet()

    page = await open_stage.ask(GetHistory(ANNA, before_seq, 10))

    assert [each.seq for each in page.frames] == seqs
    assert not page.more


async def test_a_page_says_whether_there_is_more(open_stage: Stage) -> None:
    script = await open_stage.say("one")
    await script.tell(Words("1"), Answered())
    await open_stage.quiet()

    page = await open_stage.ask(GetHistory(ANNA, None, 2))

    assert [each.seq for each in page.frames] == [2, 3]
    assert page.more


async def test_a_read_mark_only_moves_forward(open_stage: Stage) -> None:
    await open_stage.say("one")

    for seq in (1, 99, 0):
        await open_stage.ask(MarkRead(ANNA, seq))

    assert open_stage.storage.documents["sessions"]["s1"]["read"] == {ANNA: 1}


REPLIES = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=6)


@settings(max_examples=25)
@given(words=REPLIES, turned=st.lists(st.sampled_from([0.0, 0.01, 0.03])))
async def test_resume_at_every_code_point_gives_the_reply_byte_for_byte(
    words: list[str], turned: list[float]
) -> None:
    stage = Stage()
    await stage.start()
    epoch = (await stage.open()).epoch
    script = await stage.say("hello")
    seen = ""
    for each, seconds in zip_longest(words, turned[: len(words)], fillvalue=0.01):
        await script.tell(Words(str(each)))
        stage.clock.advance(float(seconds))
        seen += str(each)
        # Somebody comes back who holds any number of code points of it.
        for offset in range(len(seen) + 1):
            resumed = await stage.ask(
                ResumeSession(
                    ANNA, epoch=epoch, last_seq=1, turn_id="s1.1", offset=offset
                )
            )
            assert resumed.delta is not None
            assert seen[:offset] + resumed.delta.content == seen
            # What comes next goes on exactly where this one stands.
            assert joined(stage.previews) == seen
    await script.tell(Answered())
    await stage.quiet()

    reply = stage.recorded[-2]
    assert isinstance(reply, Assistant)
    assert reply.content.encode() == "".join(words).encode()
    assert joined(stage.previews).encode() == reply.content.encode()
    await stage.node.system.kill()


async def long_talk(stage: Stage, *, frames: int) -> None:
    while (await stage.open()).last_seq < frames:
        script = await stage.say("tell me more")
        for call in range(20):
            await script.tell(
                Called(f"c{call}", "search", {"query": "x" * 50}),
                Returned(f"c{call}", "y" * 50),
            )
        await script.tell(Words("z" * 50), Answered())
        await stage.quiet()


async def all_pages(stage: Stage) -> list[int]:
    seqs: list[int] = []
    before, more = None, True
    while more:
        page = await stage.ask(GetHistory(ANNA, before, 100))
        seqs = [each.seq for each in page.frames] + seqs
        before, more = seqs[0], page.more
    return seqs
