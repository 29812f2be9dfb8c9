"""Secrets that somebody hands in are found in no line of the log and in no error."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from handlers.keys import USERS
from server.app import build
from server.config import Config, load
from server.logging import configure

PASSWORD = "canary-password-0f3a"
WRONG = "canary-wrong-9b1c"
CARD = "4242424242424242"
MISTYPED = "4242424242424241"
SPACED = "5555 5555 5555 4444"
CVC = "973"
KEY = "canary-jwt-key-5d2e-that-is-long-enough"
MODEL_KEY = "canary-model-key-77aa"
METRICS = "canary-metrics-31c0"
BEARER = "canary-bearer-60d4"
IN_URL = "canary-in-url-c41b"
FOUND_ANYWHERE = (
    *(PASSWORD, WRONG, CARD, MISTYPED, SPACED, KEY, MODEL_KEY, METRICS),
    *(BEARER, IN_URL),
)
ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}


class Trail:
    """Everything that was logged, and everything that was answered with an error."""

    def __init__(self, client: TestClient[Any, Any], log: io.StringIO) -> None:
        self.client = client
        self.log = log
        self.errors: list[str] = []

    async def send(self, method: str, path: str, **more: Any) -> Any:
        answer = await self.client.request(method, path, **more)
        text = await answer.text()
        if answer.status >= 400:
            self.errors.append(f"{answer.headers} {text}")
        return await answer.json(content_type=None) if text[:1] in "{[" else text

    def found(self, *secrets: str) -> list[str]:
        everything = self.log.getvalue() + "".join(self.errors)
        return [each for each in secrets if each in everything]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure("json", "debug", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
async def trail(
    opened: Config, tmp_path: Path, log: io.StringIO, aiohttp_client: AiohttpClient
) -> Trail:
    told = load(
        {
            "MONGODB_URL": opened.store.mongodb_url,
            "MONGODB_DB_NAME": opened.store.database,
            "JWT_SECRET_KEY": KEY,
            "OPENAI_API_KEY": MODEL_KEY,
            "SOUK__SERVER__METRICS_TOKEN": METRICS,
            "SOUK__STORE__PATH": str(tmp_path),
            "SOUK__ACCOUNTS__BCRYPT_COST": "4",
            "SOUK__LOG__LEVEL": "debug",
        },
        dotenv=tmp_path / "none",
    )
    app: web.Application = build(told)
    return Trail(await aiohttp_client(app), log)


async def test_no_secret_is_in_a_log_or_an_error(trail: Trail) -> None:
    tokens = await trail.send("POST", "/api/auth/signup", json=ADA)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    secrets = (*FOUND_ANYWHERE, tokens["access_token"], tokens["refresh_token"])

    await _signs_in_wrongly(trail)
    await _pays(trail, bearer)
    ticket = await _talks(trail, bearer, tokens["access_token"])
    await _looks_where_nothing_is(trail)
    refresh = {"refresh_token": tokens["refresh_token"]}
    fresh = await trail.send("POST", "/api/auth/refresh", json=refresh)
    await trail.send("POST", "/api/auth/refresh", json=refresh)
    await trail.send("POST", "/api/auth/signin", json={**ADA, "email": 1})

    assert len(trail.errors) >= 12
    assert "request.served" in trail.log.getvalue()
    assert trail.found(*secrets, ticket, fresh["access_token"]) == []


async def test_no_secret_is_in_the_traceback_of_a_bug(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = await trail.send("POST", "/api/auth/signup", json=ADA)
    token = tokens["access_token"]

    async def broken(_user_id: str) -> None:
        # As drivers and clients do, which put what they were given into their words.
        raise ValueError(
            f"mongodb://ada:{PASSWORD}@db refused {CARD} and {SPACED} "
            f"of GET /ws/chat/s?token={IN_URL} with {token}"
        )

    monkeypatch.setattr(trail.client.app[USERS], "of_id", broken)

    bearer = {"Authorization": f"Bearer {token}"}
    await trail.send("GET", "/api/auth/me", headers=bearer)

    assert "request.broke" in trail.log.getvalue()
    assert trail.found(*FOUND_ANYWHERE, token) == []


async def _signs_in_wrongly(trail: Trail) -> None:
    wrong = {"email": ADA["email"], "password": WRONG}
    await trail.send("POST", "/api/auth/signin", json=wrong)
    await trail.send("POST", "/api/auth/signin", json={**wrong, "more": WRONG})
    await trail.send("POST", "/api/auth/signin", data=f'{{"password": "{WRONG}"')
    await trail.send("POST", "/api/auth/signup", json={**ADA, "password": WRONG})
    await trail.send("POST", "/api/auth/guest", json={"guest_token": BEARER})
    for told in (f"Bearer {BEARER}", f"Basic {BEARER}", BEARER):
        headers = {"Authorization": told}
        await trail.send("GET", "/api/auth/me", headers=headers)
    await trail.send("GET", "/metrics", headers={"Authorization": f"Bearer {BEARER}"})
    await trail.send("GET", "/metrics", headers={"Authorization": f"Bearer {METRICS}"})


async def _pays(trail: Trail, bearer: dict[str, str]) -> None:
    path = "/api/users/payment-methods"
    card = {"type": "card", "exp_month": 12, "exp_year": 2030, "cvc": CVC}
    for number in (CARD, MISTYPED, SPACED, f"{CARD}{CARD}"):
        body = {**card, "number": number}
        await trail.send("POST", path, json=body, headers=bearer)
    await trail.send("POST", path, json={"number": CARD}, headers=bearer)
    await trail.send("GET", path, headers=bearer)


async def _talks(trail: Trail, bearer: dict[str, str], token: str) -> str:
    told = await trail.send("POST", "/api/auth/ws-ticket", headers=bearer)
    for query in (f"token={token}", f"ticket={told['ticket']}", f"token={IN_URL}"):
        socket = await trail.client.ws_connect(f"/ws/chat/s?{query}")
        if query.endswith(IN_URL):
            await socket.receive()
            continue
        await socket.receive_json()
        await socket.send_json({"message": f"my card is {SPACED}, {CARD}"})
        while (await socket.receive_json())["type"] != "run_finished":
            pass
        await socket.send_json({"type": "auth", "access_token": BEARER})
        await socket.send_str(f'{{"type": "auth", "access_token": "{BEARER}')
        await socket.close()
    return str(told["ticket"])


async def _looks_where_nothing_is(trail: Trail) -> None:
    await trail.send("GET", f"/nowhere?token={IN_URL}")
    await trail.send("GET", f"/api/cart?ticket={IN_URL}")
    await trail.send("GET", f"/api/products?password={IN_URL}")
