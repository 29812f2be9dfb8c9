import asyncio
from contextlib import aclosing, suppress

import pytest
from msgspec import structs

from actors.runtime.testing import ManualClock
from agent.graph import NOTHING, TOO_MUCH, UNSURE
from agent.limits import CALLS, RUN_S, WRITES
from agent.model import CallPart, Text, Thinking
from agent.settled import LATE
from messages.turn import Answered, Broke, Called, Returned, Thought, Words
from store.catalogue import Catalogue
from tests.agent.scripted_model import (
    AwayModel,
    ScriptedModel,
    SilentModel,
    calls,
    says,
)
from tests.agent.visitor import NOW, Visitor

BAD_PRICE = "The mini is a bargain. It costs $9.99 today. Buy now!"


async def test_a_turn_is_thoughts_calls_with_results_words_and_an_end(
    catalogue: Catalogue,
) -> None:
    anna = Visitor(catalogue)

    heard = await anna.say("show me yoga mats")

    kinds = [type(each) for each in heard.steps]
    assert kinds[:3] == [Thought, Called, Returned]
    assert set(kinds[3:-1]) == {Words}
    assert kinds[-1] is Answered


async def test_a_turn_needs_no_thread(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[object] = []
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "run_in_executor", lambda *a: used.append(a))

    heard = await Visitor(catalogue).say("show me yoga mats")

    assert isinstance(heard.steps[-1], Answered)
    assert used == []


async def test_words_come_a_checked_sentence_at_a_time(catalogue: Catalogue) -> None:
    model = ScriptedModel(says("Hello there. How are you? Fine."))
    anna = Visitor(catalogue, model)

    heard = await anna.say("hi")

    words = [each.content for each in heard.steps if isinstance(each, Words)]
    assert words == ["Hello there.", " How are you?", " Fine."]


async def test_the_model_thinks_aloud(catalogue: Catalogue) -> None:
    anna = Visitor(catalogue, ScriptedModel([Thinking("Hm. "), *says("Hello.")]))

    heard = await anna.say("hi")

    assert heard.steps[0] == Thought("Hm. ")


async def test_an_orphan_makes_the_model_go_on_after_what_was_said(
    catalogue: Catalogue,
) -> None:
    model = ScriptedModel(says(BAD_PRICE), says("Shall I look its price up?"))
    anna = Visitor(catalogue, model)

    heard = await anna.say("the mini?")

    assert heard.text == "The mini is a bargain. Shall I look its price up?"
    assert "$9.99" in str(model.asked[1][-1])


async def test_a_second_orphan_ends_with_the_template(catalogue: Catalogue) -> None:
    anna = Visitor(catalogue, ScriptedModel(says(BAD_PRICE), says("Well, $8.99 then.")))

    heard = await anna.say("the mini?")

    assert heard.text == f"The mini is a bargain. {UNSURE}"
    assert isinstance(heard.steps[-1], Answered)


async def test_a_fact_from_an_earlier_turn_may_be_said(catalogue: Catalogue) -> None:
    look = calls(("get_product", {"product_id": "AUD-009"}))
    anna = Visitor(catalogue, ScriptedModel(look, says("Done."), says("It is $34.99.")))
    await anna.say("look at the mini")

    heard = await anna.say("and the price?")

    assert heard.text == "It is $34.99."


async def test_reads_asked_for_together_are_all_answered(catalogue: Catalogue) -> None:
    both = calls(
        ("get_product", {"product_id": "AUD-008"}),
        ("get_product", {"product_id": "AUD-009"}),
    )
    anna = Visitor(catalogue, ScriptedModel(both, says("Seen.")))

    heard = await anna.say("both")

    assert [each["product"]["product_id"] for each in heard.results] == [
        "AUD-008",
        "AUD-009",
    ]


async def test_calls_are_named_by_their_turn_and_place(catalogue: Catalogue) -> None:
    put = calls(("add_to_cart", {"sku": "AUD-009-BLA"}))
    anna = Visitor(catalogue, ScriptedModel(put, put, says("Done.")))

    heard = await anna.say("twice, please")

    ids = [each.call_id for each in heard.steps if isinstance(each, Called)]
    assert ids == ["s1.1.1", "s1.1.2"]
    assert anna.till.effects == ["s1.1/s1.1.1", "s1.1/s1.1.2"]


async def test_an_unknown_tool_is_a_result_that_says_so(catalogue: Catalogue) -> None:
    anna = Visitor(catalogue, ScriptedModel(calls(("fly", {})), says("I can't fly.")))

    heard = await anna.say("fly")

    assert heard.results[0]["error"] == "unknown_tool"
    assert heard.text == "I can't fly."


@pytest.mark.parametrize(
    "arguments",
    [
        "{",
        "[1]",
        '{"sku": "AUD-009", "quantity": 1' + "0" * 30 + "}",
        '{"sku": "' + "x" * 3000 + '"}',
        '{"\\u0000": 1}',
        '{"sku": 5}',
        '{"sku": "AUD-009", "colour": "red"}',
        "42",
    ],
)
async def test_malformed_arguments_are_a_result_that_names_the_fault(
    catalogue: Catalogue, arguments: str
) -> None:
    anna = Visitor(
        catalogue,
        ScriptedModel([CallPart(0, "add_to_cart", arguments)], says("Sorry.")),
    )

    heard = await anna.say("add it")

    assert heard.results[0]["error"] == "malformed_arguments"
    assert heard.results[0]["message"]
    assert anna.cart == {}


