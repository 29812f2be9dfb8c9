"""Who follows a collection hears of all that happens to it, and whose doing it was."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bson.datetime_ms import DatetimeMS
from pymongo.errors import AutoReconnect
from structlog.testing import capture_logs

from actors.runtime.clock import LoopClock
from store.changes import Changes
from store.client import Database, close, connect
from store.commit import MongoStorage
from store.embedded import PrivateMongod
from store.watch import Watch
from tests.store.ear import Ear, changes_of, listening
from tests.store.shelf import THINGS, write_to


def storage_of(db: Database, owner: str = "a") -> MongoStorage:
    return MongoStorage(db, clock=LoopClock(), owner=owner)


async def committed(db: Database, owner: str = "a", **fields: Any) -> None:
    """One commit to the lamp by `owner`, claim and all."""
    storage = storage_of(db, owner)
    found = await storage.claim(THINGS, "lamp")
    writer = f"{owner}:{found.rev + 1}"
    await storage.commit(write_to(found, writer=writer, set_fields=fields))


# What is heard


async def test_the_snapshot_holds_what_was_there_before(any_database: Database) -> None:
    await committed(any_database, units=1)

    async with listening(any_database) as (ear, _):
        assert [each["units"] for each in ear.snapshots[0]] == [1]
        assert len(ear.snapshots) == 1


async def test_a_commit_of_ours_is_heard_as_ours(any_database: Database) -> None:
    async with listening(any_database) as (ear, _):
        await committed(any_database, units=1)
        await committed(any_database, units=2)

        first, second = await ear.next(), await ear.next()

    assert (first.kind, first.key, first.rev) == ("insert", "lamp", 1)
    assert (second.kind, second.rev, second.writer) == ("update", 2, "a:2")
    assert second.fields["units"] == 2
    assert [first.by_us, second.by_us] == [True, True]
    assert [first.foreign, second.foreign] == [False, False]


async def test_a_commit_of_another_node_is_neither(any_database: Database) -> None:
    await committed(any_database, units=1)

    async with listening(any_database) as (ear, _):
        await committed(any_database, "b", units=2)
        claim, commit = await ear.next(), await ear.next()

    assert (claim.by_us, claim.foreign) == (False, False)
    assert (commit.by_us, commit.foreign) == (False, False)
    assert (commit.writer, commit.rev) == ("b:2", 2)


async def test_edits_by_hand_are_foreign(any_database: Database) -> None:
    await committed(any_database, units=1)
    things = any_database[THINGS]

    async with listening(any_database) as (ear, _):
        await things.update_one({"_id": "lamp"}, {"$set": {"units": 5}})
        await things.update_one({"_id": "lamp"}, {"$unset": {"units": ""}})
        await things.replace_one({"_id": "lamp"}, {"writer": "a:1", "rev": 1})
        await things.insert_one({"_id": "rug"})
        await things.delete_one({"_id": "lamp"})
        heard = [await ear.next() for _ in range(5)]

    assert [change.kind for change in heard] == [
        "update",
        "update",
        "replace",
        "insert",
        "delete",
    ]
    assert all(change.foreign and not change.by_us for change in heard)
    assert heard[0].fields == {"units": 5}
    assert heard[1].removed == ("units",)


async def test_a_reclaim_that_creates_is_ours(any_database: Database) -> None:
    async with listening(any_database) as (ear, _):
        await storage_of(any_database).reclaim(THINGS, "lamp")
        change = await ear.next()

    assert (change.kind, change.by_us, change.foreign) == ("insert", True, False)


async def test_who_wants_no_echoes_hears_all_but_our_own_commits(
    any_database: Database,
) -> None:
    ear, changes = Ear(), changes_of(any_database)
    changes.follow(THINGS, ear.on_change, echoes=False)
    await changes.start()
    await changes.ready()

    await committed(any_database, units=1)
    await committed(any_database, units=2)
    await committed(any_database, "b", units=3)
    await any_database[THINGS].update_one({"_id": "lamp"}, {"$set": {"units": 4}})
    await any_database[THINGS].replace_one({"_id": "lamp"}, {"writer": "a:9"})
    heard = [await ear.next() for _ in range(4)]
    await changes.close()

    assert [each.kind for each in heard] == ["update", "update", "update", "replace"]
    assert [each.writer for each in heard] == ["", "b:3", "", "a:9"]
    assert [each.foreign for each in heard] == [False, False, True, True]


async def test_nobody_hears_of_what_he_does_not_follow(
    any_database: Database,
) -> None:
    async with listening(any_database) as (ear, _):
        await any_database["others"].insert_one({"_id": "rug"})
        await any_database[THINGS].insert_one({"_id": "lamp"})

        assert (await ear.next()).key == "lamp"


async def test_a_collection_that_takes_the_place_of_another_is_read_anew(
    any_database: Database,
) -> None:
    await any_database[THINGS].insert_one({"_id": "lamp"})
    await any_database["others"].insert_one({"_id": "rug"})

    async with listening(any_database) as (ear, _):
        await any_database["others"].rename(THINGS, dropTarget=True)
        heard = {change.kind: change.key for change in [await ear.next() for _ in "12"]}
        await any_database[THINGS].insert_one({"_id": "vase"})
        while (after := await ear.next()).key != "vase":
            pass

    assert heard == {"delete": "lamp", "insert": "rug"}
    assert after.kind == "insert"


async def test_a_burst_is_heard_whole_and_in_order(any_database: Database) -> None:
    storage = storage_of(any_database)
    async with listening(any_database) as (ear, _):
        for _ in range(50):
            found = await storage.claim(THINGS, "lamp")
            await storage.commit(write_to(found))
        heard = [await ear.next() for _ in range(50)]

    assert [change.rev for change in heard] == list(range(1, 51))


async def test_all_who_follow_are_told_even_if_one_fails(
    any_database: Database,
) -> None:
    def broken(_news: object) -> None:
        raise ValueError("a bug of a listener")

    ear, changes = Ear(), changes_of(any_database)
    changes.follow(THINGS, broken, broken)
    changes.follow(THINGS, ear.on_change, ear.on_snapshot)
    with capture_logs() as logs:
        await changes.start()
        await changes.ready()
        await committed(any_database, units=1)
        await committed(any_database, units=2)
        heard = [await ear.next(), await ear.next()]
        await changes.close()

    assert [change.rev for change in heard] == [1, 2]
    assert [each["event"] for each in logs].count("changes.listener_failed") == 3


async def test_closing_twice_is_closing_once(any_database: Database) -> None:
    async with listening(any_database) as (_, changes):
        await changes.close()


# What goes wrong


async def test_a_cut_stream_goes_on_where_it_stood(any_database: Database) -> None:
    async with listening(any_database) as (ear, changes):
        await committed(any_database, units=1)
        await ear.next()

        await changes.stream.interrupt()
        await committed(any_database, units=2)
        change = await ear.next()

    assert (change.rev, change.by_us) == (2, True)
    assert len(ear.snapshots) == 1


async def test_after_lost_history_the_differences_are_told(
    any_database: Database,
) -> None:
    things = any_database[THINGS]
    await things.insert_many([{"_id": key, "n": 1} for key in ("a", "b", "c")])
    async with listening(any_database) as (ear, changes):
        with capture_logs() as logs:
            async with history_lost(changes):
                await things.update_one({"_id": "b"}, {"$set": {"n": 2}})
                await things.delete_one({"_id": "c"})
                await things.insert_one({"_id": "d", "n": 1})
            heard = {change.key: change for change in [await ear.next() for _ in "bcd"]}

    assert heard.keys() == {"b", "c", "d"}
    assert all(change.foreign for change in heard.values())
    assert heard["b"].fields["n"] == 2
    assert heard["c"].kind == "delete"
    assert heard["d"].kind == "insert"
    assert "changes.lost" in [each["event"] for each in logs]


@asynccontextmanager
async def history_lost(changes: Changes) -> AsyncIterator[None]:
    """Cut the stream, and come back to find that the oplog no longer knows it."""
    real_open, back = changes.stream.open, asyncio.Event()

    async def open_too_late() -> None:
        await back.wait()
        changes.stream.token = {"_data": "00"}
        changes.stream.open = real_open  # type: ignore[method-assign]
        await real_open()

    changes.stream.open = open_too_late  # type: ignore[method-assign]
    cut = asyncio.Event()
    real_close = changes.stream.close

    async def close_and_say() -> None:
        await real_close()
        cut.set()

    changes.stream.close = close_and_say  # type: ignore[method-assign]
    await changes.stream.interrupt()
    await cut.wait()
    yield
    back.set()


def cut_once(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Let the connection fail the first time that a watch does this."""
    real, cuts = getattr(Watch, method), [AutoReconnect("cut")]

    async def cut(watch: Watch) -> None:
        if cuts:
            raise cuts.pop()
        await real(watch)

    monkeypatch.setattr(Watch, method, cut)


