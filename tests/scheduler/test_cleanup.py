"""What guests left is removed, however many others come first."""

from datetime import timedelta

import pytest

from actors.runtime import Bug
from actors.runtime.testing import ManualClock
from messages.base import Busy
from messages.session import DeleteSession
from scheduler.cleanup import GUESTS_STAY, clean_up_after_guests
from store import guest
from store.client import Database
from store.guest import GuestRepository
from tests.scheduler.post import Post
from tests.store.test_guest import leave

CLOCK = ManualClock()
OLD = CLOCK.now() - GUESTS_STAY - timedelta(days=1)


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guest, "_AT_ONCE", 2)


@pytest.mark.usefixtures("two_at_once")
async def test_who_may_come_back_hides_nobody_who_does_not(database: Database) -> None:
    for who in ("guest-a", "guest-b", "guest-c", "guest-d", "guest-e"):
        await leave(database, who, OLD)
    for who in ("guest-a", "guest-b", "guest-d"):
        await database["sign_ins"].insert_one({"_id": who, "user_id": who})
    post = Post()

    done = await clean_up_after_guests(CLOCK, GuestRepository(database), post)

    assert done == {"conversations": 2, "carts": 2, "stuck": 0, "shown": []}
    gone = ("guest-c", "guest-e")
    assert post.told == [(f"talk-{each}", DeleteSession(each)) for each in gone]
    left = ["guest-a", "guest-b", "guest-d"]
    assert await database["carts"].distinct("_id") == left


@pytest.mark.parametrize("trouble", [Busy("too much mail"), Bug("it broke")])
async def test_a_conversation_that_cannot_be_deleted_holds_up_no_other(
    database: Database, trouble: Exception
) -> None:
    for who in ("guest-a", "guest-b"):
        await leave(database, who, OLD)
    post = Post()
    post.refuses["talk-guest-a"] = trouble

    done = await clean_up_after_guests(CLOCK, GuestRepository(database), post)

    assert (done["conversations"], done["carts"], done["stuck"]) == (1, 2, 1)
    assert done["shown"] == [f"talk-guest-a: {trouble}"]
