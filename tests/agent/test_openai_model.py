"""The OpenAI model over a real loopback connection, against a server of our own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from agent.conversation import Asked, Noted, Told, Used
from agent.model import CallPart, ModelAway, ModelDeclined, Spent, Text, Thinking
from agent.openai_model import OpenAIModel
from agent.tools import specs
from messages.turn import Answered, Broke
from store.catalogue import Catalogue
from tests.agent.model_server import ModelServer, call, words
from tests.agent.visitor import Visitor


@pytest.fixture
async def server() -> AsyncIterator[tuple[ModelServer, OpenAIModel]]:
    theirs = ModelServer()
    # Handlers notice at once that a client went away.
    loopback = TestServer(theirs.app(), host="127.0.0.1", handler_cancellation=True)
    await loopback.start_server()
    ours = OpenAIModel(
        model="small", api_key="sesame", base_url=str(loopback.make_url("/v1"))
    )
    yield theirs, ours
    await ours.close()
    await loopback.close()


async def deltas(model: OpenAIModel, *conversation: Any) -> list[Any]:
    return [each async for each in model.stream(conversation, specs())]


async def test_words_and_thoughts_come_as_they_are_sent(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.answers = [[{"reasoning_content": "Hm."}, *words("Hel", "lo."), {}]]

    heard = await deltas(ours, Asked("hi"))

    assert heard == [Thinking("Hm."), Text("Hel"), Text("lo.")]
    assert theirs.keys == ["Bearer sesame"]


async def test_tool_calls_come_in_parts(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.answers = [call("get_product", '{"product', '_id": "AUD-009"}')]

    heard = await deltas(ours, Asked("the mini"))

    assert [each.tool for each in heard] == ["get_product", "", ""]
    assert "".join(each.arguments for each in heard if isinstance(each, CallPart)) == (
        '{"product_id": "AUD-009"}'
    )


async def test_parallel_calls_are_told_apart_by_id_where_all_have_one_index(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.answers = [
        [
            {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "get_cart"}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
            {"tool_calls": [{"index": 0, "id": "b", "function": {"name": "get_cart"}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
        ]
    ]

    heard = await deltas(ours, Asked("my cart, twice"))

    assert [each.index for each in heard] == [0, 0, 1, 1]


async def test_parallel_calls_keep_the_index_their_server_gives(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    first, second = (
        {"index": at, "id": f"c{at}", "function": {"name": "get_cart"}}
        for at in range(2)
    )
    rest = [{"index": at, "function": {"arguments": "{}"}} for at in (1, 0)]
    theirs.answers = [[{"tool_calls": [first, second]}, {"tool_calls": rest}]]

    heard = await deltas(ours, Asked("my cart, twice"))

    assert [each.index for each in heard] == [0, 1, 1, 0]


async def test_what_the_answer_cost_is_told(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.answers = [words("Hello.")]
    theirs.usage = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}

    heard = await deltas(ours, Asked("hi"))

    assert heard == [Text("Hello."), Spent(12, 3)]
    assert theirs.asked[0]["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_in_trouble_is_asked_again_when_it_says_so(
    server: tuple[ModelServer, OpenAIModel], status: int
) -> None:
    theirs, ours = server
    theirs.refusals = [(status, {"Retry-After": "0.01"})]
    theirs.answers = [words("Hello.")]

    heard = await deltas(ours, Asked("hi"))

    assert heard == [Text("Hello.")]
    assert len(theirs.asked) == 2


async def test_a_server_that_stays_in_trouble_is_away(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.refusals = [(500, {"Retry-After": "0.01"})] * 9

    with pytest.raises(ModelAway):
        await deltas(ours, Asked("hi"))

    assert len(theirs.asked) == 3


async def test_an_answer_that_is_cut_off_is_no_answer(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.answers, theirs.cut = [words("Well, ")], True

    with pytest.raises(ModelAway):
        await deltas(ours, Asked("hi"))


async def test_the_conversation_is_told_in_the_protocols_words(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.answers = [words("Ok.")]
    used = Used("t1.1", "get_cart", {}, {"cart": {}})

    await deltas(ours, Asked("cart?"), used, Told("Empty."), Noted("Go on."))

    told = theirs.asked[0]["messages"]
    roles = [each["role"] for each in told]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "system"]
    assert told[3]["tool_call_id"] == told[2]["tool_calls"][0]["id"]
    assert json.loads(told[3]["content"]) == {"cart": {}}
    assert theirs.asked[0]["stream"] is True
    assert len(theirs.asked[0]["tools"]) == len(specs())


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_a_server_that_refuses_is_a_model_that_is_away(
    server: tuple[ModelServer, OpenAIModel], status: int
) -> None:
    theirs, ours = server
    theirs.status = status

    with pytest.raises(ModelAway):
        await deltas(ours, Asked("hi"))


async def test_a_server_that_speaks_nonsense_is_away(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.answers, theirs.broken = [words("Well, ")], True

    with pytest.raises(ModelAway):
        await deltas(ours, Asked("hi"))


@pytest.mark.parametrize(
    "delta",
    [
        {"content": 5},
        {"content": ["Well"]},
        {"tool_calls": 7},
        {"tool_calls": [None]},
        {"tool_calls": [{"index": 0, "function": {"name": 7}}]},
        {"tool_calls": [{"index": 0, "function": {"name": "x", "arguments": {}}}]},
    ],
)
async def test_a_server_of_another_protocol_is_away(
    server: tuple[ModelServer, OpenAIModel], delta: dict[str, Any]
) -> None:
    theirs, ours = server
    theirs.answers = [[delta]]

    with pytest.raises(ModelAway):
        await deltas(ours, Asked("hi"))


async def test_what_a_server_leaves_out_is_nothing(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    empty: Any = None
    theirs.answers = [[empty, {"content": None, "tool_calls": None}, *words("Hi.")]]
    theirs.usage = {"prompt_tokens": None, "completion_tokens": 3}

    heard = await deltas(ours, Asked("hi"))

    assert heard == [Text("Hi."), Spent(0, 3)]


@pytest.mark.parametrize("end", ["length", "content_filter"])
async def test_an_answer_that_is_not_whole_is_declined_and_paid(
    server: tuple[ModelServer, OpenAIModel], end: str
) -> None:
    theirs, ours = server
    theirs.answers, theirs.end = [words("The first one is the")], end
    theirs.usage = {"prompt_tokens": 12, "completion_tokens": 3}

    stream = ours.stream([Asked("hi")], specs())
    heard = [await anext(stream), await anext(stream)]

    assert heard == [Text("The first one is the"), Spent(12, 3)]
    with pytest.raises(ModelDeclined):
        await anext(stream)


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_a_server_will_not_hear_is_declined(
    server: tuple[ModelServer, OpenAIModel], status: int
) -> None:
    theirs, ours = server
    theirs.status = status

    with pytest.raises(ModelDeclined):
        await deltas(ours, Asked("hi"))


async def test_nobody_at_the_address_is_a_model_that_is_away() -> None:
    ours = OpenAIModel(model="small", base_url="http://127.0.0.1:9/v1")

    with pytest.raises(ModelAway):
        await deltas(ours, Asked("hi"))

    await ours.close()


async def test_closing_the_stream_hangs_up(
    server: tuple[ModelServer, OpenAIModel],
) -> None:
    theirs, ours = server
    theirs.answers, theirs.silent = [words("Well, ")], True

    async with aclosing(ours.stream([Asked("hi")], specs())) as stream:
        first = await anext(stream)

    assert first == Text("Well, ")
    async with asyncio.timeout(5):
        await theirs.left.wait()


async def test_a_whole_turn_with_a_tool(
    server: tuple[ModelServer, OpenAIModel], catalogue: Catalogue
) -> None:
    theirs, ours = server
    theirs.answers = [
        call("get_product", '{"product_id": "AUD-009"}'),
        words("The Sonvarra Boulder Mini ", "costs $34", ".99. Only $3!"),
        words("Shall I add it?"),
    ]
    anna = Visitor(catalogue, ours)

    heard = await anna.say("how much is the mini?")

    assert heard.text == "The Sonvarra Boulder Mini costs $34.99. Shall I add it?"
    assert [each["id"] for each in heard.products] == ["AUD-009"]
    assert isinstance(heard.steps[-1], Answered)


async def test_a_turn_without_its_model_breaks(
    server: tuple[ModelServer, OpenAIModel], catalogue: Catalogue
) -> None:
    theirs, ours = server
    theirs.status = 400
    anna = Visitor(catalogue, ours)

    heard = await anna.say("hi")

    assert isinstance(heard.steps[-1], Broke)
