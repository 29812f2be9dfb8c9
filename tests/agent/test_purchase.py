"""Buying, cancelling and returning in a conversation: real carts, orders and bank."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from msgspec import structs

from agent.cart_seen import CartSeen
from agent.settled import outcome
from commerce.order import ReturnLine
from commerce.returns import Inspected
from messages.cart import AddLine, ApplyCoupon, RedeemPoints
from messages.order import (
    ApproveReturn,
    InspectReturn,
    ReceiveReturn,
    RequestReturn,
)
from tests.actors.order_shop import OrderShop, order_shop
from tests.agent.buyer import ANN, Chat, chat_in
from tests.agent.desk import Addresses, Instruments


@pytest.fixture
async def shop() -> AsyncIterator[OrderShop]:
    async with order_shop() as shop:
        yield shop


@pytest.fixture
async def chat(shop: OrderShop) -> Chat:
    return await chat_in(shop)


async def test_a_quote_is_a_read(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp", 2)

    quote = await chat.quote()

    assert quote.total == 10798
    assert (await shop.stock("lamp")).free == 10
    assert shop.storage.documents.get("orders", {}) == {}


async def test_what_is_confirmed_is_bought_as_it_was_shown(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)

    result = await chat.confirm(await chat.quote())

    assert result["status"] == "confirmed"
    assert result["paid_cents"] == 10798
    assert (await shop.cart()).lines == ()
    assert result["order_number"] in outcome("place_order", result)


@pytest.mark.parametrize("tool", ["place_order"])
async def test_without_the_shoppers_word_nothing_is_bought(
    shop: OrderShop, chat: Chat, tool: str
) -> None:
    await shop.add("lamp")
    quote = await chat.quote()

    result, _ = await chat.use(tool, quote_id=quote.id)

    assert result["error"] == "not_confirmed"
    assert await shop.payments() == ()


async def test_a_word_on_one_quote_buys_no_other(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp")
    first, second = await chat.quote(), await chat.quote()

    result, _ = await chat.use("place_order", first, quote_id=second.id)

    assert result["error"] == "not_confirmed"


async def test_a_quote_confirmed_twice_is_one_order_and_one_charge(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp")
    quote = await chat.quote()

    first = await chat.confirm(quote)
    second = await chat.confirm(quote)

    assert first["order_number"] == second["order_number"]
    assert len(await shop.payments()) == 1
    assert len(shop.storage.documents["orders"]) == 1


async def test_a_checkout_left_open_elsewhere_stands_in_nobodys_own_way(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.give_points(500)
    await shop.define("TEN", total_limit=1)
    await shop.add("lamp", 10)
    await shop.ask("ann", ApplyCoupon("TEN"))
    await shop.ask("ann", RedeemPoints(500))
    await shop.open()

    result = await chat.confirm(await chat.quote())

    await shop.node.quiet()
    assert result["status"] == "confirmed", result
    await shop.check()


async def test_a_changed_cart_voids_the_quote(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp")
    quote = await chat.quote()
    await shop.add("pen")

    result = await chat.confirm(quote)

    assert result["error"] == "quote_void"
    assert "cart" in result["details"]["changed"]
    assert await shop.payments() == ()


async def test_a_changed_price_voids_the_quote(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp")
    quote = await chat.quote()
    lamp, _ = shop.shelf.by_sku("lamp")
    shop.shelf.put(structs.replace(lamp, price=5999))

    result = await chat.confirm(quote)

    assert result["error"] == "quote_void"
    assert "price" in result["details"]["changed"]


async def test_a_changed_address_voids_the_quote(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp")
    quote = await chat.quote()
    moved = structs.replace(ANN, street="2 Side St")
    chat.desk = replace(chat.desk, addresses=Addresses({"ann": [moved]}))

    assert (await chat.confirm(quote))["details"]["changed"] == ["address"]


async def test_a_card_that_was_taken_off_pays_nothing(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp")
    quote = await chat.quote()
    chat.desk = replace(chat.desk, instruments=Instruments({"ann": []}))

    assert (await chat.confirm(quote))["error"] == "payment_method_not_found"
    assert await shop.payments() == ()


async def test_a_declined_card_leaves_the_cart_and_says_so(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp")

    result = await chat.confirm(await chat.quote(payment_method_id="bad"))

    told = outcome("place_order", result)
    assert "declined" in told
    assert "generic_decline" not in told
    assert [each.sku for each in (await shop.cart()).lines] == ["lamp"]
    assert (await shop.stock("lamp")).free == 10


async def test_a_bank_that_must_be_asked_is_named(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp")

    result = await chat.confirm(await chat.quote(payment_method_id="bank"))

    assert result["status"] == "pending"
    assert result["next_action"]["url"] in outcome("place_order", result)


async def test_what_sold_out_meanwhile_is_not_bought(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 10)
    quote = await chat.quote()
    await shop.add("lamp", 10, user="bob")
    await shop.buy(user="bob")

    result = await chat.confirm(quote)

    assert result["error"] == "insufficient_stock"
    assert "sold out" in outcome("place_order", result)


async def test_an_order_is_cancelled_only_by_the_shoppers_word(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp")
    placed = await chat.confirm(await chat.quote())

    quote = await chat.quote("cancel_order", order_number=placed["order_number"])
    assert (quote.kind, quote.total) == ("confirm_cancel", placed["paid_cents"])
    done = await chat.confirm(quote)

    assert (done["status"], done["refund_cents"]) == ("cancelled", quote.total)
    assert (await chat.confirm(quote))["status"] == "cancelled"


async def test_a_return_is_worth_what_was_shown(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp", 2)
    placed = await chat.confirm(await chat.quote())
    (order_id,) = shop.storage.documents["orders"]
    await shop.delivered(order_id)

    quote = await chat.quote(
        "start_return",
        order_number=placed["order_number"],
        reason="too small",
        items=[{"sku": "lamp", "quantity": 1}],
    )
    done = await chat.confirm(quote)
    again = await chat.confirm(quote)

    assert quote.total == 5399
    assert done["status"] == "requested"
    assert done["return_id"] == again["return_id"]
    assert len(shop.saved(order_id).returns) == 1


async def test_a_return_that_is_worth_something_else_by_now_is_void(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp")
    await shop.add("pen")
    placed = await chat.confirm(await chat.quote(shipping_method="express"))
    (order_id,) = shop.storage.documents["orders"]
    await shop.delivered(order_id)
    quote = await chat.quote(
        "start_return",
        order_number=placed["order_number"],
        reason="damaged",
        items=["lamp"],
    )
    pen = (ReturnLine("pen", 1),)
    await shop.ask(order_id, RequestReturn("ann", "ret_pen", "damaged", pen))
    await shop.ask(order_id, ApproveReturn("ret_pen"))
    await shop.ask(order_id, ReceiveReturn("ret_pen"))
    found = (Inspected("pen", 1, resellable=False),)
    await shop.ask(order_id, InspectReturn("ret_pen", found))
    await shop.rest()

    result = await chat.confirm(quote)

    # Now that all comes back the shipping does, too.
    assert result["error"] == "quote_void"
    assert result["details"]["changed"] == ["price"]
    assert list(shop.saved(order_id).returns) == ["ret_pen"]


async def test_a_conversation_with_the_name_of_a_deleted_one_buys_anew(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp")
    first = await chat.confirm(await chat.quote())
    await shop.later(60)
    await shop.add("lamp")
    # Its turns and calls have the names that the other one's had.
    chat.turns = 0

    second = await chat.confirm(await chat.quote())

    assert second["status"] == "confirmed"
    assert second["order_number"] != first["order_number"]


def test_of_what_may_have_been_done_nobody_says_that_nothing_was() -> None:
    trouble = {"error": "unavailable", "message": "the shop is too busy just now"}

    told = outcome("place_order", trouble)

    assert "look at your orders" in told
    assert "othing was" not in told


async def test_somebody_elses_order_is_not_found(shop: OrderShop, chat: Chat) -> None:
    await shop.add("lamp", user="bob")
    order = await shop.buy(user="bob")

    for tool in ("get_order", "track_order", "cancel_order"):
        result, quote = await chat.use(tool, order_number=order.number)
        assert (result["error"], quote) == ("order_not_found", None)


async def test_a_hand_that_was_faster_is_told_and_nothing_is_overwritten(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)
    await chat.use("get_cart")
    await shop.ask("ann", AddLine("pen", 3))

    result, _ = await chat.use("update_cart_item", sku="lamp", quantity=1)

    assert result["error"] == "cart_changed"
    assert result["cart_changed"]["lines"] == [{"sku": "pen", "was": 0, "is": 3}]
    assert {each.sku: each.quantity for each in (await shop.cart()).lines} == {
        "lamp": 2,
        "pen": 3,
    }


async def test_what_a_hand_changed_between_two_turns_is_noticed(
    shop: OrderShop, chat: Chat
) -> None:
    await shop.add("lamp", 2)
    earlier, _ = await chat.use("get_cart")
    chat.seen = CartSeen([earlier])
    await shop.ask("ann", AddLine("pen", 3))

    result, _ = await chat.use("add_to_cart", sku="lamp")

    assert result["cart_changed"]["lines"] == [{"sku": "pen", "was": 0, "is": 3}]
    assert result["cart"]["units"] == 6
