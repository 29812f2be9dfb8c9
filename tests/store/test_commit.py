"""What MongoDB alone can show of the write path: batches, crashes, outcomes unknown."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actors.runtime.clock import LoopClock
from commerce.errors import NotFound
from store.child import NoDatabase
from store.client import (
    Database,
    close,
    connect,
    ping,
    prepare_actor_collection,
)
from store.commit import MongoStorage
from store.dead_letter import DeadLetterRepository
from store.embedded import PrivateMongod
from store.lane import Flush
from store.port import (
    Away,
    DeadLetter,
    Found,
    Lost,
    OutcomeUnknown,
    StorageError,
    Unwritable,
)
from store.updating import refused
from tests.store.shelf import NOON, THINGS, a_turn_of_the_loop, stored, write_to


@pytest.fixture
async def storage(any_database: Database) -> AsyncIterator[MongoStorage]:
    await prepare_actor_collection(any_database, THINGS, reminds=True, log=True)
    storage = MongoStorage(any_database, clock=LoopClock(), owner="a")
    yield storage
    await storage.close()


async def test_a_key_that_no_document_can_have_fails_its_claim_alone(
    storage: MongoStorage,
) -> None:
    await storage.claim(THINGS, "first")

    odd, even = await asyncio.gather(
        storage.claim(THINGS, "\ud800"),
        storage.claim(THINGS, "lamp"),
        return_exceptions=True,
    )

    assert isinstance(odd, Unwritable)
    assert even == Found(key="lamp")


@pytest.mark.parametrize("code", [24, 112, 365, 11601, 14031])
def test_a_server_that_has_no_room_now_says_nothing_of_the_write(code: int) -> None:
    assert isinstance(refused(THINGS, {"code": code, "errmsg": ""}), OutcomeUnknown)


async def test_many_commits_travel_in_few_flushes(storage: MongoStorage) -> None:
    flushes: list[Flush] = []
    storage.on_flush = flushes.append
    news = [write_to(Found(key=f"lamp{number}")) for number in range(1_200)]

    await asyncio.gather(*(storage.commit(write) for write in news))

    assert {flush.lane for flush in flushes} == {"commit things"}
    assert sum(flush.items for flush in flushes) == 1_200
    assert len(flushes) == 3
    assert storage.queued(THINGS) == 0


async def test_whole_numbers_are_stored_as_int64(
    storage: MongoStorage, any_database: Database
) -> None:
    fields = {"cents": 5, "lines": [{"cents": 5}], "open": True}
    await stored(storage, "lamp", set_fields=fields)

    long = {"_id": "lamp", "rev": {"$type": "long"}, "lines.cents": {"$type": "long"}}
    assert await any_database[THINGS].count_documents(long) == 1
    document = await any_database[THINGS].find_one({"_id": "lamp"})

    assert type(document["lines"][0]["cents"]) is int
    assert document["open"] is True


async def test_what_was_claimed_empty_and_deleted_is_not_revived(
    storage: MongoStorage, any_database: Database
) -> None:
    found = await storage.reclaim(THINGS, "lamp")
    await any_database[THINGS].delete_one({"_id": "lamp"})

    with pytest.raises(Lost):
        await storage.commit(write_to(found))

    assert await any_database[THINGS].find_one({"_id": "lamp"}) is None


async def test_a_rev_that_is_no_number_counts_from_nothing(
    storage: MongoStorage, any_database: Database
) -> None:
    odd = {"_id": "lamp", "born": NOON, "rev": "new", "epoch": [], "units": 1}
    await any_database[THINGS].insert_one(odd)

    found = await storage.claim(THINGS, "lamp")
    await storage.commit(write_to(found, set_fields={"units": 2}))

    assert (found.rev, found.epoch) == (0, 1)
    assert (await storage.claim(THINGS, "lamp")).fields == {"units": 2}


async def test_closing_drains_and_then_refuses(storage: MongoStorage) -> None:
    async with asyncio.TaskGroup() as group:
        committing = group.create_task(storage.commit(write_to(Found(key="lamp"))))
        claiming = group.create_task(storage.claim(THINGS, "rug"))
        group.create_task(storage.reclaim(THINGS, "mat"))
        await a_turn_of_the_loop()
        await storage.close()

    assert committing.exception() is None
    assert claiming.result().rev == 0
    with pytest.raises(Away):
        await storage.claim(THINGS, "rug")


async def test_a_paused_owner_takes_no_sealed_entries_away(
    storage: MongoStorage,
) -> None:
    found = await stored(storage, "talk", push=["0", "1", "2"])
    await storage.seal(THINGS, "talk", 0, ["0", "1", "2"])
    await storage.commit(write_to(found, set_fields={"sealed_to": 3}, keep=0))

    await storage.seal(THINGS, "talk", 0, ["0"])

    assert await storage.log(THINGS, "talk", 0, 9) == ["0", "1", "2"]


async def test_a_log_begun_again_knows_nothing_of_its_former_life(
    storage: MongoStorage, any_database: Database
) -> None:
    found = await stored(storage, "talk", push=["0", "1", "2"])
    await storage.seal(THINGS, "talk", 0, ["0", "1", "2"])
    await storage.commit(write_to(found, set_fields={"sealed_to": 3}, keep=0))
    await any_database[THINGS].delete_one({"_id": "talk"})

    found = await stored(storage, "talk", push=["new 0", "new 1"])
    await storage.seal(THINGS, "talk", 0, ["new 0"])
    await storage.commit(write_to(found, set_fields={"sealed_to": 1}, keep=1))

    assert await storage.log(THINGS, "talk", 0, 9) == ["new 0", "new 1"]


async def test_what_is_deleted_cannot_be_sealed(storage: MongoStorage) -> None:
    with pytest.raises(Lost):
        await storage.seal(THINGS, "talk", 0, ["0"])


async def test_operators_see_the_newest_dead_letters(any_database: Database) -> None:
    letters = DeadLetterRepository(any_database)
    await letters.prepare()
    command = {"type": "PutLine", "quantity": 2}
    for number in range(3):
        at = NOON.replace(minute=number)
        await letters.bury(
            DeadLetter(
                id=f"m{number}", kind="cart", key="u", command=command, error="x", at=at
            )
        )

    newest, total = await letters.page(limit=2)
    rest, _ = await letters.page(limit=2, offset=2)

    assert [letter.id for letter in (*newest, *rest)] == ["m2", "m1", "m0"]
    assert total == 3
    assert newest[0].command == command
    assert await letters.page(kind="order", limit=2) == ([], 0)


async def test_a_dead_letter_is_there_until_it_is_removed(
    any_database: Database,
) -> None:
    letters = DeadLetterRepository(any_database)
    letter = DeadLetter(
        id="m", kind="cart", key="u", command={"type": "Empty"}, error="x", at=NOON
    )
    await letters.bury(letter)

    assert await letters.get("m") == letter
    await letters.remove("m")
    await letters.remove("m")

    with pytest.raises(NotFound):
        await letters.get("m")


# The database goes away


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[PrivateMongod]:
    """A mongod of this test's own, to be killed."""
    mongod = PrivateMongod(tmp_path, LoopClock())
    yield mongod
    await mongod.stop()


