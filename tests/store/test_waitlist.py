"""Who waits for what, on a real mongod and on what stands in for one."""

from datetime import UTC, datetime, timedelta

import pytest

from commerce.belongings import TooManyKept
from commerce.waitlist import MOST_WAITED_FOR, Waiting
from store.client import Database
from store.waitlist import WaitlistRepository

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
async def waitlist(any_database: Database) -> WaitlistRepository:
    repository = WaitlistRepository(any_database)
    await repository.prepare()
    return repository


async def test_waiting_twice_is_waiting_once_since_the_first_time(
    waitlist: WaitlistRepository,
) -> None:
    first = await waitlist.join("ann", "lamp", NOON)
    second = await waitlist.join("ann", "lamp", LATER)

    assert (first, second) == (True, False)
    assert await waitlist.of_user("ann") == [
        Waiting(user_id="ann", sku="lamp", since=NOON)
    ]


async def test_whoever_waited_longest_is_first(waitlist: WaitlistRepository) -> None:
    await waitlist.join("bob", "lamp", LATER)
    await waitlist.join("ann", "lamp", NOON)
    await waitlist.join("ann", "rug", LATER)

    assert [each.user_id for each in await waitlist.waiting("lamp")] == ["ann", "bob"]
    assert sorted(await waitlist.skus()) == ["lamp", "rug"]


async def test_one_is_told_once_and_may_wait_again(
    waitlist: WaitlistRepository,
) -> None:
    await waitlist.join("ann", "lamp", NOON)

    told = await waitlist.tell("ann", "lamp", LATER)
    again = await waitlist.tell("ann", "lamp", LATER)

    assert (told, again) == (True, False)
    assert [each.told_at for each in await waitlist.of_user("ann")] == [LATER]
    assert (await waitlist.skus(), await waitlist.waiting("lamp")) == ([], [])
    assert await waitlist.join("ann", "lamp", LATER)
    assert [each.status for each in await waitlist.of_user("ann")] == ["waiting"]


async def test_leaving_ends_the_wait_of_one_alone(waitlist: WaitlistRepository) -> None:
    await waitlist.join("ann", "lamp", NOON)
    await waitlist.join("bob", "lamp", NOON)

    assert await waitlist.leave("ann", "lamp")
    assert not await waitlist.leave("ann", "lamp")
    assert [each.user_id for each in await waitlist.waiting("lamp")] == ["bob"]


async def test_nobody_waits_for_everything(waitlist: WaitlistRepository) -> None:
    for number in range(MOST_WAITED_FOR):
        await waitlist.join("ann", f"lamp-{number}", NOON)

    with pytest.raises(TooManyKept):
        await waitlist.join("ann", "one more", NOON)
    assert not await waitlist.join("ann", "lamp-0", NOON)
