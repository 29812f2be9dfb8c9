"""The write path: every actor's state, compare-and-set, gathered into shared updates.

One lane per collection and kind of call; `statement.py` says what is sent, `lane.py`
when, `chunk.py` where sealed log entries go. What is here is who won and who lost.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING
from pymongo.errors import (
    ConnectionFailure,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from messages.clock import Clock
from store import chunk
from store.client import Database, reaching
from store.dead_letter import DeadLetterRepository
from store.lane import Flush, Lane
from store.port import (
    Away,
    DeadLetter,
    Found,
    Lost,
    OutcomeUnknown,
    StorageError,
    Write,
)
from store.statement import (
    claim_statement,
    commit_statement,
    fields_of,
    first_document,
    is_first,
    reclaim_statement,
    without_statement,
)
from store.updating import Send, insert, refused, update

# A key and what is sent for it.
_Claim = tuple[str, RawBSONDocument]


class MongoStorage:
    """Fulfils `store.port.Storage`. `owner` is fresh per process start.

    `on_flush`, where set, is told of every round trip; `queued` is what waits now.
    """

    def __init__(self, db: Database, *, clock: Clock, owner: str) -> None:
        self.owner = owner
        self.on_flush: Callable[[Flush], None] | None = None
        self._db = db
        self._clock = clock
        self._letters = DeadLetterRepository(db)
        self._firsts: dict[str, Lane[RawBSONDocument, None]] = {}
        self._commits: dict[str, Lane[RawBSONDocument, None]] = {}
        self._chunks: dict[str, chunk.Chunks] = {}
        self._claims: dict[str, Lane[_Claim, Found]] = {}
        self._reclaims: dict[str, Lane[_Claim, Found]] = {}

    def queued(self, collection: str) -> int:
        """Return how many commits wait for their flush."""
        lanes = (self._firsts.get(collection), self._commits.get(collection))
        return sum(len(lane) for lane in lanes if lane is not None)

    async def close(self) -> None:
        """Return when all that was asked is answered; later calls raise Away."""
        for commits in (*self._firsts.values(), *self._commits.values()):
            await commits.close()
        for claims in (*self._claims.values(), *self._reclaims.values()):
            await claims.close()

    async def claim(self, collection: str, key: str) -> Found:
        """Own the document, unless it is owned, and return it; creates nothing.

        Raises Away, or Lost where another owner claimed it at the same time.
        """
        lane = self._claims.get(collection)
        if lane is None:
            lane = self._claims[collection] = self._claim_lane("claim", collection)
        return await lane.put((key, claim_statement(key, self.owner)))

    async def reclaim(self, collection: str, key: str) -> Found:
        """Raise the epoch in any case, create what is missing, and return it."""
        lane = self._reclaims.get(collection)
        if lane is None:
            lane = self._reclaims[collection] = self._claim_lane("reclaim", collection)
        return await lane.put((key, reclaim_statement(key, self.owner)))

    async def commit(self, write: Write) -> None:
        """Return once `write` is durable on a majority and in the journal.

        Cancelled, it may happen none the less.
        """
        if is_first(write):
            document = first_document(write, self.owner, self._clock.now())
            lanes, send = self._firsts, insert
        else:
            document = commit_statement(write, self.owner)
            lanes, send = self._commits, update
        lane = lanes.get(write.collection)
        if lane is None:
            lane = lanes[write.collection] = self._lane(write.collection, send)
        await lane.put(document, len(document.raw))

    async def commit_without(
        self,
        collection: str,
        fields: Sequence[str],
        last: Mapping[str, str],
        writer: str,
    ) -> None:
        """Commit to all keys of `last` at once that `fields` go; see `Storage`."""
        statement = without_statement(fields, last, writer, self.owner)
        reply, [outcome] = await self._sent(collection, update, [statement])
        if outcome is not None:
            raise outcome
        if reply["n"] != len(last):
            raise Lost(f"{collection}: {reply['n']} of {len(last)} were as we knew")

    async def seal(
        self, collection: str, key: str, first: int, entries: Sequence[Any]
    ) -> None:
        """Save entries number `first` on as one chunk; repeating is harmless."""
        chunks = self._chunks.get(collection)
        if chunks is None:
            chunks = self._chunks[collection] = chunk.Chunks(self._db, collection)
        await chunks.seal(key, first, entries)

    async def log(
        self, collection: str, key: str, first: int, last: int
    ) -> Sequence[Any]:
        """Return the log's entries `first`..`last`, both included, sealed or not."""
        return await chunk.read(self._db, collection, key, first, last)

    async def due(self, collection: str, before: datetime, limit: int) -> Sequence[str]:
        """Return the keys whose `due` is at or before `before`, the oldest first."""
        with reaching():
            found = self._db[collection].find({"due": {"$lte": before}}, {"_id": True})
            overdue = found.sort("due", ASCENDING).limit(limit)
            return [document["_id"] for document in await overdue.to_list(None)]

    async def bury(self, letter: DeadLetter) -> None:
        """Keep a dead letter; the same id twice is one."""
        await self._letters.bury(letter)

    def _lane(self, collection: str, send: Send) -> Lane[RawBSONDocument, None]:
        async def flush(
            documents: Sequence[RawBSONDocument],
        ) -> Sequence[StorageError | None]:
            _, outcomes = await self._sent(collection, send, documents)
            return outcomes

        name = f"commit {collection}"
        return Lane(name, flush, clock=self._clock, observe=self._observe)

    def _claim_lane(self, verb: str, collection: str) -> Lane[_Claim, Found]:
        async def flush(claims: Sequence[_Claim]) -> Sequence[Found | StorageError]:
            keys, statements = zip(*claims, strict=True)
            return await self._flush_claims(collection, keys, statements)

        name = f"{verb} {collection}"
        return Lane(name, flush, clock=self._clock, observe=self._observe)

    def _observe(self, flush: Flush) -> None:
        if self.on_flush is not None:
            self.on_flush(flush)

    async def _sent(
        self, collection: str, send: Send, statements: Sequence[RawBSONDocument]
    ) -> tuple[Mapping[str, Any], Sequence[StorageError | None]]:
        """Return the server's reply, and what became of each statement."""
        try:
            reply = await send(self._db, collection, statements)
        except (ServerSelectionTimeoutError, WaitQueueTimeoutError):
            return {}, [Away("the database cannot be reached") for _ in statements]
        except (ConnectionFailure, OperationFailure) as trouble:
            lost = f"no answer came: {trouble}"
            return {}, [OutcomeUnknown(lost) for _ in statements]
        outcomes: list[StorageError | None] = [None] * len(statements)
        if concern := reply.get("writeConcernError"):
            message = f"written, but not for sure: {concern.get('errmsg')}"
            outcomes = [OutcomeUnknown(message) for _ in statements]
        for error in reply.get("writeErrors", ()):
            outcomes[error["index"]] = refused(collection, error)
        return reply, outcomes

    async def _flush_claims(
        self,
        collection: str,
        keys: Sequence[str],
        statements: Sequence[RawBSONDocument],
    ) -> Sequence[Found | StorageError]:
        try:
            with reaching():
                reply = await update(self._db, collection, statements)
                read = self._db[collection].find({"_id": {"$in": list(keys)}})
                documents = {item["_id"]: item for item in await read.to_list(None)}
        except Away as trouble:
            return [Away(str(trouble)) for _ in keys]
        except OperationFailure as trouble:
            return [Away(f"the database refuses: {trouble}") for _ in keys]
        failed = {error["index"]: error for error in reply.get("writeErrors", ())}
        return [
            Away(f"{collection} {key}: {failed[index].get('errmsg')}")
            if index in failed
            else self._found(collection, key, documents.get(key))
            for index, key in enumerate(keys)
        ]

    def _found(
        self, collection: str, key: str, document: Mapping[str, Any] | None
    ) -> Found | StorageError:
        if document is None:
            return Found(key=key)
        if document["owner"] != self.owner:
            return Lost(f"{collection} {key}: claimed by another owner just now")
        return Found(
            key=key,
            rev=int(document["rev"]),
            epoch=int(document["epoch"]),
            writer=str(document.get("writer", "")),
            fields=fields_of(document),
            tail=document.get("tail", ()),
        )
