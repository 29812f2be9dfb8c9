"""Accounts as stored; run on every database that we promise to run on."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from commerce.errors import EmailTaken, UsernameTaken
from commerce.user import LastOperator, User, UserNotFound
from store.client import Database
from store.user import UserRepository

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def users(any_database: Database) -> UserRepository:
    repository = UserRepository(any_database)
    await repository.prepare()
    return repository


def user(**changed: Any) -> User:
    fields = {
        "id": "1",
        "email": "Ada@example.com",
        "username": "Ada",
        "password_hash": "$2b$04$hash",
        "created_at": NOON,
        **changed,
    }
    return User(**fields)


async def test_an_account_comes_back_as_it_was(users: UserRepository) -> None:
    ada = user(
        full_name="Ada Lovelace",
        phone="123",
        role="operator",
        known_addresses=("home",),
        guests_to_merge=("guest-1",),
    )
    await users.add(ada)

    assert await users.of_id("1") == ada
    assert await users.of_email("aDA@EXAMPLE.com") == ada
    assert await users.of_username("ADA") == ada


async def test_who_is_not_there_is_not_found(users: UserRepository) -> None:
    assert await users.of_email("ada@example.com") is None
    assert await users.of_username("ada") is None
    with pytest.raises(UserNotFound):
        await users.of_id("1")


async def test_mail_and_name_are_unique_without_case(users: UserRepository) -> None:
    await users.add(user())

    with pytest.raises(EmailTaken):
        await users.add(user(id="2", email="ADA@example.com", username="other"))
    with pytest.raises(UsernameTaken):
        await users.add(user(id="2", email="other@example.com", username="ADA"))


async def test_of_many_at_once_one_gets_the_name(users: UserRepository) -> None:
    wishes = [user(id=str(n), email=f"ada{n}@example.com") for n in range(10)]

    outcomes = await asyncio.gather(
        *(users.add(each) for each in wishes), return_exceptions=True
    )

    assert sum(isinstance(each, UsernameTaken) for each in outcomes) == 9


async def test_preparing_again_changes_nothing(users: UserRepository) -> None:
    await users.add(user())

    await users.prepare()

    assert (await users.of_id("1")).username == "Ada"


async def test_the_newest_sixteen_addresses_are_remembered(
    users: UserRepository,
) -> None:
    await users.add(user())

    for number in range(18):
        await users.remember_address("1", f"address-{number}")
    await users.remember_address("1", "address-17")

    known = (await users.of_id("1")).known_addresses
    assert known == tuple(f"address-{number}" for number in range(2, 18))


async def test_a_password_is_hashed_anew_only_in_place_of_the_one_that_was_right(
    users: UserRepository,
) -> None:
    await users.add(user(password_hash="weak"))

    await users.harden("1", "weak", "strong")
    await users.harden("1", "weak", "late")

    assert (await users.of_id("1")).password_hash == "strong"


class Failing:
    """A collection that breaks where something is put back."""

    def __init__(self, behind: Any) -> None:
        self._behind = behind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    async def update_one(self, *_told: Any) -> None:
        raise AutoReconnect("gone in between")


async def test_the_last_operator_is_never_none_even_where_the_database_breaks(
    users: UserRepository,
) -> None:
    await users.add(user(role="operator"))
    users._users = Failing(users._users)

    for _ in range(2):
        with pytest.raises(LastOperator):
            await users.give_role("1", "customer")
        with pytest.raises(LastOperator):
            await users.set_active("1", is_active=False)

    assert (await users.give_role("1", "operator")).role == "operator"
    assert (await users.of_id("1")).is_active


async def test_guests_are_expected_once_and_settled(users: UserRepository) -> None:
    await users.add(user())

    await users.expect_guest("1", "guest-1")
    await users.expect_guest("1", "guest-1")
    await users.expect_guest("1", "guest-2")
    await users.settle_guest("1", "guest-1")

    assert (await users.of_id("1")).guests_to_merge == ("guest-2",)


async def test_fields_that_people_add_by_hand_do_no_harm(
    users: UserRepository, any_database: Database
) -> None:
    await users.add(user())
    await any_database["users"].update_one({}, {"$set": {"note": "a regular"}})

    assert (await users.of_id("1")).username == "Ada"
