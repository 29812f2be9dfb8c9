"""Addresses on a real database: one default, whatever happens at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from commerce.belongings import (
    MOST,
    AddressNotFound,
    KnownAddress,
    TooManyKept,
    put,
    without,
)
from store import belongings
from store.address import AddressRepository
from store.changes import Changes
from store.client import Database
from tests.store.ear import changes_of


def address(address_id: str, **told: Any) -> KnownAddress:
    plain = KnownAddress(
        id=address_id,
        street="1 Main St",
        city="Springfield",
        state="IL",
        zip_code="62701",
        country="US",
    )
    return replace(plain, **told)


@pytest.fixture
def addresses(database: Database) -> AddressRepository:
    return AddressRepository(database)


async def defaults(addresses: AddressRepository) -> list[str]:
    return [each.id for each in await addresses.of_user("ann") if each.is_default]


async def test_who_has_none_has_none(addresses: AddressRepository) -> None:
    assert list(await addresses.of_user("ann")) == []


async def test_an_address_is_found_as_it_was_kept(
    addresses: AddressRepository,
) -> None:
    kept = await addresses.add("ann", address("home"))

    assert kept == await addresses.get("ann", "home")
    assert kept == address("home", is_default=True)


async def test_somebody_elses_is_not_there(addresses: AddressRepository) -> None:
    await addresses.add("bob", address("home"))

    for work in (
        addresses.get("ann", "home"),
        addresses.replace("ann", address("home", city="Shelbyville")),
        addresses.remove("ann", "home"),
    ):
        with pytest.raises(AddressNotFound):
            await work
    assert (await addresses.get("bob", "home")).city == "Springfield"


async def test_all_that_come_at_once_are_kept_with_one_default(
    addresses: AddressRepository,
) -> None:
    new = [address(str(number), is_default=True) for number in range(10)]

    await asyncio.gather(*(addresses.add("ann", each) for each in new))

    assert len(await addresses.of_user("ann")) == 10
    assert len(await defaults(addresses)) == 1


async def test_a_full_book_takes_no_more(addresses: AddressRepository) -> None:
    for number in range(MOST):
        await addresses.add("ann", address(str(number)))

    with pytest.raises(TooManyKept):
        await addresses.add("ann", address("more"))

    await addresses.replace("ann", address("3", city="Shelbyville"))
    assert len(await addresses.of_user("ann")) == MOST


async def test_the_only_default_cannot_be_unnamed(
    addresses: AddressRepository,
) -> None:
    await addresses.add("ann", address("home"))
    await addresses.add("ann", address("work"))

    kept = await addresses.replace("ann", address("home", is_default=False))

    assert kept.is_default
    assert await defaults(addresses) == ["home"]


async def test_what_a_hand_wrote_without_a_rev_can_be_changed(
    addresses: AddressRepository, database: Database
) -> None:
    await database["addresses"].insert_one({"_id": "ann"})

    await addresses.add("ann", address("home"))

    assert await defaults(addresses) == ["home"]


async def test_the_last_one_may_go(addresses: AddressRepository) -> None:
    await addresses.add("ann", address("home"))

    await addresses.remove("ann", "home")

    assert list(await addresses.of_user("ann")) == []


# Where changes are followed


class Counted:
    """An address book that knows how often it was really read."""

    def __init__(self, addresses: AddressRepository, changes: Changes) -> None:
        self.addresses = addresses
        self.changes = changes
        self.reads = 0
        ask = addresses._read

        async def read(user_id: str) -> Any:
            self.reads += 1
            return await ask(user_id)

        addresses._read = read  # type: ignore[method-assign]

    async def ids(self, user_id: str = "ann") -> list[str]:
        return [each.id for each in await self.addresses.of_user(user_id)]


@pytest.fixture
async def book(database: Database) -> AsyncIterator[Counted]:
    addresses, changes = AddressRepository(database), changes_of(database)
    addresses.follow(changes)
    await changes.start()
    await changes.ready()
    yield Counted(addresses, changes)
    await changes.close()


async def heard(database: Database, changes: Changes) -> None:
    """Return when `changes` has told of all that was written until now."""
    told = asyncio.Event()
    listeners = changes._watches["addresses"].listeners
    listeners.append(lambda change: told.set() if change.key == "last" else None)
    await database["addresses"].update_one({"_id": "last"}, {"$inc": {"n": 1}}, True)
    async with asyncio.timeout(20):
        await told.wait()


async def test_what_was_read_is_known(book: Counted, database: Database) -> None:
    await AddressRepository(database).add("ann", address("home"))
    await heard(database, book.changes)

    assert [await book.ids() for _ in range(3)] == [["home"]] * 3
    assert book.reads == 1


async def test_what_one_writes_oneself_is_read_at_once(book: Counted) -> None:
    for number in range(5):
        await book.addresses.add("ann", address(str(number)))
        assert len(await book.ids()) == number + 1


async def test_what_another_node_or_a_hand_changes_is_read_again(
    book: Counted, database: Database
) -> None:
    await book.addresses.add("ann", address("home"))
    other = AddressRepository(database)

    await other.add("ann", address("work"))
    await heard(database, book.changes)
    assert await book.ids() == ["home", "work"]

    await other.remove("ann", "home")
    await heard(database, book.changes)
    assert await book.ids() == ["work"]

    await database["addresses"].update_one({"_id": "ann"}, {"$set": {"kept": []}})
    await heard(database, book.changes)
    assert await book.ids() == []

    await other.add("ann", address("boat"))
    await heard(database, book.changes)
    assert await book.ids() == ["boat"]

    await database["addresses"].delete_one({"_id": "ann"})
    await heard(database, book.changes)
    assert await book.ids() == []


async def test_what_was_read_before_a_change_is_not_known_after_it(
    book: Counted, database: Database
) -> None:
    read = book.addresses._read

    async def overtaken(user_id: str) -> Any:
        found = await read(user_id)
        await AddressRepository(database).add("ann", address("work"))
        await heard(database, book.changes)
        return found

    book.addresses._read = overtaken  # type: ignore[method-assign]
    assert await book.ids() == []
    book.addresses._read = read  # type: ignore[method-assign]

    assert await book.ids() == ["work"]


async def test_after_lost_news_nothing_is_known(
    book: Counted, database: Database
) -> None:
    await book.addresses.add("ann", address("home"))
    await heard(database, book.changes)
    await book.ids()
    before = book.reads

    for lost in book.changes._watches["addresses"].lost_listeners:
        lost()

    assert await book.ids() == ["home"]
    assert book.reads == before + 1


async def test_it_knows_of_so_many_customers_only(
    book: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(belongings, "_KNOWN", 2)
    for each in ("ann", "bob", "cyd", "ann"):
        await book.ids(each)

    assert book.reads == 4
    await book.ids("cyd")
    assert book.reads == 4


def test_removing_another_leaves_the_default() -> None:
    kept = put(put((), address("home")), address("work"))

    assert without(kept, "work") == (address("home", is_default=True),)
    assert without((), "work") == ()
