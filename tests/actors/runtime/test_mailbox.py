"""Mailboxes are bounded and fair; tells are tried three times; asks always end."""

import asyncio
from typing import Any

import pytest

from actors.runtime import Bug, Cycle
from actors.runtime.testing import Refusal, actor_system, steps
from messages.base import Busy, Expired, Unavailable
from tests.actors.runtime.ledgers import (
    Break,
    Deposit,
    Get,
    Peek,
    Say,
    Withdraw,
    Write,
    account_kind,
)


async def test_a_full_mailbox_refuses() -> None:
    async with actor_system(account_kind(mailbox=4)) as node:
        asked = [node.ask("ada", Deposit(1)) for _ in range(6)]

        answers = await asyncio.gather(*asked, return_exceptions=True)

        assert [type(each) for each in answers] == [int] * 4 + [Busy] * 2
        assert node.system.metrics.kinds["account"].busy == 2


async def test_a_sender_gets_its_share_of_a_mailbox_more_than_half_full() -> None:
    async with actor_system(account_kind(mailbox=16)) as node:
        crowd = [node.ask("ada", Get(), sender="loud") for _ in range(12)]
        other = [node.ask("ada", Get(), sender="soft")]

        answers = await asyncio.gather(*crowd, *other, return_exceptions=True)

        assert sum(isinstance(each, Busy) for each in answers[:-1]) == 3
        assert not isinstance(answers[-1], Busy)


async def test_a_tell_is_done_without_an_answer() -> None:
    async with actor_system(account_kind()) as node:
        node.tell("ada", Deposit(5))

        await node.quiet()

        assert (await node.ask("ada", Get())).balance == 5


async def test_a_tell_that_fails_three_times_is_a_dead_letter() -> None:
    async with actor_system(account_kind()) as node:
        node.tell("ada", Break())
        node.tell("ada", Deposit(1))

        await node.advance(1)

        [letter] = node.storage.letters
        assert (letter.kind, letter.key) == ("account", "ada")
        assert letter.command == {"type": "Break"}
        assert "ZeroDivisionError" in letter.error
        assert (await node.ask("ada", Get())).balance == 1


async def test_a_refused_tell_is_over() -> None:
    async with actor_system(account_kind()) as node:
        node.tell("ada", Withdraw(5))

        await node.quiet()

        assert node.storage.letters == ()


async def test_a_tell_to_a_full_mailbox_is_a_dead_letter_in_the_end() -> None:
    async with actor_system(account_kind(mailbox=2)) as node:
        node.storage.hold()
        for _ in range(3):
            node.tell("ada", Deposit(1))
        node.clock.advance(5)
        node.storage.release()
        await node.quiet()

        assert len(node.storage.letters) == 1
        assert (await node.ask("ada", Get())).balance == 2


async def test_one_sender_is_heard_in_order() -> None:
    async with actor_system(account_kind()) as node:
        for number in range(50):
            node.tell("ada", Write(str(number)))

        await node.quiet()

        texts = [each.text for each in (await node.ask("ada", Get())).entries]
        assert texts == [str(number) for number in range(50)]


async def test_an_ask_without_an_answer_expires() -> None:
    async with actor_system(account_kind()) as node:
        node.storage.hold()
        asking = asyncio.ensure_future(node.ask("ada", Deposit(1), within_s=2))
        await steps(1)

        node.clock.advance(1.9)
        assert not asking.done()
        node.clock.advance(0.2)

        with pytest.raises(Expired):
            await asking
        node.storage.release()


async def test_nobody_runs_a_message_whose_asker_gave_up() -> None:
    async with actor_system(account_kind()) as node:
        node.storage.hold()
        asking = asyncio.ensure_future(node.ask("ada", Deposit(1)))
        await steps(1)
        asking.cancel()
        node.storage.release()
        await node.quiet()

        assert (await node.ask("ada", Get())).balance == 0


