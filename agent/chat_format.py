"""A conversation and its tools in the words of the chat completions protocol.

Servers that speak it take these as they are, and so does LangChain, which turns them
into messages of its own.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from agent.conversation import Asked, Conversation, Decided, Handover, Noted, Told, Used
from agent.model import ToolSpec
from agent.prompt import INSTRUCTIONS

_json = msgspec.json.Encoder().encode


def told(conversation: Conversation) -> list[Any]:
    """Return the instructions and everything said, as `messages`."""
    return [*_messages(conversation)]


def offered(tools: Sequence[ToolSpec]) -> list[Any]:
    """Return the tools as `tools`."""
    return [
        {
            "type": "function",
            "function": {
                "name": each.name,
                "description": each.description,
                "parameters": dict(each.parameters),
            },
        }
        for each in tools
    ]


def _messages(conversation: Conversation) -> Iterator[Any]:
    yield {"role": "system", "content": INSTRUCTIONS}
    for at, each in enumerate(conversation):
        match each:
            case Asked():
                yield {"role": "user", "content": each.content}
            case Decided(approved=approved):
                word = "approved" if approved else "declined"
                told = f"(I {word} the quote by the shop's own button.)"
                yield {"role": "user", "content": told}
            case Told():
                yield {"role": "assistant", "content": each.content}
            case Noted():
                yield {"role": "system", "content": each.content}
            case Used():
                # Servers bound the length of ids: a place in the list is short.
                yield from _used(f"call_{at}", each)
            case Handover():
                raise AssertionError("behind a handover another model answers")


def _used(id: str, used: Used) -> Iterator[Any]:
    arguments = _json(used.arguments).decode()
    function = {"name": used.tool, "arguments": arguments}
    call = {"id": id, "type": "function", "function": function}
    yield {"role": "assistant", "content": "", "tool_calls": [call]}
    yield {
        "role": "tool",
        "tool_call_id": id,
        "content": _json(used.content).decode(),
    }
