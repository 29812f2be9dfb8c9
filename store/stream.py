"""The change stream, read batch by batch.

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
    """The changes of some collections, from `open` on; resumes where it stood."""

    def __init__(self, db: Database, owner: str) -> None:
        self.token: Any = None
        """Where it stands; None begins with now."""
        self.collections: Mapping[str, bool] = {}
        """Which ones, and whether commits by `owner` matter, too."""
        self._db = db
        self._owner = owner
        self._session: Any = None
        self._cursor = 0
        self._name = ""

    async def open(self) -> None:
        """Stand where `token` says. Raises HistoryLost, or the driver's errors."""
        await self.close()
        stage = {} if self.token is None else {"startAfter": self.token}
        # A cursor belongs to a session; an implicit one would differ call by call.
        self._session = await self._db.client.start_session()
        await self._ask(
            {
                "aggregate": 1,
                "pipeline": [{"$changeStream": stage}, {"$match": self._matter()}],
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
                "collection": self._name,
                "batchSize": _BATCH,
                "maxTimeMS": _AWAIT_MS,
            }
        )
        return list(cursor["nextBatch"])

    async def interrupt(self) -> None:
        """End a wait in `next`, by taking its cursor away."""
        if not self._cursor:
            return
        kill = {"killCursors": self._name, "cursors": [self._cursor]}
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
        self.token = cursor.get("postBatchResumeToken") or self.token
        events = cursor.get("nextBatch", ())
        if any(event["operationType"] == "invalidate" for event in events):
            raise HistoryLost("the database was dropped")
        if not cursor["id"]:
            raise CursorNotFound("the server ended the stream")
        self._cursor = cursor["id"]
        self._name = cursor["ns"].partition(".")[2]
        return cursor

    def _matter(self) -> Mapping[str, Any]:
        """Return what events must be like to be of interest."""
        every = [name for name, echoes in self.collections.items() if echoes]
        others = [name for name, echoes in self.collections.items() if not echoes]
        ours = {"$regex": f"^{self._owner}:"}
        echo = [
            {"operationType": "update", "updateDescription.updatedFields.writer": ours},
            {"operationType": "insert", "fullDocument.writer": ours},
        ]
        return {
            "$or": [
                {"ns.coll": {"$in": every}},
                {"ns.coll": {"$in": others}, "$nor": echo},
                {"to.coll": {"$in": list(self.collections)}},
                {"operationType": "invalidate"},
            ]
        }


def ended(event: Event) -> Sequence[str]:
    """Return the collections that are not what they were since `event`."""
    if event["operationType"] == "rename":
        return [event["ns"]["coll"], event["to"]["coll"]]
    return [event["ns"]["coll"]] if event["operationType"] == "drop" else []
