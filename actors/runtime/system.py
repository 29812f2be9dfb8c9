"""The actors of one node and the way messages reach them.

Fulfils `messages.base.Port`. Callers know kinds and keys only; that the actor lives in
this process is known here and nowhere above.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import Context
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from actors.runtime import letters, turn
from actors.runtime.address import Address
from actors.runtime.cell import BACKING_OFF, REST, Cell
from actors.runtime.codec import command_from
from actors.runtime.deadlines import Deadlines
from actors.runtime.errands import Errands
from actors.runtime.jobs import Jobs
from actors.runtime.kind import Kind
from actors.runtime.mail import Mail, Refresh, Wake, request_id_here
from actors.runtime.metrics import ActorInfo, Metrics
from actors.runtime.reminders import poll_forever
from actors.runtime.roster import Roster, shed
from actors.runtime.topics import Listener, Topics
from messages.base import Command, Event, R, Unavailable
from messages.clock import Clock
from store.port import Storage


class System:
    """Runs the actors of `kinds` on one node; `start` before use, `stop` once."""

    def __init__(
        self,
        kinds: Iterable[Kind],
        storage: Storage,
        clock: Clock,
        *,
        refusals: type[Exception] | tuple[type[Exception], ...],
        random: Random,
        ask_within_s: float = 5.0,
        stop_within_s: float = 10.0,
        most_actors: int = 100_000,
    ) -> None:
        self.storage = storage
        self.clock = clock
        self._monotonic = clock.monotonic
        self.refusals = refusals
        self.ask_within_s = ask_within_s
        self.metrics = Metrics()
        self.topics = Topics()
        self.stopping = True
        self.errands = Errands()
        self.sending: set[str] = set()
        """Effects whose promise is on its way."""
        self.answered: dict[Address, list[str]] = {}
        """Promises that were answered, by who gave them, and are not written down."""
        self.attempts: dict[str, int] = {}
        self.polling = False
        self.leaving: dict[Cell, None] = {}
        """Actors with effects to be forgotten."""
        self.random = random
        self._stop_within_s = stop_within_s
        self._most_actors = most_actors
        self._written = 0
        self._deadlines = Deadlines(clock, self.metrics)
        self._shed_above = most_actors
        self.rosters = {kind.name: Roster(self, kind) for kind in kinds}
        for name, roster in self.rosters.items():
            self.metrics.kinds[name] = roster.metrics

    # Its life

    async def start(self) -> None:
        """Take mail from now on, and wake what is due."""
        self._loop = asyncio.get_running_loop()
        # Turns run in a context of their own: not in that of whoever sent the mail.
        call_soon: Callable[..., Any] = self._loop.call_soon
        soon = partial(call_soon, turn.run, context=Context())
        for roster in self.rosters.values():
            roster.soon = soon
        self.jobs = Jobs(close_within_s=1.0)
        self.stopping = False
        self._poll = self._loop.create_task(poll_forever(self), context=Context())

    async def stop(self) -> None:
        """Refuse new mail, finish what was taken on, then end the jobs; bounded.

        What is promised stays saved. A second call does nothing.
        """
        if self.stopping:
            return
        self.stopping = True
        self._poll.cancel()
        drained = self._loop.create_task(self.errands.until(self._is_at_rest))
        late = self.clock.call_later(self._stop_within_s, partial(_cancel, drained))
        await asyncio.wait([drained])
        late.cancel()
        await self.jobs.stop()
        await self._end(Unavailable("the server is going away"))

    async def kill(self) -> None:
        """End at once and save nothing, as a crash does."""
        self.stopping = True
        await self._end(Unavailable("the node is gone"))
        for roster in self.rosters.values():
            roster.abandon()
        await self.jobs.stop()

    async def _end(self, error: Unavailable) -> None:
        self._poll.cancel()
        self.errands.cancel()
        self._deadlines.fail_all(error)
        await self.errands.join()
        await asyncio.gather(self._poll, return_exceptions=True)

    async def quiet(self) -> None:
        """Return when mailboxes are empty, nothing is under way, nothing promised."""
        await self.errands.until(lambda: self._is_at_rest() and not self._owes())

    async def breathe(self) -> None:
        """Return when no turn is under way, whatever is still promised (tests)."""
        # The one who just came due gets to run first.
        await asyncio.sleep(0)
        await self.errands.until(partial(self._is_at_rest, BACKING_OFF))

    def _is_at_rest(self, *also: str) -> bool:
        return not (len(self.errands) or self.polling) and all(
            cell.status is REST or cell.status in also for cell in self._cells()
        )

    def _owes(self) -> bool:
        return any(
            cell.stored is not None and cell.stored.promises for cell in self._cells()
        )

    def _cells(self) -> Iterator[Cell]:
        for roster in self.rosters.values():
            yield from roster.cells.values()

    # messages.base.Port

    async def ask(
        self,
        key: str,
        command: Command[R],
        *,
        within_s: float | None = None,
        once: str | None = None,
        sender: str = "",
    ) -> R:
        """Return the actor's answer; see `Port.ask`."""
        if self.stopping:
            self.check_open()
        table = self._deadlines.usual if within_s is None else self._deadlines.odd
        mail = self._asked(command.to, key, command, within_s, once, sender)
        table[mail] = None
        try:
            answer: R = await mail.reply  # type: ignore[misc]  # an ask has one
            return answer
        finally:
            table.pop(mail, None)

    def tell(self, key: str, command: Command[Any], *, sender: str = "") -> None:
        """Send and forget; see `Port.tell`."""
        self.check_open()
        letters.tell(self, key, command, sender, request_id_here())

    def publish(self, topic: str, event: Event) -> None:
        """Hand `event` to whoever follows `topic` now."""
        self.topics.publish(topic, event)

    def follow(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each event of `topic` until the returned call."""
        return self.topics.follow(topic, listener)

    def refresh(self, kind: str, key: str) -> None:
        """Let the owner read what somebody else wrote into its document."""
        if not self.stopping:
            self.cell(kind, key).note(Refresh())

    # Seen by operators

    def actors(self, kind: str | None = None, top: int = 100) -> list[ActorInfo]:
        """Return the live actors with the most mail, of `kind` or of all kinds."""
        now = self.clock.monotonic()
        rosters = self.rosters.values() if kind is None else (self.rosters[kind],)
        cells = [cell for roster in rosters for cell in roster.cells.values()]
        cells.sort(key=lambda cell: (-len(cell.inbox or ()), -cell.touched))
        return [cell.info(now) for cell in cells[:top]]

    def awake(self) -> Mapping[str, int]:
        """Return how many actors of each kind are live."""
        return {name: len(roster.cells) for name, roster in self.rosters.items()}

    def actor(self, kind: str, key: str) -> ActorInfo | None:
        """Return one live actor, or None; nobody is woken by being looked at."""
        roster = self.rosters.get(kind)
        cell = None if roster is None else roster.cells.get(key)
        return None if cell is None else cell.info(self.clock.monotonic())

    # For the runtime's own parts

    def check_open(self) -> None:
        """Raise Unavailable if no new mail is taken."""
        if self.stopping:
            raise Unavailable("the server is going away")

    def cell(self, kind: str, key: str) -> Cell:
        """Return the cell of an address, made now if there is none."""
        roster = self.rosters.get(kind)
        if roster is None:
            raise LookupError(f"no kind {kind!r} here, only {sorted(self.rosters)}")
        return roster.cells.get(key) or roster.cell(key)

    async def ask_at(
        self,
        address: Address,
        command: Any,
        *,
        within_s: float | None = None,
        once: str | None = None,
        sender: str = "",
        path: tuple[Address, ...] = (),
        own: bool = False,
    ) -> Any:
        """Ask the actor at `address`, as an actor does that `path` waits for."""
        table = self._deadlines.usual if within_s is None else self._deadlines.odd
        mail = self._asked(*address, command, within_s, once, sender, path, own=own)
        table[mail] = None
        try:
            return await mail.reply  # type: ignore[misc]  # an ask has one
        finally:
            table.pop(mail, None)

    # Each ask comes through here: names for its arguments would be felt.
    def _asked(  # noqa: PLR0917
        self,
        kind: str,
        key: str,
        command: Any,
        within_s: float | None,
        once: str | None,
        sender: str,
        path: tuple[Address, ...] = (),
        *,
        own: bool = False,
    ) -> Mail:
        cell = self.cell(kind, key)
        now = self._monotonic()
        mail = Mail(
            command,
            self._loop.create_future(),
            now + (self.ask_within_s if within_s is None else within_s),
            now,
            sender,
            once,
            request_id_here(),
            path,
        )
        cell.post(mail, own=own)
        if not self._deadlines.armed:
            self._deadlines.arm()
        return mail

    def wake_at(self, cell: Cell, at: datetime) -> None:
        """Wake `cell` at `at`, which is near."""
        delay_s = (at - self.clock.now()).total_seconds()
        self.clock.call_later(delay_s, partial(self._wake, cell.address))

    def _wake(self, address: Address) -> None:
        if not self.stopping:
            self.cell(*address).note(Wake())

    def next_writer(self) -> str:
        """Return a name for a commit that no other commit has."""
        self._written += 1
        return f"{self.storage.owner}:{self._written}"

    def command(self, kind: str, told: Mapping[str, Any]) -> Command[Any]:
        """Return the command to `kind` that `told` (builtins) is."""
        return command_from(self.rosters[kind].kind.commands, told)

    def make_room(self) -> None:
        """See that the actors on this node, and one more, stay within their number."""
        alive = 1 + sum([len(each.cells) for each in self.rosters.values()])
        if alive > self._shed_above:
            alive -= shed(self._cells(), max(1, self._most_actors // 16))
            # Where nobody is idle, do not look again for each one that is made.
            self._shed_above = max(self._most_actors, alive + self._most_actors // 64)


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
