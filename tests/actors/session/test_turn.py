"""A turn: recorded step by step, its words shown ahead."""

from datetime import timedelta
from itertools import pairwise

from structlog.testing import capture_logs

from messages.frames import (
    Assistant,
    RunFinished,
    System,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolResult,
    User,
)
from messages.session import Say, ShowWords, TakeSteps
from messages.turn import Answered, Called, Cost, Noticed, Returned, Thought, Words
from tests.stage import ANNA, Stage, joined


async def test_a_turn_is_recorded_step_by_step(open_stage: Stage) -> None:
    script = await open_stage.say("waterproof speakers under 50")
    await script.tell(
        Thought("Look "),
        Thought("for speakers"),
        Called("c1", "search", {"query": "speakers"}),
        Returned("c1", {"found": [{"sku": "AUD-009"}]}),
        Words("The Splash "),
        Words("costs 34.99."),
        Answered([{"sku": "AUD-009"}]),
    )
    await open_stage.quiet()

    _, thinking, call, result, assistant, finished = open_stage.recorded
    assert isinstance(thinking, Thinking)
    assert thinking.content == "Look for speakers"
    assert isinstance(call, ToolCall)
    assert (call.tool, call.call_id) == ("search", "c1")
    assert call.arguments == {"query": "speakers"}
    assert isinstance(result, ToolResult)
    assert result.content == {"found": [{"sku": "AUD-009"}]}
    assert isinstance(assistant, Assistant)
    assert assistant.content == "The Splash costs 34.99."
    assert assistant.products == [{"sku": "AUD-009"}]
    assert isinstance(finished, RunFinished)
    assert finished.status == "done"
    assert [each.seq for each in open_stage.recorded] == [1, 2, 3, 4, 5, 6]
    assert {each.turn_id for each in open_stage.recorded} == {"s1.1"}


async def test_a_turn_takes_five_to_eight_commits_however_many_words(
    open_stage: Stage,
) -> None:
    before = len(open_stage.storage.disk.commits)
    script = await open_stage.say("hello")
    await script.tell(
        Thought("Hm"),
        Called("c1", "search", {}),
        Returned("c1", []),
        *[Words(f"word {each} ") for each in range(500)],
        Answered(),
    )
    await open_stage.quiet()

    assert 4 <= len(open_stage.storage.disk.commits) - before <= 8


async def test_steps_that_come_at_once_take_one_commit_and_one_preview(
    open_stage: Stage,
) -> None:
    await open_stage.say("hello")
    before = len(open_stage.storage.disk.commits)

    came = (
        Thought("Hm"),
        Called("c1", "search", {}),
        Returned("c1", []),
        Words("Hello "),
        Words("there."),
        Answered(),
    )
    assert await open_stage.ask(TakeSteps("s1.1", came))

    assert len(open_stage.storage.disk.commits) - before == 1
    assert open_stage.kinds[1:] == [
        "Thinking",
        "ToolCall",
        "ToolResult",
        "Assistant",
        "RunFinished",
    ]
    assert [each.content for each in open_stage.previews] == ["Hello there."]


