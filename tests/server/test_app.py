"""The stages together: everything that answers, answers as it should."""

import asyncio
from typing import Any

from pytest_aiohttp.plugin import AiohttpClient

from handlers.keys import CATALOGUE, SYSTEM
from handlers.openapi import operations
from handlers.security import PUBLIC, access_of
from server.app import build
from server.config import Config
from server.parts import DATABASE
from tests.server.conftest import Client

SKU = "AUD-009-COR"


async def test_a_server_that_started_is_ready(client: Client) -> None:
    answer = await client.get("/health/ready")

    assert answer.status == 200


async def test_every_route_that_is_not_public_asks_for_a_token(client: Client) -> None:
    for each in operations(client.app):
        path = each.path.replace("{", "").replace("}", "")
        answer = await client.request(each.method, path)

        if access_of(each.handler) == PUBLIC:
            assert answer.status != 401 or path == "/api/auth/refresh", path
        else:
            assert answer.status == 401, path
            assert answer.content_type == "application/problem+json"


async def test_every_operators_route_is_closed_to_guests(client: Client) -> None:
    guest = await (await client.post("/api/auth/guest")).json()
    bearer = {"Authorization": f"Bearer {guest['access_token']}"}

    for each in operations(client.app):
        if each.path.startswith("/api/admin"):
            path = each.path.replace("{", "").replace("}", "")
            answer = await client.request(each.method, path, headers=bearer)
            assert answer.status == 403, each.path


async def test_every_route_has_a_name_of_its_own_in_the_document(
    client: Client,
) -> None:
    told = await (await client.get("/openapi.json")).json()

    names = [
        each["operationId"] for path in told["paths"].values() for each in path.values()
    ]
    assert len(names) == len(set(names))
    assert len(names) >= 25


async def test_the_demo_shop_is_there_and_seeding_again_changes_nothing(
    config: Config, aiohttp_client: AiohttpClient
) -> None:
    first = await aiohttp_client(build(config))
    before = await (await first.get("/api/products?limit=100")).text()
    await first.close()

    second = await aiohttp_client(build(config))

    assert len(second.app[CATALOGUE].products()) == 200
    assert await (await second.get("/api/products?limit=100")).text() == before


async def test_a_hand_in_the_database_is_seen_by_everybody(client: Client) -> None:
    catalogue = client.app[CATALOGUE]
    before = catalogue.available(SKU)
    changed = asyncio.Event()
    catalogue.on_stock(lambda *_: changed.set())

    await client.app[DATABASE]["stock"].update_one(
        {"_id": SKU}, {"$inc": {"on_hand.east": -1}}
    )

    async with asyncio.timeout(10):
        await changed.wait()
    await client.app[SYSTEM].quiet()
    told = await (await client.get("/api/products/inventory/AUD-009")).json()
    [variant] = [each for each in told["variants"] if each["sku"] == SKU]
    assert variant["available"] == before - 1


async def test_a_price_changed_by_hand_is_shown(client: Client) -> None:
    await client.app[DATABASE]["products"].update_one(
        {"_id": "AUD-009"}, {"$set": {"price": 1234}}
    )

    product = await _until(client, "/api/products/AUD-009", "price", 12.34)

    assert product["price"] == 12.34


async def test_a_sign_in_ended_by_hand_is_over(client: Client) -> None:
    guest = await (await client.post("/api/auth/guest")).json()
    bearer = {"Authorization": f"Bearer {guest['access_token']}"}
    assert (await client.get("/api/auth/me", headers=bearer)).status == 200

    await client.app[DATABASE]["sign_ins"].delete_many({})

    async with asyncio.timeout(10):
        while (await client.get("/api/cart", headers=bearer)).status != 401:
            pass


async def test_a_sign_in_outlives_the_server_and_so_does_its_end(
    config: Config, aiohttp_client: AiohttpClient
) -> None:
    first = await aiohttp_client(build(config))
    kept = await (await first.post("/api/auth/guest")).json()
    ended = await (await first.post("/api/auth/guest")).json()
    gone = {"Authorization": f"Bearer {ended['access_token']}"}
    await first.post("/api/auth/logout", headers=gone)
    await first.close()

    second = await aiohttp_client(build(config))

    stays = {"Authorization": f"Bearer {kept['access_token']}"}
    assert (await second.get("/api/auth/me", headers=stays)).status == 200
    assert (await second.get("/api/auth/me", headers=gone)).status == 401


async def test_actors_are_measured(client: Client) -> None:
    guest = await (await client.post("/api/auth/guest")).json()
    bearer = {"Authorization": f"Bearer {guest['access_token']}"}
    await client.post("/api/cart/items", json={"sku": SKU}, headers=bearer)

    text = await (await client.get("/metrics")).text()

    assert 'souk_actor_commits_total{kind="cart"} 1.0' in text
    assert 'souk_actor_turn_seconds_bucket{kind="cart",le="+Inf"}' in text
    assert "process_cpu_seconds_total" in text


async def test_a_socket_is_told_when_the_server_goes_away(client: Client) -> None:
    guest = await (await client.post("/api/auth/guest")).json()
    socket = await client.ws_connect(f"/ws/chat/s?token={guest['access_token']}")
    assert (await socket.receive_json())["type"] == "system"

    closing = asyncio.ensure_future(client.server.close())
    async with asyncio.timeout(10):
        while not socket.closed:
            await socket.receive()
        await closing

    assert socket.close_code == 1001


async def test_a_socket_is_closed_when_its_sign_in_ends(client: Client) -> None:
    guest = await (await client.post("/api/auth/guest")).json()
    bearer = {"Authorization": f"Bearer {guest['access_token']}"}
    ticket = await (await client.post("/api/auth/ws-ticket", headers=bearer)).json()
    socket = await client.ws_connect(f"/ws/chat/s?ticket={ticket['ticket']}")
    assert (await socket.receive_json())["type"] == "system"

    await client.post("/api/auth/logout", headers=bearer)

    async with asyncio.timeout(10):
        while not (await socket.receive()).type.name.startswith("CLOS"):
            pass
    assert socket.close_code == 4401


async def _until(client: Client, path: str, field: str, wanted: Any) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            found: dict[str, Any] = await (await client.get(path)).json()
            if found[field] == wanted:
                return found


async def test_what_anybody_would_try_first_is_no_password(client: Client) -> None:
    account = {"email": "eve@example.com", "username": "eve"}
    for common in ("password1", "Qwerty123", "iloveyou", "trustno1"):
        answer = await client.post(
            "/api/auth/signup", json={**account, "password": common}
        )
        assert answer.status == 422, common
        assert (await answer.json())["code"] == "weak_password"
