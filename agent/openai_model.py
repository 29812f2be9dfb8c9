"""A language model behind any server that speaks the OpenAI protocol.

Streams through the official client, because wrappers around it drop the thoughts of
open models (`reasoning_content`) and cost more than the rest of the turn.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

import msgspec
from httpx2 import HTTPError
from openai import AsyncOpenAI, OpenAIError

from agent.conversation import Asked, Conversation, Noted, Told, Used
from agent.limits import RUN_S
from agent.model import CallPart, Delta, ModelAway, Text, Thinking, ToolSpec
from agent.prompt import INSTRUCTIONS

_json = msgspec.json.Encoder().encode

# A server without a lock on its door still wants something that looks like a key.
NO_KEY = "none"


class OpenAIModel:
    """Speaks with one model of one server; without a base URL, of OpenAI's own."""

    def __init__(self, *, model: str, api_key: str = "", base_url: str = "") -> None:
        self._model = model
        self._client = AsyncOpenAI(
            api_key=api_key or NO_KEY,
            base_url=base_url or None,
            timeout=RUN_S,
            max_retries=1,
        )

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the model's words, thoughts and calls as its server sends them."""
        try:
            answer = await self._client.chat.completions.create(
                model=self._model,
                messages=[*_messages(conversation)],
                tools=[_tool(each) for each in tools],
                stream=True,
            )
            async with answer:
                async for chunk in answer:
                    for choice in chunk.choices[:1]:
                        for delta in _deltas(choice.delta):
                            yield delta
        # ValueError: what came is no JSON, so it is not the protocol.
        except (OpenAIError, HTTPError, ValueError) as trouble:
            raise ModelAway(f"the model's server: {trouble}") from trouble

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._client.close()


def _deltas(delta: Any) -> Iterator[Delta]:
    thought = getattr(delta, "reasoning_content", None)
    if isinstance(thought, str) and thought:
        yield Thinking(thought)
    if delta.content:
        yield Text(delta.content)
    for call in delta.tool_calls or ():
        asked = call.function
        yield CallPart(
            call.index,
            (asked.name if asked else None) or "",
            (asked.arguments if asked else None) or "",
        )


def _messages(conversation: Conversation) -> Iterator[Any]:
    yield {"role": "system", "content": INSTRUCTIONS}
    for at, each in enumerate(conversation):
        match each:
            case Asked():
                yield {"role": "user", "content": each.content}
            case Told():
                yield {"role": "assistant", "content": each.content}
            case Noted():
                yield {"role": "system", "content": each.content}
            case Used():
                # Servers bound the length of ids: a place in the list is short.
                yield from _used(f"call_{at}", each)


def _used(id: str, used: Used) -> Iterator[Any]:
    arguments = _json(used.arguments).decode()
    function = {"name": used.tool, "arguments": arguments}
    call = {"id": id, "type": "function", "function": function}
    yield {"role": "assistant", "content": None, "tool_calls": [call]}
    yield {
        "role": "tool",
        "tool_call_id": id,
        "content": _json(used.content).decode(),
    }


def _tool(spec: ToolSpec) -> Any:
    return {
        "type": "function",
        "function": {
            "name": spec.name,
            "description": spec.description,
            "parameters": dict(spec.parameters),
        },
    }
