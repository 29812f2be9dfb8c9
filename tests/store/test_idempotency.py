"""What must not be done twice: claimed once, resumed after a crash, kept 24 hours."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from store.client import Database
from store.gathered import Document
from store.holder import here
from store.idempotency import Answered, Claim, IdempotencyRepository, record_name
from store.port import Away

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LEASE = timedelta(seconds=30)
DONE = Answered(201, b'{"id": 1}', "application/json", "/orders/1")


def wanted(*, begun: str = "ord_1", body: str = "hash", key: str = "key") -> Claim:
    name = record_name("ann", "POST", "/api/orders", key)
    return Claim(name=name, body=body, begun=begun)


@pytest.fixture
async def records(database: Database) -> IdempotencyRepository:
    repository = IdempotencyRepository(database)
    await repository.prepare()
    await repository.prepare()
    return repository


async def test_of_twenty_at_once_one_gets_it(records: IdempotencyRepository) -> None:
    claims = await asyncio.gather(
        *(records.claim(wanted(begun=f"ord_{n}"), NOW, LEASE) for n in range(20))
    )

    (mine,) = [each for each in claims if each.mine]
    assert {each.begun for each in claims} == {mine.begun}


async def test_an_answer_is_told_again(records: IdempotencyRepository) -> None:
    claim = await records.claim(wanted(), NOW, LEASE)
    await records.answer(claim, DONE)

    again = await records.claim(wanted(begun="ord_2"), NOW, LEASE)

    assert (again.mine, again.answered, again.begun) == (False, DONE, "ord_1")
    assert await records.is_known(claim.name)


async def test_after_a_crash_the_next_goes_on_with_the_same(
    records: IdempotencyRepository,
) -> None:
    await records.claim(wanted(), NOW, LEASE)

    later = NOW + LEASE + timedelta(seconds=1)
    again = await records.claim(wanted(begun="ord_2"), later, LEASE)

    assert (again.mine, again.begun) == (True, "ord_1")


async def test_after_the_death_of_a_process_the_next_goes_on_at_once(
    database: Database, records: IdempotencyRepository
) -> None:
    # A process of this id began at another time: that one is gone.
    space, pid, _ = here().split("/")
    dead = IdempotencyRepository(database, f"{space}/{pid}/1")
    await dead.claim(wanted(), NOW, LEASE)

    again = await records.claim(wanted(begun="ord_2"), NOW, LEASE)

    assert (again.mine, again.begun) == (True, "ord_1")


async def test_another_living_process_is_left_alone(
    database: Database, records: IdempotencyRepository
) -> None:
    for holder in (here(), "another machine/1/1"):
        other = IdempotencyRepository(database, holder)
        await other.claim(wanted(key=holder), NOW, LEASE)

        assert not (await records.claim(wanted(key=holder), NOW, LEASE)).mine


async def test_after_trouble_the_next_goes_on_at_once(
    records: IdempotencyRepository,
) -> None:
    claim = await records.claim(wanted(), NOW, LEASE)
    await records.let_go(claim, NOW)

    again = await records.claim(wanted(), NOW, LEASE)

    assert again.mine
    await records.answer(claim, DONE)
    assert (await records.claim(wanted(), NOW, LEASE)).answered is None


async def test_after_a_claim_whose_answer_was_lost_the_next_goes_on_at_once(
    records: IdempotencyRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = records._gathered.add

    async def unheard(document: Document) -> bool:
        await add(document)
        raise Away("nobody heard")

    with monkeypatch.context() as patch:
        patch.setattr(records._gathered, "add", unheard)
        with pytest.raises(Away):
            await records.claim(wanted(), NOW, LEASE)

    again = await records.claim(wanted(begun="ord_2"), NOW, LEASE)

    assert (again.mine, again.begun) == (True, "ord_1")
    assert not (await records.claim(wanted(), NOW, LEASE)).mine


async def test_what_was_refused_before_it_began_is_forgotten(
    records: IdempotencyRepository,
) -> None:
    await records.forget(await records.claim(wanted(), NOW, LEASE))

    again = await records.claim(wanted(begun="ord_2"), NOW, LEASE)

    assert (again.mine, again.begun) == (True, "ord_2")


async def test_another_body_is_seen_and_takes_nothing_over(
    records: IdempotencyRepository,
) -> None:
    claim = await records.claim(wanted(), NOW, LEASE)
    await records.let_go(claim, NOW)

    other = await records.claim(wanted(body="other"), NOW, LEASE)

    assert (other.mine, other.body) == (False, "hash")


async def test_a_day_later_it_is_a_first_one(records: IdempotencyRepository) -> None:
    claim = await records.claim(wanted(), NOW, LEASE)
    await records.answer(claim, DONE)

    again = await records.claim(wanted(begun="ord_2"), NOW + timedelta(hours=24), LEASE)

    assert (again.mine, again.begun, again.answered) == (True, "ord_2", None)


def test_no_two_requests_share_a_name() -> None:
    assert record_name("a", "b", "c", "d") != record_name("ab", "", "c", "d")
