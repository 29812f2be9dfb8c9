"""The test kit, public to all tests: a node to play with, a store and a clock.

async with actor_system(cart_kind(...), refusals=CommerceError) as node:
    await node.ask("ada", AddLine("lamp"))
    assert node.published == [("user/ada", CartUpdated(...))]
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from actors.runtime.kind import Kind
from actors.runtime.manual_clock import ManualClock
from actors.runtime.memory_storage import Disk, Fault, MemoryStorage
from actors.runtime.simulation import SimulatedLoop, VirtualClock, simulate
from actors.runtime.system import System
from messages.base import Command, Event, R

__all__ = [
    "Disk",
    "Fault",
    "Harness",
    "ManualClock",
    "MemoryStorage",
    "Refusal",
    "SimulatedLoop",
    "VirtualClock",
    "actor_system",
    "simulate",
    "steps",
]


class Refusal(Exception):
    """What actors of a test refuse with, where no shop is at hand."""


class Harness:
    """A running node on a store in memory, with a clock that the test turns."""

    def __init__(
        self,
        kinds: tuple[Kind, ...],
        storage: MemoryStorage,
        clock: ManualClock,
        **options: Any,
    ) -> None:
        self.kinds = kinds
        self.storage = storage
        self.clock = clock
        self.published: list[tuple[str, Event]] = []
        self._options = options
        self.system = self._made()

    def _made(self) -> System:
        system = System(self.kinds, self.storage, self.clock, **self._options)
        system.topics.watch(lambda topic, event: self.published.append((topic, event)))
        return system

    async def ask(self, key: str, command: Command[R], **options: Any) -> R:
        """Ask as somebody outside does; see `Port.ask`."""
        return await self.system.ask(key, command, **options)

    def tell(self, key: str, command: Command[Any]) -> None:
        """Tell as somebody outside does; see `Port.tell`."""
        self.system.tell(key, command)

    async def quiet(self) -> None:
        """Return when nothing is under way and nothing promised."""
        await self.system.quiet()

    async def advance(self, seconds: float) -> None:
        """Live through `seconds`: each timer fires, and what it causes happens."""
        await self.system.breathe()
        end = self.clock.monotonic() + seconds
        while (timer := self.clock.next_timer()) is not None and timer.at <= end:
            self.clock.advance(timer.at - self.clock.monotonic())
            await self.system.breathe()
        self.clock.advance(end - self.clock.monotonic())
        await self.system.breathe()

    async def restart(self, owner: str = "reborn") -> None:
        """Crash: drop the node with all its memory, and start another on the disk."""
        await self.system.kill()
        self.storage = self.storage.beside(owner)
        self.system = self._made()
        await self.system.start()


async def steps(count: int = 30) -> None:
    """Let the loop take `count` steps: whatever is ready has happened then."""
    for _ in range(count):
        await asyncio.sleep(0)


@asynccontextmanager
async def actor_system(
    *kinds: Kind,
    refusals: type[Exception] = Refusal,
    storage: MemoryStorage | None = None,
    clock: ManualClock | None = None,
    seed: int = 0,
    **options: Any,
) -> AsyncIterator[Harness]:
    """Run a node with `kinds` for the length of a test."""
    harness = Harness(
        kinds,
        storage or MemoryStorage(),
        clock or ManualClock(),
        refusals=refusals,
        random=Random(seed),  # noqa: S311 - a seed is the point of it
        **options,
    )
    await harness.system.start()
    try:
        yield harness
    finally:
        await harness.system.kill()
