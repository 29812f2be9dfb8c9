"""What messages have decided and nobody outside may know yet."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from actors.runtime.jobs import Job
from actors.runtime.mail import Mail

# (function, *arguments): called when the commit stands.
Output = tuple[Callable[..., None], *tuple[Any, ...]]


class Promise(Struct, frozen=True, kw_only=True):
    """A command that must arrive; `command` is builtins, `at` when it was given.

    `told` is the command itself, where it was given in this life of the process.
    """

    to: str
    key: str
    command: dict[str, Any]
    at: datetime
    told: Any = None

    def fields(self) -> dict[str, Any]:
        """Return what is stored of it."""
        return {
            "to": self.to,
            "key": self.key,
            "command": self.command,
            "at": self.at,
        }


class Unchanged:
    """Stands where a draft says nothing of the reminder (None says: no reminder)."""


UNCHANGED: Final = Unchanged()


class Draft:
    """What the message at hand has decided so far; a refusal throws it away."""

    __slots__ = ("became", "jobs", "outputs", "promises", "remind")

    def __init__(self) -> None:
        self.became = False
        self.outputs: list[Output] = []
        self.promises: dict[str, Promise] = {}
        self.remind: datetime | Unchanged | None = UNCHANGED
        self.jobs: list[Job] = []

    def discard(self) -> None:
        """End what was prepared and will never begin."""
        for job in self.jobs:
            job.cancel()


class Decided(Struct, eq=False):
    """One message that was handled and waits for the commit.

    `mail` is None for the runtime's own calls of the actor (`opened`, `woke`, `adopt`).
    """

    mail: Mail | None
    answer: Any = None
    error: BaseException | None = None
    draft: Draft | None = None
    is_checkpoint: bool = False


class Batch:
    """All that the next commit of one actor will hold."""

    __slots__ = (
        "adopts",
        "decided",
        "kept",
        "outcomes",
        "promises",
        "remind",
        "touch",
    )

    def __init__(self) -> None:
        self.decided: list[Decided] = []
        self.promises: dict[str, Promise] = {}
        self.kept: list[str] = []
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.remind: datetime | Unchanged | None = UNCHANGED
        # Whether there may be something to write although no message decided it.
        self.touch = False
        # Whether it takes over what a hand has written.
        self.adopts = False

    @property
    def writes(self) -> bool:
        """Whether more than the state may have to be written."""
        return bool(
            self.promises
            or self.kept
            or self.outcomes
            or self.touch
            or not isinstance(self.remind, Unchanged)
        )

    @property
    def is_the_runtimes(self) -> bool:
        """Whether a hook of the actor decided something in it."""
        return any(each.mail is None for each in self.decided)

    @property
    def is_checkpoint(self) -> bool:
        """Whether a handler goes on after it."""
        return any(each.is_checkpoint for each in self.decided)

    def refuse(self, mail: Mail, error: BaseException) -> None:
        """Answer `mail` with `error`, together with what stands before it."""
        self.decided.append(Decided(mail, error=error))

    def add(self, decided: Decided) -> None:
        """Take over what one message decided."""
        self.decided.append(decided)
        if (draft := decided.draft) is not None:
            self.promises |= draft.promises
            if not isinstance(draft.remind, Unchanged):
                self.remind = draft.remind

    def mails(self) -> list[Mail]:
        """Return the mail that must run again if this cannot be committed."""
        return [
            each.mail
            for each in self.decided
            if each.mail is not None and not each.is_checkpoint
        ]

    def discard(self) -> None:
        """End what was prepared and will never begin."""
        for each in self.decided:
            if each.draft is not None:
                each.draft.discard()
