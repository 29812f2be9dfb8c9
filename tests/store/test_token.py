"""Sign-in sessions as stored; run on every database that we promise to run on."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.client import Database
from store.token import SignIn, TokenRepository

# MongoDB removes what has expired by its own clock, so this is far ahead of any.
NOON = datetime(2100, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=7)


@pytest.fixture
async def tokens(any_database: Database) -> TokenRepository:
    repository = TokenRepository(any_database)
    await repository.prepare()
    return repository


def sign_in(**changed: Any) -> SignIn:
    fields = {
        "sid": "s",
        "user_id": "ada",
        "role": "customer",
        "refresh": "first",
        "created_at": NOON,
        "expires_at": LATER,
        **changed,
    }
    return SignIn(**fields)


async def rotate(tokens: TokenRepository, spent: str, fresh: str) -> bool:
    until = LATER + timedelta(days=1)
    return await tokens.rotate(
        "s",
        spent=spent,
        by="key",
        fresh=fresh,
        role="operator",
        at=NOON,
        expires_at=until,
    )


async def test_a_sign_in_comes_back_as_it_was(tokens: TokenRepository) -> None:
    ended = sign_in(revoked_at=LATER, merged_into="bob")
    await tokens.open(ended)

    assert await tokens.of_sid("s") == ended
    assert await tokens.of_sid("other") is None


async def test_the_good_refresh_token_is_replaced(tokens: TokenRepository) -> None:
    await tokens.open(sign_in())

    assert await rotate(tokens, "first", "second")

    found = await tokens.of_sid("s")
    assert found is not None
    assert (found.refresh, found.role) == ("second", "operator")
    assert (found.spent, found.spent_by, found.spent_at) == ("first", "key", NOON)
    assert found.expires_at == LATER + timedelta(days=1)


async def test_a_spent_one_is_not(tokens: TokenRepository) -> None:
    await tokens.open(sign_in())
    await rotate(tokens, "first", "second")

    assert not await rotate(tokens, "first", "third")


async def test_any_of_the_good_generation_is_good_and_then_none(
    tokens: TokenRepository,
) -> None:
    await tokens.open(sign_in())

    assert await rotate(tokens, "first.repeated", "second")

    assert not await rotate(tokens, "first", "third")
    assert not await rotate(tokens, "first.again", "third")


async def test_of_many_at_once_exactly_one_wins(tokens: TokenRepository) -> None:
    await tokens.open(sign_in())

    won = await asyncio.gather(
        *(rotate(tokens, "first", f"fresh-{n}") for n in range(20))
    )

    assert sum(won) == 1


async def test_a_sign_in_that_ended_is_not_carried_on(tokens: TokenRepository) -> None:
    await tokens.open(sign_in())

    await tokens.revoke("s", NOON)
    await tokens.revoke("s", LATER)

    assert not await rotate(tokens, "first", "second")
    found = await tokens.of_sid("s")
    assert found is not None
    assert found.revoked_at == NOON


async def test_all_of_a_shopper_end_at_once(tokens: TokenRepository) -> None:
    await tokens.open(sign_in(sid="1"))
    await tokens.open(sign_in(sid="2"))
    await tokens.open(sign_in(sid="3", revoked_at=NOON))
    await tokens.open(sign_in(sid="4", user_id="bob"))

    ended = await tokens.revoke_all_of("ada", LATER, merged_into="carol")

    assert sorted(ended) == ["1", "2"]
    found = [await tokens.of_sid(sid) for sid in "1234"]
    assert [each and each.merged_into for each in found] == [
        *("carol", "carol"),
        *(None, None),
    ]


async def test_what_ended_lately_is_found(tokens: TokenRepository) -> None:
    await tokens.open(sign_in(sid="old", revoked_at=NOON))
    await tokens.open(sign_in(sid="new", revoked_at=LATER))
    await tokens.open(sign_in(sid="alive"))

    assert await tokens.revoked_since(NOON + timedelta(seconds=1)) == ["new"]


async def test_a_ticket_is_spent_once(tokens: TokenRepository) -> None:
    spent = await asyncio.gather(
        *(tokens.spend_ticket("jti", LATER) for _ in range(10))
    )

    assert sum(spent) == 1
