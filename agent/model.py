"""The model port: whatever can go on with a conversation, piece by piece.

Three fulfil it: `rules_model` (built in, offline, the same answer every time),
`openai_model` (any server that speaks the OpenAI protocol) and `langchain_model` (any
chat model of LangChain's). `patience` and `understudy` stand before the last two.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from agent.conversation import Conversation
from messages.base import Unavailable


class Text(Struct, frozen=True):
    """The reply goes on with `content`."""

    content: str


class Thinking(Struct, frozen=True):
    """The thought goes on with `content`."""

    content: str


class CallPart(Struct, frozen=True):
    """The tool call number `index` of this answer goes on.

    The first part names the tool; `arguments` are pieces of one JSON text.
    """

    index: int
    tool: str = ""
    arguments: str = ""


class Spent(Struct, frozen=True):
    """What the answer cost so far, in tokens; the last one of an answer counts."""

    input_tokens: int
    output_tokens: int


class HandedOver(Struct, frozen=True):
    """Somebody else answers from here on; `reason` is for the log.

    What was said of this answer and not released is void.
    """

    reason: str


Delta = Text | Thinking | CallPart | Spent | HandedOver


def length(delta: Delta) -> int:
    """Return how many characters of the answer are in `delta`."""
    match delta:
        case Text(content=text) | Thinking(content=text) | CallPart(arguments=text):
            return len(text)
        case _:
            return 0


class ToolSpec(Struct, frozen=True):
    """A tool as a model is told of it; `parameters` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


class ModelAway(Unavailable):
    """The model cannot be reached or does not answer in its own protocol."""


class ModelDeclined(ModelAway):
    """The model is there and does not answer this, such as a text too long for it."""


class Model(Protocol):
    """Goes on with a conversation."""

    @property
    def name(self) -> str:
        """What it is called in the log and the metrics."""
        ...

    def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the next words or tool calls as they come.

        The conversation ends with what is to be answered: the shopper's words, tool
        results, or words already said in this turn, after which to go on. Closing the
        generator stops the model. Raises ModelAway.
        """
        ...
