"""A guest becomes somebody: the cart moves along once, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from actors.cart import MERGE_AGAIN_AFTER
from actors.runtime.testing import Fault
from commerce.cart import Cart, Clamped
from commerce.errors import CartMerged, NotAGuest
from messages.base import Unavailable
from messages.cart import CloseInto, MergeGuest
from store.port import Away, Write
from tests.actors.cart_shop import CartShop, held


@pytest.fixture
async def shop() -> AsyncIterator[CartShop]:
    shop = CartShop()
    await shop.open()
    yield shop
    await shop.system.stop()


async def test_a_guests_cart_moves_into_the_accounts(shop: CartShop) -> None:
    await shop.add("guest-1", "lamp", 3)
    await shop.add("ann", "lamp", 1)

    cart = await shop.system.ask("ann", MergeGuest("guest-1"))

    assert (held(cart), cart.merged_guests) == ({"lamp": 4}, ("guest-1",))


async def test_a_moved_cart_is_clamped_and_says_so(shop: CartShop) -> None:
    await shop.add("guest-1", "lamp", 6)
    await shop.add("guest-1", "shirt-red", 4)
    await shop.add("guest-1", "pen-0", 1)
    await shop.add("ann", "lamp", 5)
    await shop.add("ann", "shirt-blue", 2)
    shop.shelf.retire("pen-0")

    cart = await shop.system.ask("ann", MergeGuest("guest-1"))

    assert held(cart) == {"lamp": 8, "shirt-blue": 2, "shirt-red": 3}
    assert cart.clamped == (
        Clamped("lamp", 6, 3, "insufficient_stock"),
        Clamped("shirt-red", 4, 3, "max_per_order"),
        Clamped("pen-0", 1, 0, "product_not_found"),
    )


async def test_moving_the_same_guest_again_changes_nothing(shop: CartShop) -> None:
    await shop.add("guest-1", "lamp", 3)
    once = await shop.system.ask("ann", MergeGuest("guest-1"))

    again = await shop.system.ask("ann", MergeGuest("guest-1"))

    assert again == once


async def test_a_guest_moved_by_two_requests_at_once_is_moved_once(
    shop: CartShop,
) -> None:
    await shop.add("guest-1", "lamp", 3)

    await asyncio.gather(
        *(shop.system.ask("ann", MergeGuest("guest-1")) for _ in range(5))
    )

    assert held(await shop.cart()) == {"lamp": 3}


async def test_a_moved_cart_stays_closed(shop: CartShop) -> None:
    await shop.add("guest-1", "lamp")
    await shop.system.ask("ann", MergeGuest("guest-1"))

    with pytest.raises(CartMerged):
        await shop.add("guest-1", "lamp")
    with pytest.raises(CartMerged):
        await shop.cart("guest-1")


async def test_a_guest_without_a_cart_can_be_moved(shop: CartShop) -> None:
    cart = await shop.system.ask("ann", MergeGuest("guest-1"))

    assert (cart.lines, cart.merged_guests) == ((), ("guest-1",))


async def test_of_two_accounts_one_gets_the_guests_cart(shop: CartShop) -> None:
    await shop.add("guest-1", "lamp", 3)
    await shop.system.ask("ann", MergeGuest("guest-1"))

    with pytest.raises(CartMerged):
        await shop.system.ask("bob", MergeGuest("guest-1"))

    assert await shop.cart("bob") == Cart(id="bob")


async def test_an_account_that_came_second_goes_on_as_before(shop: CartShop) -> None:
    await shop.system.ask("ann", MergeGuest("guest-1"))
    with pytest.raises(CartMerged):
        await shop.system.ask("bob", MergeGuest("guest-1"))

    assert held(await shop.add("bob", "lamp")) == {"lamp": 1}
    assert shop.storage.documents["carts"]["bob"].get("due") is None


@pytest.mark.parametrize(
    ("into", "guest"),
    [("ann", "bob"), ("ann", "ann"), ("guest-2", "guest-1"), ("guest-1", "guest-1")],
)
async def test_only_guests_move_and_only_into_accounts(
    shop: CartShop, into: str, guest: str
) -> None:
    with pytest.raises(NotAGuest):
        await shop.system.ask(into, MergeGuest(guest))


async def test_nobody_can_close_an_accounts_cart(shop: CartShop) -> None:
    with pytest.raises(NotAGuest):
        await shop.system.ask("ann", CloseInto("bob"))


async def test_closing_again_for_the_same_account_returns_what_it_held(
    shop: CartShop,
) -> None:
    await shop.add("guest-1", "lamp", 3)

    once = await shop.system.ask("guest-1", CloseInto("ann"))
    again = await shop.system.ask("guest-1", CloseInto("ann"))

    assert once == again
    assert held(again) == {"lamp": 3}


def away_after(commits: int) -> Callable[[Write], Fault | None]:
    """Let so many commits through, then none."""
    left = iter([None] * commits)
    return lambda _write: next(left, Fault.AWAY)


@pytest.mark.parametrize("commits", [1, 2])
async def test_a_move_cut_short_by_a_crash_is_taken_up_when_the_cart_is_opened(
    shop: CartShop, commits: int
) -> None:
    await shop.add("guest-1", "lamp", 3)
    shop.storage.fault = away_after(commits)
    with pytest.raises(Unavailable):
        await shop.system.ask("ann", MergeGuest("guest-1"))

    started = CartShop(shop.storage.beside("the next start"))
    await started.system.start()
    await started.cart()
    await started.system.quiet()

    assert held(await started.cart()) == {"lamp": 3}
    with pytest.raises(CartMerged):
        await started.cart("guest-1")
    await started.system.stop()


async def test_a_move_that_never_began_leaves_both_carts_as_they_were(
    shop: CartShop,
) -> None:
    await shop.add("guest-1", "lamp", 3)
    shop.storage.fail_next(Away("the store is away"))

    with pytest.raises(Unavailable):
        await shop.system.ask("ann", MergeGuest("guest-1"))

    assert await shop.cart() == Cart(id="ann")
    assert held(await shop.cart("guest-1")) == {"lamp": 3}


async def test_a_move_cut_short_is_taken_up_by_itself(shop: CartShop) -> None:
    await shop.add("guest-1", "lamp", 3)
    shop.storage.fault = lambda write: Fault.AWAY if write.key == "guest-1" else None
    with pytest.raises(Unavailable):
        await shop.system.ask("ann", MergeGuest("guest-1"))
    shop.storage.fault = lambda _write: None
    moved = asyncio.Event()
    shop.system.follow("user/ann", lambda _event: moved.set())

    shop.clock.advance(MERGE_AGAIN_AFTER.total_seconds())
    async with asyncio.timeout(5):
        await moved.wait()

    assert held(await shop.cart()) == {"lamp": 3}


async def test_a_second_guest_waits_for_the_first_ones_move(shop: CartShop) -> None:
    await shop.add("guest-1", "lamp", 3)
    await shop.add("guest-2", "pen-0", 1)
    shop.storage.fault = lambda write: Fault.AWAY if write.key == "guest-1" else None
    with pytest.raises(Unavailable):
        await shop.system.ask("ann", MergeGuest("guest-1"))
    shop.storage.fault = lambda _write: None

    cart = await shop.system.ask("ann", MergeGuest("guest-2"))

    assert held(cart) == {"lamp": 3, "pen-0": 1}


async def test_a_first_guest_lost_to_another_account_does_not_stop_the_second(
    shop: CartShop,
) -> None:
    await shop.add("guest-2", "pen-0", 1)
    shop.storage.fault = lambda write: Fault.AWAY if write.key == "guest-1" else None
    with pytest.raises(Unavailable):
        await shop.system.ask("ann", MergeGuest("guest-1"))
    shop.storage.fault = lambda _write: None
    await shop.system.ask("guest-1", CloseInto("bob"))

    cart = await shop.system.ask("ann", MergeGuest("guest-2"))

    assert (held(cart), cart.merged_guests) == ({"pen-0": 1}, ("guest-2",))
