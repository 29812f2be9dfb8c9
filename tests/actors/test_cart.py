"""A cart as its owner: who asked first is served first, and nothing comes twice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from commerce.cart import MAX_LINES, Cart
from commerce.errors import (
    CartChanged,
    CartFull,
    CommerceError,
    LineNotFound,
    Malformed,
    MaxPerOrder,
    OutOfStock,
    ProductNotFound,
)
from messages.base import Unavailable
from messages.cart import (
    AddLine,
    CartUpdated,
    ChangeLine,
    EmptyCart,
    GetCart,
    RemoveLine,
)
from messages.cart_view import CartView
from messages.stock import AdjustStock
from store.port import Away
from tests.actors.cart_shop import PENS, CartShop, held


@pytest.fixture
async def shop() -> AsyncIterator[CartShop]:
    shop = CartShop()
    await shop.open()
    yield shop
    await shop.system.stop()


async def test_an_added_line_is_there(shop: CartShop) -> None:
    answer = await shop.add("ann", "lamp", 2)

    assert held(answer) == held(await shop.cart()) == {"lamp": 2}


async def test_looking_at_a_cart_stores_nothing(shop: CartShop) -> None:
    await shop.system.ask("ann", GetCart())

    assert not shop.storage.documents.get("carts")


async def test_a_look_that_wants_no_terms_asks_nobody(shop: CartShop) -> None:
    await shop.add("ann", "lamp", 2)
    asked = len(shop.system.actors("loyalty"))

    cart = await shop.system.ask("bob", GetCart(terms=False))

    assert (cart.id, cart.terms) == ("bob", None)
    assert len(shop.system.actors("loyalty")) == asked


async def test_twenty_first_adds_at_once_to_a_new_cart_are_all_there(
    shop: CartShop,
) -> None:
    adds = [shop.add("ann", pen.id) for pen in PENS[:MAX_LINES]]

    await asyncio.gather(*adds)

    assert len((await shop.cart()).lines) == MAX_LINES


async def test_twenty_adds_of_one_sku_at_once_add_up(shop: CartShop) -> None:
    answers = await asyncio.gather(
        *(shop.add("ann", "lamp") for _ in range(20)), return_exceptions=True
    )

    assert held(await shop.cart()) == {"lamp": 8}
    assert sum(isinstance(each, OutOfStock) for each in answers) == 12


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (AddLine("lamp", 9), OutOfStock),
        (AddLine("lamp", 11), MaxPerOrder),
        (AddLine("lamp", 0), Malformed),
        (AddLine("dragon"), ProductNotFound),
        (ChangeLine("lamp", 1), LineNotFound),
        (ChangeLine("lamp", 0), LineNotFound),
        (RemoveLine("lamp"), LineNotFound),
    ],
)
async def test_what_the_shop_refuses_leaves_the_cart_as_it_was(
    shop: CartShop,
    command: AddLine | ChangeLine | RemoveLine,
    refusal: type[CommerceError],
) -> None:
    with pytest.raises(refusal):
        await shop.system.ask("ann", command)

    assert await shop.cart() == Cart(id="ann")
    assert shop.heard == []


async def test_a_twenty_first_line_is_refused(shop: CartShop) -> None:
    for pen in PENS[:MAX_LINES]:
        await shop.add("ann", pen.id)

    with pytest.raises(CartFull):
        await shop.add("ann", "lamp")


async def test_the_limit_counts_the_variants_of_a_product_together(
    shop: CartShop,
) -> None:
    await shop.add("ann", "shirt-red", 3)

    with pytest.raises(MaxPerOrder):
        await shop.add("ann", "shirt-blue", 3)


async def test_what_is_no_longer_sold_cannot_be_added_but_taken_out(
    shop: CartShop,
) -> None:
    await shop.add("ann", "lamp")
    shop.shelf.retire("lamp")

    with pytest.raises(ProductNotFound):
        await shop.add("ann", "lamp")
    with pytest.raises(ProductNotFound):
        await shop.system.ask("ann", ChangeLine("lamp", 2))
    assert not (await shop.system.ask("ann", RemoveLine("lamp"))).lines


async def test_stock_sold_meanwhile_is_known_at_once(shop: CartShop) -> None:
    await shop.system.ask("lamp", AdjustStock("east", -8, "sold elsewhere"))

    with pytest.raises(OutOfStock):
        await shop.add("ann", "lamp")


async def test_a_line_is_changed_and_at_zero_removed(shop: CartShop) -> None:
    await shop.add("ann", "lamp")

    changed = await shop.system.ask("ann", ChangeLine("lamp", 5))
    emptied = await shop.system.ask("ann", ChangeLine("lamp", 0))

    assert (held(changed), held(emptied)) == ({"lamp": 5}, {})


async def test_an_emptied_cart_keeps_its_version_growing(shop: CartShop) -> None:
    await shop.add("ann", "lamp")

    await shop.system.ask("ann", EmptyCart())

    assert await shop.cart() == Cart(id="ann", version=2)


async def test_who_watches_hears_of_each_change_and_by_whose_hand(
    shop: CartShop,
) -> None:
    await shop.system.ask("ann", AddLine("lamp", 1, by="agent"))
    await shop.system.ask("ann", ChangeLine("lamp", 1))  # which changes nothing
    await shop.system.ask("ann", RemoveLine("lamp"))

    told = [
        (each.cart.version, each.by)
        for each in shop.heard
        if isinstance(each, CartUpdated)
    ]
    assert told == [(1, "agent"), (2, "user")]


@pytest.mark.parametrize(
    "command",
    [
        AddLine("lamp", expected_version=0),
        ChangeLine("lamp", 2, expected_version=2),
        RemoveLine("lamp", expected_version=0),
        EmptyCart(expected_version=0),
    ],
)
async def test_who_saw_another_version_is_shown_the_cart_as_it_is(
    shop: CartShop, command: AddLine | ChangeLine | RemoveLine | EmptyCart
) -> None:
    await shop.add("ann", "lamp")

    with pytest.raises(CartChanged) as refused:
        await shop.system.ask("ann", command)

    view = refused.value.details["cart"]
    assert isinstance(view, CartView)
    assert (view.version, view.items[0].sku) == (1, "lamp")


async def test_who_saw_this_version_may_change_it(shop: CartShop) -> None:
    await shop.add("ann", "lamp")

    cart = await shop.system.ask("ann", AddLine("lamp", expected_version=1))

    assert cart.version == 2


async def test_the_same_effect_asked_twice_happens_once(shop: CartShop) -> None:
    for _ in range(2):
        await shop.system.ask("ann", AddLine("lamp"), once="turn-1/call-1")

    assert held(await shop.cart()) == {"lamp": 1}


async def test_a_failed_commit_leaves_the_cart_as_it_was(shop: CartShop) -> None:
    await shop.add("ann", "lamp")
    shop.heard.clear()
    shop.storage.fail_next(Away("the store is away"))

    with pytest.raises(Unavailable):
        await shop.add("ann", "lamp")

    assert held(await shop.cart()) == {"lamp": 1}
    assert shop.heard == []
