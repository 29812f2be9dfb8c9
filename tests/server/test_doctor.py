"""The doctor sees what is wrong, and says what to do."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from server.config import Config, load
from server.doctor import Answered, check, examine, findings, of_database
from server.parts import DATABASE
from server.surroundings import SPACE_FAIL, SPACE_WARN, Finding, around, free_space
from store.checkup import NEEDED, Checkup, checkup
from store.client import Database
from store.folder_lock import FolderLock
from store.port import Away
from tests.server.conftest import Client

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WELL = Checkup(
    version="6.0.5",
    replica_set="souk",
    is_primary=True,
    now=NOON,
    disk_free=2 * SPACE_WARN,
    disk_size=4 * SPACE_WARN,
    collections=9,
    missing_indexes=(),
    dead_letters=0,
    operators=1,
)


def levels(config: Config, told: Checkup, now: datetime = NOON) -> dict[str, str]:
    answered = Answered(told, 0.001, now)
    return {each.about: each.level for each in of_database(answered, config)}


def test_a_database_that_is_well_is_told_so(config: Config) -> None:
    assert set(levels(config, WELL).values()) == {"ok"}


@pytest.mark.parametrize(
    ("changed", "about", "level"),
    [
        ({"version": "4.4.1"}, "database", "fail"),
        ({"is_primary": False}, "replica set", "fail"),
        ({"missing_indexes": ["users.email"]}, "indexes", "fail"),
        ({"now": NOON - timedelta(seconds=3)}, "clock", "warn"),
        ({"now": NOON + timedelta(minutes=3)}, "clock", "fail"),
        ({"disk_free": SPACE_WARN - 1}, "disk of db", "warn"),
        ({"disk_free": SPACE_FAIL - 1}, "disk of db", "fail"),
        ({"dead_letters": 2}, "dead letters", "warn"),
        ({"operators": 0}, "operators", "warn"),
    ],
)
def test_what_is_wrong_with_a_database_is_seen(
    config: Config, changed: dict[str, Any], about: str, level: str
) -> None:
    found = levels(config, replace(WELL, **changed))

    assert found.pop(about) == level
    assert set(found.values()) == {"ok"}


def test_whatever_is_not_well_says_what_to_do(config: Config) -> None:
    ill = replace(
        WELL, version="4.0", is_primary=False, missing_indexes=("a.b",), operators=0
    )

    found = of_database(Answered(ill, 0.001, NOON + timedelta(hours=1)), config)

    assert all(each.do for each in found if each.level != "ok")


def test_a_database_that_does_not_tell_its_disk_is_not_ill() -> None:
    assert free_space("disk", None, None).level == "ok"


async def test_a_server_makes_every_index_that_the_doctor_asks_for(
    client: Client,
) -> None:
    told = await checkup(client.app[DATABASE])

    assert told.missing_indexes == []
    there = set(await client.app[DATABASE].list_collection_names())
    assert set(NEEDED) - there <= {"spent_tickets", "dead_letters"}
    assert told.replica_set == "souk"
    assert abs((told.now - datetime.now(UTC)).total_seconds()) < 60  # noqa: TID251


async def test_the_doctor_asks_for_every_index_that_keeps_a_promise(
    client: Client,
) -> None:
    db = client.app[DATABASE]

    overlooked = {
        f"{name}.{index}"
        for name in await db.list_collection_names()
        for index, told in (await db[name].index_information()).items()
        if told.get("unique") or "expireAfterSeconds" in told
        if index not in NEEDED.get(name, ())
    }

    assert overlooked == set()


class Overheard:
    """A database, and what it was asked for, in order."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> Any:
        self.asked.append(name)
        return self._db[name]

    async def command(self, name: str) -> Any:
        self.asked.append(name)
        return await self._db.command(name)

    async def list_collection_names(self) -> list[str]:
        names: list[str] = await self._db.list_collection_names()
        return names


async def test_nothing_is_asked_between_the_two_clocks(client: Client) -> None:
    db = Overheard(client.app[DATABASE])

    await checkup(db)

    assert db.asked[-1] == "hello"


async def test_an_index_that_somebody_dropped_is_missed(client: Client) -> None:
    db = client.app[DATABASE]
    await db["users"].drop_index("email")

    assert (await checkup(db)).missing_indexes == ["users.email"]


async def seen(config: Config) -> AsyncIterator[Finding]:
    async for finding in around(config):
        yield finding


async def about(config: Config, name: str) -> list[Finding]:
    return [each async for each in seen(config) if each.about == name]


def private(folder: Path, **environment: str) -> Config:
    return load(
        {"SOUK__STORE__PATH": str(folder), **environment}, dotenv=folder / "none"
    )


async def test_a_key_that_others_may_read_is_told(tmp_path: Path) -> None:
    key = tmp_path / "jwt_key"
    key.write_text("k" * 40)
    key.chmod(0o644)

    [told] = [
        each
        for each in await about(private(tmp_path), "secrets")
        if str(key) in each.said
    ]

    assert (told.level, told.do) == ("warn", f"chmod 600 {key}")


async def test_a_database_whose_server_is_gone_is_told(tmp_path: Path) -> None:
    orphan = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "input()", str(tmp_path)),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    (tmp_path / "database.pid").write_text(str(orphan.pid))
    lock = FolderLock(tmp_path)

    [alone] = await about(private(tmp_path), "leftovers")
    lock.take()
    [kept] = await about(private(tmp_path), "leftovers")
    lock.free()
    await orphan.communicate(b"")
    [ended] = await about(private(tmp_path), "leftovers")

    assert (alone.level, kept.level, ended.level) == ("fail", "ok", "ok")
    assert f"kill {orphan.pid}" in alone.do


async def test_what_production_would_refuse_is_told_before(tmp_path: Path) -> None:
    [told] = await about(private(tmp_path), "configuration")

    assert told.level == "warn"
    assert "JWT_SECRET_KEY" in told.said


async def test_a_server_that_could_start_passes_the_check(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await check(config) == 0
    assert "production would refuse" in capsys.readouterr().out


async def test_a_database_that_is_away_fails(tmp_path: Path) -> None:
    config = private(tmp_path, MONGODB_URL="mongodb://127.0.0.1:1/")

    with pytest.raises(Away):
        await check(config)
    [told] = [each async for each in findings(config) if each.about == "database"]
    assert told.level == "fail"


async def test_the_doctor_ends_with_1_only_if_something_fails(
    opened: Config, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine(opened) == 0
    await client.app[DATABASE]["users"].drop_index("email")

    assert await examine(opened) == 1

    assert "fail indexes" in capsys.readouterr().out
