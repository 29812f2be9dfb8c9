"""Mail that could not be delivered, kept for operators to look at."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from pymongo import DESCENDING

from commerce.errors import NotFound
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

    async def page(
        self, *, kind: str | None = None, limit: int, offset: int = 0
    ) -> tuple[Sequence[DeadLetter], int]:
        """Return one page, the newest first, and how many there are. Raises Away."""
        wanted = {} if kind is None else {"kind": kind}
        with reaching():
            total = await self._letters.count_documents(wanted)
            found = self._letters.find(wanted).sort(_NEWEST_FIRST)
            documents = await found.skip(offset).limit(limit).to_list(None)
        return [_letter(document) for document in documents], total

    async def get(self, letter_id: str) -> DeadLetter:
        """Return one letter. Raises NotFound, Away."""
        with reaching():
            document = await self._letters.find_one({"_id": letter_id})
        if document is None:
            raise NotFound("there is no such dead letter")
        return _letter(document)

    async def remove(self, letter_id: str) -> None:
        """Throw one away; a second time changes nothing. Raises Away."""
        with reaching():
            await self._letters.delete_one({"_id": letter_id})


_NEWEST_FIRST = [("at", DESCENDING), ("_id", DESCENDING)]


def _letter(document: Mapping[str, Any]) -> DeadLetter:
    return msgspec.convert({**document, "id": document["_id"]}, DeadLetter)
