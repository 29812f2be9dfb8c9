"""The output gate: what a failed commit leaves behind, and what leaves when."""

import asyncio
from typing import Any

import pytest

from actors.runtime import Bug
from actors.runtime.testing import Fault, actor_system, steps
from messages.base import Expired, Unavailable
from store.port import Away, Lost, OutcomeUnknown
from tests.actors.runtime.ledgers import (
    Break,
    Changed,
    Deposit,
    Get,
    Jot,
    Peek,
    Say,
    Spoil,
    Write,
    account_kind,
    ends,
)


async def test_nothing_leaves_before_its_commit() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Get())
        node.storage.hold()
        asking = asyncio.ensure_future(node.ask("ada", Deposit(5)))
        await steps()

        assert not asking.done()
        assert node.published == []
        assert node.storage.documents == {"accounts": {}}

        node.storage.release()
        assert await asking == 5
        assert node.published == [("account/ada", Changed("ada", 5, 1))]


async def test_a_failed_commit_leaves_the_account_as_it_was() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.published.clear()
        node.storage.fail_next(Away("gone"))

        with pytest.raises(Unavailable):
            await node.ask("ada", Deposit(1))

        assert (await node.ask("ada", Get())).balance == 5
        assert node.published == []


async def test_an_answer_lost_on_its_way_is_found_again() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        faults = [Fault.ANSWER_LOST]
        node.storage.fault = lambda _write: faults.pop() if faults else None

        assert await node.ask("ada", Deposit(1)) == 6

        assert node.storage.documents["accounts"]["ada"]["balance"] == 6


async def test_a_request_that_never_arrived_is_run_again() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.storage.fail_next(OutcomeUnknown("no answer"))

        assert await node.ask("ada", Deposit(1)) == 6


async def test_a_first_request_that_never_arrived_is_run_again() -> None:
    async with actor_system(account_kind()) as node:
        node.storage.fail_next(OutcomeUnknown("no answer"))

        assert await node.ask("ada", Deposit(1)) == 1


async def test_a_write_repeated_by_the_network_counts_once() -> None:
    async with actor_system(account_kind()) as node:
        faults = [Fault.TWICE]
        node.storage.fault = lambda _write: faults.pop() if faults else None

        assert await node.ask("ada", Deposit(1)) == 1

        assert (await node.ask("ada", Get())).balance == 1


async def test_a_lost_commit_runs_on_what_is_true_now() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.storage.fail_next(Lost("somebody else"))

        assert await node.ask("ada", Deposit(1)) == 6


async def test_whether_it_was_saved_is_unknown_when_nobody_can_be_asked() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.storage.fail_next(OutcomeUnknown("no answer"))
        node.storage.fail_next(Away("gone"))

        with pytest.raises(Expired):
            await node.ask("ada", Deposit(1))

        epoch = node.storage.documents["accounts"]["ada"]["epoch"]
        assert (await node.ask("ada", Get())).balance == 5
        assert node.storage.documents["accounts"]["ada"]["epoch"] == epoch + 1


async def test_a_bug_restarts_the_actor_and_its_batch_mates_run_again() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Get())

        before, broken, after = await ends(
            node.ask("ada", Deposit(1)),
            node.ask("ada", Break()),
            node.ask("ada", Deposit(2)),
        )

        assert (before, after) == (1, 3)
        assert isinstance(broken, Bug)
        assert node.system.metrics.kinds["account"].restarts == 1


async def test_a_state_that_cannot_be_written_fails_its_message_alone() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Get())

        before, spoilt, after = await ends(
            node.ask("ada", Deposit(1)),
            node.ask("ada", Spoil()),
            node.ask("ada", Deposit(2)),
        )

        assert (before, after) == (1, 3)
        assert isinstance(spoilt, Bug)


async def test_what_stands_is_committed_before_an_ask_in_mid_batch() -> None:
    async with actor_system(account_kind()) as node:
        await asyncio.gather(node.ask("ada", Get()), node.ask("bob", Deposit(7)))

        first, seen, last = await asyncio.gather(
            node.ask("ada", Deposit(1)),
            node.ask("ada", Peek("bob")),
            node.ask("ada", Deposit(1)),
        )

        assert (first, seen, last) == (1, 7, 2)
        assert len(node.storage.disk.commits) == 4


async def test_a_message_that_waits_keeps_its_place() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Get())

        for told in (Write("a"), Jot("b", "bob"), Write("c")):
            node.tell("ada", told)
        await node.quiet()

        account = await node.ask("ada", Get())
        assert [each.text for each in account.entries] == ["a", "b", "c"]


async def test_become_then_ask_is_a_bug() -> None:
    async def rash(actor: Any) -> None:
        actor.change(balance=1)
        await actor.ask("bob", Get())

    async with actor_system(account_kind({"rash": rash})) as node:
        with pytest.raises(Bug) as caught:
            await node.ask("ada", Say("rash"))

        assert "ask first, then become" in str(caught.value.__cause__)
        assert (await node.ask("ada", Get())).balance == 0


async def test_a_checkpoint_saves_half_a_saga() -> None:
    async def saga(actor: Any) -> None:
        actor.change(balance=1)
        await actor.checkpoint()
        await actor.ask("bob", Get())
        actor.change(balance=2)
        raise ZeroDivisionError

    async with actor_system(account_kind({"saga": saga})) as node:
        with pytest.raises(Bug):
            await node.ask("ada", Say("saga"))

        assert (await node.ask("ada", Get())).balance == 1


async def test_a_message_that_changed_nothing_waits_for_what_it_saw() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        node.storage.fail_next(Away("gone"))

        deposited, seen = await ends(
            node.ask("ada", Deposit(1)), node.ask("ada", Get())
        )

        assert isinstance(deposited, Unavailable)
        assert isinstance(seen, Unavailable)


async def test_a_job_begins_after_the_commit_or_never() -> None:
    begun = []

    async def job() -> None:
        begun.append("job")

    def starts(actor: Any) -> None:
        actor.change(balance=1)
        actor.start(job())

    async with actor_system(account_kind({"starts": starts})) as node:
        await node.ask("ada", Get())
        node.storage.fail_next(Away("gone"))
        with pytest.raises(Unavailable):
            await node.ask("ada", Say("starts"))
        assert begun == []

        await node.ask("ada", Say("starts"))
        await steps(1)
        assert begun == ["job"]
