"""One change stream, read batch by batch.

Spoken as commands, because the driver's own stream crosses to a thread for each
single event (5,000 a second); a batch of a thousand costs the same crossing.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pymongo.errors import ConnectionFailure, CursorNotFound, OperationFailure

from store.client import Database

Event = Mapping[str, Any]
"""A change event as MongoDB words it."""

# How long the server waits for news before it answers "none": close waits as long.
_AWAIT_MS = 1_000
_BATCH = 1_000

# The stream cannot go on from the token: rolled over, fatal, too big, not a token.
_HISTORY = frozenset({260, 280, 286, 40573, 40585, 50811})


class HistoryLost(Exception):
    """Events were missed for good; what they said must be read anew."""


class Stream:
    """The changes of one collection, from `open` on; resumes where it stood."""

    def __init__(self, db: Database, collection: str) -> None:
        self.token: Any = None
        """Where it stands; None begins with now."""
        self._db = db
        self._collection = collection
        self._session: Any = None
        self._cursor = 0

    async def open(self) -> None:
        """Stand where `token` says. Raises HistoryLost, or the driver's errors."""
        await self.close()
        stage = {} if self.token is None else {"startAfter": self.token}
        # A cursor belongs to a session; an implicit one would differ call by call.
        self._session = await self._db.client.start_session()
        await self._ask(
            {
                "aggregate": self._collection,
                "pipeline": [{"$changeStream": stage}],
                "cursor": {"batchSize": 0},
            }
        )

    async def next(self) -> Sequence[Event]:
        """Return what came, maybe nothing, waiting up to a second for it.

        Raises HistoryLost, or the driver's errors, after which `open` goes on.
        """
        cursor = await self._ask(
            {
                "getMore": self._cursor,
                "collection": self._collection,
                "batchSize": _BATCH,
                "maxTimeMS": _AWAIT_MS,
            }
        )
        return list(cursor["nextBatch"])

    async def interrupt(self) -> None:
        """End a wait in `next`, by taking its cursor away."""
        if not self._cursor:
            return
        kill = {"killCursors": self._collection, "cursors": [self._cursor]}
        # Where the database is away, the wait has ended already.
        with suppress(ConnectionFailure, OperationFailure):
            await self._db.command(kill)

    async def close(self) -> None:
        """Give everything back; twice does nothing. `token` stays."""
        await self.interrupt()
        self._cursor = 0
        session, self._session = self._session, None
        if session is not None:
            await session.end_session()

    async def _ask(self, command: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            reply = await self._db.command(
                command,
                session=self._session,
                codec_options=self._db.codec_options,
            )
        except OperationFailure as trouble:
            if trouble.code in _HISTORY:
                raise HistoryLost(str(trouble)) from trouble
            raise
        cursor: Mapping[str, Any] = reply["cursor"]
        events = cursor.get("nextBatch", ())
        self.token = cursor.get("postBatchResumeToken") or self.token
        if not all(_is_live(event) for event in events):
            raise HistoryLost(f"{self._collection} was dropped or renamed")
        if not cursor["id"]:
            raise CursorNotFound(f"the server ended the stream of {self._collection}")
        self._cursor = cursor["id"]
        return cursor


def _is_live(event: Event) -> bool:
    """Return whether the stream goes on behind `event`."""
    return event["operationType"] not in {"invalidate", "drop", "rename"}
