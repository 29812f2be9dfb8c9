"""What guests left behind who can never come back.

A guest comes back by a refresh token only. Once its sign-in is gone (seven days after
the last refresh), nobody can reach its cart and conversations any more; unless an
account still waits to take them over.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from commerce.cart import GUEST_PREFIX
from store.client import Database, reaching

_GUESTS = {"$regex": f"^{GUEST_PREFIX}"}
_AT_ONCE = 1000


class LeftBehind(Struct, frozen=True, kw_only=True):
    """Carts by their owner's id; conversations by their own, with their owner."""

    carts: Sequence[str]
    conversations: Mapping[str, str]


class GuestRepository:
    """Finds and removes them. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._carts = database["carts"]
        self._sessions = database["sessions"]
        self._sign_ins = database["sign_ins"]
        self._users = database["users"]

    async def left_behind(self, before: datetime) -> LeftBehind:
        """Return what is older than `before` and out of reach; a thousand at once."""
        with reaching():
            carts = await self._carts.find(
                {"_id": _GUESTS, "born": {"$lt": before}}, {"_id": True}
            ).to_list(_AT_ONCE)
            talks = await self._sessions.find(
                {
                    "user_id": _GUESTS,
                    "deleted_at": None,
                    "updated_at": {"$lt": before},
                },
                {"user_id": True},
            ).to_list(_AT_ONCE)
            owners = {each["_id"] for each in carts}
            owners |= {each["user_id"] for each in talks}
            known = await self._reachable(list(owners))
        return LeftBehind(
            carts=[each["_id"] for each in carts if each["_id"] not in known],
            conversations={
                each["_id"]: each["user_id"]
                for each in talks
                if each["user_id"] not in known
            },
        )

    async def forget_carts(self, guest_ids: Sequence[str]) -> int:
        """Remove the carts of these guests; return how many there were."""
        with reaching():
            gone = await self._carts.delete_many({"_id": {"$in": list(guest_ids)}})
        return int(gone.deleted_count)

    async def _reachable(self, guest_ids: list[str]) -> set[Any]:
        among = {"$in": guest_ids}
        signed_in = await self._sign_ins.distinct("user_id", {"user_id": among})
        awaited = await self._users.distinct(
            "guests_to_merge", {"guests_to_merge": among}
        )
        return {*signed_in, *awaited}
