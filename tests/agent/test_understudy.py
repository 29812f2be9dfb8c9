"""When a model is away the built-in one goes on, says so, and does nothing twice."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from msgspec import structs

from agent.breaker import FAILURES, REST_S
from agent.budget import Budget, Limits
from agent.conversation import Conversation
from agent.graph import UNDERSTUDY
from agent.model import Delta, Model, ModelAway, Spent, Text, ToolSpec
from agent.rules_model import RulesModel
from agent.understudy import Understudied
from messages.frames import System
from messages.turn import Answered, Broke, Called, Cost, Noticed
from store.catalogue import Catalogue
from tests.agent.scripted_model import AwayModel, ScriptedModel, calls, says
from tests.agent.visitor import NOW, Visitor
from tests.stage import quote


class Failing(ScriptedModel):
    """Gives its answers; in the midst of every one after them it is away."""

    name = "failing"

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        if len(self.asked) >= len(self.answers):
            self.asked.append(list(conversation))
            yield Text("The price is")
            raise ModelAway("the line went dead")
        async for each in super().stream(conversation, tools):
            yield each


def visitor(
    catalogue: Catalogue, star: Model, **limits: int
) -> tuple[Visitor, Understudied]:
    anna = Visitor(catalogue)
    budget = Budget(Limits(**limits), anna.clock)
    model = Understudied(star, RulesModel(), budget, anna.clock)
    anna.speak_with(model, budget.limits)
    return anna, model


async def test_a_model_that_answers_is_counted_and_paid(catalogue: Catalogue) -> None:
    star = ScriptedModel([*says("Hello."), Spent(20, 4)])
    anna, model = visitor(catalogue, star)

    heard = await anna.say("hi")

    assert heard.text == "Hello."
    assert Cost("scripted", 20, 4) in heard.steps
    assert model.budget.of("scripted").answers == 1


async def test_a_model_that_does_not_say_what_it_cost_is_guessed(
    catalogue: Catalogue,
) -> None:
    anna, _ = visitor(catalogue, ScriptedModel(says("Hello there, shopper.")))

    heard = await anna.say("hi")

    (cost,) = [each for each in heard.steps if isinstance(each, Cost)]
    assert cost.output_tokens == len("Hello there, shopper.") // 4
    assert cost.input_tokens > 0


async def test_the_understudy_answers_for_a_model_that_is_away_and_says_so(
    catalogue: Catalogue,
) -> None:
    anna, model = visitor(catalogue, AwayModel())

    heard = await anna.say("waterproof speakers under $50")

    assert heard.steps[0] == Noticed(UNDERSTUDY)
    assert "Sonvarra Boulder Mini" in heard.text
    assert isinstance(heard.steps[-1], Answered)
    assert model.budget.reasons == {"away": 1}


async def test_the_next_turn_need_not_be_told_again(catalogue: Catalogue) -> None:
    anna, _ = visitor(catalogue, AwayModel())
    await anna.say("waterproof speakers under $50")

    heard = await anna.say("the first one please")

    assert Noticed(UNDERSTUDY) not in heard.steps
    assert isinstance(heard.steps[-1], Answered)


async def test_words_that_broke_off_are_never_said(catalogue: Catalogue) -> None:
    anna, _ = visitor(catalogue, Failing())

    heard = await anna.say("what does the Boulder Mini cost?")

    assert "The price is" not in heard.text
    assert "$34.99" in heard.text


async def test_the_understudy_thinks_the_turn_through_from_its_beginning(
    catalogue: Catalogue,
) -> None:
    star = Failing(calls(("get_product", {"product_id": "AUD-001"})))
    anna, _ = visitor(catalogue, star)

    heard = await anna.say("waterproof speakers under $50")

    assert heard.tools[:2] == ["get_product", "search_products"]
    assert "Sonvarra Boulder Mini" in heard.text


async def test_what_is_done_already_is_not_done_by_another_one_again(
    catalogue: Catalogue,
) -> None:
    star = Failing(calls(("add_to_cart", {"sku": "AUD-009-COR", "quantity": 2})))
    anna, _ = visitor(catalogue, star)

    heard = await anna.say("add two coral Boulder Minis")

    assert anna.cart == {"AUD-009-COR": 2}
    assert isinstance(heard.steps[-1], Broke)


async def test_a_model_that_failed_often_is_left_in_peace_for_a_while(
    catalogue: Catalogue,
) -> None:
    star = Failing()
    anna, model = visitor(catalogue, star)
    for _ in range(FAILURES):
        await anna.say("hello")

    await anna.say("hello")
    assert len(star.asked) == FAILURES
    assert model.budget.reasons["resting"] == 1

    anna.clock.advance(REST_S)
    star.answers = (says("I am back."),) * 9
    heard = await anna.say("hello")
    assert heard.text == "I am back."
    assert not model.breaker.is_open


async def test_when_the_day_has_cost_enough_the_understudy_answers(
    catalogue: Catalogue,
) -> None:
    star = ScriptedModel([*says("Hello."), Spent(90, 10)])
    anna, _ = visitor(catalogue, star, daily_tokens=100)
    await anna.say("hi")

    heard = await anna.say("waterproof speakers under $50")

    assert "Sonvarra Boulder Mini" in heard.text
    assert len(star.asked) == 1


async def test_what_was_done_is_told_though_the_day_has_cost_enough_by_then(
    catalogue: Catalogue,
) -> None:
    add = calls(("add_to_cart", {"sku": "AUD-009-COR"}))
    star = ScriptedModel([*add, Spent(90, 10)], says("It is in your cart."))
    anna, _ = visitor(catalogue, star, daily_tokens=100)

    heard = await anna.say("add a coral Boulder Mini")

    assert heard.text == "It is in your cart."
    assert anna.cart == {"AUD-009-COR": 1}


async def test_when_a_conversation_has_cost_enough_the_understudy_answers(
    catalogue: Catalogue,
) -> None:
    star = ScriptedModel([*says("Hello."), Spent(90, 10)])
    anna, _ = visitor(catalogue, star, session_tokens=100)
    await anna.say("hi")

    heard = await anna.say("waterproof speakers under $50")

    assert heard.steps[0] == Noticed(UNDERSTUDY)
    assert "Sonvarra Boulder Mini" in heard.text
    assert len(star.asked) == 1


async def test_what_was_confirmed_needs_no_model_and_misses_none(
    catalogue: Catalogue,
) -> None:
    anna, _ = visitor(catalogue, AwayModel(), session_tokens=100)
    turn = structs.replace(
        anna.turn(""), spent_tokens=100, decision="approve", confirmed=quote(NOW)
    )

    async with aclosing(anna.engine.run(turn)) as steps:
        first = await anext(steps)

    assert isinstance(first[0], Called)


async def test_a_run_that_has_cost_enough_asks_for_no_more_tools(
    catalogue: Catalogue,
) -> None:
    answer = [*calls(("get_cart", {})), Spent(60, 0)]
    anna, _ = visitor(catalogue, ScriptedModel(answer), run_tokens=100)

    heard = await anna.say("what is in my cart?")

    assert heard.tools == ["get_cart"]
    assert "more steps than I may take" in heard.text


async def test_the_notice_is_given_again_after_the_model_was_back(
    catalogue: Catalogue,
) -> None:
    star = Failing()
    anna, _ = visitor(catalogue, star)
    await anna.say("hello")
    star.answers = ([], says("Back."))
    await anna.say("hello")

    heard = await anna.say("hello")

    assert Noticed(UNDERSTUDY) in heard.steps
    assert sum(isinstance(each, System) for each in anna.history) == 2
