"""A request that comes a byte at a time holds nothing for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from handlers.draining import UNDER_WAY
from handlers.errors import Body, body, rendered
from handlers.middleware import BODY_WITHIN_S
from handlers.security import public
from store.client import Database
from tests.handlers.house import House

HEAD = b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


class Anything(Body):
    """Nothing at all."""


class Slow:
    """A house with one route, and a connection to it that a test writes to by hand."""

    def __init__(self, database: Database) -> None:
        self.begun = asyncio.Event()
        self.read = asyncio.Event()
        self.goes_on = asyncio.Event()
        routes = web.RouteTableDef()
        routes.post("/slow")(self.answer)
        self.house = House(database, [routes])

    @public
    async def answer(self, request: web.Request) -> web.Response:
        self.begun.set()
        await body(request, Anything)
        self.read.set()
        await self.goes_on.wait()
        return rendered({})

    async def connect(self) -> None:
        # As the real one, and unlike aiohttp's for tests, it lets go on what was asked
        # by one who left.
        self.runner = web.AppRunner(self.house.app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        host, port = self.runner.addresses[0][:2]
        self.reader, self.writer = await asyncio.open_connection(host, port)

    async def close(self) -> None:
        self.writer.close()
        await self.runner.cleanup()


@pytest.fixture
async def slow(database: Database) -> AsyncIterator[Slow]:
    one = Slow(database)
    await one.connect()
    yield one
    await one.close()


async def test_half_a_body_is_cut_off_in_time(slow: Slow) -> None:
    slow.writer.write(HEAD + b"Content-Length: 2\r\n\r\n{")
    await slow.begun.wait()

    with capture_logs() as logs:
        slow.house.clock.advance(BODY_WITHIN_S - 1)
        assert logs == []
        slow.house.clock.advance(1)

    assert [each["event"] for each in logs] == ["request.too_slow"]
    with suppress(ConnectionResetError):
        assert await slow.reader.read() == b""


async def test_who_leaves_in_the_midst_of_a_body_is_no_bug(slow: Slow) -> None:
    with capture_logs() as logs:
        slow.writer.write(HEAD + b"Content-Length: 2\r\n\r\n{")
        await slow.begun.wait()
        slow.writer.transport.abort()
        await slow.house.app[UNDER_WAY].drained()

    assert [(each["event"], each["status"]) for each in logs] == [
        ("request.served", 400)
    ]


async def test_a_whole_body_may_be_thought_about_for_as_long_as_it_takes(
    slow: Slow,
) -> None:
    slow.writer.write(HEAD + b"Content-Length: 2\r\n\r\n{")
    await slow.begun.wait()
    slow.writer.write(b"}")
    await slow.read.wait()

    slow.house.clock.advance(BODY_WITHIN_S * 3)
    slow.goes_on.set()

    assert await slow.reader.readline() == b"HTTP/1.1 200 OK\r\n"
