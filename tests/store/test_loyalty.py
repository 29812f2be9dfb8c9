"""Loyalty accounts on a real database: the balance is the sum of the ledger."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from actors.loyalty import loyalty_kind
from actors.runtime import System
from actors.runtime.testing import ManualClock
from commerce.errors import CommerceError
from commerce.ledger import Sums
from commerce.pricing import Tariff
from commerce.tier import Program
from messages.loyalty import (
    ActivateEarned,
    AdjustPoints,
    CountOrder,
    GetLoyalty,
    HoldPoints,
    ReverseEarned,
    SpendPoints,
)
from store.client import Database
from store.commit import MongoStorage
from store.loyalty import LoyaltyRepository, read_program, read_tariff
from tests.fakes_product import DATA

PROGRAM = read_program(DATA)


@pytest.fixture
async def accounts(database: Database) -> LoyaltyRepository:
    repository = LoyaltyRepository(database)
    await repository.prepare()
    return repository


@pytest.fixture
async def system(
    database: Database, accounts: LoyaltyRepository
) -> AsyncIterator[System]:
    assert accounts, "prepared before anybody asks"
    clock = ManualClock()
    storage = MongoStorage(database, clock=clock, owner="tests")
    kinds = [loyalty_kind(PROGRAM)]
    running = System(kinds, storage, clock, refusals=CommerceError, random=Random(0))
    await running.start()
    yield running
    await running.stop()
    await storage.close()


async def test_who_has_no_account_has_nothing(accounts: LoyaltyRepository) -> None:
    found = await accounts.audit("nobody")

    assert (found.agrees, found.told) == (True, Sums())
    assert await accounts.user_ids() == []


async def test_an_account_is_the_sum_of_its_ledger(
    system: System, accounts: LoyaltyRepository
) -> None:
    for command in (
        CountOrder("first", 600),
        ActivateEarned("first"),
        CountOrder("second", 50),
        HoldPoints("second", 200),
        HoldPoints("third", 100),
        SpendPoints("second"),
        ReverseEarned("first", "back", 550),
    ):
        await system.ask("ann", command)

    found = await accounts.audit("ann")

    assert found.agrees
    assert found.told == Sums(points=-150, pending=50, held=100)


async def test_a_long_ledger_is_added_up_over_its_chunks(
    system: System, accounts: LoyaltyRepository
) -> None:
    for number in range(700):
        await system.ask("ann", AdjustPoints(f"gift-{number}", 1, "a" * 50))

    found = await accounts.audit("ann")

    assert (found.agrees, found.ledger.points) == (True, 700)


async def test_an_account_that_a_hand_edited_does_not_agree(
    system: System, accounts: LoyaltyRepository, database: Database
) -> None:
    await system.ask("ann", AdjustPoints("gift", 100, "welcome"))
    await database["loyalty"].update_one({"_id": "ann"}, {"$set": {"balance": 9999}})

    assert not (await accounts.audit("ann")).agrees


async def test_what_is_stored_is_what_is_read_again(
    system: System, database: Database
) -> None:
    for command in (CountOrder("ord_1.x", 600), ActivateEarned("ord_1.x")):
        await system.ask("ann", command)
    before = await system.ask("ann", GetLoyalty())
    storage = MongoStorage(database, clock=ManualClock(), owner="another")
    other = System(
        [loyalty_kind(PROGRAM)],
        storage,
        ManualClock(),
        refusals=CommerceError,
        random=Random(0),
    )
    await other.start()

    after = await other.ask("ann", GetLoyalty())

    await other.stop()
    await storage.close()
    assert after == before


async def test_accounts_are_told_page_by_page(
    system: System, accounts: LoyaltyRepository
) -> None:
    for user_id in ("c", "a", "b"):
        await system.ask(user_id, AdjustPoints("gift", 1, "welcome"))

    assert await accounts.user_ids(limit=2) == ["a", "b"]
    assert await accounts.user_ids(after="b") == ["c"]


def test_the_demos_program_is_the_one_the_rules_default_to() -> None:
    assert Program(tiers=PROGRAM.tiers) == PROGRAM
    assert [each.id for each in PROGRAM.tiers] == [
        "bronze", "silver", "gold", "platinum",
    ]  # fmt: skip
    assert read_tariff(DATA) == Tariff()