async def test_a_nested_ask_gets_what_is_left_of_the_time() -> None:
    async def asks(actor: Any) -> None:
        await actor.ask("bob", Say("sleeps"))

    async def sleeps(actor: Any) -> None:
        await actor.clock.sleep(100)

    async with actor_system(account_kind({"asks": asks, "sleeps": sleeps})) as node:
        asking = asyncio.ensure_future(node.ask("ada", Say("asks"), within_s=1))
        await steps()
        node.clock.advance(1.1)

        with pytest.raises(Expired):
            await asking
        await steps()
        ada = next(each for each in node.system.actors() if each.key == "ada")
        assert ada.status == "resting"


async def test_asking_in_a_circle_is_refused_with_its_path() -> None:
    async def to_bob(actor: Any) -> None:
        await actor.ask("bob", Say("to_ada"))

    async def to_ada(actor: Any) -> None:
        await actor.ask("ada", Get())

    async with actor_system(account_kind({"to_bob": to_bob, "to_ada": to_ada})) as node:
        with pytest.raises(Cycle, match="account/ada -> account/bob -> account/ada"):
            await node.ask("ada", Say("to_bob"))


async def test_two_that_ask_each_other_do_not_wait_for_ever() -> None:
    async with actor_system(account_kind()) as node:
        await asyncio.gather(node.ask("ada", Get()), node.ask("bob", Get()))

        answers = await asyncio.gather(
            node.ask("ada", Peek("bob")),
            node.ask("bob", Peek("ada")),
            return_exceptions=True,
        )

        assert sorted(type(each).__name__ for each in answers) == ["Cycle", "int"]


async def test_asking_oneself_is_a_circle() -> None:
    async with actor_system(account_kind()) as node:
        with pytest.raises(Cycle):
            await node.ask("ada", Peek("ada"))


async def test_an_actor_that_fails_again_and_again_waits_longer_and_longer() -> None:
    async with actor_system(account_kind()) as node:
        for _ in range(2):
            with pytest.raises(Bug):
                await node.ask("ada", Break())
        asking = asyncio.ensure_future(node.ask("ada", Deposit(1)))
        await steps()
        assert not asking.done()

        await node.advance(0.1)

        assert await asking == 1


async def test_a_repeated_effect_is_done_once() -> None:
    async with actor_system(account_kind()) as node:
        first = await node.ask("ada", Deposit(5), once="order/1.a$")
        await node.ask("ada", Deposit(1))
        again = await node.ask("ada", Deposit(5), once="order/1.a$")

        assert (first, again) == (5, 5)
        assert (await node.ask("ada", Get())).balance == 6


async def test_a_repeat_after_a_restart_gets_the_first_answer() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5), once="order/1.a$")
        await node.restart()

        assert await node.ask("ada", Deposit(5), once="order/1.a$") == 5
        assert (await node.ask("ada", Get())).balance == 5


async def test_an_outcome_is_forgotten_after_a_day() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5), once="x")
        # At a leap: nothing between matters, and a day of polling takes its time.
        node.clock.advance(25 * 3600)

        await node.ask("ada", Deposit(1))

        assert not node.storage.documents["accounts"]["ada"]["outcomes"]


async def test_a_refused_effect_may_be_tried_again() -> None:
    async with actor_system(account_kind()) as node:
        with pytest.raises(Refusal):
            await node.ask("ada", Withdraw(5), once="x")
        await node.ask("ada", Deposit(5))

        assert await node.ask("ada", Withdraw(5), once="x") == 0


async def test_an_unknown_kind_is_named() -> None:
    async with actor_system(account_kind(name="other")) as node:
        with pytest.raises(LookupError, match="no kind 'account' here"):
            await node.ask("ada", Get())


async def test_stop_finishes_what_was_taken_on_and_refuses_the_rest() -> None:
    async with actor_system(account_kind()) as node:
        asking = asyncio.ensure_future(node.ask("ada", Deposit(5)))
        await steps(1)

        await node.system.stop()

        assert await asking == 5
        with pytest.raises(Unavailable):
            await node.ask("ada", Get())


async def test_stop_never_hangs() -> None:
    async with actor_system(account_kind()) as node:
        node.storage.hold()
        asking = asyncio.ensure_future(node.ask("ada", Deposit(5), within_s=100))
        stopping = asyncio.ensure_future(node.system.stop())
        await steps()

        node.clock.advance(11)
        await stopping

        with pytest.raises(Unavailable):
            await asking
