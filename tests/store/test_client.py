"""What a connection promises: durable, patient for seconds only, and exact."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pymongo.errors import WriteError

from actors.runtime.clock import LoopClock
from store.child import Child
from store.client import (
    BadUrl,
    Database,
    NoReplicaSet,
    close,
    connect,
    ping,
    prepare_actor_collection,
)
from store.mongod_binary import candidates
from store.port import Away

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def test_a_database_that_is_away_is_said_so_within_three_seconds(
    tmp_path: Path,
) -> None:
    socket = str(tmp_path / "no.sock").replace("/", "%2F")
    began = time.monotonic()

    with pytest.raises(Away):
        await connect(f"mongodb://{socket}/?directConnection=true")

    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "url",
    ["mongodb://", "mongodb://ann:s3cret:word@host/", "mongodb://localhost:99999"],
)
async def test_what_is_no_address_is_said_so_without_its_secret(url: str) -> None:
    with pytest.raises(BadUrl, match="MONGODB_URL: ") as refused:
        await connect(url)

    assert "s3cret" not in str(refused.value)


async def test_a_database_answers_a_ping(any_database: Database) -> None:
    await ping(any_database)


async def test_the_url_may_name_the_database(mongod_url: str) -> None:
    server, _, options = mongod_url.rpartition("/")
    db = await connect(f"{server}/bazaar{options}", "other")
    close(db)

    assert db.name == "bazaar"


async def test_a_server_without_replica_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    address = str(tmp_path / "s.sock")
    command = [
        str(candidates()[0]),
        f"--dbpath={tmp_path / 'data'}",
        f"--bind_ip={address}",
        f"--unixSocketPrefix={tmp_path}",
    ]
    child = Child(command, address=address, folder=tmp_path, clock=LoopClock())
    await child.start()
    try:
        with pytest.raises(NoReplicaSet):
            await connect(f"mongodb://{address.replace('/', '%2F')}/")
    finally:
        await child.stop()


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    await database.things.insert_one({"_id": "lamp", "at": NOON})

    found = await database.things.find_one({"_id": "lamp"})

    assert found["at"] == NOON
    assert found["at"].tzinfo is UTC


async def test_writes_wait_for_a_majority_and_are_never_retried(
    database: Database,
) -> None:
    assert database.write_concern.document == {"w": "majority"}
    assert database.client.options.retry_writes is False


async def test_preparing_twice_is_preparing_once(any_database: Database) -> None:
    for _ in range(2):
        await prepare_actor_collection(any_database, "talks", reminds=True, log=True)

    assert "due_1" in await any_database.talks.index_information()
    assert "key_1_first_1" in await any_database.talks_log.index_information()


async def test_a_document_needs_to_have_been_born(any_database: Database) -> None:
    await prepare_actor_collection(any_database, "talks")

    with pytest.raises(WriteError):
        await any_database.talks.insert_one({"_id": "half"})


async def test_what_was_there_before_the_rule_stays_writable(
    any_database: Database,
) -> None:
    await any_database.talks.insert_one({"_id": "old"})
    await prepare_actor_collection(any_database, "talks")

    await any_database.talks.update_one({"_id": "old"}, {"$set": {"seen": True}})

    assert (await any_database.talks.find_one({"_id": "old"}))["seen"]
