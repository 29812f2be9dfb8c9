"""What is somebody else's is not there: every route that takes a name is tried."""

import re
from collections.abc import Mapping
from typing import Any

from handlers.keys import SYSTEM
from handlers.openapi import Operation, operations
from handlers.security import OPERATOR, PUBLIC, access_of
from tests.server.conftest import Client
from tests.server.test_order import HOME, Shopper, operator, shopper

# What a name in a path stands for, by the path before it.
NAMES: Mapping[str, str] = {
    "/api/users/addresses/": "address",
    "/api/users/payment-methods/": "method",
    "/api/cart/items/": "line",
    "/api/orders/": "order",
    "/api/orders/{id}/returns/": "return",
    "/api/loyalty/coupons/": "coupon",
    "/api/chat/": "session",
    "/api/payments/": "payment",
}
# These are everybody's: there is nothing of one's own in them.
COMMON = {"/api/products/{id}", "/api/products/inventory/{id}"}
# A socket is told by its close code; tests/handlers/chat tries that.
SOCKETS = {"/ws/chat/{session_id}"}


async def belongings(client: Client, ada: Shopper) -> dict[str, str]:
    """Let ada have one of everything; return the names of it all."""
    olga = await operator(client)
    await ada.add(2)
    order = await ada.done("/api/orders", ada.order, 201)
    await client.app[SYSTEM].quiet()
    path = f"/api/admin/orders/{order['id']}"
    await olga.done(f"{path}/process")
    await olga.done(f"{path}/ship", {"tracking_number": "T1", "carrier": "UPS"})
    await olga.done(f"{path}/deliver")
    line = order["items"][0]["id"]
    back = await ada.done(
        f"/api/orders/{order['id']}/return",
        {"reason": "changed_mind", "items": [{"id": line, "quantity": 1}]},
    )
    await ada.add(1)
    await client.app[SYSTEM].quiet()
    cart = await ada.get("/api/cart")
    token = ada.headers["Authorization"].removeprefix("Bearer ")
    async with client.ws_connect(f"/ws/chat/adas?token={token}") as socket:
        await socket.receive_json()
    return {
        "address": ada.order["delivery_address_id"],
        "method": ada.order["payment_method_id"],
        "line": cart["items"][0]["id"],
        "cart": cart["id"],
        "order": order["id"],
        "return": back["return_id"],
        "payment": order["payment"]["id"],
        "coupon": "WELCOME10",
        "session": "adas",
    }


async def stranger(client: Client) -> Shopper:
    one = Shopper(client)
    await one.arrive("bob", "4242424242424242")
    return one


def private(client: Client) -> list[Operation]:
    """Every route with a name in it that is for those who signed in."""
    return [
        each
        for each in operations(client.app)
        if "{" in each.path
        and access_of(each.handler) not in {PUBLIC, OPERATOR}
        and each.path not in COMMON | SOCKETS
    ]


def filled(path: str, names: Mapping[str, str]) -> str:
    """Return `path` with ada's names in it; a name nobody knows here fails."""
    told = path
    for found in re.finditer(r"\{[a-z_]+\}", path):
        before = path[: found.start()]
        assert before in NAMES, f"say in NAMES what stands behind {before}"
        told = told.replace(found.group(), names[NAMES[before]], 1)
    return told


# A body that each route would take, where it needs one to get as far as the name.
BODIES: Mapping[str, Any] = {
    "put /api/users/addresses/{id}": HOME,
    "put /api/cart/items/{id}": {"quantity": 1},
    "post /api/orders/{id}/return": {"reason": "damaged", "items": ["x"]},
    "post /api/payments/{id}/simulate": {"event": "expired"},
    "post /api/chat/{session_id}/confirm": {"quote_id": "q", "decision": "approve"},
}


async def test_nobody_reaches_by_name_what_is_somebody_elses(client: Client) -> None:
    ada, bob = await shopper(client), await stranger(client)
    names = await belongings(client, ada)
    tried = private(client)

    answers = {
        f"{each.method} {each.path}": await client.request(
            each.method,
            filled(each.path, names),
            json=BODIES.get(f"{each.method} {each.path}"),
            headers=bob.headers,
        )
        for each in tried
    }

    wrong = {
        told: (answer.status, await answer.text())
        for told, answer in answers.items()
        if answer.status != 404
    }
    assert len(tried) >= 12
    assert wrong == {}
    assert (await ada.get("/api/cart"))["items"][0]["quantity"] == 1
    assert len(await ada.get("/api/users/addresses")) == 1
    assert len(await ada.get("/api/chat/sessions")) == 1


THEIRS = (
    ("/api/orders", "cart_id", "cart"),
    ("/api/orders", "delivery_address_id", "address"),
    ("/api/orders", "payment_method_id", "method"),
    ("/api/orders", "checkout_session_id", "order"),
    ("/api/cart/checkout", "address_id", "address"),
    ("/api/loyalty/apply-coupon", "cart_id", "cart"),
    ("/api/loyalty/redeem-points", "cart_id", "cart"),
)


async def test_nobody_names_somebody_elses_things_in_a_body(client: Client) -> None:
    ada, bob = await shopper(client), await stranger(client)
    names = await belongings(client, ada)
    await bob.add(1)
    rest: Mapping[str, Any] = {
        "/api/orders": bob.order,
        "/api/loyalty/apply-coupon": {"coupon_code": "WELCOME10"},
        "/api/loyalty/redeem-points": {"points": 100},
    }

    for path, field, theirs in THEIRS:
        answer = await bob.post(path, {**rest.get(path, {}), field: names[theirs]})
        assert answer.status == 404, (path, field, await answer.text())

    assert await bob.get("/api/orders") == []


async def test_lists_tell_ones_own_things_only(client: Client) -> None:
    ada, bob = await shopper(client), await stranger(client)
    names = await belongings(client, ada)
    lists = [
        each.path
        for each in operations(client.app)
        if each.method == "get"
        and "{" not in each.path
        and access_of(each.handler) not in {PUBLIC, OPERATOR}
    ]

    told = {
        path: await (await client.get(path, headers=bob.headers)).text()
        for path in lists
    }

    private = ("address", "method", "line", "order", "return", "session")
    secret = {names[each] for each in private}
    leaks = [path for path, text in told.items() for each in secret if each in text]
    assert len(told) >= 9
    assert leaks == []
