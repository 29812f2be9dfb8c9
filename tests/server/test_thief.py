"""A model that knows another shopper's real ids gets nothing by them, of any tool."""

import re
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pytest_aiohttp.plugin import AiohttpClient

from agent.conversation import Conversation, Used
from agent.model import Delta, ToolSpec
from agent.tools import TOOLS
from handlers.keys import SYSTEM
from messages.cart import GetCart
from messages.loyalty import AdjustPoints, GetLoyalty
from server.app import build
from server.config import Config
from server.parts import Parts
from tests.agent.scripted_model import calls, says
from tests.gateway.bank import GOOD
from tests.server.conftest import Client
from tests.server.test_buying_by_chat import Chat, of
from tests.server.test_order import HOME, Shopper

Try = tuple[str, dict[str, object]]
POINTS = 731
VISA = "4000000000000341"
"""Bert's card: its last four digits are those of nobody else here."""


class Thief:
    """At each message it makes the try that it was told to make."""

    name = "scripted"
    next: Try

    async def stream(
        self, conversation: Conversation, tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[Delta, None]:
        used = isinstance(conversation[-1], Used)
        answer = says("Done.") if used else calls(self.next)
        for each in answer:
            yield each


async def shopping(client: Client, name: str, number: str) -> tuple[Shopper, Chat]:
    """Return somebody with an address and a means to pay, and their chat."""
    one = Shopper(client)
    await one.arrive(name, number)
    token = one.headers["Authorization"].removeprefix("Bearer ")
    socket = await client.ws_connect(f"/ws/chat/of-{name}?token={token}")
    await socket.receive_json()
    return one, Chat(one, socket)


def tries(bert: dict[str, str]) -> list[Try]:
    """Return every tool that takes an id, with each of Bert's that it could take."""
    number: dict[str, object] = {"order_number": bert["number"]}
    line: dict[str, object] = {"line_id": bert["line"]}
    reason = {"reason": "damaged"}
    return [
        ("get_order", number),
        ("get_order", {"order_number": bert["order"]}),
        ("track_order", number),
        ("cancel_order", number),
        ("start_return", {**number, **reason}),
        ("start_return", {**number, **reason, "items": [line]}),
        ("quote_checkout", {"address_id": bert["address"]}),
        ("quote_checkout", {"payment_method_id": bert["card"]}),
        ("quote_checkout", {"gift_card_ids": [bert["card"]]}),
        ("quote_checkout", {"gift_card_ids": [bert["gift"]]}),
        ("place_order", {"quote_id": bert["quote"]}),
        ("place_order", {"quote_id": bert["order"]}),
        ("remove_cart_item", line),
        ("update_cart_item", {**line, "quantity": 9}),
        ("get_recommendations", {"based_on": bert["order"]}),
        ("get_recommendations", {"based_on": bert["id"]}),
        ("redeem_points", {"points": POINTS - 1}),
        ("apply_coupon", {"code": "JANEONLY"}),
    ]


LOOKS: list[Try] = [
    (name, {})
    for name in (
        "list_orders", "list_addresses", "list_payment_methods", "get_loyalty",
        "get_cart", "list_coupons",
    )
]  # fmt: skip


async def test_every_tool_that_takes_an_id_refuses_another_s(
    opened: Config, aiohttp_client: AiohttpClient
) -> None:
    thief = Thief()
    client = await aiohttp_client(build(opened, Parts(model=thief)))
    bert, berts = await shopping(client, "bert", VISA)
    await bert.done(
        "/api/users/addresses",
        {**HOME, "street": "77 Hidden Lane", "city": "Elko"},
        201,
    )
    known = await what_is_his(client, thief, bert, berts)
    before = await everything(client, bert)
    ada, chat = await shopping(client, "ada", GOOD)
    # Something else: a line is named by what it is of.
    await ada.done("/api/cart/items", {"sku": "AUD-001-MID", "quantity": 1}, 201)

    results = []
    for tool, arguments in (*tries(known), *LOOKS):
        thief.next = tool, arguments
        frames = await chat.turn(message="go on")
        (told,) = [each["content"] for each in of(frames, "tool_result")]
        assert not of(frames, "confirm_request"), (tool, arguments)
        assert "error" in told or (tool, arguments) in LOOKS, (tool, told)
        told.pop("asked", None)
        results.append(told)

    whole = str(results)
    for secret in (
        "Hidden",
        "77",
        "Elko",
        "0341",
        "bert",
        str(POINTS),
        known["total"],
    ):
        assert not re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", whole), secret
    assert await everything(client, bert) == before


async def what_is_his(
    client: Client, thief: Thief, bert: Shopper, chat: Chat
) -> dict[str, str]:
    """Let Bert buy, fill his cart again, earn points and be asked to confirm."""
    system = client.app[SYSTEM]
    gift = await bert.done(
        "/api/users/payment-methods",
        {"type": "gift_card", "code": "GIFT-2500-BBBB"},
        201,
    )
    paid = {**bert.order, "payment_method_id": None, "gift_cards": ["GIFT-9999-FULL"]}
    await bert.add(3)
    order = await bert.done("/api/orders", paid, 201)
    await system.quiet()
    await bert.add(2)
    await system.ask(bert.id, AdjustPoints("gift", POINTS, "gift"))
    thief.next = "quote_checkout", {}
    (asked,) = of(await chat.turn(message="checkout"), "confirm_request")
    (line,) = (await bert.get("/api/cart"))["items"]
    return {
        "id": bert.id,
        "number": order["order_number"],
        "order": order["id"],
        "total": str(order["total"]),
        "line": line["id"],
        "address": bert.order["delivery_address_id"],
        "card": bert.order["payment_method_id"],
        "gift": gift["id"],
        "quote": asked["quote_id"],
    }


async def everything(client: Client, bert: Shopper) -> list[Any]:
    system = client.app[SYSTEM]
    return [
        await bert.get("/api/orders"),
        await bert.get("/api/users/payment-methods"),
        await bert.get("/api/users/addresses"),
        (await system.ask(bert.id, GetCart())).lines,
        (await system.ask(bert.id, GetLoyalty())).balance,
    ]


def test_there_is_a_try_for_every_tool_that_takes_an_id() -> None:
    names = ("id", "number", "order", "line", "address", "card", "gift", "quote")
    tried = {tool for tool, _ in tries(dict.fromkeys(names, "x"))}
    takes = {
        name
        for name, tool in TOOLS.items()
        if any(
            field.endswith(("_id", "_ids", "order_number", "based_on", "items"))
            for field in tool.arguments.__struct_fields__
        )
    }

    # A product's id names no shopper's own thing.
    assert takes - {"get_product", "compare_products", "check_stock"} <= tried