async def test_a_snapshot_that_was_cut_is_read_again(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await any_database[THINGS].insert_one({"_id": "lamp"})
    cut_once(monkeypatch, "read")

    async with listening(any_database) as (ear, _):
        assert [each["_id"] for each in ear.snapshots[0]] == ["lamp"]


async def test_what_was_cut_while_it_was_told_is_told_again(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await any_database[THINGS].insert_one({"_id": "lamp"})

    async with listening(any_database) as (ear, _):
        cut_once(monkeypatch, "begin_anew")
        await any_database.drop_collection(THINGS)
        while (change := await ear.next()).kind != "delete":
            pass

    assert change.key == "lamp"


async def test_a_year_that_python_does_not_know_keeps_no_news_back(
    database: Database,
) -> None:
    things, beyond = database[THINGS], DatetimeMS(10**15)
    await things.insert_one({"_id": "old", "at": beyond})

    async with listening(database) as (ear, _):
        await things.insert_one({"_id": "new", "at": beyond})
        change = await ear.next()

    assert ear.snapshots[0][0]["at"].year == change.fields["at"].year == 9999


async def test_who_wants_no_snapshot_is_told_that_history_was_lost(
    any_database: Database,
) -> None:
    ear, changes, lost = Ear(), changes_of(any_database), asyncio.Event()
    changes.follow(THINGS, ear.on_change, on_lost=lost.set)
    await changes.start()
    await changes.ready()

    async with history_lost(changes):
        await any_database[THINGS].insert_one({"_id": "missed"})
    async with asyncio.timeout(20):
        await lost.wait()
    await any_database[THINGS].insert_one({"_id": "heard"})
    change = await ear.next()
    await changes.close()

    assert change.key == "heard"


async def test_a_dropped_collection_is_heard_as_deletions(
    any_database: Database,
) -> None:
    await committed(any_database, units=1)

    async with listening(any_database) as (ear, _):
        await any_database.drop_collection(THINGS)
        while (change := await ear.next()).kind != "delete":
            pass
        await any_database[THINGS].insert_one({"_id": "rug"})
        while (after := await ear.next()).key != "rug":
            pass

    assert change.key == "lamp"
    assert after.kind == "insert"


async def test_a_dropped_database_is_heard_as_deletions(
    any_database: Database,
) -> None:
    await committed(any_database, units=1)

    async with listening(any_database) as (ear, _):
        await any_database.client.drop_database(any_database.name)
        while (change := await ear.next()).kind != "delete":
            pass
        await any_database[THINGS].insert_one({"_id": "rug"})
        while (await ear.next()).key != "rug":
            pass

    assert change.key == "lamp"


async def test_a_killed_database_is_heard_again(tmp_path: Path) -> None:
    mongod = PrivateMongod(tmp_path, LoopClock())
    db = await connect(await mongod.start())
    try:
        await committed(db, units=1)
        async with listening(db) as (ear, _):
            killed = mongod.child.pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            await until_written(db, {"_id": "rug"})
            change = await ear.next()
    finally:
        close(db)
        await mongod.stop()

    assert (change.key, change.foreign) == ("rug", True)
    assert len(ear.snapshots) == 1


async def until_written(db: Database, document: Mapping[str, Any]) -> None:
    """Insert as soon as the database is back; each try waits for it by itself."""
    async with asyncio.timeout(30):
        while True:
            try:
                await db[THINGS].insert_one(dict(document))
            except AutoReconnect:
                continue
            else:
                return
