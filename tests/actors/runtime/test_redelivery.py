"""A dead letter that an operator delivers once more."""

from typing import Any

import msgspec
import pytest

from actors.runtime import Bug, forget, redeliver
from actors.runtime.testing import Fault, Harness, Refusal, actor_system
from messages.base import Unavailable
from store.port import DeadLetter
from tests.actors.runtime.ledgers import Get, Remind, account_kind, document


def letter(node: Harness, **changed: Any) -> DeadLetter:
    plain = DeadLetter(
        id="l1",
        kind="account",
        key="ada",
        command={"type": "Deposit", "amount": 5},
        error="was broken",
        at=node.clock.now(),
    )
    return msgspec.structs.replace(plain, **changed)


async def test_a_letter_is_delivered_once_however_often() -> None:
    async with actor_system(account_kind()) as node:
        await redeliver(node.system, letter(node))
        await node.restart()
        await redeliver(node.system, letter(node))

        assert (await node.ask("ada", Get())).balance == 5


async def test_what_was_delivered_is_forgotten_in_the_end() -> None:
    async with actor_system(account_kind()) as node:
        await redeliver(node.system, letter(node))
        assert document(node)["outcomes"]

        forget(node.system, letter(node))
        await node.advance(90)

        assert not document(node).get("outcomes")


async def test_whoever_delivers_hears_the_refusal() -> None:
    async with actor_system(account_kind()) as node:
        withdraw = {"type": "Withdraw", "amount": 5}

        with pytest.raises(Refusal):
            await redeliver(node.system, letter(node, command=withdraw))


async def test_whoever_delivers_hears_of_the_bug() -> None:
    async with actor_system(account_kind()) as node:
        with pytest.raises(Bug):
            await redeliver(node.system, letter(node, command={"type": "Break"}))

        assert node.storage.letters == ()


@pytest.mark.parametrize(
    "changed", [{"command": {"type": "Nonsense"}}, {"kind": "nobody"}]
)
async def test_a_letter_of_another_age_is_not_delivered(
    changed: dict[str, Any],
) -> None:
    async with actor_system(account_kind()) as node:
        with pytest.raises((msgspec.ValidationError, LookupError)):
            await redeliver(node.system, letter(node, **changed))


async def test_a_reminder_that_was_given_up_stands_again() -> None:
    woken: list[str] = []

    def woke(_actor: Any) -> None:
        woken.append("woke")
        if len(woken) <= 3:
            raise ZeroDivisionError

    async with actor_system(account_kind({"woke": woke})) as node:
        await node.ask("ada", Remind(1))
        await node.advance(10)
        [given_up] = node.storage.letters
        assert "due" not in document(node)

        await redeliver(node.system, given_up)

        # Durable before the letter may be thrown away.
        assert "due" in document(node)
        await node.advance(2)
        assert len(woken) == 4
        assert "due" not in document(node)


async def test_a_reminder_is_not_said_to_stand_while_the_store_is_away() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Get())
        node.storage.fault = lambda _write: Fault.AWAY

        with pytest.raises(Unavailable):
            await redeliver(node.system, letter(node, command={"type": "woke"}))
