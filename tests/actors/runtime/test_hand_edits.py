"""What people write into the database is adopted, never overwritten."""

from typing import Any

from actors.runtime.testing import actor_system
from tests.actors.runtime.ledgers import (
    Deposit,
    Get,
    Hold,
    account_kind,
    document,
)


async def test_a_hand_edit_is_adopted_by_a_commit_of_its_own() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.storage.edit("accounts", "ada", {"balance": 50})

        node.system.refresh("account", "ada")
        await node.quiet()

        account = await node.ask("ada", Get())
        assert (account.balance, account.version) == (50, 2)
        assert document(node)["version"] == 2


async def test_a_hand_edit_is_never_overwritten() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.storage.edit("accounts", "ada", {"balance": 50})

        assert await node.ask("ada", Deposit(1)) == 51

        assert document(node)["balance"] == 51


async def test_our_own_echo_changes_nothing() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.system.refresh("account", "ada")
        await node.quiet()

        assert document(node)["rev"] == 1


async def test_a_deletion_by_hand_is_adopted() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.storage.delete("accounts", "ada")

        node.system.refresh("account", "ada")
        await node.quiet()

        assert (await node.ask("ada", Get())).balance == 0
        assert await node.ask("ada", Deposit(1)) == 1


async def test_an_edit_of_a_sleeper_is_adopted() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        await node.restart()
        node.storage.edit("accounts", "ada", {"balance": 50})

        node.system.refresh("account", "ada")
        await node.quiet()

        assert document(node)["version"] == 2


async def test_what_cannot_be_read_is_not_adopted() -> None:
    kind = account_kind(guards=("balance", "holds"), unreadable={"holds": -1})
    async with actor_system(kind) as node:
        await node.ask("ada", Hold("h1", 2))
        by_hand = {"balance": "plenty", "holds.h2": "many", "holds.h3": 4.0}
        node.storage.edit("accounts", "ada", by_hand)

        node.system.refresh("account", "ada")
        await node.quiet()

        account = await node.ask("ada", Get())
        assert account.balance == 0
        assert account.holds == {"h1": 2, "h2": -1, "h3": 4}
        assert document(node)["balance"] == "plenty"
        assert document(node)["holds"]["h2"] == "many"


async def test_a_document_inserted_by_hand_is_taken_over() -> None:
    async with actor_system(account_kind()) as node:
        node.storage.edit("accounts", "ada", {"balance": 7, "holds": {"h": 1}})

        assert await node.ask("ada", Deposit(1)) == 8

        assert document(node)["id"] == "ada"
        assert document(node)["holds"] == {"h": 1}


async def test_old_documents_are_upgraded() -> None:
    def upgrade(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "balance": fields["euros"] * 100}

    async with actor_system(account_kind(schema=2, upgrades={1: upgrade})) as node:
        node.storage.edit("accounts", "ada", {"euros": 7, "rev": 3, "epoch": 1})

        assert await node.ask("ada", Deposit(1)) == 701
        await node.restart()

        assert (await node.ask("ada", Get())).balance == 701
        assert document(node)["schema"] == 2
