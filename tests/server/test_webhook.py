"""The webhook as whoever listens there sees it."""

import hashlib
import hmac
from datetime import UTC, datetime

import aiohttp
import msgspec
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from commerce.alert import low_stock
from scheduler.alerts import NotTaken
from server.webhook import SignedWebhook

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALERT = low_stock("lamp", "lamp-1", 2, NOON)
SECRET = "only the two of us know"


class Listener:
    """Somebody else's server."""

    def __init__(self) -> None:
        self.status = 204
        self.heard: list[tuple[str, bytes]] = []

    async def hear(self, request: web.Request) -> web.Response:
        said = await request.read()
        self.heard.append((request.headers["Souk-Signature"], said))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


async def tell(aiohttp_server: AiohttpServer, listener: Listener) -> None:
    app = web.Application()
    app.router.add_post("/hook", listener.hear)
    server = await aiohttp_server(app)
    async with aiohttp.ClientSession() as http:
        webhook = SignedWebhook(http, str(server.make_url("/hook")), SECRET)
        await webhook.tell(ALERT, NOON)


async def test_what_is_posted_is_vouched_for(aiohttp_server: AiohttpServer) -> None:
    listener = Listener()

    await tell(aiohttp_server, listener)

    [(signature, said)] = listener.heard
    at = int(NOON.timestamp())
    mine = hmac.new(SECRET.encode(), f"{at}.".encode() + said, hashlib.sha256)
    assert signature == f"t={at},v1={mine.hexdigest()}"
    told = msgspec.json.decode(said)
    assert (told["id"], told["type"], told["available"]) == (ALERT.id, "stock.low", 2)


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_another_answer_than_yes_is_a_no(
    aiohttp_server: AiohttpServer, status: int
) -> None:
    listener = Listener()
    listener.status = status

    with pytest.raises(NotTaken, match=f"answered {status}"):
        await tell(aiohttp_server, listener)
    assert len(listener.heard) == 1


async def test_nobody_there_is_a_no_that_tells_no_address() -> None:
    async with aiohttp.ClientSession() as http:
        webhook = SignedWebhook(http, "http://127.0.0.1:9/secret-path", SECRET)

        with pytest.raises(NotTaken) as refused:
            await webhook.tell(ALERT, NOON)

    assert "secret-path" not in str(refused.value)
