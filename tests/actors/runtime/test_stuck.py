"""Whatever breaks, an actor goes on afterwards, and so do the reminders."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
import structlog

from actors.runtime import Bug
from actors.runtime.testing import MemoryStorage, actor_system, steps
from messages.base import Expired
from store.port import Found, OutcomeUnknown
from tests.actors.runtime.ledgers import (
    Deposit,
    Get,
    Remind,
    Say,
    account_kind,
    document,
)


async def test_an_outcome_that_cannot_be_read_fails_its_message_alone() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5), once="x")
        broken = {"outcomes.x.answer": "many"}
        node.storage.edit("accounts", "ada", broken)
        await node.restart()

        repeated = asyncio.ensure_future(node.ask("ada", Deposit(5), once="x"))
        mate = asyncio.ensure_future(node.ask("ada", Deposit(1)))
        await node.quiet()

        with pytest.raises(Bug):
            await repeated
        assert await mate == 6


async def cut(_actor: Any) -> None:
    raise asyncio.CancelledError


async def test_what_is_cancelled_within_a_handler_is_its_bug() -> None:
    async with actor_system(account_kind({"cut": cut})) as node:
        asking = asyncio.ensure_future(node.ask("ada", Say("cut")))
        await steps()

        with pytest.raises(Bug):
            await asking
        assert await node.ask("ada", Deposit(1)) == 1


async def test_what_is_cancelled_within_a_hook_is_its_bug() -> None:
    async with actor_system(account_kind({"opened": cut})) as node:
        asking = asyncio.ensure_future(node.ask("ada", Get()))
        await steps()

        assert isinstance(asking.exception(), Bug)


async def test_a_reminder_that_is_cancelled_from_within_is_given_up() -> None:
    async with actor_system(account_kind({"woke": cut})) as node:
        await node.ask("ada", Remind(1))

        await node.advance(10)

        assert len(node.storage.letters) == 1
        assert await node.ask("ada", Deposit(1)) == 1


class Unreadable(MemoryStorage):
    """Cannot tell what became of a write, and breaks over being asked."""

    async def reclaim(self, collection: str, key: str) -> Found:
        raise ValueError(f"{collection} {key} cannot be decoded")


async def test_a_store_that_breaks_over_a_doubt_leaves_the_doubt() -> None:
    async with actor_system(account_kind(), storage=Unreadable()) as node:
        await node.ask("ada", Deposit(5))
        node.storage.fail_next(OutcomeUnknown("no answer"))

        asking = asyncio.ensure_future(node.ask("ada", Deposit(1)))
        await steps()

        with pytest.raises(Expired):
            await asking


async def test_an_actor_whose_turn_breaks_goes_on_with_the_next_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        with monkeypatch.context() as patch, structlog.testing.capture_logs() as logs:
            patch.setattr("actors.runtime.gate._save", None)
            asking = asyncio.ensure_future(node.ask("ada", Deposit(1)))
            await steps()

        assert isinstance(asking.exception(), Bug)
        assert [each["event"] for each in logs] == ["runtime.broke"]
        await node.advance(1)
        assert await node.ask("ada", Deposit(1)) == 6


class Forgetful(MemoryStorage):
    """Breaks over the next question after what is due."""

    broken = False

    async def due(self, collection: str, before: datetime, limit: int) -> Sequence[str]:
        if self.broken:
            self.broken = False
            raise ValueError("what is due cannot be decoded")
        return await super().due(collection, before, limit)


async def test_reminders_go_on_after_the_poll_has_broken() -> None:
    storage = Forgetful()
    async with actor_system(account_kind(), storage=storage) as node:
        await node.ask("ada", Remind(5))
        storage.broken = True

        await node.advance(7)

        assert document(node)["notes"] == ["woke"]


async def test_reminders_go_on_though_actors_left_while_they_were_looked_at() -> None:
    kind = account_kind(idle_s=60)
    async with actor_system(kind, most_actors=600) as node:
        await node.ask("ada", Remind(100))
        # More than one look takes in: the rest is looked at half a second later.
        for number in range(590):
            await node.ask(f"user{number}", Get())
        await node.advance(59.9)
        assert len(node.system.actors(top=999)) == 591
        for number in range(20):
            await node.ask(f"late{number}", Get())

        await node.advance(60)

        assert document(node)["notes"] == ["woke"]


async def test_a_newcomer_does_not_make_room_for_itself() -> None:
    kind = account_kind(durable=False, reminds=False, keep=16)
    async with actor_system(kind) as node:
        for number in range(40):
            await node.ask(f"user{number}", Deposit(1))
            node.clock.advance(0.001)
            assert (await node.ask(f"user{number}", Get())).balance == 1


async def test_a_newcomer_stays_where_all_others_are_busy() -> None:
    kind = account_kind({"park": park}, durable=False, reminds=False, keep=2)
    async with actor_system(kind) as node:
        parked = [
            asyncio.ensure_future(node.ask(each, Say("park"))) for each in ("a", "b")
        ]
        await steps()

        await node.ask("ada", Deposit(1))

        assert (await node.ask("ada", Get())).balance == 1
        for each in parked:
            each.cancel()


async def park(_actor: Any) -> None:
    await asyncio.get_running_loop().create_future()


async def test_those_who_are_idle_make_room_whatever_their_kind() -> None:
    kinds = (account_kind(), account_kind(name="other", collection="others"))
    async with actor_system(*kinds, most_actors=32) as node:
        for number in range(30):
            node.system.refresh("other", f"user{number}")
        await node.quiet()
        node.clock.advance(1)

        for number in range(10):
            await node.ask(f"user{number}", Get())

        assert sum(node.system.awake().values()) <= 32
