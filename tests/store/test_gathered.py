"""Many askers of one collection share round trips, and each gets its own answer."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from store.client import Database, open_client
from store.gathered import Gathered
from store.port import Away, Unwritable


@pytest.fixture
async def things(any_database: Database) -> Gathered:
    return Gathered(any_database, "things")


async def put(things: Gathered, key: str, seen: int = 0, **fields: Any) -> bool:
    return await things.put({"_id": key, "rev": seen}, {"rev": seen + 1, **fields})


async def test_of_many_who_saw_the_same_one_is_saved(things: Gathered) -> None:
    made = await asyncio.gather(*(put(things, "lamp", by=n) for n in range(20)))
    changed = await asyncio.gather(*(put(things, "lamp", 1, by=n) for n in range(20)))

    assert (sum(made), sum(changed)) == (1, 1)
    assert dict(await things.one("lamp") or {}) == {
        "_id": "lamp",
        "rev": 2,
        "by": changed.index(True),
    }


async def test_each_reader_gets_what_it_asked_for(things: Gathered) -> None:
    for name in ("lamp", "chair"):
        await put(things, name)

    found = await asyncio.gather(
        *(things.one(name) for name in ("chair", "sofa", "lamp", "chair"))
    )

    assert [each and each["_id"] for each in found] == ["chair", None, "lamp", "chair"]


async def test_a_change_touches_what_it_names_and_makes_nothing(
    things: Gathered,
) -> None:
    await put(things, "lamp", colour="red")

    await things.change({"_id": "lamp", "colour": "red"}, {"colour": "blue"})
    await things.change({"_id": "lamp", "colour": "red"}, {"colour": "green"})
    await things.change({"_id": "sofa"}, {"colour": "green"})

    lamp: Mapping[str, Any] = await things.one("lamp") or {}
    assert lamp["colour"] == "blue"
    assert await things.one("sofa") is None


async def test_what_cannot_be_stored_fails_alone(things: Gathered) -> None:
    outcomes = await asyncio.gather(
        put(things, "lamp"),
        put(things, "sofa", what=object()),
        return_exceptions=True,
    )

    assert outcomes[0] is True
    assert isinstance(outcomes[1], Unwritable)


async def test_what_comes_together_travels_together(database: Database) -> None:
    things = Gathered(database, "things")
    before = await finds(database)

    await asyncio.gather(*(things.one(f"thing {number}") for number in range(50)))

    assert await finds(database) - before == 1


async def finds(database: Database) -> int:
    status = await database.command("serverStatus")
    return int(status["metrics"]["commands"]["find"]["total"])


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_is_away_is_said_to_be() -> None:
    gone = open_client("mongodb://127.0.0.1:1/")
    things = Gathered(gone["souk"], "things")

    for asked in (things.one("lamp"), put(things, "lamp")):
        with pytest.raises(Away):
            await asked
    gone.close()
