"""What guests left behind who can never come back.

A guest comes back by a refresh token only. Once its sign-in is gone (seven days after
the last refresh), nobody can reach its cart and conversations any more; unless an
account still waits to take them over.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from pymongo import ASCENDING

from commerce.cart import GUEST_PREFIX
from store.client import Database, reaching

_GUESTS = f"^{GUEST_PREFIX}"
_AT_ONCE = 1000


class GuestRepository:
    """Finds and removes them. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._carts = database["carts"]
        self._sessions = database["sessions"]
        self._sign_ins = database["sign_ins"]
        self._users = database["users"]

    async def carts(self, before: datetime, *, after: str = "") -> Sequence[str]:
        """Return the next guests whose cart is older than `before`, in order."""
        wanted = {"_id": {"$regex": _GUESTS, "$gt": after}, "born": {"$lt": before}}
        with reaching():
            found = self._carts.find(wanted, {"_id": True})
            page = await found.sort("_id", ASCENDING).to_list(_AT_ONCE)
        return [each["_id"] for each in page]

    async def conversations(
        self, before: datetime, *, after: str = ""
    ) -> Mapping[str, str]:
        """Return the next guests by their conversations, in the order of these.

        Only where nothing was said since `before`.
        """
        wanted = {
            "_id": {"$gt": after},
            "user_id": {"$regex": _GUESTS},
            "deleted_at": None,
            "updated_at": {"$lt": before},
        }
        with reaching():
            found = self._sessions.find(wanted, {"user_id": True})
            page = await found.sort("_id", ASCENDING).to_list(_AT_ONCE)
        return {each["_id"]: each["user_id"] for each in page}

    async def unreachable(self, guest_ids: Collection[str]) -> set[str]:
        """Return those of `guest_ids` who can never come back."""
        among = {"$in": list(set(guest_ids))}
        with reaching():
            signed_in = await self._sign_ins.distinct("user_id", {"user_id": among})
            awaited = await self._users.distinct(
                "guests_to_merge", {"guests_to_merge": among}
            )
        return set(guest_ids).difference(signed_in, awaited)

    async def forget_carts(self, guest_ids: Collection[str]) -> int:
        """Remove the carts of these guests; return how many there were."""
        with reaching():
            gone = await self._carts.delete_many({"_id": {"$in": list(guest_ids)}})
        return int(gone.deleted_count)
