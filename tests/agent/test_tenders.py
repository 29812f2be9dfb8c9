"""What a conversation pays with: UPI, gift cards, both together, and limited items."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from agent.settled import outcome
from agent.shop import Balance
from commerce.quote import QuotedGift
from messages.quote_view import quote_view
from tests.actors.order_shop import OrderShop, order_shop
from tests.agent.buyer import Chat, chat_in

SMALL, LARGE = "GIFT-2500-BBBB", "GIFT-9999-FULL"


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as shop:
        yield shop


@pytest.fixture
async def chat(shop: OrderShop) -> Chat:
    return await chat_in(
        shop,
        upi="instant@mock",
        app="success@mock",
        poor="insufficient@mock",
        small=SMALL,
        large=LARGE,
        empty="GIFT-0000-ZERO",
        old="GIFT-EXPD-2024",
    )


async def test_upi_that_is_approved_at_once_buys(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp", 2)

    quote = await chat.quote(payment_method_id="upi")
    result = await chat.confirm(quote)

    assert (quote.payment_type, quote.gift_cards) == ("upi", ())
    assert (result["status"], result["paid_cents"]) == ("confirmed", quote.total)


async def test_upi_that_waits_is_told_as_waiting_and_confirmed_by_the_news(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp")

    result = await chat.confirm(await chat.quote(payment_method_id="app"))
    told = outcome("place_order", result)
    await shop.later(2)

    assert "not confirmed yet" in told
    (order_id,) = shop.storage.documents["orders"]
    assert shop.saved(order_id).status == "confirmed"


async def test_upi_that_is_refused_leaves_the_cart(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp")

    result = await chat.confirm(await chat.quote(payment_method_id="poor"))

    assert "declined" in outcome("place_order", result)
    assert [each.sku for each in (await shop.cart()).lines] == ["lamp"]
    assert (await shop.stock("lamp")).free == 10


@pytest.mark.parametrize(
    "asked", [{"payment_method_id": "large"}, {"gift_card_ids": ["large"]}]
)
async def test_a_gift_card_that_covers_it_pays_it_all(
    shop: OrderShop, chat: Chat, asked: dict[str, Any]
) -> None:
    await shop.add("lamp", 2)

    quote = await chat.quote(**asked)
    result = await chat.confirm(quote)

    last_four = LARGE[-4:]
    assert quote.gift_cards == (QuotedGift("large", last_four, quote.total),)
    assert (quote.payment_type, quote.payment_method_id) == ("gift_card", "")
    assert (result["status"], result["paid_cents"]) == ("confirmed", quote.total)
    assert [each["type"] for each in result["payments"]] == ["gift_card"]


async def test_a_gift_card_pays_its_part_and_the_card_the_rest(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)

    quote = await chat.quote(gift_card_ids=["small"])
    shown = quote_view(quote)
    result = await chat.confirm(quote)

    assert quote.gift_cards == (QuotedGift("small", "BBBB", 2500),)
    assert [str(each.amount) for each in shown.gift_cards] == ["25.00"]
    assert (shown.payment_brand, shown.payment_last4) == ("visa", "4242")
    assert result["paid_cents"] == quote.total
    paid = {each.instrument.type: each.captured for each in await shop.payments()}
    assert paid == {"gift_card": 2500, "card": quote.total - 2500}


async def test_two_gift_cards_are_used_in_the_order_named(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)

    quote = await chat.quote(gift_card_ids=["small", "large"])

    assert [each.amount for each in quote.gift_cards] == [2500, quote.total - 2500]
    assert (await chat.confirm(quote))["paid_cents"] == quote.total


async def test_what_a_gift_card_does_not_cover_is_missed_before_it_is_confirmed(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)

    result, quote = await chat.use("quote_checkout", payment_method_id="small")

    assert (result["error"], quote) == ("payment_method_required", None)
    assert result["details"]["missing_cents"] == 10798 - 2500


@pytest.mark.parametrize(
    ("card", "why"), [("empty", "gift_card_empty"), ("old", "gift_card_expired")]
)
async def test_a_gift_card_that_is_no_good_is_named_before_it_is_confirmed(
    shop: OrderShop, chat: Chat, card: str, why: str
) -> None:
    await shop.add("lamp")

    result, quote = await chat.use("quote_checkout", gift_card_ids=[card])

    assert (result["error"], quote) == (why, None)


async def test_a_gift_card_spent_meanwhile_voids_the_quote(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)
    quote = await chat.quote(gift_card_ids=["small"])
    await shop.add("pen", user="bob")
    await shop.buy("", user="bob", gifts=(SMALL,))

    result = await chat.confirm(quote)

    assert result["error"] == "quote_void"
    assert result["details"]["changed"] == ["payment"]
    assert len(await shop.payments()) == 1


class Blind:
    """Tells of a gift card what it was good for before."""

    def __init__(self, told: Balance) -> None:
        self.told = told

    async def balance(self, _token: str, /) -> Balance:
        return self.told


async def test_what_nobody_agreed_to_pay_with_is_not_charged(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("pen", 2)
    quote = await chat.quote(gift_card_ids=["small"], shipping_method="express")
    token = (await chat.desk.instruments.get("ann", "small")).token
    # It is spent between the last look at it and the order.
    before = await shop.gateway.balance(token)
    await shop.add("pen", 2, user="bob")
    await shop.buy("", user="bob", order_id="ord_bob", gifts=(SMALL,))
    chat.desk = replace(chat.desk, gift_cards=Blind(before))

    result = await chat.confirm(quote)

    assert result["error"] == "payment_method_required"
    assert [each.instrument.type for each in await shop.payments()] == ["gift_card"]


async def test_a_split_that_the_bank_declines_gives_the_gift_card_back(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)

    result = await chat.confirm(
        await chat.quote(payment_method_id="bad", gift_card_ids=["small"])
    )
    await shop.rest()
    balance = await chat.desk.gift_cards.balance(
        (await chat.desk.instruments.get("ann", "small")).token
    )

    assert "declined" in outcome("place_order", result)
    assert balance.available == 2500


async def test_cancelling_a_split_order_gives_each_its_own_back(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)
    placed = await chat.confirm(await chat.quote(gift_card_ids=["small"]))

    quote = await chat.quote("cancel_order", order_number=placed["order_number"])
    done = await chat.confirm(quote)
    await shop.rest()

    assert done["refund_cents"] == placed["paid_cents"] == quote.total
    assert {each.refunded - each.captured for each in await shop.payments()} == {0}


@pytest.fixture
async def limited(shop: OrderShop) -> OrderShop:
    lamp, variant = shop.shelf.by_sku("lamp")
    shop.shelf.put(
        structs.replace(lamp, variants=(structs.replace(variant, limited=True),))
    )
    return shop


async def test_a_limited_item_put_in_by_chat_is_held_and_bought(
    limited: OrderShop, chat: Chat
) -> None:
    result, _ = await chat.use("add_to_cart", sku="lamp", quantity=10)
    held = (await limited.stock("lamp")).free
    bought = await chat.confirm(await chat.quote())

    assert (result["added"]["hold_minutes_left"], held) == (10, 0)
    assert bought["status"] == "confirmed"
    await limited.check(lamp=10)


async def test_a_limited_item_whose_hold_is_over_is_bought_if_it_is_still_there(
    limited: OrderShop, chat: Chat
) -> None:
    await chat.use("add_to_cart", sku="lamp", quantity=10)
    await limited.later(601)

    result = await chat.confirm(await chat.quote())

    assert result["status"] == "confirmed"


async def test_a_limited_item_that_another_holds_now_is_named_in_the_refusal(
    limited: OrderShop, chat: Chat
) -> None:
    await chat.use("add_to_cart", sku="lamp", quantity=10)
    await limited.later(601)
    await limited.add("lamp", 10, user="bob")

    result, quote = await chat.use("quote_checkout")

    assert (result["error"], quote) == ("insufficient_stock", None)
    assert [each["sku"] for each in result["details"]["lines"]] == ["lamp"]


async def test_a_hold_that_lapses_after_the_quote_sells_nothing_of_another_s(
    limited: OrderShop, chat: Chat
) -> None:
    await chat.use("add_to_cart", sku="lamp", quantity=10)
    await limited.later(590)
    quote = await chat.quote()
    await limited.later(20)
    await limited.add("lamp", 10, user="bob")

    result = await chat.confirm(quote)

    assert "error" in result
    assert await limited.payments() == ()
    assert (await limited.cart("bob")).holds.keys() == {"lamp"}
