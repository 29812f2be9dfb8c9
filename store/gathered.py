"""Whole documents of one collection, read and written for many askers at once.

Each round trip takes along what was asked while the one before was under way. What a
write is compared with stands in its filter, and every update may insert: one that does
not match then fails on `_id`, which names it within the batch.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bson.raw_bson import RawBSONDocument

from store.client import Database, reaching
from store.lane import Lane
from store.port import Away, OutcomeUnknown, StorageError
from store.statement import encoded
from store.updating import DUPLICATE, Send, insert, refused, update

Document = Mapping[str, Any]


class Gathered:
    """One collection. Everything raises Away where the database does not answer."""

    def __init__(self, database: Database, collection: str, *fields: str) -> None:
        """Read no more of a document than `fields`; all of it, where none is named."""
        self._db = database
        self._name = collection
        self._shown = dict.fromkeys(fields, True) or None
        self._reads: Lane[str, Document | None] = Lane(f"read {collection}", self._read)
        self._adds = self._lane("add", insert)
        self._writes = self._lane("write", update)

    async def one(self, key: str) -> Document | None:
        """Return the document `key`, or None."""
        return await self._reads.put(key)

    async def add(self, document: Document) -> bool:
        """Save `document`, which is new. False: its `_id`, or a key of it, is there."""
        raw = encoded(document)
        return await self._adds.put(raw, len(raw.raw))

    async def put(self, where: Document, document: Document) -> bool:
        """Save `document` whole in place of what is as `where` says, or as a new one.

        `where` names its `_id`. False: it is otherwise, or has a key of another's.
        """
        return await self._send({"q": where, "u": document, "upsert": True})

    async def change(self, where: Document, fields: Document) -> None:
        """Set `fields` of what is as `where` says, if anything is."""
        await self._send({"q": where, "u": {"$set": fields}})

    async def _send(self, statement: Document) -> bool:
        raw = encoded(statement)
        return await self._writes.put(raw, len(raw.raw))

    async def _read(self, keys: Sequence[str]) -> Sequence[Document | Away | None]:
        wanted = {"_id": {"$in": list(set(keys))}}
        try:
            with reaching():
                found = (
                    await self._db[self._name].find(wanted, self._shown).to_list(None)
                )
        except Away as away:
            return [Away(str(away)) for _ in keys]
        documents = {each["_id"]: each for each in found}
        return [documents.get(key) for key in keys]

    def _lane(self, verb: str, send: Send) -> Lane[RawBSONDocument, bool]:
        async def flush(
            statements: Sequence[RawBSONDocument],
        ) -> Sequence[bool | StorageError]:
            return await self._sent(send, statements)

        return Lane(f"{verb} {self._name}", flush)

    async def _sent(
        self, send: Send, statements: Sequence[RawBSONDocument]
    ) -> Sequence[bool | StorageError]:
        try:
            with reaching():
                reply = await send(self._db, self._name, statements)
        except Away as away:
            return [Away(str(away)) for _ in statements]
        if concern := reply.get("writeConcernError"):
            doubt = f"written, but not for sure: {concern.get('errmsg')}"
            return [Away(doubt) for _ in statements]
        outcomes: list[bool | StorageError] = [True] * len(statements)
        for error in reply.get("writeErrors", ()):
            outcomes[error["index"]] = self._outcome(error)
        return outcomes

    def _outcome(self, error: Mapping[str, Any]) -> bool | StorageError:
        if error["code"] == DUPLICATE:
            return False
        outcome = refused(self._name, error)
        # Whoever writes here asks again under the same name: unknown is as good as not.
        return Away(str(outcome)) if isinstance(outcome, OutcomeUnknown) else outcome
