"""Doors count within a sliding minute, and lock nobody out for longer."""

from collections.abc import AsyncIterator, Awaitable
from itertools import count

import pytest

from actors.runtime.testing import Harness, actor_system
from actors.sign_in import Limits, sign_in_kind
from commerce.errors import CommerceError, TooOften
from messages.sign_in import Forgive, Knock, TryAccount

ADA = "account/ada"
HOME, CAFE = "home", "café"
_ids = (f"attempt-{number}" for number in count())


@pytest.fixture
async def node() -> AsyncIterator[Harness]:
    limits = Limits(address=3, signup=2, guest=2, refresh=2)
    async with actor_system(sign_in_kind(limits), refusals=CommerceError) as running:
        yield running


def knock(node: Harness, door: str = "address/home") -> Awaitable[None]:
    return node.ask(door, Knock(next(_ids)))


def fail(node: Harness, address: str, *, known: bool = False) -> Awaitable[None]:
    return node.ask(ADA, TryAccount(next(_ids), address, known))


async def failing(node: Harness, times: int, *addresses: str) -> None:
    for _ in range(times):
        for address in addresses:
            await fail(node, address)


async def test_a_door_lets_as_many_in_as_it_may(node: Harness) -> None:
    for _ in range(3):
        await knock(node)

    with pytest.raises(TooOften) as refused:
        await knock(node)

    assert refused.value.details == {
        "policy": "address",
        "limit": 3,
        "window_s": 60,
        "retry_after_s": 60.0,
    }


async def test_a_refused_knock_does_not_count(node: Harness) -> None:
    for _ in range(3):
        await knock(node)
    node.clock.advance(59)
    for _ in range(5):
        with pytest.raises(TooOften):
            await knock(node)

    node.clock.advance(1)

    for _ in range(3):
        await knock(node)


async def test_the_window_slides(node: Harness) -> None:
    await knock(node)
    node.clock.advance(40)
    await knock(node)
    await knock(node)
    node.clock.advance(20)
    await knock(node)

    with pytest.raises(TooOften) as refused:
        await knock(node)

    assert refused.value.details["retry_after_s"] == 40.0


async def test_doors_do_not_know_of_one_another(node: Harness) -> None:
    for _ in range(3):
        await knock(node)

    await knock(node, "address/elsewhere")


@pytest.mark.parametrize("door", ["signup", "guest", "refresh"])
async def test_every_door_has_a_limit_of_its_own(node: Harness, door: str) -> None:
    await knock(node, f"{door}/home")
    await knock(node, f"{door}/home")

    with pytest.raises(TooOften):
        await knock(node, f"{door}/home")


async def test_the_sixth_try_from_one_address_is_refused(node: Harness) -> None:
    await failing(node, 5, HOME)

    with pytest.raises(TooOften) as refused:
        await fail(node, HOME, known=True)

    assert refused.value.details["limit"] == 5


async def test_another_address_may_still_try(node: Harness) -> None:
    await failing(node, 5, HOME)

    await fail(node, CAFE)


async def test_ten_failures_from_everywhere_close_the_account_to_strangers(
    node: Harness,
) -> None:
    await failing(node, 5, "thief-1", "thief-2")

    with pytest.raises(TooOften) as refused:
        await fail(node, CAFE)

    assert refused.value.details["limit"] == 10


async def test_the_owner_is_not_locked_out(node: Harness) -> None:
    await failing(node, 5, "thief-1", "thief-2")

    for _ in range(5):
        await fail(node, HOME, known=True)
    with pytest.raises(TooOften):
        await fail(node, HOME, known=True)


async def test_a_forgiven_try_was_none(node: Harness) -> None:
    await failing(node, 4, HOME)
    await node.ask(ADA, TryAccount("right", HOME, known=False))
    await node.ask(ADA, Forgive("right"))
    await node.ask(ADA, Forgive("right"))

    await fail(node, HOME)
    with pytest.raises(TooOften):
        await fail(node, HOME)


async def test_nothing_is_stored_of_it(node: Harness) -> None:
    await failing(node, 3, HOME)
    await node.quiet()

    assert node.storage.documents == {}
