"""What a database tells of itself to whoever asks how it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from store.client import Database, reaching

# Those without which the shop would be wrong or grow for ever; others make it fast.
NEEDED: Mapping[str, frozenset[str]] = {
    "users": frozenset({"email", "username"}),
    "products": frozenset({"variants.sku_1"}),
    "sign_ins": frozenset({"expired", "revoked"}),
    "spent_tickets": frozenset({"expired"}),
    "idempotency": frozenset({"kept"}),
    "payments": frozenset({"key"}),
    "orders": frozenset({"number", "gone"}),
    "dead_letters": frozenset({"at_-1"}),
    "alerts": frozenset({"newest"}),
    "waitlist": frozenset({"told"}),
    "sessions_log": frozenset({"key_1_first_1"}),
    "loyalty_log": frozenset({"key_1_first_1"}),
    "carts": frozenset({"due_1"}),
    "stock": frozenset({"due_1"}),
}


class Checkup(Struct, frozen=True, kw_only=True):
    """How a database is; `now` is by its own clock, sizes are in bytes."""

    version: str
    replica_set: str | None
    is_primary: bool
    now: datetime
    disk_free: int | None
    disk_size: int | None
    collections: int
    missing_indexes: Sequence[str]
    dead_letters: int
    operators: int


async def checkup(db: Database) -> Checkup:
    """Return how `db` is. Raises Away."""
    with reaching():
        build = await db.command("buildInfo")
        disk = await db.command("dbStats")
        names = await db.list_collection_names()
        missing = [each for name in names for each in await _missing(db, name)]
        letters = await db["dead_letters"].count_documents({})
        operators = {"role": "operator", "is_active": True}
        there = await db["users"].count_documents(operators)
        # Last: whoever compares the clocks does so as soon as this is answered.
        hello = await db.command("hello")
        return Checkup(
            version=build["version"],
            replica_set=hello.get("setName"),
            is_primary=bool(hello.get("isWritablePrimary")),
            now=hello["localTime"].replace(tzinfo=UTC),
            disk_free=_free(disk),
            disk_size=_whole(disk.get("fsTotalSize")),
            collections=len(names),
            missing_indexes=missing,
            dead_letters=letters,
            operators=there,
        )


async def _missing(db: Database, collection: str) -> list[str]:
    needed = NEEDED.get(collection, frozenset())
    there = await db[collection].index_information() if needed else {}
    return [f"{collection}.{name}" for name in sorted(needed - set(there))]


def _free(disk: Mapping[str, float]) -> int | None:
    if "fsTotalSize" not in disk:
        return None
    return int(disk["fsTotalSize"] - disk["fsUsedSize"])


def _whole(size: float | None) -> int | None:
    return None if size is None else int(size)
