"""One activation: a mailbox and the turns that empty it.

No task and no queue: an idle actor is two small objects. A turn is one callback of the
loop that runs a batch of messages; it becomes a task only where it must wait (see
`turn.py` and `gate.py`). While it waits no turn runs, and mail gathers.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from actors.runtime.address import Address
from actors.runtime.draft import Batch, Draft
from actors.runtime.jobs import Job
from actors.runtime.mail import Mail, Note
from actors.runtime.metrics import ActorInfo
from actors.runtime.stored import Stored
from messages.base import Busy

if TYPE_CHECKING:
    from actors.runtime.roster import Roster

REST, READY, WORKING, BACKING_OFF = "resting", "ready", "working", "backing off"

# A named sender may fill this share of a mailbox that is more than half full.
SHARE = 8


class Cell:
    """The permanent side of an address: it outlives the actor's memory."""

    __slots__ = (
        "actor",
        "address",
        "asking",
        "base",
        "batch",
        "control",
        "current",
        "draft",
        "failures",
        "guests",
        "inbox",
        "key",
        "last_error",
        "lost_at",
        "roster",
        "singly",
        "state",
        "status",
        "stored",
        "touched",
        "waiting",
    )

    def __init__(self, roster: "Roster", key: str) -> None:
        self.roster = roster
        self.key = key
        self.address = Address(roster.name, key)
        """Where it is reached."""
        self.actor: Any = None
        self.state: Any = None
        self.stored: Stored | None = None
        # None when empty: an empty deque would cost more than the rest of the cell.
        self.inbox: list[Mail] | None = None
        self.control: list[Note] | None = None
        self.status = REST
        self.current: Mail | None = None
        # Whether `current` is handled by a coroutine, beside which jobs may run.
        self.waiting = False
        self.draft: Draft | None = None
        self.batch: Batch | None = None
        self.asking: list[Cell] | None = None
        # Jobs and armed timers: with any of them it is not idle.
        self.guests: set[Any] | None = None
        self.touched = 0.0
        # Failures in a row; the next turns wait longer and longer.
        self.failures = 0
        # So many run one by one, because a commit failed without a culprit.
        self.singly = 0
        self.last_error: str | None = None
        # What a coroutine handler that is refused goes back to.
        self.base: Any = None
        # The rev and writer of a memory whose commit was lost; see `activation.load`.
        self.lost_at: tuple[int, str] | None = None

    # The mailbox

    def post(self, mail: Mail, *, own: bool = False) -> None:
        """Put `mail` into the mailbox. Raises Busy."""
        inbox = self.inbox
        if inbox is None:
            self.inbox = [mail]
        else:
            bound = self.roster.kind.mailbox
            if len(inbox) >= bound // 2:
                self._check_room(mail, bound * 2 if own else bound)
            inbox.append(mail)
        if self.status is REST:
            self.status = READY
            self.roster.soon(self)

    def _check_room(self, mail: Mail, bound: int) -> None:
        inbox = self.inbox or []
        if len(inbox) >= bound:
            self.roster.metrics.busy += 1
            raise Busy(f"{self.address} has {len(inbox)} messages waiting")
        if mail.sender and len(inbox) > bound // 2:
            mine = sum(each.sender == mail.sender for each in inbox)
            if mine >= max(1, bound // SHARE):
                self.roster.metrics.busy += 1
                raise Busy(f"{self.address} has {mine} messages of {mail.sender}")

    def note(self, note: Note) -> None:
        """Put `note` into the control lane, which goes first and has no bound."""
        if self.control is None:
            self.control = [note]
        elif note not in self.control:
            self.control.append(note)
        if self.status is REST:
            self.status = READY
            self.roster.soon(self)

    def put_back(self, mails: Sequence[Mail]) -> None:
        """Put `mails` in front of what waits: they run again, in their order."""
        if mails:
            self.inbox = [*mails, *(self.inbox or ())]

    def settle(self) -> None:
        """End a turn: go on with what has come meanwhile, or rest."""
        self.current = None
        if self.stored is not None and self.stored.is_guess:
            # What was founded was not, so the next turn looks whether it is there.
            self.drop_memory()
        if self.inbox is not None or self.control is not None:
            self.status = READY
            self.roster.soon(self)
        else:
            self.status = REST
            if self.roster.errands.awaited:
                self.roster.errands.rested()

    def back_off(self, delay_s: float) -> None:
        """Take no turn for `delay_s`."""
        if delay_s <= 0:
            self.settle()
            return
        self.status = BACKING_OFF
        self.roster.system.clock.call_later(delay_s, self.settle)

    # Its life

    def is_idle(self) -> bool:
        """Say whether it may be forgotten: nothing would be lost but memory."""
        stored = self.stored
        return (
            self.status is REST
            and not self.guests
            and (stored is None or not (stored.promises or stored.leaving))
        )

    def drop_memory(self) -> None:
        """Forget actor and state; the next turn loads them again."""
        self.vacate()
        if self.batch is not None:
            self.batch.discard()
        if self.draft is not None:
            self.draft.discard()
        self.batch = self.draft = self.stored = self.state = None

    def vacate(self) -> None:
        """End the actor with its jobs and timers."""
        self.actor = None
        guests, self.guests = self.guests, None
        for guest in guests or ():
            guest.cancel()

    def info(self, now: float) -> ActorInfo:
        """Tell how it does."""
        oldest = self.inbox[0].arrived if self.inbox else now
        return ActorInfo(
            kind=self.roster.name,
            key=self.key,
            mailbox=len(self.inbox or ()),
            oldest_s=max(0.0, now - oldest),
            idle_s=max(0.0, now - self.touched),
            status=self.status,
            rev=0 if self.stored is None else self.stored.rev,
            version=getattr(self.state, "version", None),
            jobs=sum(isinstance(guest, Job) for guest in self.guests or ()),
            failures=self.failures,
            last_error=self.last_error,
        )

    # Jobs and timers

    def enter(self, guest: Any) -> None:
        """Count `guest` in: while it is there the actor is not idle."""
        if self.guests is None:
            self.guests = set()
        self.guests.add(guest)

    def leave(self, guest: Any) -> None:
        """Count `guest` out; idle time begins now."""
        if self.guests is not None:
            self.guests.discard(guest)
            if not self.guests:
                self.guests = None
        self.touched = self.roster.monotonic()
