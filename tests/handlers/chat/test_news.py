"""What a socket hears besides its conversation: stock and the shopper's cart."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import asdict

from commerce.cart import Cart
from commerce.checkout import Journal
from commerce.pricing import Item
from commerce.product import Product, Variant
from commerce.stock import Stock
from messages.cart import CartUpdated
from messages.order import OrderUpdated
from messages.stock import BackInStock
from tests.commerce.orders import order_of, paid
from tests.handlers.lobby import Browser, Lobby
from tests.stage import ANNA, BERT

LAMP, DESK = Variant("LAMP"), Variant("DESK")
PRODUCT = Product(
    id="HOME",
    name="Home",
    description="",
    category="Home",
    brand="Lux",
    price=1000,
    currency="USD",
    variants=(LAMP, DESK),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def sell(lobby: Lobby, left: int) -> None:
    """Let both variants have `left` units."""
    for variant in (LAMP, DESK):
        stock = Stock(sku=variant.sku, product_id="HOME", free=left, version=left)
        lobby.sockets.news.changed(PRODUCT, variant, stock)
    lobby.clock.advance(0.2)


async def heard(browser: Browser) -> list[tuple[str, int]]:
    """Return what was heard of stock until all that was sent has arrived."""
    await browser.say(type="history", limit=1)
    await browser.until("history")
    return [
        (each["sku"], each["new_quantity"])
        for each in browser.frames
        if each["type"] == "inventory_update"
    ]


async def test_every_socket_hears_of_stock_until_it_subscribes(lobby: Lobby) -> None:
    browser = await lobby.browser()
    sell(lobby, 9)
    await heard(browser)

    await browser.say(type="subscribe", skus=["DESK"])
    await heard(browser)
    sell(lobby, 8)

    assert await heard(browser) == [("LAMP", 9), ("DESK", 9), ("DESK", 8)]


@pytest.mark.parametrize("skus", [["DESK"], "*", None])
async def test_one_may_unsubscribe(lobby: Lobby, skus: list[str] | None) -> None:
    browser = await lobby.browser()
    await browser.say(type="subscribe", skus=["DESK"])

    await browser.say(type="unsubscribe", **({} if skus is None else {"skus": skus}))
    await heard(browser)
    sell(lobby, 8)

    assert await heard(browser) == []


async def test_one_may_subscribe_to_everything_again(lobby: Lobby) -> None:
    browser = await lobby.browser()
    await browser.say(type="subscribe", skus=["DESK"])

    await browser.say(type="subscribe", skus="*")
    await heard(browser)
    sell(lobby, 8)

    assert await heard(browser) == [("LAMP", 8), ("DESK", 8)]


async def test_a_cart_is_shown_to_its_shopper_on_every_socket(lobby: Lobby) -> None:
    phone, laptop = await lobby.browser(), await lobby.browser()
    query = {"token": lobby.token(BERT)}
    other = await lobby.connect("s2", query=query)
    await other.until("system")

    event = CartUpdated(Cart(id=ANNA, version=4), "agent")
    lobby.stage.node.system.publish(f"user/{ANNA}", event)

    for browser in (phone, laptop):
        update = await browser.until("cart_update")
        assert (update["version"], update["actor"]) == (4, "agent")
        assert update["cart"]["id"] == ANNA
    await heard(other)
    assert "cart_update" not in {each["type"] for each in other.frames}


async def test_a_cart_that_changed_before_the_welcome_is_not_the_first_frame(
    lobby: Lobby,
) -> None:
    lobby.stage.storage.hold()
    browser = await lobby.connect()
    while not lobby.sockets.audience.count(f"user/{ANNA}"):
        await lobby.client.get("/nothing-here")
    event = CartUpdated(Cart(id=ANNA, version=4), "user")
    lobby.stage.node.system.publish(f"user/{ANNA}", event)

    lobby.stage.storage.release()

    assert (await browser.next())["content"] == "Connected to chat"


async def test_what_one_waited_for_is_told_to_oneself_alone(lobby: Lobby) -> None:
    anna = await lobby.browser()
    bert = await lobby.connect("s2", query={"token": lobby.token(BERT)})
    await bert.until("system")
    back = BackInStock("LAMP", "HOME", 3)

    lobby.stage.node.system.publish(f"user/{ANNA}", back)

    told = await anna.until("back_in_stock")
    assert (told["product_id"], told["sku"], told["available"]) == ("HOME", "LAMP", 3)
    await heard(bert)
    assert "back_in_stock" not in {each["type"] for each in bert.frames}


async def test_an_order_that_moves_on_is_told_to_its_customer(lobby: Lobby) -> None:
    browser = await lobby.browser()
    order = Journal(**asdict(paid(order_of([Item("LAMP", 1, 1000)]))))
    news = OrderUpdated(order, lobby.clock.now())

    lobby.stage.node.system.publish(f"user/{ANNA}", news)

    told = await browser.until("order_update")
    assert told["order"]["id"] == order.id
