"""Section 1 of the contract: one message at a time, and when askers learn what."""

import asyncio

import pytest

from actors.runtime.testing import Refusal, actor_system
from tests.actors.runtime.ledgers import (
    Changed,
    Deposit,
    Get,
    Withdraw,
    account_kind,
)


async def test_an_actor_answers_with_what_it_became() -> None:
    async with actor_system(account_kind()) as node:
        balance = await node.ask("ada", Deposit(5))

        assert balance == 5
        assert (await node.ask("ada", Get())).balance == 5
        assert node.published == [("account/ada", Changed("ada", 5, 1))]


async def test_a_turn_commits_many_messages_once() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Get())

        balances = await asyncio.gather(
            *(node.ask("ada", Deposit(1)) for _ in range(100))
        )

        assert balances == list(range(1, 101))
        assert node.storage.documents["accounts"]["ada"]["balance"] == 100
        assert len(node.storage.disk.commits) == 1


async def test_a_refusal_changes_nothing_and_restarts_nothing() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))

        with pytest.raises(Refusal, match="6 asked, 5 there"):
            await node.ask("ada", Withdraw(6))

        assert (await node.ask("ada", Get())).balance == 5
        assert node.system.metrics.kinds["account"].restarts == 0
