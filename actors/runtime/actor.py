"""What an actor writer sees: ask, decide, become; the gate saves in between.

A handler first asks others, then decides in memory, then calls `become`, `publish`,
`promise` and returns its answer. Nothing of that is seen outside before it is durable.
"""

from abc import abstractmethod
from collections.abc import Awaitable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog

from actors.runtime import acting
from actors.runtime.cell import Cell
from actors.runtime.jobs import Job
from messages.base import Command, Event, R
from messages.clock import Cancellable, Clock

C = TypeVar("C")
S = TypeVar("S")

_log = structlog.get_logger("actors")


class Actor(Generic[C, S]):
    """Owns the state behind one address; handles one message at a time.

    Whatever it keeps besides `state` is lost when it is passivated or restarted.
    """

    _cell: Cell

    # What it is

    @abstractmethod
    def initial(self, key: str) -> S:
        """Return the state of `key` where nothing is stored."""

    @abstractmethod
    def receive(self, command: C) -> Any:
        """Return the answer, or a coroutine that does (only if it asks or awaits)."""

    def opened(self) -> Awaitable[None] | None:
        """Begin: the state was just loaded; may do all that a handler may."""

    def adopt(self, found: S) -> S:
        """Return what becomes of the state that somebody wrote by hand.

        `self.state` is still what was known before.
        """
        return found

    def woke(self) -> Any:
        """Do what the reminder was for; it is over unless set again."""

    # What it knows

    @property
    def key(self) -> str:
        """The key of its address."""
        return self._cell.key

    @property
    def state(self) -> S:
        """The state as decided so far, committed or not."""
        state: S = self._cell.state
        return state

    @property
    def clock(self) -> Clock:
        """The time it lives by."""
        return self._cell.roster.system.clock

    @property
    def log(self) -> Any:
        """A structlog logger bound to its address."""
        cell = self._cell
        return _log.bind(kind=cell.roster.kind.name, key=cell.key)

    @property
    def log_start(self) -> int:
        """How many entries of its log are sealed, and so not in `state`."""
        stored = self._cell.stored
        return 0 if stored is None else stored.sealed_to

    async def read_log(self, first: int, last: int) -> Sequence[Any]:
        """Return the committed entries `first`..`last` (from 0, both included)."""
        return await acting.read_log(self._cell, first, last)

    # What it decides (inside a turn only)

    def become(self, state: S) -> None:
        """Make `state` the state, once it is durable."""
        acting.become(self._cell, self, state)

    def publish(self, topic: str, event: Event) -> None:
        """Tell whoever follows `topic`, after the commit."""
        outputs = acting.draft_of(self._cell, self).outputs
        outputs.append((self._cell.roster.system.publish, topic, event))

    def promise(self, step: str, key: str, command: Command[Any]) -> None:
        """Save with the commit that `command` will be delivered to `key`.

        It is sent until answered (a refusal is an answer) as effect `kind/key/step`,
        which its addressee does once. One step is promised once.
        """
        acting.promise(self._cell, self, step, key, command)

    def remind(self, at: datetime | None) -> None:
        """Call `woke` at `at` (None: not at all); saved with the commit."""
        acting.remind(self._cell, self, at)

    def tell(self, key: str, command: Command[Any]) -> None:
        """Send and forget, after the commit."""
        acting.tell(self._cell, self, key, command)

    async def checkpoint(self) -> None:
        """Commit what is decided so far; raises Unavailable if that fails.

        Read `state` afresh afterwards.
        """
        await acting.checkpoint(self._cell, self)

    # What it may do at any time

    async def ask(self, key: str, command: Command[R], *, once: str | None = None) -> R:
        """Return the answer of another actor; see `messages.base.Port.ask`.

        Not between `become` and the commit. What asks in circles is refused at once.
        """
        answer: R = await acting.ask(self._cell, self, key, command, once)
        return answer

    def preview(self, topic: str, event: Event) -> None:
        """Tell whoever follows `topic` now: only text of a running reply may."""
        self._cell.roster.system.publish(topic, event)

    def start(self, job: Coroutine[Any, Any, None]) -> Job:
        """Begin long work, after the commit; it ends with the actor at the latest.

        It may not decide anything: it talks back by `tell_self` and `ask_self`.
        """
        return acting.start(self._cell, self, job)

    def tell_self(self, command: C) -> None:
        """Put `command` into its own mailbox; inside a turn, after the commit."""
        acting.tell_self(self._cell, self, command)

    async def ask_self(self, command: C) -> Any:
        """From a job: put `command` into its own mailbox and wait for the answer."""
        return await acting.ask_self(self._cell, self, command)

    def after(self, delay_s: float, command: C) -> Cancellable:
        """Put `command` into its own mailbox `delay_s` from now, if still alive."""
        return acting.after(self._cell, self, delay_s, command)
