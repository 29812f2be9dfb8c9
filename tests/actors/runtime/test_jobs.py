"""Long work and timers, and what only a handler may do."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
import structlog

from actors.runtime import Bug, Job
from actors.runtime.testing import actor_system, steps
from messages.base import Unavailable
from store.port import Away
from tests.actors.runtime.ledgers import (
    Break,
    Deposit,
    Get,
    Remind,
    Say,
    account_kind,
    document,
)


async def test_a_job_talks_back_and_ends_with_its_actor() -> None:
    ended = asyncio.Event()

    async def job(actor: Any) -> None:
        try:
            assert await actor.ask_self(Deposit(1)) == 1
            actor.tell_self(Deposit(1))
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    def starts(actor: Any) -> None:
        actor.start(job(actor))

    async with actor_system(account_kind({"starts": starts}, idle_s=10)) as node:
        await node.ask("ada", Say("starts"))
        await steps()
        await node.advance(60)
        [ada] = node.system.actors()
        assert (ada.jobs, ada.version) == (1, 2)

        await node.system.stop()

        assert ended.is_set()


async def test_a_job_may_not_decide() -> None:
    async def job(actor: Any, told: Any) -> None:
        try:
            actor.change(balance=1)
        except RuntimeError as error:
            told.set_result(str(error))

    told = asyncio.get_running_loop().create_future()

    def starts(actor: Any) -> None:
        actor.start(job(actor, told))

    async with actor_system(account_kind({"starts": starts})) as node:
        await node.ask("ada", Say("starts"))

        assert "only inside a turn" in await told


async def test_a_timer_is_mail_to_oneself() -> None:
    def sets(actor: Any) -> None:
        actor.after(10, Deposit(5))
        actor.after(10, Deposit(100)).cancel()

    async with actor_system(account_kind({"sets": sets}, idle_s=1)) as node:
        await node.ask("ada", Say("sets"))
        await node.advance(11)

        assert document(node)["balance"] == 5


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (ZeroDivisionError(), ("error", "job.failed")),
        (asyncio.CancelledError(), ("error", "job.failed")),
        # No bug of anybody's, and nothing to report: a server stops, a store is away.
        (Unavailable("the server is going away"), ("warning", "job.cut_short")),
    ],
)
async def test_a_job_that_fails_is_logged_and_over(
    trouble: BaseException, told: tuple[str, str]
) -> None:
    async def job() -> None:
        raise trouble

    def starts(actor: Any) -> None:
        actor.start(job())

    async with actor_system(account_kind({"starts": starts})) as node:
        with structlog.testing.capture_logs() as logs:
            await node.ask("ada", Say("starts"))
            await steps()

        assert [(each["log_level"], each["event"]) for each in logs] == [told]
        assert node.system.actors()[0].jobs == 0


async def test_a_job_can_be_cancelled_before_and_after_it_begins() -> None:
    ran: list[str] = []
    started: list[Job] = []

    async def job() -> None:
        ran.append("begun")
        await asyncio.get_running_loop().create_future()

    def hesitates(actor: Any) -> None:
        actor.start(job()).cancel()

    def starts(actor: Any) -> None:
        started.append(actor.start(job()))

    says = {"hesitates": hesitates, "starts": starts}
    async with actor_system(account_kind(says)) as node:
        await node.ask("ada", Say("hesitates"))
        await steps()
        assert ran == []

        await node.ask("ada", Say("starts"))
        await steps()
        await started[0].close()
        started[0].cancel()

        assert ran == ["begun"]
        assert started[0].done
        assert node.system.actors()[0].jobs == 0


async def test_an_actor_that_is_restarted_loses_its_jobs() -> None:
    ended = asyncio.Event()

    async def job() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    def starts(actor: Any) -> None:
        actor.start(job())

    async with actor_system(account_kind({"starts": starts})) as node:
        await node.ask("ada", Say("starts"))
        await steps()
        with pytest.raises(Bug):
            await node.ask("ada", Break())

        await ended.wait()


async def test_what_an_actor_tells_leaves_after_the_commit() -> None:
    def tells(actor: Any) -> None:
        actor.change(balance=1)
        actor.tell("bob", Deposit(5))

    async with actor_system(account_kind({"tells": tells})) as node:
        await node.ask("ada", Get())
        node.storage.fail_next(Away("gone"))
        with pytest.raises(Unavailable):
            await node.ask("ada", Say("tells"))
        await node.quiet()
        assert (await node.ask("bob", Get())).balance == 0

        await node.ask("ada", Say("tells"))
        await node.quiet()

        assert (await node.ask("bob", Get())).balance == 5


async def test_opening_and_waking_may_ask_others() -> None:
    async def asks(actor: Any) -> None:
        seen = await actor.ask("bob", Get())
        actor.change(balance=seen.balance)

    def opened(actor: Any) -> Any:
        return asks(actor) if actor.key == "ada" else None

    says = {"opened": opened, "woke": opened}
    async with actor_system(account_kind(says)) as node:
        await node.ask("bob", Deposit(5))
        assert (await node.ask("ada", Get())).balance == 5

        await node.ask("bob", Deposit(1))
        await node.ask("ada", Remind(1))
        await node.advance(2)

        assert document(node)["balance"] == 6


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda actor: actor.become("a string"), "cannot become str"),
        (lambda actor: actor.ask_self(Get()), "would wait for itself"),
    ],
)
async def test_a_mistake_of_an_actor_s_writer_is_told(mistake: Any, told: str) -> None:
    async def asks(actor: Any) -> Any:
        actor.change(balance=1)
        return await mistake(actor)

    async with actor_system(account_kind({"asks": asks})) as node:
        with structlog.testing.capture_logs() as logs, suppress(Bug):
            await node.ask("ada", Say("asks"))

        assert told in str(logs[0]["exc_info"])
