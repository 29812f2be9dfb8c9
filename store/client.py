"""The driver's one door: who connects, with which promises, and what failing means.

motor is seen here alone; everybody else is handed a `Database` and treats it as
`Any`. Its successor, pymongo's own async API, differs in four calls, so that moving
there is a change of this file and of `changes.py`.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any

# motor runs each call on a thread of one pool, taken from one first-come-first-served
# queue. As many threads as connections makes that queue the fair semaphore in front
# of the pool: nobody ever waits for a connection, which the driver hands out in no
# order (a tail of 458 ms against 129 ms). It reads the number when it is imported.
POOL = 32
os.environ.setdefault("MOTOR_MAX_WORKERS", str(POOL))

from bson.codec_options import TypeDecoder, TypeRegistry  # noqa: E402
from bson.int64 import Int64  # noqa: E402
from motor.motor_asyncio import AsyncIOMotorClient  # noqa: E402
from pymongo import ASCENDING  # noqa: E402
from pymongo.errors import (  # noqa: E402
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from store.port import Away, StorageError  # noqa: E402

Database = Any
"""A motor database: `db[collection].find_one(...)`, `db.command(...)`."""

# A database that is away is said to be so within 3 s; one that hangs, after 10.
_PATIENCE: dict[str, Any] = {
    "serverSelectionTimeoutMS": 2_000,
    "connectTimeoutMS": 2_000,
    "socketTimeoutMS": 10_000,
}


class _PlainInt(TypeDecoder):
    """Whole numbers are stored as int64 and read as what Python calls a number."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


_NAMESPACE_EXISTS = 48
_NAMESPACE_NOT_FOUND = 26


class NoReplicaSet(StorageError):
    """The server found is no member of a replica set: it has no change streams."""


class BadUrl(StorageError):
    """It is no address of a database; the message says why, and no secret."""


async def connect(url: str, name: str = "souk") -> Database:
    """Return the database of `url` (or `name`, where the URL names none).

    Writes wait for a majority, which includes the journal; nothing is retried
    unseen. Raises BadUrl, Away or NoReplicaSet. Whoever connects calls `close`.
    """
    client = open_client(url)
    try:
        with reaching():
            hello = await client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise NoReplicaSet("MONGODB_URL: change streams need a replica set")
    except ConfigurationError as unknown:
        # A name that is looked up first, and is not there.
        client.close()
        raise Away(f"the database cannot be found: {unknown}") from None
    except BaseException:
        client.close()
        raise
    return client.get_default_database(name)


def open_client(url: str) -> Any:
    """Return a client that has not yet tried to reach `url`; whoever opens closes.

    Raises BadUrl.
    """
    try:
        return _client(url)
    except (ConfigurationError, ValueError) as wrong:
        raise BadUrl(f"MONGODB_URL: {wrong}") from None


def _client(url: str) -> Any:
    # Never `journal=...`: w=majority waits for it already, and an explicit False
    # would wait for the journal's 100 ms tick instead.
    return AsyncIOMotorClient(
        url,
        io_loop=asyncio.get_running_loop(),
        maxPoolSize=POOL,
        w="majority",
        readConcernLevel="majority",
        retryWrites=False,
        tz_aware=True,
        tzinfo=UTC,
        type_registry=TypeRegistry([_PlainInt()]),
        # A hand may enter what Python cannot read: it must not keep all else from us.
        datetime_conversion="DATETIME_CLAMP",
        unicode_decode_error_handler="replace",
        appname="souk",
        **_PATIENCE,
    )


def close(db: Database) -> None:
    """Hang up; a second time does nothing."""
    db.client.close()


async def ping(db: Database) -> None:
    """Return if the database answers; raises Away within 3 s if not."""
    with reaching():
        await db.command("ping")


async def process_id(db: Database) -> int:
    """Return which process the database is, on its machine; raises Away."""
    with reaching():
        pid: int = (await db.command("serverStatus"))["pid"]
    return pid


@contextmanager
def reaching() -> Iterator[None]:
    """Turn the driver's trouble on the way there and back into Away.

    For reads, and for writes that may be repeated: whether one that was under way
    happened is unknown. All other errors of the driver are bugs, and pass.
    """
    try:
        yield
    except (ServerSelectionTimeoutError, WaitQueueTimeoutError) as trouble:
        raise Away("the database cannot be reached") from trouble
    except (ConnectionFailure, ExecutionTimeout) as trouble:
        raise Away(f"the database did not answer: {trouble}") from trouble


async def prepare_actor_collection(
    db: Database, name: str, *, reminds: bool = False, log: bool = False
) -> None:
    """Make the collection of one kind of actor ready; a second time changes nothing.

    Its validator requires `born`, which only a first commit sets, so that a later
    commit to a document deleted by hand fails instead of reviving half of it.
    """
    # Moderate: documents that lack `born` from before stay writable.
    rules = {"validator": {"born": {"$exists": True}}, "validationLevel": "moderate"}
    with reaching():
        try:
            await db.command({"collMod": name, **rules})
        except OperationFailure as missing:
            if missing.code != _NAMESPACE_NOT_FOUND:
                raise
            await _create(db, name, rules)
        if reminds:
            await db[name].create_index([("due", ASCENDING)], sparse=True)
        if log:
            keys = [("key", ASCENDING), ("first", ASCENDING)]
            await db[f"{name}_log"].create_index(keys, unique=True)


async def _create(db: Database, name: str, rules: Mapping[str, Any]) -> None:
    try:
        await db.create_collection(name, **rules)
    except OperationFailure as trouble:
        # Another node was faster, with the same rules.
        if trouble.code != _NAMESPACE_EXISTS:
            raise
