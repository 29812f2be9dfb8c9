"""A model whose every answer a test writes down beforehand."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import msgspec

from agent.conversation import Conversation, Message
from agent.model import CallPart, Delta, ModelAway, Text, ToolSpec


def calls(*wanted: tuple[str, dict[str, object]]) -> list[Delta]:
    """One answer that uses these tools."""
    return [
        CallPart(at, tool, msgspec.json.encode(arguments).decode())
        for at, (tool, arguments) in enumerate(wanted)
    ]


def says(text: str) -> list[Delta]:
    """One answer in words, in pieces of seven letters."""
    return [Text(text[at : at + 7]) for at in range(0, len(text), 7)]


class ScriptedModel:
    """Gives its answers one after the other; the last one over and over."""

    name = "scripted"

    def __init__(self, *answers: Sequence[Delta]) -> None:
        self.answers = answers
        self.asked: list[list[Message]] = []
        self.closed = 0

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        self.asked.append(list(conversation))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        try:
            for each in answer:
                yield each
        finally:
            self.closed += 1


class SilentModel:
    """Says a few words, if any, and then nothing more, for ever."""

    name = "scripted"

    def __init__(self, *first: Delta) -> None:
        self.first = first
        self.silent = asyncio.Event()
        self.closed = False

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        try:
            for each in self.first:
                yield each
            self.silent.set()
            await asyncio.get_running_loop().create_future()
        finally:
            self.closed = True


class AwayModel:
    """Cannot be reached."""

    name = "scripted"

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        for each in conversation:
            raise ModelAway(f"nobody there to hear {each}")
        yield Text("nothing was asked")
