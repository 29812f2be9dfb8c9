"""What one run may do, and that nothing is done that is not recorded."""

from contextlib import aclosing

from actors.runtime.testing import ManualClock
from agent.budget import Limits
from agent.model import Text
from messages.turn import Broke, Called, Returned
from store.catalogue import Catalogue
from tests.agent.scripted_model import ScriptedModel, SilentModel, calls, says
from tests.agent.visitor import NOW, Visitor

ADD = calls(("add_to_cart", {"sku": "AUD-009-BLA"}))


def limited(catalogue: Catalogue, model: ScriptedModel, limits: Limits) -> Visitor:
    anna = Visitor(catalogue, model)
    anna.speak_with(model, limits)
    return anna


async def test_a_shop_may_allow_fewer_calls_and_writes(catalogue: Catalogue) -> None:
    model = ScriptedModel(ADD, ADD, calls(("get_cart", {})), says("Done."))
    anna = limited(catalogue, model, Limits(run_calls=2, run_writes=1))

    heard = await anna.say("two minis")

    assert [each.get("error") for each in heard.results] == [
        None,
        "too_many_writes",
        "too_many_calls",
    ]
    assert anna.cart == {"AUD-009-BLA": 1}


async def test_a_shop_may_allow_less_time(catalogue: Catalogue) -> None:
    clock, model = ManualClock(NOW), SilentModel(Text("Let me see. "))
    anna = Visitor(catalogue, model, clock)
    anna.speak_with(model, Limits(run_s=5))

    async with aclosing(anna.engine.run(anna.turn("hello?"))) as steps:
        await anext(steps)
        clock.advance(5)
        (end,) = await anext(steps)

    assert isinstance(end, Broke)
    assert end.code == "timeout"


async def test_nothing_is_changed_before_its_call_is_recorded(
    catalogue: Catalogue,
) -> None:
    anna = Visitor(catalogue, ScriptedModel(ADD, says("Done.")))

    async with aclosing(anna.engine.run(anna.turn("add a mini"))) as steps:
        *_, called = await anext(steps)
        before = dict(anna.cart)
        returned, *_ = await anext(steps)

    assert isinstance(called, Called)
    assert before == {}
    assert isinstance(returned, Returned)
    assert anna.cart == {"AUD-009-BLA": 1}


async def test_a_run_that_ends_at_a_call_changes_nothing(catalogue: Catalogue) -> None:
    anna = Visitor(catalogue, ScriptedModel(ADD, says("Done.")))

    async with aclosing(anna.engine.run(anna.turn("add a mini"))) as steps:
        await anext(steps)

    assert anna.cart == {}


async def test_a_purchase_nobody_confirmed_binds_nothing(catalogue: Catalogue) -> None:
    buy = calls(("place_order", {"quote_id": "q1"}))
    anna = Visitor(catalogue, ScriptedModel(buy, says("Done.")))

    heard = await anna.say("buy it")

    called = [each for each in heard.steps if isinstance(each, Called)]
    assert [each.binding for each in called] == [False]
    assert "error" in heard.results[0]


async def test_what_is_quoted_is_not_changed_by_whoever_quoted_it(
    catalogue: Catalogue,
) -> None:
    quote_and_add = calls(
        ("quote_checkout", {}), ("add_to_cart", {"sku": "AUD-009-COR"})
    )
    anna = Visitor(catalogue, ScriptedModel([*quote_and_add], says("Done.")))
    await anna.put({"AUD-009-BLA": 1})

    heard = await anna.say("buy it")

    assert [each.get("error") for each in heard.results] == [None, "one_at_a_time"]
    assert anna.cart == {"AUD-009-BLA": 1}
