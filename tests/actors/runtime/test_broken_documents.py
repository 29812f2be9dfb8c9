"""A document that a hand broke is read as far as it can be, and written again."""

from typing import Any

import pytest
from msgspec import Struct

from actors.runtime.layout import Layout
from actors.runtime.testing import Fault, MemoryStorage, actor_system
from store.port import Away, Found
from tests.actors.runtime.ledgers import (
    Deposit,
    Get,
    Hold,
    Remind,
    Transfer,
    Write,
    account_kind,
    document,
)


@pytest.mark.parametrize(
    "broken",
    [
        {"promises": "none"},
        {"promises": None},
        {"promises.gift": {"to": "account"}},
        {"promises": [1]},
        {"outcomes": "none"},
        {"outcomes": None},
        {"outcomes.x": "many"},
        {"outcomes.x": {"answer": 5}},
        {"outcomes.x": {"answer": 5, "at": "noon"}},
        {"sealed_to": 0.0},
        {"remind": "soon"},
        {"due": "soon"},
        {"schema": 1.0},
        {"schema": "old"},
        {"holds": None},
        {"holds": [1]},
        {"holds": "none"},
        {"tail": None},
    ],
    ids=str,
)
async def test_an_actor_lives_on_whatever_stands_in_a_field_of_its_document(
    broken: dict[str, Any],
) -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        node.storage.edit("accounts", "ada", broken)
        await node.restart()

        assert await node.ask("ada", Deposit(5), once="y") == 55
        await node.ask("ada", Hold("h", 1))
        await node.ask("ada", Write("first"))
        await node.ask("ada", Transfer("bob", 20, "present"))
        await node.ask("ada", Remind(5))
        await node.advance(10)
        await node.quiet()

        assert document(node)["tail"] == [{"text": "first"}]
        assert document(node)["notes"] == ["woke"]
        assert document(node)["holds"] == {"h": 1}
        assert document(node, "bob")["balance"] == 20


class Line(Struct, frozen=True):
    quantity: int


class Basket(Struct, frozen=True, kw_only=True):
    lines: tuple[Line, ...] = ()


async def test_doubles_that_the_shell_wrote_are_whole_numbers_at_any_depth() -> None:
    layout = Layout(account_kind(state=Basket, guards=()))
    found = Found(key="ada", rev=1, fields={"lines": [{"quantity": 2.0}]})

    assert layout.state(found, Basket()) == Basket(lines=(Line(2),))


async def test_a_hand_edit_is_adopted_by_who_has_only_read_since_the_start() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        await node.restart()
        await node.ask("ada", Get())
        node.storage.edit("accounts", "ada", {"notes": ["by hand"]})

        node.system.refresh("account", "ada")
        await node.quiet()

        assert document(node)["version"] == 2


class AwayOnce(MemoryStorage):
    """Is away for the next claim after `gone`."""

    gone = False

    async def claim(self, collection: str, key: str) -> Found:
        if self.gone:
            self.gone = False
            raise Away("gone")
        return await super().claim(collection, key)


async def test_a_hand_edit_is_adopted_though_the_store_was_away_meanwhile() -> None:
    storage = AwayOnce()
    async with actor_system(account_kind(), storage=storage) as node:
        await node.ask("ada", Deposit(5))
        node.storage.edit("accounts", "bob", {"balance": 7, "rev": 1})
        storage.gone = True

        node.system.refresh("account", "bob")
        await node.advance(1)

        assert document(node, "bob")["version"] == 1


async def test_a_hand_edit_is_adopted_though_what_stood_before_it_was_not_saved() -> (
    None
):
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        node.storage.fault = lambda write: Fault.AWAY if write.rev == 2 else None
        await node.ask("ada", Transfer("bob", 20, "gift"))
        await node.system.breathe()
        # By now it knows that the promise was kept, and cannot write it down.
        node.storage.edit("accounts", "ada", {"notes": ["by hand"]})
        node.system.refresh("account", "ada")
        await node.advance(1)
        node.storage.fault = lambda _write: None
        await node.advance(10)

        assert document(node)["version"] == 3
        assert (await node.ask("ada", Get())).notes == ("by hand",)
