"""The append-only log of a state: sealed when long, never rewritten."""

from typing import Any

import pytest

from actors.runtime import Bug
from actors.runtime.testing import actor_system
from tests.actors.runtime.ledgers import (
    Get,
    Read,
    Say,
    Write,
    account_kind,
    document,
)


async def test_a_long_log_is_sealed_and_read_back() -> None:
    async with actor_system(account_kind()) as node:
        for number in range(60):
            await node.ask("ada", Write(f"{number:02}" + "x" * 1000))

        account = await node.ask("ada", Get())
        stored = document(node)
        assert stored["sealed_to"] + len(stored["tail"]) == 60
        assert len(stored["tail"]) < 40
        assert stored["sealed_to"] + len(account.entries) == 60
        read = await node.ask("ada", Read(0, 59))
        assert [entry.text[:2] for entry in read] == [f"{n:02}" for n in range(60)]
        assert await node.ask("ada", Write("last")) == 61


async def test_a_sealed_log_survives_a_restart() -> None:
    async with actor_system(account_kind()) as node:
        for number in range(60):
            await node.ask("ada", Write(f"{number:02}" + "x" * 1000))
        before = await node.ask("ada", Get())

        await node.restart()

        assert await node.ask("ada", Get()) == before
        assert await node.ask("ada", Write("last")) == 61


async def test_a_log_may_not_be_rewritten() -> None:
    def rewrites(actor: Any) -> None:
        actor.change(entries=actor.state.entries[1:])

    async with actor_system(account_kind({"rewrites": rewrites})) as node:
        await node.ask("ada", Write("one"))
        await node.ask("ada", Write("two"))

        with pytest.raises(Bug):
            await node.ask("ada", Say("rewrites"))

        assert len((await node.ask("ada", Get())).entries) == 2


async def test_an_emptied_log_forgets() -> None:
    def forgets(actor: Any) -> None:
        actor.change(entries=())

    async with actor_system(account_kind({"forgets": forgets})) as node:
        await node.ask("ada", Write("one"))
        await node.ask("ada", Say("forgets"))

        assert document(node)["tail"] == []
        assert await node.ask("ada", Write("two")) == 2
