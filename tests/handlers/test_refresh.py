"""A refresh token is good once; who has a key may repeat a lost answer (ADR 14)."""

import asyncio
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from handlers.errors import NotSignedIn
from store.client import Database
from tests.handlers.house import House, code

Pair = dict[str, Any]


async def change(house: House, pair: Pair, key: str | None = "mine") -> Pair:
    """Change the refresh token of `pair` for a new pair."""
    answer = await house.post("/api/auth/refresh", _shown(pair), **_key(key))
    assert answer.status == 200, await answer.text()
    fresh: Pair = await answer.json()
    return fresh


async def refused(
    house: House, pair: Pair, key: str | None = "mine"
) -> tuple[int, str]:
    """Return how the refresh token of `pair` is refused."""
    answer = await house.post("/api/auth/refresh", _shown(pair), **_key(key))
    return await code(answer)


def is_in(house: House, pair: Pair) -> bool:
    """Tell whether the access token of `pair` lets in, by the clock of the house."""
    try:
        house.gate.admit(pair["access_token"])
    except NotSignedIn:
        return False
    return True


def _key(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


def _shown(pair: Pair) -> dict[str, str]:
    return {"refresh_token": pair["refresh_token"]}


async def test_a_refresh_gives_a_new_pair_of_the_same_sign_in(house: House) -> None:
    first = await house.sign_up()

    second = await change(house, first)

    assert second["refresh_token"] != first["refresh_token"]
    assert is_in(house, second)
    assert is_in(house, first)


async def test_a_refresh_whose_answer_was_lost_may_be_repeated(house: House) -> None:
    first = await house.sign_up()
    await change(house, first)
    house.clock.advance(30)
    await change(house, first)
    house.clock.advance(29)

    third = await change(house, first)

    house.clock.advance(3000)
    assert is_in(house, await change(house, third))


async def test_a_restart_in_between_changes_nothing(
    house: House, database: Database, aiohttp_client: AiohttpClient
) -> None:
    first = await house.sign_up()
    await change(house, first)
    restarted = House(database)
    restarted.client = await aiohttp_client(restarted.app)

    second = await change(restarted, first)

    assert is_in(restarted, await change(restarted, second))
    restarted.passwords.close()


async def test_tabs_that_refresh_at_once_all_stay_in(house: House) -> None:
    tokens = await house.sign_up()

    pairs = await asyncio.gather(*(change(house, tokens) for _ in range(8)))

    assert len({each["refresh_token"] for each in pairs}) == 8
    assert all(is_in(house, each) for each in pairs)


@pytest.mark.parametrize("kept", [0, 1])
async def test_whichever_tab_keeps_its_pair_last_goes_on_with_it(
    house: House, kept: int
) -> None:
    tokens = await house.sign_up()
    pairs = await asyncio.gather(*(change(house, tokens) for _ in range(2)))
    house.clock.advance(3000)

    later = await change(house, pairs[kept])

    house.clock.advance(3000)
    assert is_in(house, await change(house, later))


async def test_a_spent_refresh_token_ends_the_whole_sign_in(house: House) -> None:
    first = await house.sign_up()
    second = await change(house, first)
    house.clock.advance(60)

    assert await refused(house, first) == (401, "token_reused")

    assert await refused(house, second) == (401, "not_signed_in")
    assert not is_in(house, first)
    assert not is_in(house, second)


@pytest.mark.parametrize(
    ("first_key", "key"), [(None, None), (None, "mine"), ("mine", None), ("mine", "x")]
)
async def test_whoever_does_not_repeat_it_with_its_key_is_a_thief(
    house: House, first_key: str | None, key: str | None
) -> None:
    first = await house.sign_up()
    second = await change(house, first, first_key)

    assert await refused(house, first, key) == (401, "token_reused")

    assert not is_in(house, second)


@pytest.mark.parametrize("thief_first", [True, False])
async def test_a_thief_who_is_quick_is_found_out_when_both_use_theirs(
    house: House, *, thief_first: bool
) -> None:
    stolen = await house.sign_up()
    owners = await change(house, stolen)
    thiefs = await change(house, stolen)
    house.clock.advance(3000)
    one, other = (thiefs, owners) if thief_first else (owners, thiefs)
    newest = await change(house, one)

    # At once: the moment is for the very token that was spent, not for its like.
    assert await refused(house, other) == (401, "token_reused")

    for each in (owners, thiefs, newest):
        assert not is_in(house, each)
    assert await refused(house, newest) == (401, "not_signed_in")


async def test_the_token_before_the_last_is_never_good_again(house: House) -> None:
    first = await house.sign_up()
    second = await change(house, first)
    third = await change(house, second)

    assert await refused(house, first) == (401, "token_reused")
    assert not is_in(house, third)


async def test_a_clock_that_is_set_back_makes_no_moment_an_hour(house: House) -> None:
    house.clock.set_back(-3600)
    first = await house.sign_up()
    await change(house, first)
    house.clock.set_back(3600)

    assert await refused(house, first) == (401, "token_reused")


async def test_what_was_spent_does_not_undo_signing_out(house: House) -> None:
    first = await house.sign_up()
    second = await change(house, first)
    await house.post("/api/auth/logout", token=second["access_token"])

    assert await refused(house, first) == (401, "not_signed_in")