async def test_a_refusal_of_the_shop_is_a_result(catalogue: Catalogue) -> None:
    put = calls(("add_to_cart", {"sku": "PHN-016", "quantity": 2}))
    anna = Visitor(catalogue, ScriptedModel(put, says("Only 1 is left.")))

    heard = await anna.say("two refurb kits")

    assert heard.results[0]["error"] == "insufficient_stock"
    assert heard.results[0]["details"]["available"] == 1
    assert heard.text == "Only 1 is left."


async def test_a_run_ends_after_so_many_calls(catalogue: Catalogue) -> None:
    model = ScriptedModel(calls(("get_cart", {})))
    anna = Visitor(catalogue, model)

    heard = await anna.say("for ever")

    done = [each for each in heard.results if "error" not in each]
    assert len(done) == CALLS
    assert heard.text == TOO_MUCH


async def test_a_run_writes_so_often_and_no_more(catalogue: Catalogue) -> None:
    one: tuple[str, dict[str, object]] = ("add_to_cart", {"sku": "AUD-009-BLA"})
    put = calls(*[one] * 5)
    anna = Visitor(catalogue, ScriptedModel(put, says("Done.")))

    heard = await anna.say("five times")

    assert anna.cart == {"AUD-009-BLA": WRITES}
    assert [each.get("error") for each in heard.results[WRITES:]] == [
        "too_many_writes",
        "too_many_writes",
    ]


async def test_a_model_that_says_nothing_is_spoken_for(catalogue: Catalogue) -> None:
    anna = Visitor(catalogue, ScriptedModel([]))

    heard = await anna.say("hello?")

    assert heard.text == NOTHING


async def test_a_model_out_of_reach_breaks_the_run(catalogue: Catalogue) -> None:
    anna = Visitor(catalogue, AwayModel())

    heard = await anna.say("hello?")

    assert [each.code for each in heard.steps if isinstance(each, Broke)] == [
        "model_unavailable"
    ]


async def test_a_run_that_takes_too_long_breaks(catalogue: Catalogue) -> None:
    clock, model = ManualClock(NOW), SilentModel(Text("Let me see. "))
    anna = Visitor(catalogue, model, clock)
    steps = anna.engine.run(anna.turn("hello?"))
    said = await anext(steps)
    next_steps = asyncio.ensure_future(anext(steps))
    await model.silent.wait()

    clock.advance(RUN_S)
    (end,) = await next_steps

    assert said == [Words("Let me see.")]
    assert isinstance(end, Broke)
    assert end.code == "timeout"
    assert [each async for each in steps] == []
    assert model.closed
    assert len(asyncio.all_tasks()) == 1


async def test_a_slow_listener_is_not_interrupted(catalogue: Catalogue) -> None:
    clock = ManualClock(NOW)
    anna = Visitor(catalogue, SilentModel(Text("Let me see. ")), clock)

    async with aclosing(anna.engine.run(anna.turn("hi"))) as steps:
        first = await anext(steps)
        clock.advance(RUN_S * 2)
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        rest = [each async for came in steps for each in came]

    assert first == [Words("Let me see.")]
    assert isinstance(rest[-1], Broke)


async def test_what_comes_while_its_listener_records_comes_at_once(
    catalogue: Catalogue,
) -> None:
    anna = Visitor(
        catalogue,
        ScriptedModel(
            calls(("add_to_cart", {"sku": "AUD-009-BLA"})),
            says("Yes. Sure. Here you are."),
        ),
    )

    steps = [came async for came in anna.engine.run(anna.turn("a mini"))]

    assert [[type(each) for each in came] for came in steps] == [
        [Called],
        [Returned, Words, Words, Words, Answered],
    ]


async def test_cancelling_leaves_no_task_and_closes_the_model(
    catalogue: Catalogue,
) -> None:
    model = SilentModel(Text("Let me see. "))
    anna = Visitor(catalogue, model)
    saying = asyncio.ensure_future(anna.say("hello?"))
    await model.silent.wait()

    saying.cancel()
    with suppress(asyncio.CancelledError):
        await saying

    assert saying.cancelled()
    assert model.closed
    assert len(asyncio.all_tasks()) == 1


async def test_closing_between_two_steps_leaves_no_task(catalogue: Catalogue) -> None:
    model = SilentModel(Text("Let me see. "), Text("Well. "))
    anna = Visitor(catalogue, model)

    async with aclosing(anna.engine.run(anna.turn("hi"))) as steps:
        await anext(steps)

    assert model.closed
    assert len(asyncio.all_tasks()) == 1


async def test_many_turns_run_side_by_side(catalogue: Catalogue) -> None:
    shoppers = [Visitor(catalogue) for _ in range(10)]

    heard = await asyncio.gather(
        *(
            each.say(f"add {at} yoga mats in plum")
            for at, each in enumerate(shoppers, 1)
        )
    )

    assert all(isinstance(each.steps[-1], Answered) for each in heard)
    assert [each.cart for each in shoppers] == [
        {"SPT-001-PLU": at} for at in range(1, 11)
    ]


async def test_the_card_number_never_reaches_the_model(catalogue: Catalogue) -> None:
    model = ScriptedModel(says("Please don't."))
    anna = Visitor(catalogue, model)

    await anna.say("my card is 4242 4242 4242 4242")

    assert "4242 4242" not in str(model.asked)
    assert "4242]" in str(model.asked)


async def test_an_approval_that_waited_too_long_is_said_to_have(
    catalogue: Catalogue,
) -> None:
    anna = Visitor(catalogue)
    turn = structs.replace(anna.turn(""), decision="approve")

    steps = [each async for came in anna.engine.run(turn) for each in came]

    assert steps == [Words(LATE), Answered()]
