"""Stock as stored: one document a variant, written by the commits of its actor.

Here it is only read. `free` is computed from the counts, never believed: somebody may
have edited them while no server ran. A count that is no whole number of units is no
count, and nothing of that variant can be bought until somebody counts again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import ValidationError, convert, to_builtins
from msgspec.structs import replace
from pymongo import ASCENDING, ReplaceOne

from commerce.alert import Alert, low_stock
from commerce.errors import ProductNotFound
from commerce.hold import next_expiry
from commerce.stock import UNCOUNTED, Hold, Stock, counted
from commerce.warehouse import Warehouse
from store.client import Database, prepare_actor_collection, reaching
from store.missing import insert_missing

COLLECTION = "stock"
WAREHOUSES = "warehouses"


class StockRepository:
    """Reads stock and warehouses. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._stock = database[COLLECTION]
        self._warehouses = database[WAREHOUSES]

    async def prepare(self) -> None:
        """Make the collection and its indexes; a second time changes nothing."""
        await prepare_actor_collection(self._stock.database, COLLECTION, reminds=True)
        with reaching():
            await self._stock.create_index("warned_at", name="warned", sparse=True)

    async def load_all(self) -> list[Stock]:
        """Return the stock of every variant, by sku."""
        with reaching():
            found = await self._stock.find().sort("_id", ASCENDING).to_list(None)
        return [stock_of(document) for document in found]

    async def with_holds(self) -> list[Stock]:
        """Return the stock of every variant with all that it holds, by sku."""
        with reaching():
            found = await self._stock.find().sort("_id", ASCENDING).to_list(None)
        return [_with_holds(document) for document in found]

    async def with_lapsed_holds(self, before: datetime) -> list[str]:
        """Return the variants that still hold what was to end before `before`."""
        with reaching():
            # Those that hold anything: of thousands of variants a few.
            found = self._stock.find({"holds": {"$gt": {}}}).sort("_id", ASCENDING)
            holding = [_with_holds(each) for each in await found.to_list(None)]
        return [
            each.sku
            for each in holding
            if (ends := next_expiry(each)) is not None and ends < before
        ]

    async def warned_since(self, since: datetime) -> list[Alert]:
        """Return an alert for each variant that ran low at or after `since`."""
        with reaching():
            found = self._stock.find({"warned_at": {"$gte": since}})
            low = await found.sort("warned_at", ASCENDING).to_list(None)
        return [_low(document) for document in low]

    async def get(self, sku: str) -> Stock:
        """Return one variant's stock. Raises ProductNotFound."""
        with reaching():
            document = await self._stock.find_one({"_id": sku})
        if document is None:
            raise ProductNotFound(f"{sku} is not sold here", sku=sku)
        return stock_of(document)

    async def warehouses(self) -> list[Warehouse]:
        """Return the warehouses, the first choice first."""
        with reaching():
            order = [("priority", ASCENDING), ("_id", ASCENDING)]
            found = await self._warehouses.find().sort(order).to_list(None)
        return [convert({**each, "id": each["_id"]}, Warehouse) for each in found]

    async def add_missing(self, stocks: Sequence[Stock], *, born: datetime) -> int:
        """Begin to count what is not counted yet; return how many that were.

        The documents have no owner and no rev: their actors adopt them.
        """
        documents = [{**_document(each), "born": born} for each in stocks]
        return await insert_missing(self._stock, documents)

    async def add_missing_warehouses(self, warehouses: Sequence[Warehouse]) -> int:
        """Save those whose id is not there yet; return how many that were."""
        told = [to_builtins(each) for each in warehouses]
        documents = [{"_id": each.pop("id"), **each} for each in told]
        return await insert_missing(self._warehouses, documents)

    async def put_warehouses(self, warehouses: Sequence[Warehouse]) -> None:
        """Save these, over what is stored of them."""
        told = [to_builtins(each) for each in warehouses]
        writes = [
            ReplaceOne({"_id": each.pop("id")}, each, upsert=True) for each in told
        ]
        if writes:
            with reaching():
                await self._warehouses.bulk_write(writes)


def _document(stock: Stock) -> dict[str, Any]:
    fields = to_builtins(stock, builtin_types=(datetime,))
    return {"_id": fields.pop("sku"), **fields}


def stock_of(document: Mapping[str, Any]) -> Stock:
    """Return the stock that a document tells of, whatever a hand did to it."""
    product_id = document.get("product_id")
    return counted(
        Stock(
            sku=document["_id"],
            product_id=product_id if isinstance(product_id, str) else "",
            on_hand=_counts(document.get("on_hand")),
            held=_counts(document.get("held")),
            committed=_counts(document.get("committed")),
            version=max(0, _units(document.get("version"))),
            changed_at=_time(document.get("changed_at")),
            warned=document.get("warned") is True,
            warned_at=_time(document.get("warned_at")),
        )
    )


def _with_holds(document: Mapping[str, Any]) -> Stock:
    stored = document.get("holds")
    told = stored.items() if isinstance(stored, Mapping) else ()
    found = {name: hold for name, each in told if (hold := _hold(each)) is not None}
    return replace(stock_of(document), holds=found)


def _hold(stored: object) -> Hold | None:
    """A hold, or None where a hand made it unreadable; its actor drops it, too."""
    try:
        return convert(stored, Hold)
    except ValidationError:
        return None


def _low(document: Mapping[str, Any]) -> Alert:
    stock = stock_of(document)
    at = stock.warned_at
    assert at is not None, "it was found by it"
    return low_stock(stock.sku, stock.product_id, stock.free, at)


def _counts(stored: object) -> dict[str, int]:
    if not isinstance(stored, Mapping):
        return {}
    return {str(place): _units(units) for place, units in stored.items()}


def _units(stored: object) -> int:
    """A whole number, or UNCOUNTED; the shell writes whole numbers as doubles."""
    if isinstance(stored, float) and stored.is_integer():
        stored = int(stored)
    if isinstance(stored, int) and not isinstance(stored, bool) and stored >= 0:
        return int(stored)
    return UNCOUNTED


def _time(stored: object) -> datetime | None:
    return stored if isinstance(stored, datetime) else None
