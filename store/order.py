"""Orders as they are found again: by their owner, by number, by status.

The order actor alone writes them, one document in `orders` each. Checkout sessions are
there, too, and shown in no list; the database removes them when their time is over.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from pymongo import ASCENDING, DESCENDING

from commerce.checkout import Journal
from commerce.errors import OrderNotFound
from commerce.order import Status
from commerce.reconciliation import Claim
from store.client import Database, prepare_actor_collection, reaching
from store.gathered import Gathered

COLLECTION = "orders"

# Orders are placed; sessions are not (yet), and have no date there.
_PLACED = {"placed_at": {"$gt": datetime(1970, 1, 1, tzinfo=UTC)}}
_NEWEST = [("placed_at", DESCENDING), ("_id", DESCENDING)]


class OrderRepository:
    """Answers which orders there are. Everything raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._orders = database[COLLECTION]
        self._gathered = Gathered(database, COLLECTION, "user_id")

    async def prepare(self) -> None:
        """Make the collection and its indexes; a second time changes nothing."""
        await prepare_actor_collection(self._database, COLLECTION, reminds=True)
        with reaching():
            for name in ("user_id", "status"):
                keys = [(name, ASCENDING), *_NEWEST]
                await self._orders.create_index(keys, name=name)
            for name in ("returning", "attention"):
                # Few orders are in these, so most commits need not touch them.
                await self._orders.create_index(
                    [(name, ASCENDING), *_NEWEST],
                    name=f"with_{name}",
                    partialFilterExpression={name: {"$gt": ""}},
                )
            await self._orders.create_index(_NEWEST, name="newest")
            await self._orders.create_index("number", name="number")
            await self._orders.create_index(
                "gone_at", name="gone", expireAfterSeconds=0, sparse=True
            )

    async def get(self, order_id: str, user_id: str | None = None) -> Journal:
        """Return one order; `user_id` None: whoever's. Raises OrderNotFound."""
        wanted: dict[str, Any] = {"_id": order_id, **_PLACED}
        return await self._one(wanted, user_id, order_id)

    async def is_known(self, order_id: str) -> bool:
        """Tell whether there is an order or a session of this id, whoever's."""
        return await self._gathered.one(order_id) is not None

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
        attention: bool = False,
        limit: int,
        offset: int = 0,
    ) -> tuple[Sequence[Journal], int]:
        """Return one page of everybody's orders, the newest first, and how many.

        With `attention` only those that a person must look at.
        """
        told: dict[str, Any] = {"status": status, "user_id": user_id}
        told["attention"] = {"$gt": ""} if attention else None
        wanted = {key: value for key, value in told.items() if value is not None}
        return await self._page(wanted, limit, offset)

    async def with_returns(
        self, *, status: str | None = None, limit: int, offset: int = 0
    ) -> tuple[Sequence[Journal], int]:
        """Return one page of orders that have a return (in `status`), and how many."""
        wanted: dict[str, Any] = {"returning": status or {"$gt": ""}}
        return await self._page(wanted, limit, offset)

    async def owing(self) -> Sequence[Claim]:
        """Return what every paid order that has not left claims of the shelves."""
        wanted = {"status": {"$in": ["confirmed", "processing"]}}
        return await self._claims(wanted)

    async def claims(self, order_ids: Sequence[str]) -> Sequence[Claim]:
        """Return what these orders or sessions claim, as far as there are such."""
        return await self._claims({"_id": {"$in": list(order_ids)}})

    async def stuck(self, before: datetime, *, limit: int = 500) -> Sequence[str]:
        """Return what should have gone on before `before`: woken, paid, or ended."""
        overdue = {"due": {"$lt": before}}
        over = {"$or": [{"expires_at": None}, {"expires_at": {"$lt": before}}]}
        unwoken = {"status": "pending", "updated_at": {"$lt": before}, **over}
        with reaching():
            found = self._orders.find({"$or": [overdue, unwoken]}, {"_id": True})
            return [each["_id"] for each in await found.to_list(limit)]

    async def unchanged(
        self, status: Status, before: datetime
    ) -> Sequence[tuple[str, str]]:
        """Return id and number of each order that is in `status` since `before`.

        Those that were placed first come first.
        """
        wanted = {"status": status, "updated_at": {"$lte": before}, **_PLACED}
        with reaching():
            found = self._orders.find(wanted, {"number": True})
            oldest = found.sort("placed_at", ASCENDING)
            return [(each["_id"], each["number"]) async for each in oldest]

    async def count_by(self, name: Literal["status", "returning"]) -> dict[str, int]:
        """Return how many orders are in each status, or have a return in each."""
        pipeline = [
            {"$match": {name: {"$gt": ""}, **_PLACED}},
            {"$unwind": f"${name}"},
            {"$group": {"_id": f"${name}", "count": {"$sum": 1}}},
            {"$sort": {"_id": ASCENDING}},
        ]
        with reaching():
            # These tell it: nobody need read every order for that.
            index = {"status": "status", "returning": "with_returning"}[name]
            found = await self._orders.aggregate(pipeline, hint=index).to_list(None)
        return {each["_id"]: each["count"] for each in found}

    async def _claims(self, wanted: Mapping[str, Any]) -> Sequence[Claim]:
        told = dict.fromkeys(("status", "phase", "lines.sku", "lines.quantity"), True)
        with reaching():
            found = await self._orders.find(wanted, told).to_list(None)
        return [_claim(each) for each in found]

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


def _claim(document: Mapping[str, Any]) -> Claim:
    units = {each["sku"]: each["quantity"] for each in document.get("lines", ())}
    told = {**document, "order_id": document["_id"], "units": units}
    return msgspec.convert(told, Claim)


def _order(document: Mapping[str, Any]) -> Journal:
    return msgspec.convert({**document, "id": document["_id"]}, Journal)
