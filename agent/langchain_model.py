"""Any chat model of LangChain's, by the name of its class.

`langchain:package:Class`, or `langchain:package:Class:name` for classes that serve
several models. The class takes its keys from where its own documentation says.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk

from agent.chat_format import offered, told
from agent.conversation import Conversation
from agent.model import CallPart, Delta, ModelAway, Spent, Text, Thinking, ToolSpec


class NoSuchModel(Exception):
    """What the configuration names is no chat model of LangChain's."""


class LangChainModel:
    """Speaks with whatever stands behind a LangChain chat model."""

    def __init__(self, model: BaseChatModel, name: str) -> None:
        self.name = name
        self._model = model

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the model's words, thoughts and calls as they come."""
        spent = Spent(0, 0)
        try:
            bound = self._model.bind_tools(offered(tools))
            async for chunk in bound.astream(told(conversation)):
                if not isinstance(chunk, AIMessageChunk):
                    continue
                for delta in _deltas(chunk):
                    yield delta
                if (usage := chunk.usage_metadata) is not None:
                    # Each piece tells what it took itself; a `Spent` tells it all.
                    spent = Spent(
                        spent.input_tokens + usage["input_tokens"],
                        spent.output_tokens + usage["output_tokens"],
                    )
                    yield spent
        # Every package behind this adapter has errors of its own, of no common kind.
        except Exception as trouble:
            raise ModelAway(f"{self.name}: {trouble!r}") from trouble


def named_model(spec: str) -> LangChainModel:
    """Return the model that `spec` names. Raises NoSuchModel, saying what is wrong."""
    _, _, rest = spec.partition(":")
    package, _, rest = rest.partition(":")
    name, _, model = rest.partition(":")
    try:
        found = getattr(import_module(package), name)
    except (ImportError, AttributeError, ValueError) as missing:
        raise NoSuchModel(f"{spec}: {missing}") from None
    if not (isinstance(found, type) and issubclass(found, BaseChatModel)):
        raise NoSuchModel(f"{spec}: {name} is no chat model of LangChain's")
    try:
        options: dict[str, Any] = {"model": model} if model else {}
        made = found(**options)
    # Such as a missing key: the class says so in its own way.
    except Exception as wrong:
        raise NoSuchModel(f"{spec}: {wrong}") from wrong
    return LangChainModel(made, model or name)


def _deltas(chunk: AIMessageChunk) -> Iterator[Delta]:
    thought = chunk.additional_kwargs.get("reasoning_content")
    if isinstance(thought, str) and thought:
        yield Thinking(thought)
    blocks = [chunk.content] if isinstance(chunk.content, str) else chunk.content
    for block in blocks:
        yield from _said(block)
    for at, call in enumerate(chunk.tool_call_chunks):
        index = call.get("index")
        yield CallPart(
            index if isinstance(index, int) else at,
            call.get("name") or "",
            call.get("args") or "",
        )


def _said(block: str | Mapping[str, Any]) -> Iterator[Delta]:
    """Yield what one block of content says; those of other kinds say nothing."""
    if isinstance(block, str):
        if block:
            yield Text(block)
        return
    for kind, name in ((Text, "text"), (Thinking, "thinking"), (Thinking, "reasoning")):
        text = block.get(name)
        if isinstance(text, str) and text:
            yield kind(text)
