"""The model port: whatever can go on with a conversation, piece by piece.

Two fulfil it: `rules_model` (built in, offline, the same answer every time) and
`openai_model` (any server that speaks the OpenAI protocol).
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


Delta = Text | Thinking | CallPart


class ToolSpec(Struct, frozen=True):
    """A tool as a model is told of it; `parameters` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


class ModelAway(Unavailable):
    """The model cannot be reached or does not answer in its own protocol."""


class Model(Protocol):
    """Goes on with a conversation."""

    def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Give the next words or tool calls as they come.

        The conversation ends with what is to be answered: the shopper's words, tool
        results, or words already said in this turn, after which to go on. Closing the
        generator stops the model. Raises ModelAway.
        """
        ...