async def test_a_thought_before_words_is_recorded_before_them(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("hello")
    await script.tell(Thought("Greet back"), Words("Hi"), Answered())
    await open_stage.quiet()

    assert open_stage.kinds == ["User", "Thinking", "Assistant", "RunFinished"]


async def test_every_turn_writes_one_canonical_line(open_stage: Stage) -> None:
    script = await open_stage.say("hello")
    with capture_logs() as lines:
        await script.tell(Called("c1", "search", {}), Returned("c1", []))
        open_stage.clock.advance(2)
        await script.tell(Words("Hi"), Answered())
        await open_stage.quiet()

    [line] = [each for each in lines if each["event"] == "turn.finished"]
    del line["log_level"]
    assert line == {
        "event": "turn.finished",
        "kind": "session",
        "key": "s1",
        "turn_id": "s1.1",
        "status": "done",
        "took_ms": 2000,
        "steps": 4,
        "tool_calls": 1,
        "models": [],
        "input_tokens": 0,
        "output_tokens": 0,
    }


async def test_the_agent_is_told_the_past_but_not_the_future(
    open_stage: Stage,
) -> None:
    first = await open_stage.say("one")
    await open_stage.ask(Say(ANNA, "two"))
    await open_stage.ask(Say(ANNA, "three"))
    await first.tell(Words("1"), Answered())

    second = await open_stage.engine.next()

    assert second.turn.text == "two"
    assert [
        each.content
        for each in second.turn.history
        if isinstance(each, User | Assistant)
    ] == ["one", "1"]


async def test_words_go_ahead_as_previews_every_30_ms(open_stage: Stage) -> None:
    script = await open_stage.say("hello")

    await script.tell(Words("The "), Words("lamp "), Words("is "))
    assert [each.content for each in open_stage.previews] == ["The "]
    open_stage.clock.advance(0.03)
    await open_stage.quiet()

    assert [(each.offset, each.content) for each in open_stage.previews] == [
        (0, "The "),
        (4, "lamp is "),
    ]
    assert open_stage.kinds == ["User"]


async def test_previews_are_never_closer_than_30_ms(open_stage: Stage) -> None:
    script = await open_stage.say("hello")
    for each in range(100):
        await script.tell(Words(f"{each} "))
        open_stage.clock.advance(0.001)
        await open_stage.quiet()

    times = [each.timestamp for each in open_stage.previews]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == 4
    assert min(gaps) >= timedelta(milliseconds=30)


async def test_previews_join_to_the_reply_in_code_points(open_stage: Stage) -> None:
    script = await open_stage.say("hello")
    for words in ("A 💡 ", "costs ", "9 € ", "🇩🇪"):
        await script.tell(Words(words))
        open_stage.clock.advance(0.02)
    await script.tell(Answered())
    await open_stage.quiet()

    reply = open_stage.recorded[-2]
    assert isinstance(reply, Assistant)
    assert joined(open_stage.previews) == reply.content == "A 💡 costs 9 € 🇩🇪"


async def test_a_thought_goes_ahead_too(open_stage: Stage) -> None:
    script = await open_stage.say("hello")

    await script.tell(Thought("Let me see"))

    deltas = [each for each in open_stage.frames if isinstance(each, ThinkingDelta)]
    assert [(each.offset, each.content) for each in deltas] == [(0, "Let me see")]


async def test_a_late_timer_of_an_ended_reply_shows_nothing(
    open_stage: Stage,
) -> None:
    script = await open_stage.say("hello")
    await script.tell(Words("Hi"), Words(" there"), Answered())
    await open_stage.quiet()
    heard = len(open_stage.heard)

    await open_stage.ask(ShowWords("s1.1"))

    assert len(open_stage.heard) == heard


async def test_a_notice_is_recorded_amid_the_turn(open_stage: Stage) -> None:
    script = await open_stage.say("hello")
    await script.tell(
        Thought("Hm"), Noticed("Somebody else answers."), Words("Hi"), Answered()
    )
    await open_stage.quiet()

    kinds = [type(each) for each in open_stage.recorded]
    assert kinds == [User, Thinking, System, Assistant, RunFinished]
    notice = open_stage.recorded[2]
    assert isinstance(notice, System)
    assert (notice.content, notice.turn_id) == ("Somebody else answers.", "s1.1")


async def test_what_a_turn_cost_is_logged_and_known_to_the_next(
    open_stage: Stage,
) -> None:
    with capture_logs() as logs:
        script = await open_stage.say("hello")
        await script.tell(Cost("small", 90, 7), Cost("small", 10, 3), Answered())
        await open_stage.quiet()

    (line,) = [each for each in logs if each["event"] == "turn.finished"]
    assert (line["input_tokens"], line["output_tokens"]) == (100, 10)
    assert line["models"] == ["small"]
    assert (await open_stage.say("and now?")).turn.spent_tokens == 110
