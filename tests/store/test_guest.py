"""What guests left who cannot come back; everybody else keeps what is theirs."""

from datetime import UTC, datetime, timedelta

from store.client import Database
from store.guest import GuestRepository

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OLD = NOON - timedelta(days=9)


async def leave(database: Database, who: str, at: datetime = OLD) -> None:
    """Have a cart and a conversation since `at`."""
    await database["carts"].insert_one({"_id": who, "born": at})
    talk = {"_id": f"talk-{who}", "user_id": who, "updated_at": at, "deleted_at": None}
    await database["sessions"].insert_one(talk)


async def test_only_what_nobody_can_reach_is_left_behind(database: Database) -> None:
    for who in ("guest-gone", "guest-here", "guest-awaited", "ann"):
        await leave(database, who)
    await leave(database, "guest-new", NOON)
    await database["sign_ins"].insert_one({"_id": "s", "user_id": "guest-here"})
    await database["users"].insert_one(
        {"_id": "bob", "guests_to_merge": ["guest-awaited"]}
    )

    guests, before = GuestRepository(database), NOON - timedelta(days=8)
    carts = await guests.carts(before)
    talks = await guests.conversations(before)

    old = ["guest-awaited", "guest-gone", "guest-here"]
    assert carts == old
    assert talks == {f"talk-{each}": each for each in old}
    assert await guests.unreachable(old) == {"guest-gone"}


async def test_a_page_begins_behind_the_last(database: Database) -> None:
    for who in ("guest-a", "guest-b"):
        await leave(database, who)
    guests = GuestRepository(database)

    assert await guests.carts(NOON, after="guest-a") == ["guest-b"]
    talks = await guests.conversations(NOON, after="talk-guest-a")
    assert talks == {"talk-guest-b": "guest-b"}


async def test_carts_are_removed_by_name_alone(database: Database) -> None:
    for who in ("guest-gone", "guest-here"):
        await leave(database, who)
    guests = GuestRepository(database)

    assert await guests.forget_carts(["guest-gone"]) == 1
    assert await guests.forget_carts(["guest-gone"]) == 0
    assert await database["carts"].distinct("_id") == ["guest-here"]
