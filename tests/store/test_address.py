"""Addresses on a real database: one default, whatever happens at once."""

import asyncio
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
from store.address import AddressRepository
from store.client import Database


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


def test_removing_another_leaves_the_default() -> None:
    kept = put(put((), address("home")), address("work"))

    assert without(kept, "work") == (address("home", is_default=True),)
    assert without((), "work") == ()
