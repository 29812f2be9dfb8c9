"""Asking to send things back, over HTTP: how many, and once."""

from typing import Any

from handlers.keys import SYSTEM
from tests.server.conftest import Client
from tests.server.test_order import SKU, Shopper, operator, shopper

KEY = {"Idempotency-Key": "k"}


async def delivered(client: Client, units: int) -> tuple[Shopper, Shopper, str]:
    """Return a customer, an operator, and the path of an order that arrived."""
    ada, olga = await shopper(client), await operator(client)
    await ada.add(units)
    placed = await ada.done("/api/orders", ada.order, 201)
    admin = f"/api/admin/orders/{placed['id']}"
    await olga.done(f"{admin}/process")
    await olga.done(f"{admin}/ship", {"tracking_number": "T1", "carrier": "DHL"})
    await olga.done(f"{admin}/deliver")
    await client.app[SYSTEM].quiet()
    return ada, olga, f"/api/orders/{placed['id']}"


def wanted(item: Any) -> dict[str, Any]:
    return {"reason": "too loud", "items": [item]}


async def test_without_a_number_all_that_may_still_come_back_does(
    client: Client,
) -> None:
    ada, _, path = await delivered(client, 3)
    await ada.done(f"{path}/return", wanted({"id": SKU, "quantity": 1}))

    await ada.done(f"{path}/return", wanted(SKU))

    _, rest = await ada.get(f"{path}/returns")
    assert [each["quantity"] for each in rest["items"]] == [2]


async def test_one_key_asks_once_and_for_nothing_else(client: Client) -> None:
    ada, _, path = await delivered(client, 3)
    one = wanted({"id": SKU, "quantity": 1})

    first = await ada.post(f"{path}/return", one, **KEY)
    again = await ada.post(f"{path}/return", one, **KEY)
    other = await ada.post(f"{path}/return", wanted(SKU), **KEY)

    assert (first.status, again.status, other.status) == (200, 200, 422)
    assert await first.json() == await again.json()
    assert (await other.json())["code"] == "idempotency_key_reused"
    assert len(await ada.get(f"{path}/returns")) == 1
