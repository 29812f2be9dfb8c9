"""One small world per seed: nodes, clients, faults, hands in the database, crashes.

What must always hold is checked while it runs and at its end; `Broken` says what did
not.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from msgspec import Struct

from actors.runtime import Bug, Kind, System
from actors.runtime.testing import (
    Disk,
    Fault,
    MemoryStorage,
    Refusal,
    SimulatedLoop,
    VirtualClock,
)
from messages.base import Event, Expired, Unavailable
from store.port import Write as Commit
from tests.actors.runtime.ledgers import (
    Changed,
    Deposit,
    Get,
    Jot,
    Peek,
    Transfer,
    Write,
    account_kind,
)

KEYS = ("ada", "bob", "cyd")
START = 100
EDIT = 1000

# A network that repeats a write and reports the second, losing try is more than the
# store's port allows; a node that is alone sees through it all the same.
HONEST = [Fault.AWAY, Fault.REQUEST_LOST, Fault.ANSWER_LOST, Fault.LATE]


class Broken(AssertionError):
    """A promise of the runtime did not hold."""


class Plan(Struct, kw_only=True):
    """What happens in a world; everything else is drawn by its seed."""

    nodes: int = 1
    clients: int = 3
    steps: int = 8
    faults: bool = True
    hand_edits: int = 0
    crash_after: int | None = None
    """The number of the commit after which the first node crashes."""
    kind: Callable[[], Kind] = account_kind
    storage: type[MemoryStorage] = MemoryStorage


class World:
    """Runs a plan and checks it."""

    def __init__(self, loop: SimulatedLoop, plan: Plan) -> None:
        self.loop = loop
        self.random: Random = loop.random
        self.plan = plan
        self.disk = Disk()
        self.clock = VirtualClock()
        self.systems: list[System] = []
        self.owners = 0
        self.commits = 0
        self.crashes = 0
        self.doomed = False
        self.stormy = False
        self.total = 0
        self.certain: set[str] = set()
        self.impossible: set[str] = set()
        self.too_early: list[str] = []
        self.asked = 0
        self.ended = 0

    async def live(self) -> None:
        """Live through the plan, calm down, and check what must be true then."""
        self.systems = [await self.node() for _ in range(self.plan.nodes)]
        for key in KEYS:
            await self.systems[0].ask(key, Deposit(START))
            self.total += START
        self.stormy = True
        await asyncio.gather(
            *(self.client(f"c{number}") for number in range(self.plan.clients)),
            *(self.hand() for _ in range(self.plan.hand_edits)),
        )
        self.stormy = False
        # Long enough for the poll to find what died with promises not kept.
        await self.clock.sleep(40)
        async with asyncio.timeout(600):
            for system in self.systems:
                await system.quiet()
        self.check_end()
        for system in self.systems:
            await system.stop()
        if self.loop.broken:
            raise Broken(f"nobody caught {self.loop.broken}")

    # Nodes and their store

    async def node(self) -> System:
        self.owners += 1
        storage = self.plan.storage(f"node{self.owners}", self.disk)
        storage.fault = self.fault
        storage.away = lambda: self.storm(0.03)
        storage.delay = lambda: self.random.random() * 0.02
        system = System(
            [self.plan.kind()],
            storage,
            self.clock,
            refusals=Refusal,
            random=self.random,
            ask_within_s=2.0,
        )
        system.topics.watch(self.heard)
        await system.start()
        return system

    def storm(self, likely: float) -> bool:
        return self.stormy and self.plan.faults and self.random.random() < likely

    def fault(self, _commit: Commit) -> Fault | None:
        self.commits += self.stormy
        if self.commits == self.plan.crash_after and not self.doomed:
            self.doomed = True
            delay_s = self.random.random() * 0.05
            self.loop.call_later(delay_s, lambda: self.loop.create_task(self.crash()))
        if self.storm(1.0):
            faults = HONEST if self.plan.nodes > 1 else list(Fault)
            return self.random.choice([*[None] * 12, *faults])
        return None

    async def crash(self) -> None:
        self.crashes += 1
        dying = self.systems[0]
        await dying.kill()
        self.systems[0] = await self.node()

    # People

    def anyone(self) -> str:
        return self.random.choice(KEYS)

    async def client(self, name: str) -> None:
        node = self.random.randrange(self.plan.nodes)
        for step in range(self.plan.steps):
            await self.clock.sleep(self.random.random() * 0.02)
            what = self.random.choice(
                [self.writes, self.transfers, self.peeks, self.tells, self.deposits]
            )
            await what(lambda: self.systems[node], f"{name}-{step:02}")

    async def writes(self, node: Callable[[], System], name: str) -> None:
        if await self.ends(node, self.anyone(), Write(name)) == "answered":
            self.certain.add(name)

    async def transfers(self, node: Callable[[], System], name: str) -> None:
        giver, taker = self.random.sample(KEYS, 2)
        await self.ends(node, giver, Transfer(taker, 10, name))

    async def peeks(self, node: Callable[[], System], _name: str) -> None:
        await self.ends(node, self.anyone(), Peek(self.anyone()))

    async def tells(self, node: Callable[[], System], name: str) -> None:
        # One client tells one account only, so that there is an order to keep.
        mine = int(name[1]) % len(KEYS)
        key, other = KEYS[mine], KEYS[mine - 1]
        for told in (Write(name + "a"), Jot(name + "b", other), Write(name + "c")):
            with suppress(Unavailable):
                node().tell(key, told)

    async def deposits(self, node: Callable[[], System], name: str) -> None:
        """Repeat under one name until somebody answers."""
        key = self.anyone()
        while True:
            outcome = await self.ends(node, key, Deposit(1), once=name)
            if outcome == "answered":
                self.total += 1
                return
            await self.clock.sleep(0.1)

    async def ends(
        self, node: Callable[[], System], key: str, command: Any, **options: Any
    ) -> str:
        """Return how an ask ended; it must, and once."""
        crashes = self.crashes
        self.asked += 1
        try:
            await node().ask(key, command, **options)
            outcome = "answered"
        except Refusal:
            outcome = "refused"
        except Expired:
            outcome = "unknown"
        except Unavailable:
            outcome = "unavailable" if crashes == self.crashes else "unknown"
        except Bug:
            outcome = "bug"
        self.ended += 1
        if isinstance(command, Write) and outcome not in {"answered", "unknown"}:
            self.impossible.add(command.text)
        return outcome

    async def hand(self) -> None:
        await self.clock.sleep(self.random.random() * 0.2)
        key = self.anyone()
        document = self.disk.of("accounts")[key]
        document["balance"] += EDIT
        self.total += EDIT
        await self.clock.sleep(self.random.random() * 0.05)
        for system in self.systems:
            system.refresh("account", key)

    # What must hold

    def heard(self, _topic: str, event: Event) -> None:
        assert isinstance(event, Changed)
        there = self.disk.of("accounts").get(event.key, {})
        if there.get("version", 0) < event.version:
            # Raised at the end: whoever publishes would take it for its own bug.
            self.too_early.append(f"heard of {event}, stored is {there}")

    def check_end(self) -> None:
        accounts = self.disk.of("accounts")
        money = sum(account["balance"] for account in accounts.values())
        if money != self.total:
            raise Broken(f"{money} of {self.total} are there")
        self.check_writes(accounts)
        revs = Counter((each.key, each.rev) for each in self.disk.commits)
        if twice := [each for each, count in revs.items() if count > 1]:
            raise Broken(f"committed twice from one rev: {twice}")
        if self.too_early:
            raise Broken(self.too_early[0])
        if self.asked != self.ended:
            raise Broken(f"{self.asked} asks, {self.ended} ends")
        if left := [key for key, each in accounts.items() if each.get("promises")]:
            raise Broken(f"promises left at {left}")

    def check_writes(self, accounts: dict[str, dict[str, Any]]) -> None:
        texts = [
            [entry["text"] for entry in account.get("tail", ())]
            for account in accounts.values()
        ]
        count = Counter(text for written in texts for text in written)
        if lost := self.certain - set(count):
            raise Broken(f"answered and lost: {lost}")
        told = {text for text in count if text[-1] in "abc"}
        if twice := [text for text in count if count[text] > 1 and text not in told]:
            raise Broken(f"done twice: {twice}")
        if ghosts := self.impossible & set(count):
            raise Broken(f"refused and done: {ghosts}")
        self.check_order(texts)

    def check_order(self, texts: list[list[str]]) -> None:
        for written in texts:
            for number in range(self.plan.clients):
                mine = [t for t in written if t.startswith(f"c{number}-")]
                first = list(dict.fromkeys(t for t in mine if t[-1] in "abc"))
                if first != sorted(first):
                    raise Broken(f"out of order: {first}")


def live(plan: Plan) -> Callable[[SimulatedLoop], Any]:
    """Return the main coroutine of a world that lives through `plan`."""
    return lambda loop: World(loop, plan).live()


__all__ = ["Broken", "Get", "Plan", "World", "live"]
