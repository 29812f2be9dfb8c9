"""What the actor runtime needs of a store, and the ways a store can fail it.

Pure: `store/commit.py` fulfils it with MongoDB, the tests with a fake that fails,
delays and loses answers on demand. One conformance suite runs against both.

A stored actor is one document: `_id` (its key), `rev` (+1 per commit), `epoch` and
`owner` (who may write), `writer` (who wrote last), `born`, `schema`, `due`, the state's
body and keyed maps at top level, `promises` and `outcomes`, and for kinds with a log
`tail` and `sealed_to`; sealed entries are chunks in `<collection>_log`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct, field


class Found(Struct, frozen=True, kw_only=True):
    """One actor's document as read under our ownership; rev 0: there is none yet."""

    key: str
    rev: int = 0
    epoch: int = 0
    writer: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Everything else in the document, `due`, `promises`, `outcomes`, `schema` and
    `sealed_to` included, `tail` excluded."""
    tail: Sequence[Any] = ()


class Write(Struct, frozen=True, kw_only=True):
    """One actor's commit: a compare on rev, epoch and guards, and what changes.

    `set_fields` and `unset_fields` are dotted paths (`holds.h1`). `push` is appended to
    `tail`; `keep` is how many entries of the old tail stay in front of them (None:
    all). rev 0 inserts. The store adds rev + 1, owner and `born`.
    """

    collection: str
    key: str
    rev: int
    epoch: int
    writer: str
    guards: Mapping[str, Any] = field(default_factory=dict)
    set_fields: Mapping[str, Any] = field(default_factory=dict)
    unset_fields: Sequence[str] = ()
    push: Sequence[Any] = ()
    keep: int | None = None


class DeadLetter(Struct, frozen=True, kw_only=True):
    """Mail that failed three times, or a promise refused; `command` is builtins."""

    id: str
    kind: str
    key: str
    command: Mapping[str, Any]
    error: str
    at: datetime


class StorageError(Exception):
    """The store did not do as asked."""


class Lost(StorageError):
    """Somebody else wrote, owns, deleted or edited the document: read it again."""


class OutcomeUnknown(StorageError):
    """The write was sent and no answer came: it may or may not have happened."""


class Away(StorageError):
    """The store cannot be reached; nothing was written."""


class Unwritable(StorageError):
    """The store refuses this write for what it contains; repeating cannot help."""


class Storage(Protocol):
    """Where durable actors live. All calls gather with those of other actors."""

    owner: str
    """Who claims: fresh per process start; `writer` begins with it and a colon."""

    async def claim(self, collection: str, key: str) -> Found:
        """Make `owner` the owner of the document, unless it is, and return it.

        Creates nothing. Raises Away, or Lost where another owner took it meanwhile.
        """
        ...

    async def reclaim(self, collection: str, key: str) -> Found:
        """Raise the epoch whoever owns it, and read: no write under way can land.

        Creates an empty document (rev 0) where there is none. Raises Away.
        """
        ...

    async def commit(self, write: Write) -> None:
        """Return once `write` is durable on a majority and in the journal.

        At most one write per document may be under way. Raises Lost, OutcomeUnknown,
        Away or Unwritable.
        """
        ...

    async def commit_without(
        self,
        collection: str,
        fields: Sequence[str],
        last: Mapping[str, str],
        writer: str,
    ) -> None:
        """Commit to many documents at once that `fields` go.

        `last` has their keys, each with who wrote it last; `rev` grows by one, and
        `writer` wrote it. Raises Lost where one of them is no longer so; then, and
        after OutcomeUnknown, any of them may be written. Raises Away, too.
        """
        ...

    async def seal(
        self, collection: str, key: str, first: int, entries: Sequence[Any]
    ) -> None:
        """Save `entries`, the log's entries number `first` (from 0) on, as one chunk.

        Takes effect by the commit that moves `sealed_to`; repeating is harmless.
        """
        ...

    async def log(
        self, collection: str, key: str, first: int, last: int
    ) -> Sequence[Any]:
        """Return entries `first`..`last` (from 0, both included), sealed or not."""
        ...

    async def due(self, collection: str, before: datetime, limit: int) -> Sequence[str]:
        """Return the keys whose `due` is at or before `before`, the oldest first."""
        ...

    async def bury(self, letter: DeadLetter) -> None:
        """Keep a dead letter; the same id twice is one."""
        ...
