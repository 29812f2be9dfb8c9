"""Putting in only what is not there."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from store.client import reaching

_DUPLICATE_KEY = 11000


async def insert_missing(
    collection: Any, documents: Sequence[Mapping[str, Any]]
) -> int:
    """Insert the documents whose `_id` is not there yet; return how many that were.

    Never changes one that is there. Several may do this at once. Raises Away.
    """
    with reaching():
        found = await collection.find({}, {"_id": 1}).to_list(None)
        there = {each["_id"] for each in found}
        missing = [
            UpdateOne({"_id": each["_id"]}, {"$setOnInsert": each}, upsert=True)
            for each in documents
            if each["_id"] not in there
        ]
        if not missing:
            return 0
        try:
            result = await collection.bulk_write(missing, ordered=False)
        except BulkWriteError as some:
            # Two upserts of one new document: the slower one is told of a duplicate.
            told = some.details
            if any(each["code"] != _DUPLICATE_KEY for each in told["writeErrors"]):
                raise
            return int(told["nUpserted"])
    return int(result.upserted_count)
