"""Who orders one cart again, without a key: its one order answers."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.mock import MockGateway
from handlers.keys import SYSTEM
from store.port import Away, Write
from tests.server.conftest import Client
from tests.server.test_order import counted, operator, shopper

Commit = Callable[[Write], Awaitable[None]]


async def test_an_order_of_the_carts_session_answers_whoever_asks_again(
    client: Client,
) -> None:
    ada = await shopper(client)
    await ada.add()
    session = (await ada.done("/api/cart/checkout", {}))["session_id"]

    placed = await ada.done("/api/orders", ada.order, 201)
    await client.app[SYSTEM].quiet()
    again = await ada.post("/api/orders", ada.order)

    assert placed["id"] == session
    assert (again.status, await again.json()) == (201, placed)
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_who_asks_otherwise_finds_the_cart_empty(client: Client) -> None:
    ada = await shopper(client)
    await ada.add()
    await ada.done("/api/orders", ada.order, 201)
    await client.app[SYSTEM].quiet()

    other = await ada.post("/api/orders", {**ada.order, "shipping_method": "express"})

    assert (other.status, (await other.json())["code"]) == (400, "cart_empty")


async def test_who_asks_otherwise_is_told_of_the_order_that_waits_for_them(
    client: Client,
) -> None:
    ada = await shopper(client, "4000002760003184")
    await ada.add()
    parked = await ada.done("/api/orders", ada.order, 201)
    await client.app[SYSTEM].quiet()

    other = await ada.post("/api/orders", {**ada.order, "shipping_method": "express"})
    same = await ada.done("/api/orders", ada.order, 201)

    told = await other.json()
    assert (other.status, told["code"]) == (409, "checkout_in_progress")
    assert told["details"]["order_id"] == parked["id"] == same["id"]


async def test_what_trouble_cut_short_is_gone_on_with_whatever_is_asked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await shopper(client)
    await ada.add()
    with monkeypatch.context() as trouble:
        trouble.setattr(MockGateway, "authorise", _away)
        stopped = await ada.post("/api/orders", ada.order)
    assert stopped.status == 503

    placed = await ada.done(
        "/api/orders", {**ada.order, "shipping_method": "express"}, 201
    )

    assert (placed["status"], placed["shipping_method"]) == ("confirmed", "standard")
    assert len(await ada.get("/api/orders")) == 1


async def test_the_last_one_is_sold_to_the_order_that_has_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, olga = await shopper(client), await operator(client)
    await counted(olga, 1)
    await ada.add()
    with monkeypatch.context() as trouble:
        storage = client.app[SYSTEM].storage
        trouble.setattr(storage, "commit", _without("carts", storage.commit))
        stopped = await ada.post("/api/orders", ada.order)
    assert stopped.status == 503

    placed = await ada.done("/api/orders", ada.order, 201)

    assert placed["status"] == "confirmed"


async def test_an_attempt_that_ended_makes_way_for_another_order(
    client: Client,
) -> None:
    ada = await shopper(client)
    await ada.add()
    first = await ada.done("/api/orders", ada.order, 201)
    await client.app[SYSTEM].quiet()
    await ada.add()

    second = await ada.done("/api/orders", ada.order, 201)

    assert second["id"] != first["id"]
    assert len(await ada.get("/api/orders")) == 2


async def _away(*_: Any) -> Any:
    raise Away("the bank is away")


def _without(collection: str, commit: Commit) -> Commit:
    async def committed(write: Write) -> None:
        if write.collection == collection:
            raise Away("the store is away")
        await commit(write)

    return committed
