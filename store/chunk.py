"""The sealed part of a log: chunks of entries in `<collection>_log`.

A chunk takes effect by the commit that moves `sealed_to` past it; until then nobody
reads it, and repeating its seal is harmless. A chunk never shrinks, so that an owner
who was paused in the midst of sealing cannot take entries from its successor's. `born`
tells apart the lives of a document that was deleted by hand and begun again.
"""

from collections.abc import Sequence
from typing import Any

from store.client import Database, reaching
from store.gathered import Gathered
from store.port import Lost
from store.statement import stored


class Chunks:
    """Seals the logs of one collection, many at once."""

    def __init__(self, db: Database, collection: str) -> None:
        self._collection = collection
        self._owners = Gathered(db, collection, "born")
        self._chunks = Gathered(db, f"{collection}_log")

    async def seal(self, key: str, first: int, entries: Sequence[Any]) -> None:
        """Save `entries`, number `first` on, as one chunk. Raises Lost or Away."""
        owner = await self._owners.one(key)
        if owner is None:
            raise Lost(f"{self._collection} {key}: deleted, so nothing is to be sealed")
        name, born = f"{key}/{first}", owner.get("born")
        last = first + len(entries) - 1
        outdated = [{"born": {"$ne": born}}, {"last": {"$lt": last}}]
        chunk = {"_id": name, "key": key, "first": first, "last": last, "born": born}
        # Where that does not match, the chunk is there and holds as much, or more.
        await self._chunks.put(
            {"_id": name, "$or": outdated}, stored({**chunk, "entries": entries})
        )


async def read(
    db: Database, collection: str, key: str, first: int, last: int
) -> Sequence[Any]:
    """Return entries `first`..`last`, as far as there are any. Raises Away."""
    with reaching():
        shown = {"tail": True, "sealed_to": True, "born": True}
        document = await db[collection].find_one({"_id": key}, shown)
        if document is None:
            return ()
        sealed_to = int(document.get("sealed_to", 0))
        entries: dict[int, Any] = {}
        if first < sealed_to:
            chunks = db[f"{collection}_log"].find(
                {
                    "key": key,
                    "born": document.get("born"),
                    "first": {"$lt": min(sealed_to, last + 1)},
                    "last": {"$gte": first},
                }
            )
            for chunk in await chunks.to_list(None):
                entries.update(enumerate(chunk["entries"], int(chunk["first"])))
    # A chunk may reach beyond `sealed_to`; there the tail speaks.
    entries.update(enumerate(document.get("tail", ()), sealed_to))
    return [entries[number] for number in range(first, last + 1) if number in entries]
