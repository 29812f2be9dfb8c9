"""The server that `bench/agent.py` measures: sampled, and with a model that may stall.

Every two milliseconds of CPU it notes whose code is running, by the innermost file that
belongs to a part. At its end it writes the counts beside its database.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from types import FrameType

import uvloop

from actors.runtime import LoopClock
from agent.conversation import Asked, Conversation
from agent.model import Delta, ToolSpec
from agent.rules_model import RulesModel
from server import logging
from server.config import load
from server.parts import Parts
from server.run import serve

EVERY_S = 0.002
STALL = "think about this for ever"
COUNTS = "parts.json"

# The first that a stack's file names holds, from the inside out.
PARTS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("tools", ("_tools.py", "agent/tools.py", "agent/searching.py", "agent/cards.py")),
    ("graph", ("/agent/", "/langgraph/", "/langchain_core/", "/langsmith/")),
    ("commit", ("/store/", "/pymongo/", "/motor/", "/bson/", "runtime/gate.py",
                "runtime/commit.py", "runtime/layout.py", "runtime/codec.py")),
    ("frames", ("/handlers/", "/aiohttp/", "actors/record.py", "actors/reply.py",
                "actors/preview.py", "runtime/topics.py")),
    ("actors", ("/actors/",)),
)  # fmt: skip


class Sampler:
    """Counts whose code is running."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to count anew."""
        self.counts.clear()
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        self.counts[_part(frame)] += 1


class Absent(RulesModel):
    """The built-in model, but for one message, over which it thinks for ever."""

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        """Answer as the built-in model, or never."""
        asked = [each for each in conversation if isinstance(each, Asked)]
        if asked and asked[-1].content == STALL:
            await LoopClock().sleep(3600)
        async for delta in super().stream(conversation, tools):
            yield delta


def main(environment: dict[str, str], port: int) -> int:
    """Serve until told to stop; SIGUSR1 begins the counting, SIGUSR2 writes it down."""
    config = load(environment, options={"server": {"port": port}})
    logging.configure(config.log.format, config.log.level)
    sampler, file = Sampler(), Path(config.store.path) / COUNTS

    def write(*_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        file.write_text(json.dumps(sampler.counts))

    signal.signal(signal.SIGUSR1, lambda *_: sampler.start())
    signal.signal(signal.SIGUSR2, write)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(config, Parts(model=Absent())))


def _part(frame: FrameType | None) -> str:
    while frame is not None:
        name = frame.f_code.co_filename
        for part, marks in PARTS:
            if any(mark in name for mark in marks):
                return part
        frame = frame.f_back
    return "loop"


if __name__ == "__main__":
    sys.exit(main(dict(os.environ), int(sys.argv[1])))
