"""Orders as they are found again: by their owner, by number, by status.

The order actor alone writes them, one document in `orders` each. Checkout sessions are
there, too, and shown in no list; the database removes them when their time is over.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from pymongo import ASCENDING, DESCENDING

from commerce.checkout import Journal
from commerce.errors import OrderNotFound
from store.client import Database, prepare_actor_collection, reaching

COLLECTION = "orders"

# Orders are placed; sessions are not (yet), and have no date there.
_PLACED = {"placed_at": {"$gt": datetime(1970, 1, 1, tzinfo=UTC)}}
_NEWEST = [("placed_at", DESCENDING), ("_id", DESCENDING)]


class OrderRepository:
    """Answers which orders there are. Everything raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._orders = database[COLLECTION]

    async def prepare(self) -> None:
        """Make the collection and its indexes; a second time changes nothing."""
        await prepare_actor_collection(self._database, COLLECTION, reminds=True)
        with reaching():
            for name in ("user_id", "status", "returning"):
                keys = [(name, ASCENDING), *_NEWEST]
                await self._orders.create_index(keys, name=name)
            await self._orders.create_index(_NEWEST, name="newest")
            await self._orders.create_index("number", name="number")
            await self._orders.create_index(
                "gone_at", name="gone", expireAfterSeconds=0, sparse=True
            )

    async def get(self, order_id: str, user_id: str | None = None) -> Journal:
        """Return one order; `user_id` None: whoever's. Raises OrderNotFound."""
        wanted: dict[str, Any] = {"_id": order_id, **_PLACED}
        return await self._one(wanted, user_id, order_id)

    async def by_number(self, number: str, user_id: str | None = None) -> Journal:
        """Return the order that people call `number`. Raises OrderNotFound."""
        wanted: dict[str, Any] = {"number": number, **_PLACED}
        return await self._one(wanted, user_id, number)

    async def of_user(
        self, user_id: str, *, limit: int, offset: int = 0
    ) -> tuple[Sequence[Journal], int]:
        """Return one page of a customer's orders, the newest first, and how many."""
        return await self._page({"user_id": user_id}, limit, offset)

    async def listed(
        self,
        *,
        status: str | None = None,
        user_id: str | None = None,
        limit: int,
        offset: int = 0,
    ) -> tuple[Sequence[Journal], int]:
        """Return one page of everybody's orders, the newest first, and how many."""
        told = {"status": status, "user_id": user_id}
        wanted = {key: value for key, value in told.items() if value is not None}
        return await self._page(wanted, limit, offset)

    async def with_returns(
        self, *, status: str | None = None, limit: int, offset: int = 0
    ) -> tuple[Sequence[Journal], int]:
        """Return one page of orders that have a return (in `status`), and how many."""
        wanted: dict[str, Any] = {"returning": status or {"$gt": ""}}
        return await self._page(wanted, limit, offset)

    async def _one(
        self, wanted: dict[str, Any], user_id: str | None, name: str
    ) -> Journal:
        if user_id is not None:
            wanted["user_id"] = user_id
        with reaching():
            document = await self._orders.find_one(wanted)
        if document is None:
            raise OrderNotFound("no such order", id=name)
        return _order(document)

    async def _page(
        self, wanted: Mapping[str, Any], limit: int, offset: int
    ) -> tuple[Sequence[Journal], int]:
        placed = {**wanted, **_PLACED}
        with reaching():
            found = self._orders.find(placed).sort(_NEWEST)
            page = await found.skip(offset).limit(limit).to_list(None)
            total = await self._orders.count_documents(placed)
        return [_order(each) for each in page], total


def _order(document: Mapping[str, Any]) -> Journal:
    return msgspec.convert({**document, "id": document["_id"]}, Journal)
