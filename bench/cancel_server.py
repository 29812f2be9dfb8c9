"""The server that `bench/cancel.py` measures: its model talks until it is stopped."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Sequence

import uvloop

from actors.runtime import LoopClock
from agent.conversation import Asked, Conversation
from agent.model import Delta, Text, ToolSpec
from agent.rules_model import RulesModel
from bench.server import free_port
from server import logging
from server.config import load
from server.parts import Parts
from server.run import serve

TALK = "talk and talk and talk"
# A fast model's pace, in sentences, so that each is let out at once.
EVERY_S = 0.01


class Talkative(RulesModel):
    """The built-in model, but for one message, to which its answer has no end."""

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Answer as the built-in model, or without end."""
        asked = [each for each in conversation if isinstance(each, Asked)]
        clock = LoopClock()
        while asked and asked[-1].content == TALK:
            yield Text("And then there is more. ")
            await clock.sleep(EVERY_S)
        async for delta in super().stream(conversation, tools):
            yield delta


def main(environment: dict[str, str]) -> int:
    """Serve until told to stop."""
    config = load(environment, options={"server": {"port": free_port()}})
    logging.configure(config.log.format, config.log.level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(config, Parts(model=Talkative())))


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
