"""The end of a case: what the stores say, whatever was said."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from bench.buyers import Visitor
from store.client import Database

ARRIVES_WITHIN_S = 30.0


class End:
    """Reads what became of one shopper."""

    def __init__(
        self, db: Database, user_id: str, shopper: Visitor, before: set[str]
    ) -> None:
        self._db = db
        self._user_id = user_id
        self._shopper = shopper
        self._before = before

    async def faults(self, wanted: Mapping[str, Any]) -> list[str]:
        """Return which of the file's end states did not come about."""
        await self._arrived()
        faults = []
        for name, value in wanted.items():
            read = self._reads.get(name)
            if read is None:
                faults.append(f"end_state.{name} is not known here")
            elif (found := await read(self)) != _comparable(name, value):
                faults.append(f"end_state.{name}: {value!r} expected, {found!r} found")
        return faults

    async def _arrived(self) -> None:
        """Return when all that the shopper's orders have promised has arrived.

        What does not is seen by what it should have done.
        """
        owing = {"user_id": self._user_id, "promises": {"$nin": [None, {}]}}
        with suppress(TimeoutError):
            async with asyncio.timeout(ARRIVES_WITHIN_S):
                while await self._db["orders"].find_one(owing):
                    continue

    async def orders(self) -> list[Mapping[str, Any]]:
        """Return the orders that this case made."""
        placed = {"user_id": self._user_id, "placed_at": {"$ne": None}}
        found = await self._db["orders"].find(placed).to_list(None)
        return [each for each in found if each["_id"] not in self._before]

    async def _cart(self) -> list[tuple[str, int]]:
        items = (await self._shopper.sure("GET", "/api/cart"))["items"]
        return sorted((each["sku"], each["quantity"]) for each in items)

    async def _created(self) -> int:
        # An order that was declined was never made.
        return len([x for x in await self.orders() if x["status"] != "cancelled"])

    async def _with_status(self, *statuses: str) -> int:
        return len([x for x in await self.orders() if x["status"] in statuses])

    async def _confirmed(self) -> int:
        return await self._with_status("confirmed", "processing", "shipped")

    async def _pending(self) -> int:
        return await self._with_status("pending")

    async def _charges(self) -> int:
        payments = await self._db["payments"].find().to_list(None)
        mine = {each["_id"] for each in await self.orders()}
        return len([x for x in payments if _taken(x) and _order_of(x) in mine])

    async def _released(self) -> bool:
        keys = [str(each["_id"]) for each in await self.orders()]
        keys.append(self._user_id)
        stock = await self._db["stock"].find({"holds": {"$ne": {}}}).to_list(None)
        held = [key for each in stock for key in each.get("holds", {})]
        return not any(key in hold for hold in held for key in keys)

    async def _coupons(self) -> list[str]:
        coupons = (await self._shopper.sure("GET", "/api/cart"))["coupons"]
        return sorted(each["code"] for each in coupons)

    async def _statuses(self) -> dict[str, str]:
        found = await self._db["orders"].find({"user_id": self._user_id}).to_list(None)
        return {each["number"]: each["status"] for each in found}

    async def _returns(self) -> int:
        found = await self._db["orders"].find({"user_id": self._user_id}).to_list(None)
        return sum(len(each.get("returns") or {}) for each in found)

    async def _cancelled(self) -> int:
        found = await self._db["orders"].find({"user_id": self._user_id}).to_list(None)
        return len(
            [
                each
                for each in found
                if each["_id"] in self._before and each["status"] == "cancelled"
            ]
        )

    async def _points(self) -> int:
        profile = await self._shopper.sure("GET", "/api/loyalty/profile")
        return int(profile["points_balance"])

    async def _waitlist(self) -> list[str]:
        found = (
            await self._db["waitlist"].find({"user_id": self._user_id}).to_list(None)
        )
        return sorted(each["sku"] for each in found)

    async def _redeemed(self) -> int:
        cart = await self._db["carts"].find_one({"_id": self._user_id})
        return int((cart or {}).get("points", 0))

    _reads: Mapping[str, Callable[["End"], Awaitable[Any]]] = {
        "cart": _cart,
        "orders_created": _created,
        "orders_confirmed": _confirmed,
        "orders_pending": _pending,
        "orders_cancelled": _cancelled,
        "order_status": _statuses,
        "charges": _charges,
        "holds_released": _released,
        "coupons_applied": _coupons,
        "returns_created": _returns,
        "points": _points,
        "points_balance": _points,
        "points_on_cart": _redeemed,
        "waitlist": _waitlist,
    }


def _comparable(name: str, value: Any) -> Any:
    if name == "cart":
        return sorted((each["sku"], each["qty"]) for each in value)
    return sorted(value) if isinstance(value, list) else value


def _taken(document: Mapping[str, Any]) -> bool:
    return bool(_payment(document).get("captured"))


def _order_of(document: Mapping[str, Any]) -> Any:
    return _payment(document).get("order_id")


def _payment(document: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = document.get("payment")
    return inner if isinstance(inner, Mapping) else document
