"""The built-in model: rules instead of weights, offline, the same answer every time.

It holds nothing. Each time it is asked, it thinks the turn through from the recorded
conversation, and either uses the next tools or says the reply, sentence by sentence:
it has them all at once, and no smaller piece is let out.
"""

import re
from collections.abc import AsyncGenerator, Sequence

import msgspec

from agent.conversation import Conversation
from agent.model import CallPart, Delta, Text, Thinking, ToolSpec
from agent.rules.decide import decide

# As much as ends a sentence or a line, with the space behind it.
_PIECE = re.compile(r".*?(?:(?:[.!?\u2026][\"')\]]*\s|\n)\s*|\Z)", re.DOTALL)
_encode = msgspec.json.Encoder().encode


class RulesModel:
    """Answers by rules (`agent.rules`); knows English and everyday Hinglish."""

    name = "rules"

    async def stream(
        self,
        conversation: Conversation,
        tools: Sequence[ToolSpec],  # noqa: ARG002 - its plans know them
    ) -> AsyncGenerator[Delta, None]:
        """Give the next tool calls, or the reply by its sentences."""
        decision = decide(conversation)
        if decision.thought:
            yield Thinking(decision.thought)
        for at, use in enumerate(decision.uses):
            yield CallPart(at, use.tool, _encode(use.arguments).decode())
        for piece in _PIECE.findall(decision.reply):
            yield Text(piece)