def kill(mongod: PrivateMongod) -> None:
    pid = mongod.child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def back(storage: MongoStorage, key: str) -> Found:
    """Reclaim `key` as soon as the database is back; each try waits by itself."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await storage.reclaim(THINGS, key)
            except Away:
                continue


async def test_kill_minus_nine_loses_nothing_acknowledged(
    mongod: PrivateMongod,
) -> None:
    db = await connect(await mongod.start())
    await prepare_actor_collection(db, THINGS)
    storage = MongoStorage(db, clock=LoopClock(), owner="a")
    acknowledged: dict[str, int] = {}
    last_word: dict[str, StorageError] = {}
    busy = asyncio.Event()

    async def write_until_it_fails(key: str) -> None:
        found = await storage.claim(THINGS, key)
        for rev in range(10_000):
            write = write_to(
                Found(key=key, rev=rev, epoch=found.epoch),
                writer=f"a:{key}:{rev + 1}",
                set_fields={"units": rev + 1},
            )
            try:
                await storage.commit(write)
            except StorageError as trouble:
                last_word[key] = trouble
                return
            acknowledged[key] = rev + 1
            if sum(acknowledged.values()) > 2_000:
                busy.set()

    async with asyncio.TaskGroup() as group:
        for number in range(64):
            group.create_task(write_until_it_fails(f"lamp{number}"))
        await busy.wait()
        kill(mongod)
    found = [await back(storage, key) for key in acknowledged]
    close(db)

    assert {type(trouble) for trouble in last_word.values()} <= {OutcomeUnknown, Away}
    for each in found:
        # What was sent and not answered either is there whole or is not there.
        assert each.rev in {acknowledged[each.key], acknowledged[each.key] + 1}
        assert each.fields == {"units": each.rev}
        assert each.writer == f"a:{each.key}:{each.rev}"


async def test_a_database_that_was_away_is_back_without_a_restart(
    mongod: PrivateMongod,
) -> None:
    db = await connect(await mongod.start())
    await prepare_actor_collection(db, THINGS)
    storage = MongoStorage(db, clock=LoopClock(), owner="a")
    found = await stored(storage, "lamp", set_fields={"units": 1})

    kill(mongod)
    again = await back(storage, "lamp")
    await storage.commit(write_to(again, set_fields={"units": 2}))
    close(db)

    assert (again.rev, again.epoch) == (found.rev, found.epoch + 1)
    assert mongod.child.restarts == 1


@pytest.mark.usefixtures("impatient")
async def test_where_the_database_is_away_for_good_nothing_was_written(
    mongod: PrivateMongod,
) -> None:
    db = await connect(await mongod.start())
    storage = MongoStorage(db, clock=LoopClock(), owner="a")
    found = await stored(storage, "lamp")
    await mongod.stop()

    with pytest.raises((Away, OutcomeUnknown)):
        # The first to find out may be told by a connection that breaks.
        await storage.commit(write_to(found))
    outcomes = await asyncio.gather(
        storage.commit(write_to(found)),
        storage.claim(THINGS, "rug"),
        storage.reclaim(THINGS, "rug"),
        storage.due(THINGS, NOON, 1),
        storage.log(THINGS, "lamp", 0, 1),
        storage.seal(THINGS, "lamp", 0, ["0"]),
        ping(db),
        return_exceptions=True,
    )
    close(db)

    assert {type(each) for each in outcomes} == {Away}


async def test_a_database_never_started_has_no_process(tmp_path: Path) -> None:
    with pytest.raises(NoDatabase):
        _ = PrivateMongod(tmp_path, LoopClock()).child
