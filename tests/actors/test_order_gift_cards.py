"""A saved gift card that is chosen to pay with is a gift card like any other."""

from collections.abc import AsyncIterator, Sequence

import pytest

from commerce.payment import PaymentMethodRequired, TooManyGiftCards
from gateway.instrument import GiftCode
from messages.order import GiftCardUsed, Pay, PlaceOrder
from tests.actors.order_shop import HOME, ONE, OrderShop, order_shop

SMALL, MIDDLE, LARGE = "GIFT-2500-BBBB", "GIFT-5000-AAAA", "GIFT-9999-FULL"


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as built:
        await built.add("lamp", 2)
        yield built


async def paid_with(shop: OrderShop, chosen: str, *codes: str) -> Sequence[str]:
    """Return the last four of what paid for two lamps."""
    saved = await shop.gateway.tokenise(GiftCode(chosen))
    cards = [await shop.gateway.tokenise(GiftCode(each)) for each in codes]
    pay = Pay(
        token=saved.token,
        kind="gift_card",
        last_four=saved.last_four,
        gift_cards=tuple(GiftCardUsed(each.token, each.last_four) for each in cards),
    )
    order = await shop.ask(ONE, PlaceOrder("ann", HOME, pay))
    assert order.status == "confirmed"
    return [each.last_four for each in order.tenders]


async def test_it_pays_after_those_that_are_named(shop: OrderShop) -> None:
    assert await paid_with(shop, LARGE, SMALL) == ["BBBB", "FULL"]


async def test_with_two_more_it_would_be_a_third(shop: OrderShop) -> None:
    with pytest.raises(TooManyGiftCards):
        await paid_with(shop, LARGE, SMALL, MIDDLE)


async def test_it_is_used_once_though_it_is_named_twice(shop: OrderShop) -> None:
    with pytest.raises(TooManyGiftCards):
        await paid_with(shop, LARGE, LARGE)


async def test_what_it_does_not_cover_is_missed_before_anything_is_held(
    shop: OrderShop,
) -> None:
    with pytest.raises(PaymentMethodRequired):
        await paid_with(shop, SMALL)

    assert (await shop.stock("lamp")).free == 10
