"""A database that is made again what it was, whatever was done to its documents."""

from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any, Self

from bson.raw_bson import RawBSONDocument
from pymongo import DeleteOne, MongoClient, ReplaceOne
from pymongo.collection import Collection as Stored

Documents = Mapping[Any, RawBSONDocument]


class Restored:
    """The database `name`: `kept` is to be as it is now, everything else empty."""

    def __init__(self, url: str, name: str, kept: Collection[str]) -> None:
        self.name = name
        self._client = MongoClient(url, document_class=RawBSONDocument)
        self._database = self._client[name]
        self._were = {each: _documents(self._database[each]) for each in kept}

    def restore(self) -> None:
        """Undo what changed, came and went since; collections and indexes stay."""
        for name in self._database.list_collection_names():
            collection = self._database[name]
            were, are = self._were.get(name, {}), _documents(collection)
            # First what came: it may have what must be there once only.
            writes: list[DeleteOne | ReplaceOne[RawBSONDocument]] = [
                DeleteOne({"_id": each}) for each in are.keys() - were.keys()
            ]
            writes += [
                ReplaceOne({"_id": each}, was, upsert=True)
                for each, was in were.items()
                if each not in are or are[each].raw != was.raw
            ]
            if writes:
                collection.bulk_write(writes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()


def _documents(collection: Stored[RawBSONDocument]) -> Documents:
    return {each["_id"]: each for each in collection.find()}
