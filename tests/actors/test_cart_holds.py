"""A limited item is held already in the cart, for as long as promised and no longer."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from actors.cart_holds import KEPT_FOR
from actors.runtime.testing import Fault, steps
from commerce.cart import Cart
from commerce.errors import OutOfStock
from messages.base import Unavailable
from messages.cart import (
    ChangeLine,
    EmptyCart,
    Freeze,
    MergeGuest,
    RemoveLine,
    SetCheckout,
)
from messages.cart_view import shown
from messages.stock import GetAvailable, GetStock, HoldUnits, cart_hold_id
from tests.actors.cart_shop import CartShop, held

KEPT_S = KEPT_FOR.total_seconds()


@pytest.fixture
async def shop() -> AsyncIterator[CartShop]:
    shop = CartShop()
    await shop.system.start()
    await shop.fill(watch=3)
    yield shop
    await shop.system.stop()


async def left(shop: CartShop, sku: str = "watch") -> int:
    return await shop.system.ask(sku, GetAvailable())


async def kept(shop: CartShop) -> dict[str, int]:
    """What each hold of the watch sets aside."""
    stock = await shop.system.ask("watch", GetStock())
    return {hold_id: each.units for hold_id, each in stock.holds.items()}


def in_ten_minutes(shop: CartShop) -> datetime:
    return shop.clock.now() + KEPT_FOR


async def test_a_limited_item_in_a_cart_is_held_for_ten_minutes(
    shop: CartShop,
) -> None:
    cart = await shop.add("ann", "watch", 2)

    assert cart.holds == {"watch": in_ten_minutes(shop)}
    assert await left(shop) == 1


async def test_any_other_item_in_a_cart_is_not_held(shop: CartShop) -> None:
    cart = await shop.add("ann", "lamp", 2)

    assert (cart.holds, await left(shop, "lamp")) == ({}, 50)


async def test_what_one_cart_holds_another_cannot_have(shop: CartShop) -> None:
    await shop.add("ann", "watch", 3)

    with pytest.raises(OutOfStock):
        await shop.add("bob", "watch")


async def test_more_of_it_is_held_to_the_same_end(shop: CartShop) -> None:
    first = await shop.add("ann", "watch", 1)
    shop.clock.advance(300)

    cart = await shop.add("ann", "watch", 2)

    assert (held(cart), cart.holds) == ({"watch": 3}, first.holds)
    assert await kept(shop) == {cart_hold_id("ann", "watch"): 3}


async def test_fewer_of_it_are_held_when_the_line_is_changed(shop: CartShop) -> None:
    await shop.add("ann", "watch", 3)

    await shop.system.ask("ann", ChangeLine("watch", 1))

    assert await left(shop) == 2


@pytest.mark.parametrize(
    "command", [RemoveLine("watch"), ChangeLine("watch", 0), EmptyCart()]
)
async def test_what_is_taken_out_is_given_back(
    shop: CartShop, command: RemoveLine | ChangeLine | EmptyCart
) -> None:
    await shop.add("ann", "watch", 3)

    cart = await shop.system.ask("ann", command)
    await shop.system.quiet()

    assert (cart.holds, await left(shop)) == ({}, 3)


async def test_what_is_taken_out_is_given_back_although_the_item_cannot_save_it_yet(
    shop: CartShop,
) -> None:
    await shop.add("ann", "watch", 3)
    shop.storage.fault = lambda write: Fault.AWAY if write.key == "watch" else None

    await shop.system.ask("ann", RemoveLine("watch"))
    await steps()
    shop.storage.fault = lambda _write: None
    for _ in range(60):
        shop.clock.advance(1)
        await steps()

    assert await left(shop) == 3


async def test_what_was_put_back_in_is_held_anew(shop: CartShop) -> None:
    await shop.add("ann", "watch", 1)
    shop.clock.advance(300)
    await shop.system.ask("ann", RemoveLine("watch"))

    cart = await shop.add("ann", "watch", 2)
    await shop.system.quiet()

    assert cart.holds == {"watch": in_ten_minutes(shop)}
    assert await left(shop) == 1


async def test_a_line_whose_hold_has_ended_stays_and_holds_nothing(
    shop: CartShop,
) -> None:
    before = await shop.add("ann", "watch", 2)
    shop.clock.advance(KEPT_S)

    cart = await shop.cart()

    assert (held(cart), cart.holds) == ({"watch": 2}, {})
    assert (cart.version, await left(shop)) == (before.version, 3)


async def test_a_line_whose_hold_has_ended_is_held_anew_when_touched(
    shop: CartShop,
) -> None:
    await shop.add("ann", "watch", 2)
    shop.clock.advance(KEPT_S)

    cart = await shop.system.ask("ann", ChangeLine("watch", 2))

    assert cart.holds == {"watch": in_ten_minutes(shop)}
    assert await left(shop) == 1


async def test_a_shopper_sees_until_when_and_what_is_held_as_available(
    shop: CartShop,
) -> None:
    cart = await shop.add("ann", "watch", 2)

    view = shown(cart, shop.shelf.by_sku, lambda _sku: 1)

    (item,) = view.items
    assert (item.available, item.hold_expires_at) == (3, in_ten_minutes(shop))


async def test_a_cart_that_could_not_be_saved_holds_no_longer_than_any(
    shop: CartShop,
) -> None:
    shop.storage.fault = lambda write: (
        Fault.AWAY if write.collection == "carts" else None
    )
    with pytest.raises(Unavailable):
        await shop.add("ann", "watch", 2)
    shop.storage.fault = lambda _write: None
    shop.clock.advance(KEPT_S)

    assert (await left(shop), await shop.cart()) == (3, Cart(id="ann"))


# A guest becomes somebody


async def test_what_a_guest_held_moves_with_its_end(shop: CartShop) -> None:
    guest = await shop.add("guest-1", "watch", 3)
    shop.clock.advance(100)

    cart = await shop.system.ask("ann", MergeGuest("guest-1"))
    await shop.system.quiet()

    assert (held(cart), cart.holds) == ({"watch": 3}, guest.holds)
    assert await kept(shop) == {cart_hold_id("ann", "watch"): 3}


async def test_what_both_held_is_held_together(shop: CartShop) -> None:
    await shop.add("ann", "watch", 1)
    shop.clock.advance(100)
    guest = await shop.add("guest-1", "watch", 2)

    cart = await shop.system.ask("ann", MergeGuest("guest-1"))
    await shop.system.quiet()

    assert (held(cart), cart.holds) == ({"watch": 3}, guest.holds)
    assert await kept(shop) == {cart_hold_id("ann", "watch"): 3}


async def test_what_of_a_guests_does_not_fit_is_given_back(shop: CartShop) -> None:
    await shop.add("guest-1", "watch", 2)
    shop.shelf.retire("watch")

    cart = await shop.system.ask("ann", MergeGuest("guest-1"))
    await shop.system.quiet()

    assert (held(cart), await left(shop)) == ({}, 3)


# Checkout


@pytest.mark.parametrize("kind", [SetCheckout, Freeze])
async def test_a_checkout_has_the_holds_from_then_on(
    shop: CartShop, kind: type[SetCheckout | Freeze]
) -> None:
    cart = await shop.add("ann", "watch", 2)
    until = shop.clock.now() + timedelta(seconds=900)

    await shop.system.ask("watch", HoldUnits("ord_1", 2, (), until, "ann"))
    cart = await shop.system.ask("ann", kind("ord_1", cart.version))

    assert (cart.holds, await kept(shop)) == ({}, {"ord_1": 2})


async def test_an_edit_takes_the_units_back_from_the_session_it_ends(
    shop: CartShop,
) -> None:
    cart = await shop.add("ann", "watch", 2)
    until = shop.clock.now() + timedelta(seconds=900)
    await shop.system.ask("watch", HoldUnits("ord_1", 2, (), until, "ann"))
    await shop.system.ask("ann", SetCheckout("ord_1", cart.version))

    cart = await shop.add("ann", "watch", 1)

    assert await kept(shop) == {cart_hold_id("ann", "watch"): 3}
    assert cart.holds == {"watch": in_ten_minutes(shop)}
