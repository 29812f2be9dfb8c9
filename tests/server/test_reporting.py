"""Errors reach Sentry, with what finds them again and without any secret."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.config import load
from server.reporting import Reporter, reporter
from store.client import close, connect
from tests.server.test_run import Server

SECRET = "correct horse battery"
ADA = {"email": "ada@example.com", "username": "ada", "password": SECRET}


class Sentry:
    """Takes envelopes, as the real one does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.raw = b""
        self.came = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.raw += body
        _, *rest = body.split(b"\n")
        for header, payload in zip(rest[::2], rest[1::2], strict=False):
            if json.loads(header)["type"] == "event":
                self.events.append(json.loads(payload))
                self.came.set()
        return web.json_response({"id": "1"})


@pytest.fixture
async def sentry() -> AsyncIterator[Sentry]:
    receiver = Sentry()
    app = web.Application()
    app.router.add_post("/api/1/envelope/", receiver.take)
    async with TestServer(app) as listening:
        receiver.dsn = f"http://public@127.0.0.1:{listening.port}/1"  # type: ignore[attr-defined]
        yield receiver


async def test_a_bug_of_the_real_server_is_reported(
    sentry: Any, tmp_path: Path
) -> None:
    server = Server(tmp_path / "souk", "--port", "0", SENTRY_DSN=sentry.dsn)
    await server.ready()
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{server.url}/api/auth/signup", json=ADA) as answer:
            tokens = await answer.json()
        db = await connect((server.folder / "database_url").read_text())
        await db["users"].update_one({}, {"$set": {"created_at": "nonsense"}})
        close(db)
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        async with http.get(f"{server.url}/api/auth/me", headers=bearer) as answer:
            assert answer.status == 500
            request_id = answer.headers["X-Request-ID"]
    async with asyncio.timeout(20):
        await sentry.came.wait()
    assert await server.stop(signal.SIGTERM) == 0

    [event] = sentry.events
    assert event["tags"]["request_id"] == request_id
    assert event["tags"]["event"] == "request.broke"
    assert event["release"].startswith("souk@")
    assert event["environment"] == "development"
    [*_, error] = event["exception"]["values"]
    assert error["type"] == "ValidationError"
    assert any(each["function"] == "show_me" for each in error["stacktrace"]["frames"])
    for secret in (SECRET, tokens["access_token"], tokens["refresh_token"]):
        assert secret.encode() not in sentry.raw


def test_without_a_dsn_nothing_is_loaded(tmp_path: Path) -> None:
    assert reporter(load({}, dotenv=tmp_path / "none")) is None


class Sdk:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.messages: list[str] = []
        self.context: dict[str, Any] = {}

    def new_scope(self) -> "Sdk":
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def set_tag(self, *_: object) -> None:
        return None

    def set_user(self, *_: object) -> None:
        return None

    def set_context(self, _name: str, told: dict[str, Any]) -> None:
        self.context = told

    def capture_exception(self, error: BaseException) -> None:
        self.errors.append(error)

    def capture_message(self, text: str, level: str) -> None:
        self.messages.append(f"{level} {text}")


@pytest.mark.parametrize("form", ["itself", "tuple", "true"])
def test_an_exception_is_found_in_every_form(form: str) -> None:
    sdk = Sdk()
    report = Reporter(sdk)

    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        told: Any = {"itself": error, "tuple": sys.exc_info(), "true": True}[form]
        line = {"event": "request.broke", "level": "error", "exc_info": told}
        assert report(None, "error", line) is line

    assert [type(each) for each in sdk.errors] == [ZeroDivisionError]


def test_an_error_without_an_exception_is_a_message() -> None:
    sdk = Sdk()
    line = {"event": "letter.died", "level": "error", "password": SECRET}

    Reporter(sdk)(None, "error", line)

    assert sdk.messages == ["error letter.died"]
    assert SECRET not in str(sdk.context)


def test_what_is_not_grave_is_not_reported() -> None:
    sdk = Sdk()

    for level in ("debug", "info", "warning"):
        Reporter(sdk)(None, level, {"event": "cart.saved", "level": level})

    assert (sdk.errors, sdk.messages) == ([], [])
