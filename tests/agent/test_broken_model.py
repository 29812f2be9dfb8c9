"""A model that is broken rather than evil: the turn goes on, and nobody else waits."""

import re
import time
from typing import Any

import msgspec
import pytest

from actors.runtime.testing import ManualClock
from agent import chat_format, graph
from agent.breaker import FAILURES
from agent.budget import Budget, Limits
from agent.evidence import Evidence
from agent.facts import facts
from agent.grounding import Gate
from agent.model import (
    CallPart,
    ModelAway,
    ModelDeclined,
    Spent,
    Text,
    Thinking,
)
from agent.patience import MOST, Patience
from agent.prompt import INSTRUCTIONS
from agent.rules_model import RulesModel
from agent.secrecy import TAIL, recites
from agent.understudy import Understudied
from messages.turn import Answered, Broke, Cost
from store.catalogue import Catalogue
from tests.agent.scripted_model import ScriptedModel, SilentModel, calls, says
from tests.agent.visitor import NOW, Heard, Visitor


async def heard_from(catalogue: Catalogue, *answers: Any) -> Heard:
    return await Visitor(catalogue, ScriptedModel(*answers)).say("hello")


async def test_a_long_thought_is_not_looked_through_at_each_of_its_pieces(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def looking(text: str) -> bool:
        looked.append(len(text))
        return recites(text)

    monkeypatch.setattr(graph, "recites", looking)
    thought = [Thinking("lamp ")] * 500

    await heard_from(catalogue, [*thought, *says("Hello.")])

    assert len(looked) == 500
    assert max(looked) <= TAIL + len("lamp ")


def test_a_sentence_is_let_out_at_its_end_however_it_is_cut() -> None:
    text = 'Is it so?! "Yes!!!" Well... (it is.)\nGood "..." then'
    gate, released = Gate(Evidence()), ""

    for end, piece in enumerate(text, 1):
        released += gate.feed(piece)
        assert released == Gate(Evidence()).feed(text[:end])


@pytest.mark.parametrize("unit", ["x", "a-", "a.", "-", "\u00e9"])
def test_a_text_without_a_space_is_read_in_no_time(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    began = time.process_time()

    facts(text)

    # A third of a second here; it was half a minute when every letter looked ahead.
    assert time.process_time() - began < 5


async def test_instructions_are_not_recited_a_line_for_a_word_either(
    catalogue: Catalogue,
) -> None:
    recital = "\n".join(f"- {each}" for each in INSTRUCTIONS.split()[:60])

    heard = await heard_from(catalogue, says(recital), says(recital))

    # Seven of their words in a row may be chance.
    assert "assistant" in heard.text
    assert "online" not in heard.text


async def test_half_a_character_breaks_no_document(catalogue: Catalogue) -> None:
    half = "\ud83d"
    odd: list[Any] = [
        Thinking(f"Hm {half}."),
        Text(f"Well {half}. "),
        CallPart(0, f"get_{half}cart", f'{{"a": "{half}"}}'),
    ]

    heard = await heard_from(catalogue, odd, says("Hello."))

    assert msgspec.json.encode(heard.steps)
    assert heard.text == "Well \ufffd. Hello."


async def test_of_a_thousand_calls_at_once_only_so_many_are_recorded(
    catalogue: Catalogue,
) -> None:
    heard = await heard_from(
        catalogue, calls(*[("get_cart", {})] * 1000), says("Hello.")
    )

    assert [each.get("error") for each in heard.results] == [
        *[None] * 8,
        "too_many_calls",
    ]


async def test_a_tool_of_an_endless_name_is_none(catalogue: Catalogue) -> None:
    heard = await heard_from(
        catalogue, [CallPart(0, "get_cart" * 10**5, "{}")], says("Hello.")
    )

    assert heard.results[0]["error"] == "unknown_tool"
    assert len(msgspec.json.encode(heard.results)) < 2000


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, 10**19, 10**30, f"{'[' * 200}{']' * 200}"],
)
async def test_what_no_document_holds_is_not_recorded(
    catalogue: Catalogue, value: Any
) -> None:
    odd = CallPart(0, "get_cart", f'{{"a": [{{"n": {value}}}]}}')

    heard = await heard_from(catalogue, [odd], says("Hello."))

    assert heard.results[0]["error"] == "malformed_arguments"
    assert list(heard.results[0]["asked"]) == ["unreadable"]


