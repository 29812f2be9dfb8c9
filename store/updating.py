"""One command with many writes, and what the server says of each of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from store.client import Database
from store.port import Lost, OutcomeUnknown, StorageError, Unwritable

DUPLICATE = 11000
_NOT_VALID = 121
# What a server says of a write while it stops, steps down, times out or has no room:
# nothing is wrong with the write.
_PASSING = frozenset(
    {6, 7, 24, 46, 50, 89, 91, 112, 189, 202, 262, 365, 9001, 10107}
    | {11600, 11601, 11602, 13435, 13436, 14031}
)
_MAJORITY = {"w": "majority"}

Send = Callable[
    [Database, str, Sequence[RawBSONDocument]], Awaitable[Mapping[str, Any]]
]
"""`insert` or `update`: writes all of them and returns the server's reply."""

_PLAIN: CodecOptions[dict[str, Any]] = CodecOptions()


async def update(
    db: Database, collection: str, writes: Sequence[RawBSONDocument]
) -> Mapping[str, Any]:
    """Send one unordered update, which the driver does not retry; return the reply."""
    reply: Mapping[str, Any] = await db.command(
        {
            "update": collection,
            "updates": list(writes),
            "ordered": False,
            "writeConcern": _MAJORITY,
        },
        codec_options=_PLAIN,
    )
    return reply


async def insert(
    db: Database, collection: str, writes: Sequence[RawBSONDocument]
) -> Mapping[str, Any]:
    """Send one unordered insert, which the driver does not retry; return the reply.

    What is known to be new goes in at once, where updates that may insert are planned
    and run one by one.
    """
    reply: Mapping[str, Any] = await db.command(
        {
            "insert": collection,
            "documents": list(writes),
            "ordered": False,
            "writeConcern": _MAJORITY,
        },
        codec_options=_PLAIN,
    )
    return reply


def refused(collection: str, error: Mapping[str, Any]) -> StorageError:
    """Return what a write error says about the write that caused it."""
    code, message = error["code"], f"{collection}: {error.get('errmsg')}"
    on_id = error.get("keyPattern", {"_id": 1}) == {"_id": 1}
    if code == _NOT_VALID or (code == DUPLICATE and on_id):
        # Not valid: it would have been inserted without `born`, so it was deleted.
        return Lost(message)
    if code in _PASSING:
        return OutcomeUnknown(message)
    return Unwritable(message)
