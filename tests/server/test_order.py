"""A walk from the cart to the refund, over HTTP, with the real database."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from handlers.keys import SYSTEM, USERS
from server.app import build
from server.config import Config, load
from server.parts import DATABASE
from tests.server.conftest import Client

SKU = "AUD-009-COR"
CARD = {"type": "card", "exp_month": 12, "exp_year": 2031, "cvc": "123"}
HOME = {
    "street": "1 Main St",
    "city": "Reno",
    "state": "NV",
    "zip_code": "89501",
    "country": "US",
}


class Shopper:
    """A customer with an address and a card, at the door of a running server."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.headers: dict[str, str] = {}
        self.order: dict[str, Any] = {}

    async def arrive(self, name: str, number: str) -> None:
        signed_up = await self.post(
            "/api/auth/signup",
            {
                "email": f"{name}@example.com",
                "username": name,
                "password": "correct horse battery",
            },
        )
        token = (await signed_up.json())["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        address = await self.done("/api/users/addresses", HOME, 201)
        card = await self.done(
            "/api/users/payment-methods", {**CARD, "number": number}, 201
        )
        self.id = (await self.get("/api/cart"))["id"]
        self.order = {
            "cart_id": self.id,
            "delivery_address_id": address["id"],
            "payment_method_id": card["id"],
        }

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return await self.client.post(
            path, json=body, headers={**self.headers, **headers}
        )

    async def done(self, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.post(path, body)
        assert answer.status == status, await answer.text()
        return await answer.json()

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path, headers=self.headers)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def add(self, quantity: int = 1) -> None:
        await self.done("/api/cart/items", {"sku": SKU, "quantity": quantity}, 201)


async def shopper(client: Client, number: str = "4242424242424242") -> Shopper:
    one = Shopper(client)
    await one.arrive("ada", number)
    return one


async def operator(client: Client) -> Shopper:
    """Return somebody who runs the shop."""
    one = Shopper(client)
    await one.arrive("olga", "4242424242424242")
    users = client.app[USERS]
    await users._users.update_one({"username": "olga"}, {"$set": {"role": "operator"}})
    answer = await one.post(
        "/api/auth/signin",
        {"email": "olga@example.com", "password": "correct horse battery"},
    )
    token = (await answer.json())["access_token"]
    one.headers = {"Authorization": f"Bearer {token}"}
    return one


@pytest.mark.parametrize("key", [None, "one"])
async def test_twenty_at_once_make_one_order_and_hear_the_same(
    client: Client, key: str | None
) -> None:
    ada = await shopper(client)
    await ada.add(2)
    headers = {"Idempotency-Key": key} if key else {}

    answers = await asyncio.gather(
        *(ada.post("/api/orders", ada.order, **headers) for _ in range(20))
    )

    assert {each.status for each in answers} == {201}
    (told,) = {await each.text() for each in answers}
    await client.app[SYSTEM].quiet()
    assert (await ada.get("/api/cart"))["items"] == []
    again = await ada.post("/api/orders", ada.order, **headers)
    assert (again.status, await again.text()) == (201, told)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == answers[0].headers["Location"]
    assert len(await ada.get("/api/orders")) == 1


async def test_the_last_ones_are_sold_to_all_who_ask_in_one_name(
    client: Client,
) -> None:
    ada, olga = await shopper(client), await operator(client)
    await counted(olga, 1)
    await ada.add()

    answers = await asyncio.gather(
        *(ada.post("/api/orders", ada.order) for _ in range(20))
    )

    assert {each.status for each in answers} == {201}
    assert len({await each.text() for each in answers}) == 1


async def test_a_sold_out_cart_is_refused_and_writes_nothing(client: Client) -> None:
    ada, olga = await shopper(client), await operator(client)
    await ada.add()
    await counted(olga, 0)
    answer = await ada.post("/api/orders", ada.order, **{"Idempotency-Key": "k"})

    told = await answer.json()
    assert (answer.status, told["code"]) == (400, "insufficient_stock")
    assert told["details"]["lines"] == [{"sku": SKU, "asked": 1, "available": 0}]
    for name in ("idempotency", "orders", "payments"):
        assert await client.app[DATABASE][name].count_documents({}) == 0


async def counted(olga: Shopper, units: int) -> None:
    """Have exactly `units` of the one thing sold here, in one place."""
    stock = await olga.get(f"/api/admin/inventory/{SKU}")
    for number, warehouse in enumerate(sorted(stock["on_hand"])):
        there = units if number == 0 else 0
        count = {"warehouse": warehouse, "on_hand": there, "reason": "counted"}
        await olga.client.put(
            f"/api/admin/inventory/{SKU}", json=count, headers=olga.headers
        )


async def test_a_cart_that_was_never_bought_is_empty(client: Client) -> None:
    ada = await shopper(client)

    answer = await ada.post("/api/orders", ada.order)

    assert (answer.status, (await answer.json())["code"]) == (400, "cart_empty")


async def test_a_walk_from_quote_to_refund(client: Client) -> None:
    ada, olga = await shopper(client, "4000002760003184"), await operator(client)
    await ada.add(2)

    quote = await ada.done("/api/cart/checkout", {})
    body = {
        **ada.order,
        "checkout_session_id": quote["session_id"],
        "expected_total": quote["total"],
    }
    placed = await ada.done("/api/orders", body, 201)
    assert placed["payment"]["status"] == "requires_action"
    url = placed["payment"]["next_action"]["url"]
    assert (await client.get(url)).status == 200
    await ada.done(url, {"result": "authenticated"})
    await client.app[SYSTEM].quiet()
    path, admin = f"/api/orders/{placed['id']}", f"/api/admin/orders/{placed['id']}"
    assert (await ada.get(path))["status"] == "confirmed"

    await olga.done(f"{admin}/process")
    await olga.done(f"{admin}/ship", {"tracking_number": "T1", "carrier": "DHL"})
    await olga.done(f"{admin}/deliver")
    back = await ada.done(
        f"{path}/return",
        {"reason": "too loud", "items": [{"id": SKU, "quantity": 1}]},
    )
    returns = f"/api/admin/returns/{back['return_id']}"
    await olga.done(f"{returns}/approve")
    await olga.done(f"{returns}/receive")
    seen = await olga.done(
        f"{returns}/inspect",
        {"items": [{"id": SKU, "quantity": 1, "resellable": True}]},
    )
    await client.app[SYSTEM].quiet()

    assert seen["status"] == "refunded"
    (payment,) = await olga.get(f"/api/admin/payments?order_id={placed['id']}")
    assert payment["refunded"] == seen["refund"] > 0
    (listed,) = await olga.get("/api/admin/returns?status=refunded")
    assert listed["return_id"] == back["return_id"]
    tracked = await ada.get(f"/api/orders/{placed['order_number']}/tracking")
    assert [each["status"] for each in tracked["history"]] == [
        "pending",
        "confirmed",
        "processing",
        "shipped",
        "delivered",
    ]


async def test_a_declined_card_is_told_and_another_one_buys(client: Client) -> None:
    ada = await shopper(client, "4000000000009995")
    await ada.add()

    declined = await ada.post("/api/orders", ada.order)

    told = await declined.json()
    assert declined.status == 402, told
    assert told["decline_code"] == "insufficient_funds"
    await client.app[SYSTEM].quiet()
    card = await ada.done(
        "/api/users/payment-methods", {**CARD, "number": "4242424242424242"}, 201
    )
    body = {**ada.order, "payment_method_id": card["id"]}
    assert (await ada.done("/api/orders", body, 201))["status"] == "confirmed"


async def test_one_key_with_another_body_is_refused(client: Client) -> None:
    ada = await shopper(client)
    await ada.add()
    key = {"Idempotency-Key": "k"}
    first = await ada.post("/api/orders", ada.order, **key)
    assert first.status == 201

    other = await ada.post(
        "/api/orders", {**ada.order, "shipping_method": "express"}, **key
    )
    same = await ada.post("/api/orders", ada.order, **key)

    assert (other.status, (await other.json())["code"]) == (
        422,
        "idempotency_key_reused",
    )
    assert await same.json() == await first.json()
    assert same.headers["Idempotent-Replayed"] == "true"


async def test_a_decline_is_replayed_as_it_was_told(client: Client) -> None:
    ada = await shopper(client, "4000000000000002")
    await ada.add()
    key = {"Idempotency-Key": "k"}

    first = await ada.post("/api/orders", ada.order, **key)
    again = await ada.post("/api/orders", ada.order, **key)

    assert first.status == again.status == 402
    assert await first.json() == await again.json()
    assert again.content_type == "application/problem+json"


async def test_what_is_refused_before_work_began_may_be_tried_again(
    client: Client,
) -> None:
    ada = await shopper(client)
    await ada.add()
    key = {"Idempotency-Key": "k"}
    body = {**ada.order, "expected_total": 1.23}

    wrong = await ada.post("/api/orders", body, **key)

    told = await wrong.json()
    assert (wrong.status, told["code"]) == (409, "price_changed")
    assert told["details"]["old"] == 1.23
    assert (await ada.post("/api/orders", ada.order, **key)).status == 201


async def test_guests_cannot_check_out(client: Client) -> None:
    guest = Shopper(client)
    tokens = await (await guest.post("/api/auth/guest")).json()
    guest.headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    for method, path in (
        ("POST", "/api/cart/checkout"),
        ("DELETE", "/api/cart/checkout"),
        ("POST", "/api/orders"),
        ("GET", "/api/orders"),
    ):
        answer = await client.request(method, path, headers=guest.headers)
        assert answer.status == 403, path


async def test_the_banks_page_can_be_used_by_hand(client: Client) -> None:
    ada = await shopper(client, "4000002760003184")
    await ada.add()
    placed = await ada.done("/api/orders", ada.order, 201)
    url = placed["payment"]["next_action"]["url"]

    page = await client.get(url)
    declined = await client.post(url, data={"result": "failed"})

    assert "Approve" in await page.text()
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "This payment is failed" in await declined.text()
    await client.app[SYSTEM].quiet()
    order = await ada.get(f"/api/orders/{placed['id']}")
    assert order["status"] == "cancelled"
    assert order["payment"]["decline_code"] == "authentication_failed"
    assert (await client.get("/mock-bank/3ds/pay_0")).status == 404
    assert (await client.post(url, data={"result": "nonsense"})).status == 422


async def test_a_payment_can_be_simulated_by_its_owner(client: Client) -> None:
    ada = await shopper(client)
    upi = await ada.done(
        "/api/users/payment-methods", {"type": "upi", "vpa": "pending@mock"}, 201
    )
    await ada.add()
    body = {**ada.order, "payment_method_id": upi["id"]}
    placed = await ada.done("/api/orders", body, 201)
    assert placed["payment"]["status"] == "processing"

    path = f"/api/payments/{placed['payment']['id']}/simulate"
    await ada.done(path, {"event": "succeeded"})
    await client.app[SYSTEM].quiet()

    assert (await ada.get(f"/api/orders/{placed['id']}"))["status"] == "confirmed"


async def test_an_operator_who_says_it_was_paid_back_finds_nothing_owed(
    client: Client,
) -> None:
    ada, olga = await shopper(client), await operator(client)
    await ada.add()
    placed = await ada.done("/api/orders", ada.order, 201)
    path = f"/api/admin/orders/{placed['id']}/paid-back"

    noted = await olga.done(path)

    assert (noted["id"], noted["attention"]) == (placed["id"], None)
    assert (await ada.post(path)).status == 403


async def test_nobody_plays_the_bank_in_production(
    config: Config, tmp_path: Path
) -> None:
    told = load(
        {
            "APP_ENV": "production",
            "JWT_SECRET_KEY": "a-real-key-of-more-than-32-bytes-0123456789",
            "MONGODB_URL": config.store.mongodb_url,
        },
        dotenv=tmp_path / "none",
    )

    for whole, plays in ((build(config), True), (build(told), False)):
        paths = {each.canonical for each in whole.router.resources()}
        assert ("/api/payments/{id}/simulate" in paths) == plays


async def test_a_cancelled_order_gives_the_money_back(client: Client) -> None:
    ada = await shopper(client)
    await ada.add()
    gifts = {**ada.order, "gift_cards": ["GIFT-0500-CCCC"]}
    placed = await ada.done("/api/orders", gifts, 201)

    cancelled = await ada.done(f"/api/orders/{placed['id']}/cancel", {"reason": "no"})

    assert cancelled["status"] == "cancelled"
    assert cancelled["payment"]["refunded"] == placed["total"]
    again = await ada.post(f"/api/orders/{placed['id']}/cancel")
    assert again.status == 200


async def test_a_sold_out_cart_is_refused_by_name(client: Client) -> None:
    ada, olga = await shopper(client), await operator(client)
    await ada.add(3)
    stock = await olga.get(f"/api/admin/inventory/{SKU}")
    for place in stock["on_hand"]:
        answer = await client.put(
            f"/api/admin/inventory/{SKU}",
            json={"warehouse": place, "on_hand": 0, "reason": "count"},
            headers=olga.headers,
        )
        assert answer.status == 200
    await client.app[SYSTEM].quiet()

    refused = await ada.post("/api/orders", ada.order)

    told = await refused.json()
    assert (refused.status, told["code"]) == (400, "insufficient_stock")
    assert told["details"]["lines"] == [{"sku": SKU, "asked": 3, "available": 0}]
    assert await ada.get("/api/orders") == []


async def test_gift_cards_cannot_be_guessed_by_ordering(client: Client) -> None:
    ada = await shopper(client)
    await ada.add()
    for number in range(10):
        guess = {**ada.order, "gift_cards": [f"GIFT-{number}"]}
        answer = await ada.post("/api/orders", guess)
        assert (await answer.json())["code"] == "gift_card_not_found"

    right = {**ada.order, "gift_cards": ["GIFT-5000-AAAA"]}
    refused = await ada.post("/api/orders", right)

    assert (refused.status, (await refused.json())["code"]) == (
        429,
        "too_many_requests",
    )
    assert await ada.get("/api/orders") == []
