"""Conversations as they are found again: by their owner, and page by page.

The session actor alone writes them. Its state is one document in `sessions`, the
recorded frames are its log: `tail`, and sealed chunks in `sessions_log`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo import ASCENDING, DESCENDING

from messages.frames import SessionMode
from messages.session_view import HandoffView, SessionView
from store.client import Database, prepare_actor_collection, reaching

COLLECTION = "sessions"

# So many are removed by one command: the names of all may be more than one may hold.
_AT_ONCE = 1000


class SessionRepository:
    """Answers whose conversations there are, and purges what was deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sessions = database[COLLECTION]
        self._chunks = database[f"{COLLECTION}_log"]

    async def prepare(self) -> None:
        """Make the collections and their indexes; a second time changes nothing."""
        await prepare_actor_collection(
            self._database, COLLECTION, reminds=True, log=True
        )
        with reaching():
            await self._sessions.create_index(
                [
                    ("user_id", ASCENDING),
                    ("updated_at", DESCENDING),
                    ("_id", ASCENDING),
                ],
                name="owner",
            )
            await self._sessions.create_index(
                "deleted_at",
                name="deleted",
                partialFilterExpression={"deleted_at": {"$type": "date"}},
            )
            await self._sessions.create_index(
                [("handoff.since", ASCENDING), ("_id", ASCENDING)],
                name="handoff",
                partialFilterExpression={"handoff.since": {"$type": "date"}},
            )

    async def of_user(
        self, user_id: str, *, limit: int, offset: int = 0
    ) -> tuple[Sequence[SessionView], int]:
        """Return one page of a shopper's conversations, and how many there are.

        The one that was spoken in last comes first; deleted ones are not there.
        """
        theirs = {"user_id": user_id, "deleted_at": None}
        newest = [("updated_at", DESCENDING), ("_id", ASCENDING)]
        with reaching():
            found = self._sessions.find(theirs, _SHOWN).sort(newest)
            page = await found.skip(offset).limit(limit).to_list(None)
            total = await self._sessions.count_documents(theirs)
        return [_session(each) for each in page], total

    async def handed_off(
        self, *, mode: SessionMode | None = None, limit: int, offset: int = 0
    ) -> tuple[Sequence[HandoffView], int]:
        """Return one page of what is handed off to people, and how much that is.

        Who waits longest comes first.
        """
        wanted: dict[str, Any] = {"handoff.since": {"$type": "date"}}
        if mode is not None:
            wanted["mode"] = mode
        longest = [("handoff.since", ASCENDING), ("_id", ASCENDING)]
        with reaching():
            found = self._sessions.find(wanted, _HANDED_OFF).sort(longest)
            page = await found.skip(offset).limit(limit).to_list(None)
            total = await self._sessions.count_documents(wanted)
        return [_handed_off(each) for each in page], total

    async def ids_of_user(self, user_id: str) -> Sequence[str]:
        """Return the ids of all a shopper's conversations, such as a guest's."""
        with reaching():
            found = self._sessions.find({"user_id": user_id}, {"_id": True})
            return [each["_id"] for each in await found.to_list(None)]

    async def count_waiting(self) -> int:
        """Return how many conversations wait for a person of the shop's."""
        with reaching():
            # As the index of those that are handed off wants to be asked.
            waiting = {"handoff.since": {"$type": "date"}, "mode": "waiting"}
            return int(await self._sessions.count_documents(waiting))

    async def purge(self, before: datetime) -> int:
        """Remove for good what was deleted before `before`; return how many that were.

        The frames go first: what a crash leaves behind is purged the next time.
        """
        over, gone = {"deleted_at": {"$lt": before}}, 0
        with reaching():
            while page := await self._sessions.find(over, {"_id": 1}).to_list(_AT_ONCE):
                among = {"$in": [each["_id"] for each in page]}
                await self._chunks.delete_many({"key": among})
                done = await self._sessions.delete_many({"_id": among, **over})
                gone += int(done.deleted_count)
        return gone


_SHOWN = dict.fromkeys(("title", "created_at", "updated_at", "last_seq", "mode"), True)

_HANDED_OFF = {**_SHOWN, "user_id": True, "handoff": True}


def _handed_off(document: Mapping[str, Any]) -> HandoffView:
    told = {**document["handoff"], **document, "session_id": document["_id"]}
    return msgspec.convert(told, HandoffView)


def _session(document: Mapping[str, Any]) -> SessionView:
    return msgspec.convert({**document, "session_id": document["_id"]}, SessionView)
