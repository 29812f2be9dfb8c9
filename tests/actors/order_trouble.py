"""What may go wrong around an order: at its store, at its bank, with its node.

Each trouble waits for its turn: the n-th write or call from when it was planned.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from msgspec import Struct

from actors.runtime.testing import Fault
from gateway.errors import GatewayAway, GatewayTimeout
from gateway.mock import MockGateway

Where = Literal["store", "bank", "ledger"]

AT: dict[Where, tuple[str, ...]] = {
    "store": (
        *("AWAY", "REQUEST_LOST", "ANSWER_LOST", "LATE", "TWICE"),
        *("gone", "slow", "killed before", "killed after"),
    ),
    "bank": ("away", "lost", "unheard", "slow", "killed before", "killed after"),
    "ledger": ("before", "after"),
}
"""What may happen to a commit, to a call of the provider, to the provider's own write.

`killed`: the node ends there. `unheard`: it is done, and nobody is told.
"""

MOVE_MONEY = frozenset({"authorise", "capture", "void", "refund"})
CALLS = MOVE_MONEY | {"look_up", "payment", "balance"}

GONE_FOR_S = 6.0
# Longer than an ask has, so that whoever asked is gone when the answer comes.
SLOW_S = 7.0
FOR_EVER_S = 1e9


class Trouble(Struct, frozen=True):
    """`what` happens `where`, after so many that went well."""

    where: Where
    what: str
    after: int


class Troubles:
    """What is still to happen; `kill` ends the node."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self.kill = kill
        self.planned: list[Trouble] = []
        self.met: list[Trouble] = []

    def plan(self, trouble: Trouble) -> None:
        """Let `trouble` come."""
        self.planned.append(trouble)

    def calm(self) -> None:
        """Let nothing more go wrong."""
        self.planned.clear()

    def next(self, where: Where) -> str | None:
        """Return what happens now, if anything does."""
        mine = [each for each in self.planned if each.where == where]
        others = [each for each in self.planned if each.where != where]
        due = next((each for each in mine if each.after == 0), None)
        self.planned = others + [
            Trouble(where, each.what, max(0, each.after - 1))
            for each in mine
            if each is not due
        ]
        if due is None:
            return None
        self.met.append(due)
        return due.what


class StoreTrouble:
    """Happens to one node's storage; `write` and `delay` are its hooks."""

    def __init__(self, troubles: Troubles, now: Callable[[], float]) -> None:
        self._troubles = troubles
        self._now = now
        self._gone_until = 0.0
        self._slow_s = 0.0
        self._is_dead = False

    def write(self, _write: object) -> Fault | None:
        """Return what happens to the commit that begins now."""
        what = self._troubles.next("store")
        match what:
            case None:
                return None
            case "gone":
                self._gone_until = self._now() + GONE_FOR_S
                return Fault.AWAY
            case "slow":
                self._slow_s = SLOW_S
                return None
            case "killed before":
                self._is_dead = True
            case "killed after":
                # It lands; whoever then looks whether it did waits for ever.
                self._is_dead = True
                self._troubles.kill()
                return Fault.ANSWER_LOST
            case _:
                return Fault[what]
        self._troubles.kill()
        return Fault.REQUEST_LOST

    def away(self) -> bool:
        """Tell whether the whole store is away."""
        return self._now() < self._gone_until

    def delay(self) -> float:
        """Return how long the next step of the store takes."""
        slow_s, self._slow_s = self._slow_s, 0.0
        return slow_s


class Line:
    """The provider behind a bad line; fulfils `gateway.port.Gateway`."""

    def __init__(self, bank: MockGateway, troubles: Troubles, clock: Any) -> None:
        self._bank = bank
        self._troubles = troubles
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._bank, name)
        if name not in CALLS:
            return call

        async def called(*told: Any, **more: Any) -> Any:
            return await self._called(name, lambda: call(*told, **more))

        return called

    async def _called(self, name: str, call: Callable[[], Awaitable[Any]]) -> Any:
        what = self._troubles.next("bank")
        if what == "away" or (what is not None and name not in MOVE_MONEY):
            raise GatewayAway("the line is dead")
        if what == "lost":
            raise GatewayTimeout("nobody knows")
        if what == "killed before":
            await self._killed()
        answer = await call()
        if what == "slow":
            await self._clock.sleep(SLOW_S)
        if what == "unheard":
            raise GatewayTimeout("nobody knows")
        if what == "killed after":
            await self._killed()
        return answer

    async def _killed(self) -> None:
        self._troubles.kill()
        await self._clock.sleep(FOR_EVER_S)