@pytest.mark.parametrize("name", ["", "functions.get_cart", "get cart", "g\u00e9t"])
async def test_what_a_tool_is_called_can_be_told_again(
    catalogue: Catalogue, name: str
) -> None:
    model = ScriptedModel([CallPart(0, name, "{}")], says("Hello."))

    await Visitor(catalogue, model).say("my cart")

    told = chat_format.told(model.asked[-1])
    (call,) = [each for each in told if each.get("tool_calls")]
    assert re.fullmatch(
        "[A-Za-z0-9_-]{1,64}", call["tool_calls"][0]["function"]["name"]
    )


async def test_who_never_comes_to_an_end_is_hung_up_on() -> None:
    talker = ScriptedModel([Text("la " * 1000)] * (MOST // 1000))
    model = Patience(talker, ManualClock(), first_s=15, next_s=10)

    with pytest.raises(ModelAway, match="more than"):
        async for _ in model.stream((), ()):
            pass

    assert talker.closed


class Breaking(ScriptedModel):
    """Gives its one answer, then fails."""

    def __init__(self, *answer: Any, by: type[ModelAway] = ModelAway) -> None:
        super().__init__(answer)
        self.by = by

    async def stream(self, conversation: Any, tools: Any) -> Any:
        async for each in super().stream(conversation, tools):
            yield each
        raise self.by("that was all")


def understudied(catalogue: Catalogue, star: Any) -> tuple[Visitor, Understudied]:
    anna = Visitor(catalogue, clock=ManualClock(NOW))
    budget = Budget(Limits(), anna.clock)
    model = Understudied(star, RulesModel(), budget, anna.clock)
    anna.speak_with(model, budget.limits)
    return anna, model


async def test_the_understudy_s_first_word_is_parted_from_the_last_one(
    catalogue: Catalogue,
) -> None:
    anna, _ = understudied(catalogue, Breaking(*says("Let me see. And th")))

    heard = await anna.say("what does the Boulder Mini cost?")

    assert heard.text.startswith("Let me see. ")
    assert not heard.text.startswith("Let me see.  ")


async def test_what_a_broken_answer_cost_is_counted(catalogue: Catalogue) -> None:
    anna, model = understudied(catalogue, Breaking(Text("Well"), Spent(20, 4)))

    heard = await anna.say("hello")

    assert Cost("scripted", 20, 4) in heard.steps
    assert model.budget.of("scripted").input_tokens == 20


async def test_a_server_that_gave_nothing_is_not_paid(catalogue: Catalogue) -> None:
    anna, model = understudied(catalogue, Breaking())

    heard = await anna.say("hello")

    assert not any(isinstance(each, Cost) for each in heard.steps)
    assert model.budget.of("scripted").input_tokens == 0


async def test_one_shopper_s_questions_do_not_rob_the_others_of_the_model(
    catalogue: Catalogue,
) -> None:
    anna, model = understudied(catalogue, Breaking(by=ModelDeclined))

    for _ in range(FAILURES + 1):
        heard = await anna.say("something that is too long for it")
        assert isinstance(heard.steps[-1], Answered)

    assert not model.breaker.is_open
    assert model.budget.of("scripted").failures == FAILURES + 1


async def test_who_is_never_done_in_time_is_left_in_peace(
    catalogue: Catalogue,
) -> None:
    anna, model = understudied(catalogue, SilentModel(Text("Well, I. ")))

    for _ in range(FAILURES):
        steps = anna.engine.run(anna.turn("hello"))
        await anext(steps)
        anna.clock.advance(30)
        assert isinstance((await anext(steps))[-1], Broke)
        await steps.aclose()

    assert model.breaker.is_open


async def test_who_is_hung_up_on_at_once_is_not(catalogue: Catalogue) -> None:
    anna, model = understudied(catalogue, SilentModel(Text("Well, I. ")))

    for _ in range(FAILURES):
        steps = anna.engine.run(anna.turn("hello"))
        await anext(steps)
        anna.clock.advance(3)
        await steps.aclose()

    assert not model.breaker.is_open
