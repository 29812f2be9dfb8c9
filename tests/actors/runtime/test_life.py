"""Activation, what is written, passivation, and a store that is away."""

from typing import Any

import pytest

from actors.runtime import Bug, Kind
from actors.runtime.testing import MemoryStorage, Refusal, actor_system
from messages.base import Unavailable
from store.port import Away, Found
from tests.actors.runtime.ledgers import (
    Deposit,
    Get,
    Hold,
    Release,
    Withdraw,
    Write,
    account_kind,
    document,
)


async def test_reading_creates_nothing() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Get())

        assert node.storage.documents == {"accounts": {}}


async def test_only_what_changed_is_written() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        await node.ask("ada", Hold("h.1", 2))
        await node.ask("ada", Hold("h2", 3))
        await node.ask("ada", Release("h.1"))
        await node.ask("ada", Write("first"))

        held, _, released, wrote = node.storage.disk.commits[1:]
        assert dict(held.set_fields) == {"version": 2, "holds.h%2E1": 2}
        assert list(released.unset_fields) == ["holds.h%2E1"]
        assert (dict(wrote.set_fields), list(wrote.push)) == (
            {"version": 5},
            [{"text": "first"}],
        )


async def test_a_restart_loads_what_was_saved() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        await node.ask("ada", Hold("h.1", 2))
        await node.ask("ada", Write("first"))
        before = await node.ask("ada", Get())

        await node.restart()

        assert await node.ask("ada", Get()) == before


async def test_an_idle_actor_is_forgotten_without_a_write() -> None:
    async with actor_system(account_kind(idle_s=60)) as node:
        await node.ask("ada", Deposit(5))
        commits = len(node.storage.disk.commits)

        await node.advance(62)

        assert node.system.actors() == []
        assert len(node.storage.disk.commits) == commits
        assert (await node.ask("ada", Get())).balance == 5


async def test_the_longest_idle_make_room() -> None:
    async with actor_system(account_kind(), most_actors=32) as node:
        for number in range(40):
            await node.ask(f"user{number}", Get())
            node.clock.advance(0.001)

        keys = {each.key for each in node.system.actors()}
        assert len(keys) <= 32
        assert "user39" in keys
        assert "user0" not in keys


async def test_a_volatile_kind_keeps_so_many_and_stores_nothing() -> None:
    kind = account_kind(durable=False, reminds=False, keep=16)
    async with actor_system(kind) as node:
        for number in range(40):
            await node.ask(f"user{number}", Deposit(1))
            node.clock.advance(0.001)

        assert len(node.system.actors()) <= 16
        assert (await node.ask("user39", Get())).balance == 1
        assert (await node.ask("user0", Get())).balance == 0
        assert node.storage.documents == {}


async def test_a_volatile_actor_does_a_named_effect_once() -> None:
    async with actor_system(account_kind(durable=False, reminds=False)) as node:
        answers = [await node.ask("ada", Deposit(5), once="x") for _ in range(2)]

        assert answers == [5, 5]
        assert (await node.ask("ada", Get())).balance == 5


async def test_a_store_that_is_away_is_told_and_tried_with_the_next_message() -> None:
    async with actor_system(account_kind()) as node:
        node.storage.fail_next(Away("gone"))

        with pytest.raises(Unavailable):
            await node.ask("ada", Deposit(5))

        assert await node.ask("ada", Deposit(5)) == 5


async def test_a_tell_outlives_a_store_that_is_away() -> None:
    async with actor_system(account_kind()) as node:
        node.storage.fail_next(Away("gone"), times=4)
        node.tell("ada", Deposit(5))

        await node.advance(5)

        assert (await node.ask("ada", Get())).balance == 5


async def test_what_opened_decides_is_saved() -> None:
    def opened(actor: Any) -> None:
        if not actor.state.notes:
            actor.change(notes=("opened",))

    async with actor_system(account_kind({"opened": opened})) as node:
        account = await node.ask("ada", Get())

        assert account.notes == ("opened",)
        assert document(node)["notes"] == ["opened"]


async def test_an_actor_that_cannot_open_says_so_and_is_tried_again() -> None:
    broken = [True, False]

    def opened(_actor: Any) -> None:
        if broken.pop(0):
            raise ZeroDivisionError

    async with actor_system(account_kind({"opened": opened})) as node:
        with pytest.raises(Bug):
            await node.ask("ada", Get())

        assert (await node.ask("ada", Get())).balance == 0


class Remembering(MemoryStorage):
    """Knows who was claimed."""

    def __init__(self) -> None:
        super().__init__()
        self.claimed: list[str] = []

    async def claim(self, collection: str, key: str) -> Found:
        self.claimed.append(key)
        return await super().claim(collection, key)


def founded_by_deposits() -> Kind:
    return account_kind(founds=lambda command: isinstance(command, Deposit))


async def test_who_comes_to_a_key_that_was_made_up_for_it_reads_nothing() -> None:
    storage = Remembering()
    async with actor_system(founded_by_deposits(), storage=storage) as node:
        await node.ask("ada", Deposit(5))
        await node.ask("bob", Get())

        assert storage.claimed == ["bob"]
        assert document(node)["balance"] == 5


async def test_who_was_wrong_about_that_decides_on_what_is_there() -> None:
    async with actor_system(founded_by_deposits()) as node:
        await node.ask("ada", Deposit(5))
        await node.restart()

        assert await node.ask("ada", Deposit(1)) == 6
        assert document(node)["balance"] == 6


async def test_who_was_wrong_and_decided_nothing_hides_nothing() -> None:
    kind = account_kind(founds=lambda command: isinstance(command, Withdraw))
    async with actor_system(kind) as node:
        await node.ask("ada", Deposit(5))
        await node.restart()

        with pytest.raises(Refusal):
            await node.ask("ada", Withdraw(1))

        assert (await node.ask("ada", Get())).balance == 5
