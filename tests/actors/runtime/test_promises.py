"""Promises arrive once, reminders are late but never lost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from actors.runtime import Bug, Kind
from actors.runtime.manual_clock import ManualTimer
from actors.runtime.testing import Fault, ManualClock, actor_system, steps
from store.port import Away, Write
from tests.actors.runtime.ledgers import (
    Deposit,
    Get,
    Remind,
    Say,
    Transfer,
    Withdraw,
    account_kind,
    document,
)


def owing() -> Kind:
    """Accounts that promise what an empty one refuses."""

    def owe(actor: Any) -> None:
        actor.promise("debt", "bob", Withdraw(5))

    return account_kind({"owe": owe})


async def test_a_promise_arrives_once_and_is_forgotten() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        await node.ask("ada", Transfer("bob", 20, "gift.1"))
        await node.quiet()

        assert (await node.ask("bob", Get())).balance == 20
        assert "promises" not in document(node)
        assert list(document(node, "bob")["outcomes"]) == ["account/ada/gift%2E1"]

        await node.advance(65)

        assert "outcomes" not in document(node, "bob")
        assert "due" not in document(node)


async def test_a_promise_survives_a_crash_though_nobody_asks() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        asking = asyncio.ensure_future(node.ask("ada", Transfer("bob", 20, "gift")))
        while len(node.storage.disk.commits) < 2:
            await steps(1)  # a step of the loop, not of time
        await node.restart()
        await asyncio.gather(asking, return_exceptions=True)
        assert "bob" not in node.storage.documents["accounts"]

        await node.advance(31)
        await node.quiet()

        assert document(node, "bob")["balance"] == 20


async def test_a_promise_is_sent_again_until_answered() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        await node.ask("ada", Get())
        node.storage.away = lambda: True
        await node.ask("ada", Transfer("bob", 20, "gift"))
        await node.advance(3)
        node.storage.away = lambda: False

        await node.advance(60)
        await node.quiet()

        assert document(node, "bob")["balance"] == 20


async def test_a_refused_promise_is_a_dead_letter_before_it_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(_: object) -> None:
        raise Away("the store is away")

    async with actor_system(owing()) as node:
        with monkeypatch.context() as patch:
            patch.setattr(node.storage, "bury", away)
            await node.ask("ada", Say("owe"))
            await node.advance(0.4)
            assert list(document(node)["promises"]) == ["debt"]

        await node.advance(2)
        await node.quiet()

        [letter] = node.storage.letters
        assert (letter.kind, letter.key) == ("account", "bob")
        assert letter.command == {"type": "Withdraw", "amount": 5}
        assert letter.error.startswith("Refusal: ")
        assert "promises" not in document(node)


async def test_a_promise_refused_twice_is_one_dead_letter() -> None:
    async with actor_system(owing()) as node:
        await node.ask("ada", Say("owe"))
        await node.quiet()
        await node.ask("ada", Say("owe"))
        await node.quiet()

        assert len(node.storage.letters) == 1


async def test_promising_something_else_under_the_same_step_is_a_bug() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        node.storage.away = lambda: True
        await node.ask("ada", Transfer("bob", 20, "gift"))

        with pytest.raises(Bug):
            await node.ask("ada", Transfer("bob", 21, "gift"))


async def test_a_kind_must_say_that_it_reminds() -> None:
    async with actor_system(account_kind(reminds=False)) as node:
        with pytest.raises(Bug) as caught:
            await node.ask("ada", Remind(5))

        assert "reminds=True" in str(caught.value.__cause__)


async def test_a_reminder_wakes_a_sleeper() -> None:
    async with actor_system(account_kind(idle_s=60)) as node:
        await node.ask("ada", Remind(3600))
        await node.advance(120)
        assert node.system.actors() == []

        await node.advance(3481)

        assert document(node)["notes"] == ["woke"]
        assert "due" not in document(node)


async def test_a_reminder_is_not_early_and_less_than_a_second_late() -> None:
    woken = []

    def woke(actor: Any) -> None:
        woken.append(actor.clock.now())

    async with actor_system(account_kind({"woke": woke})) as node:
        due = node.clock.now() + timedelta(seconds=7.3)
        await node.ask("ada", Remind(7.3))

        await node.advance(10)

        assert len(woken) == 1
        assert timedelta() <= woken[0] - due < timedelta(seconds=1)


class Recording(ManualClock):
    """Knows for how long timers were set."""

    longest_s = 0.0

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> ManualTimer:
        self.longest_s = max(self.longest_s, delay_s)
        return super().call_later(delay_s, callback)


async def test_who_is_woken_for_a_promise_sets_no_timer_for_what_is_far_away() -> None:
    clock = Recording()
    async with actor_system(account_kind(), clock=clock) as node:
        await node.ask("ada", Deposit(50))
        await node.ask("ada", Remind(30 * 24 * 3600))
        node.storage.fault = lambda write: Fault.AWAY if write.key == "bob" else None
        await node.ask("ada", Transfer("bob", 20, "gift"))

        await node.advance(31)

        assert clock.longest_s < 3600


async def test_a_reminder_that_fails_three_times_is_a_dead_letter() -> None:
    def woke(_actor: Any) -> None:
        raise ZeroDivisionError

    async with actor_system(account_kind({"woke": woke})) as node:
        await node.ask("ada", Remind(1))

        await node.advance(10)

        [letter] = node.storage.letters
        assert letter.command == {"type": "woke"}
        assert "due" not in document(node)


def give_two(actor: Any) -> None:
    actor.change(balance=1)
    actor.promise("a", "bob", Deposit(1))
    actor.promise("b", "eve", Deposit(1))


async def test_what_is_answered_together_is_written_down_together() -> None:
    async with actor_system(account_kind({"give": give_two})) as node:
        await node.ask("ada", Say("give"))
        await node.quiet()

        own = [write for write in node.storage.disk.commits if write.key == "ada"]
        assert len(own) == 2
        assert "promises" in own[1].unset_fields


async def test_one_that_cannot_arrive_keeps_no_other_from_being_written_down() -> None:
    async with actor_system(account_kind({"give": give_two})) as node:
        node.storage.fault = lambda write: Fault.AWAY if write.key == "eve" else None
        await node.ask("ada", Say("give"))
        await node.system.breathe()

        assert list(document(node)["promises"]) == ["b"]
        node.storage.fault = lambda _write: None
        await node.advance(60)
        await node.quiet()

        assert "promises" not in document(node)
        assert document(node, "bob")["balance"] == 1
        assert document(node, "eve")["balance"] == 1


async def test_what_many_have_kept_is_written_down_at_once() -> None:
    givers = [f"giver{number}" for number in range(20)]
    async with actor_system(account_kind()) as node:
        for giver in givers:
            await node.ask(giver, Deposit(50))
        await asyncio.gather(
            *(node.ask(giver, Transfer("bob", 2, "gift")) for giver in givers)
        )
        await node.quiet()

        kept = [
            each for each in node.storage.disk.commits if "due" in each.unset_fields
        ]
        assert sorted(each.key for each in kept) == sorted(givers)
        assert len({each.writer for each in kept}) < len(givers) / 2
        for giver in givers:
            assert (await node.ask(giver, Deposit(1))) == 49


async def test_who_keeps_a_promise_is_still_reminded() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        await node.ask("ada", Remind(3600))
        await node.ask("ada", Transfer("bob", 20, "gift"))
        await node.quiet()

        assert not document(node).get("promises")
        await node.advance(3601)

        assert document(node)["notes"] == ["woke"]


async def test_what_many_may_forget_goes_at_once() -> None:
    takers = [f"taker{number}" for number in range(20)]
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        for taker in takers:
            await node.ask("ada", Transfer(taker, 2, f"to {taker}"))
        await node.quiet()
        await node.advance(65)

        gone = [
            each
            for each in node.storage.disk.commits
            if each.unset_fields == ("outcomes",)
        ]
        assert sorted(each.key for each in gone) == sorted(takers)
        assert len({each.writer for each in gone}) < len(takers) / 2
        for taker in takers:
            assert (await node.ask(taker, Deposit(1))) == 3


async def test_what_may_still_be_repeated_is_not_forgotten_with_the_rest() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        await node.ask("ada", Transfer("bob", 20, "first"))
        await node.advance(40)
        await node.ask("ada", Transfer("bob", 10, "second"))
        await node.advance(25)

        assert list(document(node, "bob")["outcomes"]) == ["account/ada/second"]


@pytest.mark.parametrize("fault", Fault)
async def test_trouble_while_it_is_forgotten_loses_nothing(fault: Fault) -> None:
    def once(write: Write) -> Fault | None:
        if write.unset_fields != ("outcomes",):
            return None
        node.storage.fault = lambda _write: None
        return fault

    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        await node.ask("ada", Transfer("bob", 20, "gift"))
        node.storage.fault = once
        await node.advance(65)

        assert node.storage.fault is not once
        assert (await node.ask("bob", Deposit(1))) == 21
        assert (await node.ask("ada", Transfer("bob", 10, "more"))) == 20
        await node.quiet()
        assert (await node.ask("bob", Get())).balance == 31


@pytest.mark.parametrize("fault", Fault)
async def test_trouble_while_it_is_written_down_makes_no_gift_twice(
    fault: Fault,
) -> None:
    def once(write: Write) -> Fault | None:
        is_kept = write.unset_fields == ("promises", "due")
        if is_kept:
            node.storage.fault = lambda _write: None
        return fault if is_kept else None

    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(50))
        node.storage.fault = once
        await node.ask("ada", Transfer("bob", 20, "gift"))
        await node.advance(40)
        await node.quiet()

        assert node.storage.fault is not once
        assert not document(node).get("promises")
        assert document(node, "bob")["balance"] == 20
        assert (await node.ask("ada", Deposit(1))) == 31
