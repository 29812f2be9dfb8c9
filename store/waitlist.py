"""The waiting list: one document for each customer and variant in `waitlist`.

An entry that was told is the notice itself: it stays for a month, to be seen by whoever
had no socket open at that moment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo import ASCENDING

from commerce.belongings import TooManyKept
from commerce.waitlist import MOST_WAITED_FOR, Waiting
from store.client import Database, reaching

COLLECTION = "waitlist"
TOLD_STAYS_S = 30 * 24 * 3600


class WaitlistRepository:
    """Keeps who waits. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._waitlist = database[COLLECTION]

    async def prepare(self) -> None:
        """Make the indexes; a second time changes nothing."""
        with reaching():
            await self._waitlist.create_index(
                [("waits", ASCENDING), ("sku", ASCENDING), ("since", ASCENDING)],
                name="waiting",
            )
            await self._waitlist.create_index(
                [("user_id", ASCENDING), ("since", ASCENDING)], name="user"
            )
            await self._waitlist.create_index(
                "told_at", name="told", expireAfterSeconds=TOLD_STAYS_S
            )

    async def join(self, user_id: str, sku: str, now: datetime) -> bool:
        """Let the user hear when `sku` can be bought again; twice is once.

        False: they wait already, since then. Raises TooManyKept.
        """
        name = _name(user_id, sku)
        entry = {"user_id": user_id, "sku": sku, "since": now, "waits": True}
        with reaching():
            if await self._waitlist.find_one({"_id": name, "waits": True}):
                return False
            waited_for = {"user_id": user_id, "waits": True}
            if await self._waitlist.count_documents(waited_for) >= MOST_WAITED_FOR:
                raise TooManyKept(
                    f"at most {MOST_WAITED_FOR} are waited for at once",
                    limit=MOST_WAITED_FOR,
                )
            await self._waitlist.replace_one({"_id": name}, entry, upsert=True)
        return True

    async def leave(self, user_id: str, sku: str) -> bool:
        """Let the user hear no more of `sku`; False: there was nothing to hear."""
        with reaching():
            gone = await self._waitlist.delete_one({"_id": _name(user_id, sku)})
        return bool(gone.deleted_count)

    async def of_user(self, user_id: str) -> Sequence[Waiting]:
        """Return what the user waits for, or was told of lately, oldest first."""
        with reaching():
            found = self._waitlist.find({"user_id": user_id})
            ordered = found.sort([("since", ASCENDING), ("_id", ASCENDING)])
            return [_waiting(each) for each in await ordered.to_list(None)]

    async def skus(self) -> Sequence[str]:
        """Return the variants that anybody waits for."""
        with reaching():
            found: list[str] = await self._waitlist.distinct("sku", {"waits": True})
        return found

    async def waiting(self, sku: str, *, limit: int = 500) -> Sequence[Waiting]:
        """Return who waits for `sku`, whoever waits longest first."""
        with reaching():
            found = self._waitlist.find({"waits": True, "sku": sku})
            page = await found.sort("since", ASCENDING).limit(limit).to_list(None)
        return [_waiting(each) for each in page]

    async def tell(self, user_id: str, sku: str, at: datetime) -> bool:
        """Note that the user was told; False: they wait no more, or were told."""
        with reaching():
            told = await self._waitlist.update_one(
                {"_id": _name(user_id, sku), "waits": True},
                {"$set": {"waits": False, "told_at": at}},
            )
        return bool(told.modified_count)


def _name(user_id: str, sku: str) -> str:
    return f"{user_id}/{sku}"


def _waiting(document: Mapping[str, Any]) -> Waiting:
    return msgspec.convert(document, Waiting)
