"""Any LangChain chat model speaks through one adapter."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from agent.conversation import Asked, Noted, Told, Used
from agent.langchain_model import LangChainModel, NoSuchModel, named_model
from agent.model import CallPart, ModelAway, Spent, Text, Thinking
from agent.tools import specs
from messages.turn import Answered
from store.catalogue import Catalogue
from tests.agent.visitor import Visitor


class Parrot(BaseChatModel):
    """A chat model of somebody else's, as LangChain would have it written."""

    chunks: list[list[AIMessageChunk]] = Field(default_factory=list)
    heard: list[list[BaseMessage]] = Field(default_factory=list)
    tools: list[Any] = Field(default_factory=list)
    trouble: Exception | None = None
    model: str = "parrot-1"

    @property
    def _llm_type(self) -> str:
        return "parrot"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Any:
        self.tools = list(tools)
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        said = AIMessage(content="only streams")
        return ChatResult(generations=[ChatGeneration(message=said)])

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        raise AssertionError("nobody streams on a thread here")

    async def _astream(
        self, messages: list[BaseMessage], *_: Any, **__: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.heard.append(messages)
        if self.trouble is not None:
            raise self.trouble
        for chunk in self.chunks.pop(0):
            yield ChatGenerationChunk(message=chunk)


class Locked(Parrot):
    """Wants a key that is not there."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        raise ValueError("PARROT_API_KEY is not set")


def parrot(*answers: list[AIMessageChunk], **options: Any) -> Parrot:
    return Parrot(chunks=list(answers), **options)


async def deltas(model: LangChainModel, *conversation: Any) -> list[Any]:
    return [each async for each in model.stream(conversation, specs())]


async def test_words_thoughts_and_costs_come_as_they_are_streamed() -> None:
    answer = [
        AIMessageChunk(content="", additional_kwargs={"reasoning_content": "Hm."}),
        AIMessageChunk(content=[{"type": "thinking", "thinking": " So."}]),
        AIMessageChunk(content="Hel"),
        AIMessageChunk(content=[{"type": "text", "text": "lo."}]),
        AIMessageChunk(
            content="",
            usage_metadata={"input_tokens": 9, "output_tokens": 2, "total_tokens": 11},
        ),
    ]
    theirs = LangChainModel(parrot(answer), "parrot")

    heard = await deltas(theirs, Asked("hi"))

    said = [each for each in heard if not isinstance(each, CallPart)]
    assert said == [
        *(Thinking("Hm."), Thinking(" So."), Text("Hel"), Text("lo.")),
        Spent(9, 2),
    ]


async def test_tool_calls_come_in_parts() -> None:
    first = tool_call_chunk(name="get_product", args='{"product', id="a", index=0)
    rest = tool_call_chunk(args='_id": "AUD-009"}', index=0)
    answer = [
        AIMessageChunk(content="", tool_call_chunks=[first]),
        AIMessageChunk(content="", tool_call_chunks=[rest]),
    ]
    theirs = LangChainModel(parrot(answer), "parrot")

    heard = await deltas(theirs, Asked("the mini"))

    parts = [each for each in heard if isinstance(each, CallPart)]
    assert parts == [
        CallPart(0, "get_product", '{"product'),
        CallPart(0, "", '_id": "AUD-009"}'),
    ]


async def test_the_conversation_and_the_tools_are_told_in_full() -> None:
    model = parrot([AIMessageChunk(content="Ok.")])
    used = Used("t1.1", "get_cart", {}, {"cart": {}})

    await deltas(
        LangChainModel(model, "parrot"),
        *(Asked("cart?"), used, Told("Empty."), Noted("Go on.")),
    )

    kinds = [each.type for each in model.heard[0]]
    assert kinds == ["system", "human", "ai", "tool", "ai", "system"]
    assert len(model.tools) == len(specs())


async def test_any_trouble_of_theirs_is_a_model_that_is_away() -> None:
    model = parrot(trouble=RuntimeError("no such region"))

    with pytest.raises(ModelAway, match="no such region"):
        await deltas(LangChainModel(model, "parrot"), Asked("hi"))


async def test_a_whole_turn_with_a_tool(catalogue: Catalogue) -> None:
    used = tool_call_chunk(
        name="get_product", args='{"product_id": "AUD-009"}', id="a", index=0
    )
    model = parrot(
        [AIMessageChunk(content="", tool_call_chunks=[used])],
        [AIMessageChunk(content="The Boulder Mini costs $34.99.")],
    )
    anna = Visitor(catalogue, LangChainModel(model, "parrot"))

    heard = await anna.say("how much is the mini?")

    assert heard.text == "The Boulder Mini costs $34.99."
    assert isinstance(heard.steps[-1], Answered)


def test_a_model_is_found_by_the_name_of_its_class() -> None:
    assert named_model(f"langchain:{__name__}:Parrot").name == "Parrot"
    assert named_model(f"langchain:{__name__}:Parrot:grey:8b").name == "grey:8b"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("langchain:", "Empty module name"),
        ("langchain:no_such_package:Chat", "no_such_package"),
        (f"langchain:{__name__}:Nobody", "Nobody"),
        (f"langchain:{__name__}:Visitor", "is no chat model"),
        (f"langchain:{__name__}:Locked", "PARROT_API_KEY is not set"),
    ],
)
def test_what_is_no_model_is_refused_by_name(spec: str, told: str) -> None:
    with pytest.raises(NoSuchModel, match=told):
        named_model(spec)


async def test_what_each_piece_took_is_added_up() -> None:
    pieces: Any = [
        AIMessageChunk(
            content="Hi.",
            usage_metadata={"input_tokens": 9, "output_tokens": 1, "total_tokens": 10},
        ),
        AIMessageChunk(
            content="",
            usage_metadata={"input_tokens": 0, "output_tokens": 3, "total_tokens": 3},
        ),
    ]

    heard = await deltas(LangChainModel(parrot(pieces), "parrot"), Asked("hi"))

    assert heard[-1] == Spent(9, 4)


class Handless(Parrot):
    """Knows no tools."""

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Any:
        raise NotImplementedError


async def test_a_model_that_knows_no_tools_is_away() -> None:
    with pytest.raises(ModelAway):
        await deltas(LangChainModel(Handless(), "parrot"), Asked("hi"))
