"""Hashing beside the loop, with a bound on how many wait."""

import asyncio
import threading
from collections.abc import Iterator

import bcrypt
import pytest

from handlers.passwords import Passwords
from messages.base import Busy


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(cost=4, queue=3)
    yield made
    made.close()


async def test_a_password_matches_its_hash_only(passwords: Passwords) -> None:
    stored = await passwords.hashed("correct horse")

    assert stored.startswith("$2b$04$")
    assert await passwords.matches("correct horse", stored)
    assert not await passwords.matches("correct horsf", stored)
    assert not await passwords.matches("", stored)


@pytest.mark.parametrize("given", ["", "x" * 73, "nul \0", "é" * 500, "-"])
async def test_nobody_matches_nothing(passwords: Passwords, given: str) -> None:
    assert not await passwords.matches(given, None)


async def test_what_cannot_be_hashed_does_not_match_what_stands_for_it(
    passwords: Passwords,
) -> None:
    stored = bcrypt.hashpw(b"-", bcrypt.gensalt(4)).decode()

    assert not await passwords.matches("x" * 73, stored)


@pytest.mark.parametrize("given", ["incorrect", "x" * 73, "nul \0", ""])
async def test_an_unknown_account_costs_the_same_work_as_a_known_one(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    stored = await passwords.hashed("correct horse")
    worked: list[bytes] = []
    real = bcrypt.checkpw

    def counted(password: bytes, against: bytes) -> bool:
        # Version and cost: all that bcrypt's time depends on.
        worked.append(against[:7])
        return real(password, against)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    await passwords.matches(given, stored)
    await passwords.matches(given, None)

    assert worked == [b"$2b$04$", b"$2b$04$"]


async def test_a_flood_is_turned_away_and_the_rest_is_served(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow(_password: bytes, _salt: bytes) -> bytes:
        gate.wait(10)
        return b"hash"

    monkeypatch.setattr(bcrypt, "hashpw", slow)
    waiting = [asyncio.ensure_future(passwords.hashed("x")) for _ in range(5)]
    await asyncio.gather(*(_begun(each) for each in waiting))

    with pytest.raises(Busy) as busy:
        await passwords.hashed("one too many")

    assert busy.value.retry_after_s >= 1
    gate.set()
    assert await asyncio.gather(*waiting) == ["hash"] * 5
    assert await passwords.hashed("again") == "hash"


async def _begun(work: "asyncio.Future[str]") -> None:
    # One turn of the loop, in which the work takes its place.
    await asyncio.wait([work], timeout=0)
