"""Mail that could not be delivered, kept for operators to look at."""

from collections.abc import Sequence

import msgspec
from pymongo import DESCENDING

from store.client import Database, reaching
from store.port import DeadLetter
from store.statement import stored

# Whoever has not looked for a month will not look.
KEPT_S = 30 * 24 * 3600


class DeadLetterRepository:
    """The dead letters; `bury` is for the runtime, the rest for operators."""

    def __init__(self, db: Database) -> None:
        self._letters = db["dead_letters"]

    async def prepare(self) -> None:
        """Make the indexes; a second time changes nothing. Raises Away."""
        with reaching():
            await self._letters.create_index(
                [("at", DESCENDING)], expireAfterSeconds=KEPT_S
            )

    async def bury(self, letter: DeadLetter) -> None:
        """Keep `letter`; the same id twice is one. Raises Away."""
        document = msgspec.structs.asdict(letter)
        key = document.pop("id")
        with reaching():
            await self._letters.update_one(
                {"_id": key}, {"$setOnInsert": stored(document)}, upsert=True
            )

    async def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Return up to `limit` letters, the newest first. Raises Away."""
        with reaching():
            found = self._letters.find().sort("at", DESCENDING).limit(limit)
            documents = await found.to_list(None)
        return [
            DeadLetter(id=document.pop("_id"), **document) for document in documents
        ]
