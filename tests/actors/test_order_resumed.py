"""What trouble, a crash or a late hour cut short, and how it goes on or back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from actors.runtime.testing import Fault
from commerce.checkout import CheckoutEnded
from commerce.errors import PriceChanged
from gateway.mock import MockGateway
from messages.base import Unavailable
from messages.cart import AddLine, MergeGuest
from messages.order import PlaceOrder
from tests.actors.order_shop import HOME, ONE, TWO, OrderShop, order_shop
from tests.actors.test_order_crash import Crash, trying
from tests.gateway.bank import DECLINED, THREE_DS

AN_HOUR = 3600


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as built:
        await built.add("lamp")
        await built.node.quiet()
        yield built


async def test_a_card_that_no_bank_knows_lets_the_gift_card_go(
    shop: OrderShop,
) -> None:
    pay = await shop.pay("", gifts=("GIFT-2500-BBBB",))
    unknown = replace(pay, token="made_elsewhere", last_four="1111")

    order = await shop.ask(ONE, PlaceOrder("ann", HOME, unknown))

    assert (order.status, order.refusal.code) == ("cancelled", "unknown_instrument")
    assert [each.state for each in await shop.payments()] == ["voided"]
    await shop.rest(1)
    await shop.check()


@pytest.mark.parametrize("after", range(6))
async def test_nobody_is_charged_long_after_they_asked(
    shop: OrderShop, after: int
) -> None:
    Crash(shop, after, Fault.AWAY)
    await trying(shop.buy())
    charged = await shop.payments()

    shop.clock.advance(AN_HOUR)
    await shop.restart()
    await shop.rest()

    assert len(await shop.payments()) == len(charged)
    await shop.check()


async def test_a_refusal_does_not_hide_the_order_that_is_there(
    shop: OrderShop,
) -> None:
    Crash(shop, 1, Fault.AWAY)
    await trying(shop.buy(is_first=True))
    await shop.restart()

    # Whoever asks again believes to be the first; and it costs something else now.
    with pytest.raises(PriceChanged):
        await shop.buy(is_first=True, expected_total=1)

    assert (await shop.order()).status == "pending"
    await shop.rest(1)
    assert (await shop.order()).status == "confirmed"
    await shop.check()


@pytest.mark.parametrize("phase", ["opened", "reserved"])
async def test_an_order_that_an_older_server_left_in_the_middle_is_taken_up(
    shop: OrderShop, phase: str
) -> None:
    Crash(shop, 1, Fault.AWAY)
    await trying(shop.buy())
    shop.storage.documents["orders"][ONE] |= {"phase": phase, "schema": 1}

    await shop.restart()
    await shop.rest(2)

    assert (await shop.order()).status == "confirmed"
    await shop.check()


async def test_a_guests_cart_that_moves_in_meanwhile_undoes_no_order(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.ask("guest-1", AddLine("pen", 2))
    with monkeypatch.context() as trouble:
        trouble.setattr(MockGateway, "capture", _away)
        with pytest.raises(Unavailable):
            await shop.buy(gifts=("GIFT-0500-CCCC",))
    await shop.ask("ann", MergeGuest("guest-1"))

    await shop.rest(1)

    assert (await shop.order()).status == "confirmed"
    assert [each.sku for each in (await shop.cart()).lines] == ["pen"]
    await shop.check()


async def test_a_checkout_that_was_declined_is_over_for_who_asks_otherwise(
    shop: OrderShop,
) -> None:
    await shop.open()
    first = await shop.buy(DECLINED, from_session=True, asked="by the first card")

    again = await shop.buy(DECLINED, from_session=True, asked="by the first card")
    with pytest.raises(CheckoutEnded):
        await shop.buy(from_session=True, asked="by another card")

    assert (again, again.refusal.status) == (first, 402)


async def test_what_trouble_cut_short_is_not_bought_beside_the_next_click(
    shop: OrderShop,
) -> None:
    click: dict[str, Any] = {
        "asked": "this cart",
        "cart_version": (await shop.cart()).version,
    }
    shop.storage.fault = lambda write: (
        Fault.AWAY if write.collection == "carts" else None
    )
    with pytest.raises(Unavailable):
        await shop.buy(**click)
    shop.storage.fault = lambda _write: None
    waits = await shop.buy(THREE_DS, order_id=TWO, **click)
    assert waits.tenders[0].status == "requires_action"

    await shop.rest(1)

    assert (await shop.order()).status == "cancelled"
    assert (await shop.order()).refusal.code == "checkout_in_progress"
    assert [each.captured for each in await shop.payments(ONE)] == []
    await shop.gateway.answer_challenge(waits.tenders[0].payment_id, "authenticated")
    await shop.rest(1)
    assert (await shop.order(TWO)).status == "confirmed"
    await shop.check()


async def _away(*_: object) -> object:
    raise Unavailable("the bank is away")
