"""A language model behind any server that speaks the OpenAI protocol.

Streams through the official client, because wrappers around it drop the thoughts of
open models (`reasoning_content`) and cost more than the rest of the turn. The client
tries again, with jitter and as `Retry-After` says, what failed before its first word.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

from httpx2 import HTTPError, Timeout
from openai import APIStatusError, AsyncOpenAI, OpenAIError

from agent.chat_format import offered, told
from agent.conversation import Conversation
from agent.model import (
    CallPart,
    Delta,
    ModelAway,
    ModelDeclined,
    Spent,
    Text,
    Thinking,
    ToolSpec,
)

# A server without a lock on its door still wants something that looks like a key.
NO_KEY = "none"
RETRIES = 2
# What a server says to a conversation that is too long, or that it must not hear.
DECLINED = frozenset({400, 413, 422})
# Why it ended an answer that is not whole.
CUT = frozenset({"length", "content_filter"})
# How long words may take is the business of `agent.patience`.
CONNECT_S = 5.0


class OpenAIModel:
    """Speaks with one model of one server; without a base URL, of OpenAI's own."""

    def __init__(self, *, model: str, api_key: str = "", base_url: str = "") -> None:
        self.name = model
        self._client = AsyncOpenAI(
            api_key=api_key or NO_KEY,
            base_url=base_url or None,
            timeout=Timeout(None, connect=CONNECT_S),
            max_retries=RETRIES,
        )

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the model's words, thoughts and calls as its server sends them."""
        calls = Calls()
        try:
            answer = await self._client.chat.completions.create(
                model=self.name,
                messages=told(conversation),
                tools=offered(tools),
                stream=True,
                stream_options={"include_usage": True},
            )
            ended = None
            async with answer:
                async for chunk in answer:
                    if (usage := chunk.usage) is not None:
                        yield _spent(usage)
                    for choice in (chunk.choices or ())[:1]:
                        ended = ended or choice.finish_reason
                        for delta in _deltas(choice.delta, calls):
                            yield delta
        except APIStatusError as no:
            kind = ModelDeclined if no.status_code in DECLINED else ModelAway
            raise kind(f"the model's server: {no}") from no
        # The last three: what came is no JSON, or not what the protocol says it is.
        except (OpenAIError, HTTPError, *_NONSENSE) as trouble:
            raise ModelAway(f"the model's server: {trouble}") from trouble
        if ended is None:
            raise ModelAway("the model's server broke off in the midst of an answer")
        if ended in CUT:
            raise ModelDeclined(f"the model's server ended its answer by {ended}")

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._client.close()


_NONSENSE = (ValueError, TypeError, AttributeError)


class Calls:
    """Tells the calls of one answer apart.

    By their index, as the protocol says; but some servers number every call 0, or not
    at all, and then a new id is a new call.
    """

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._ids: dict[int, str] = {}
        self._known = 0

    def place(self, index: int | None, id: str | None) -> int:
        """Return which call of the answer, counted from 0, this is a part of."""
        at = index or 0
        if at not in self._places or (id and self._ids.get(at, id) != id):
            self._places[at] = self._known
            self._known += 1
        if id:
            self._ids[at] = id
        return self._places[at]


def _spent(usage: Any) -> Spent:
    return Spent(int(usage.prompt_tokens or 0), int(usage.completion_tokens or 0))


def _deltas(delta: Any, calls: Calls) -> Iterator[Delta]:
    if delta is None:
        return
    # The protocol has no word for thoughts; servers of open models say one of these.
    for name in ("reasoning_content", "reasoning"):
        thought = getattr(delta, name, None)
        if isinstance(thought, str) and thought:
            yield Thinking(thought)
            break
    if content := _text(delta.content):
        yield Text(content)
    for call in delta.tool_calls or ():
        asked = call.function
        yield CallPart(
            calls.place(call.index, call.id),
            _text(asked.name) if asked else "",
            _text(asked.arguments) if asked else "",
        )


def _text(told: object) -> str:
    """Return a text of the server's; nothing is an empty one. Raises TypeError."""
    if not isinstance(told, str | None):
        raise TypeError(f"{type(told).__name__} where a text belongs")
    return told or ""
