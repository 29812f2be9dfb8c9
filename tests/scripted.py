"""An engine whose every word a test decides, one step at a time."""

import asyncio
from collections.abc import AsyncGenerator

from messages.turn import Answered, Broke, Step, Steps, Turn


class Script:
    """One turn under way; the test is its author."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.ended = asyncio.Event()
        self._steps: asyncio.Queue[tuple[Step | Exception, asyncio.Event]] = (
            asyncio.Queue()
        )
        self._open: list[asyncio.Event] = []

    async def tell(self, *steps: Step) -> None:
        """Let the engine yield `steps`; return once each has been taken."""
        for step in steps:
            taken = self._put(step)
            await taken.wait()

    def tell_soon(self, *steps: Step) -> None:
        """Let the engine yield `steps` without waiting for what becomes of them."""
        for step in steps:
            self._put(step)

    async def fail(self, error: Exception) -> None:
        """Let the engine raise; return once it has been left."""
        self._put(error)
        await self.ended.wait()

    def stop(self) -> None:
        """Let the engine end without a last word."""
        self._put(StopAsyncIteration())

    def _put(self, step: Step | Exception) -> asyncio.Event:
        taken = asyncio.Event()
        self._open.append(taken)
        self._steps.put_nowait((step, taken))
        return taken

    async def steps(self) -> AsyncGenerator[Steps, None]:
        try:
            while True:
                step, taken = await self._steps.get()
                if isinstance(step, StopAsyncIteration):
                    return
                if isinstance(step, Exception):
                    raise step
                yield (step,)
                taken.set()
                if isinstance(step, Answered | Broke):
                    return
        finally:
            self.ended.set()
            for each in self._open:
                each.set()


class ScriptedEngine:
    """Fulfils `actors.engine.Engine`; `next` gives each turn as it begins."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[Script] = asyncio.Queue()
        self.turns: list[Turn] = []

    def run(self, turn: Turn) -> AsyncGenerator[Steps, None]:
        """Begin a turn that waits for its author."""
        self.turns.append(turn)
        script = Script(turn)
        self.begun.put_nowait(script)
        return script.steps()

    async def next(self) -> Script:
        """Return the next turn that begins."""
        return await self.begun.get()
