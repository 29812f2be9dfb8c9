"""What operators see of a server that runs: its actors and its dead letters."""

from typing import Any

import pytest

from handlers.keys import CLOCK, LETTERS, SYSTEM, USERS
from messages.cart import GetCart
from store.port import DeadLetter
from tests.server.conftest import Client

SKU = "AUD-009-COR"
OLGA = {"email": "o@example.com", "username": "olga", "password": "correct horse b"}


@pytest.fixture
async def olga(client: Client) -> dict[str, str]:
    """Headers of an operator."""
    await client.post("/api/auth/signup", json=OLGA)
    user = await client.app[USERS].of_username("olga")
    assert user is not None
    await client.app[USERS].give_role(user.id, "operator")
    answer = await client.post("/api/auth/signin", json=OLGA_SIGNS_IN)
    return {"Authorization": f"Bearer {(await answer.json())['access_token']}"}


OLGA_SIGNS_IN = {"email": OLGA["email"], "password": OLGA["password"]}


async def bury(client: Client, command: dict[str, Any], kind: str = "stock") -> None:
    await client.app[LETTERS].bury(
        DeadLetter(
            id="l1",
            kind=kind,
            key=SKU,
            command=command,
            error="ZeroDivisionError: it broke",
            at=client.app[CLOCK].now(),
        )
    )


async def test_an_actor_is_seen_while_it_is_awake(
    client: Client, olga: dict[str, str]
) -> None:
    await client.app[SYSTEM].ask("ada", GetCart())

    listed = await client.get("/api/admin/actors?kind=cart&top=5", headers=olga)
    one = await client.get("/api/admin/actors/cart/ada", headers=olga)
    asleep = await client.get("/api/admin/actors/cart/eve", headers=olga)
    unknown = await client.get("/api/admin/actors?kind=ghost", headers=olga)

    assert [each["key"] for each in await listed.json()] == ["ada"]
    assert listed.headers["X-Total-Count"] == "1"
    told = await one.json()
    assert (told["mailbox"], told["failures"], told["last_error"]) == (0, 0, None)
    assert (asleep.status, unknown.status) == (404, 404)


async def test_a_key_with_a_slash_is_reached_as_well(
    client: Client, olga: dict[str, str]
) -> None:
    doors = await client.get("/api/admin/actors?kind=sign_in", headers=olga)
    key = (await doors.json())[0]["key"]
    assert "/" in key

    one = await client.get(
        f"/api/admin/actors/sign_in/{key.replace('/', '%2F')}", headers=olga
    )

    assert (await one.json())["key"] == key


async def test_a_dead_letter_is_delivered_and_gone(
    client: Client, olga: dict[str, str]
) -> None:
    await bury(
        client,
        {"type": "AdjustStock", "warehouse": "east", "delta": 3, "reason": "found"},
    )
    path = f"/api/admin/inventory/{SKU}"
    before = await (await client.get(path, headers=olga)).json()

    listed = await client.get("/api/admin/dead-letters", headers=olga)
    done = await client.post("/api/admin/dead-letters/l1/retry", headers=olga)
    again = await client.post("/api/admin/dead-letters/l1/retry", headers=olga)

    assert listed.headers["X-Total-Count"] == "1"
    assert (await listed.json())[0]["error"] == "ZeroDivisionError: it broke"
    assert (done.status, again.status) == (200, 404)
    after = await (await client.get(path, headers=olga)).json()
    assert after["on_hand"]["east"] == before["on_hand"]["east"] + 3


async def test_a_dead_letter_that_is_refused_stays(
    client: Client, olga: dict[str, str]
) -> None:
    await bury(
        client,
        {"type": "AdjustStock", "warehouse": "moon", "delta": 3, "reason": "found"},
    )

    refused = await client.post("/api/admin/dead-letters/l1/retry", headers=olga)
    kept = await client.get("/api/admin/dead-letters?kind=stock", headers=olga)
    others = await client.get("/api/admin/dead-letters?kind=cart", headers=olga)

    assert (refused.status, (await refused.json())["code"]) == (
        400,
        "unknown_warehouse",
    )
    assert len(await kept.json()) == 1
    assert await others.json() == []


async def test_a_dead_letter_that_nobody_understands_can_be_deleted(
    client: Client, olga: dict[str, str]
) -> None:
    await bury(client, {"type": "Nonsense"}, kind="ghost")

    retried = await client.post("/api/admin/dead-letters/l1/retry", headers=olga)
    deleted = await client.delete("/api/admin/dead-letters/l1", headers=olga)
    again = await client.delete("/api/admin/dead-letters/l1", headers=olga)

    assert (retried.status, deleted.status, again.status) == (409, 200, 404)


async def test_a_closed_account_loses_its_sockets(
    client: Client, olga: dict[str, str]
) -> None:
    ada = {**OLGA, "email": "ada@example.com", "username": "ada"}
    tokens = await (await client.post("/api/auth/signup", json=ada)).json()
    user = await client.app[USERS].of_username("ada")
    assert user is not None
    socket = await client.ws_connect(f"/ws/chat/s?token={tokens['access_token']}")
    await socket.receive_json()

    await client.post(f"/api/admin/users/{user.id}/deactivate", headers=olga)

    while not socket.closed:
        await socket.receive()
    assert socket.close_code == 4401
