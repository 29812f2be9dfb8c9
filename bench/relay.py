"""A line between server and database that can be cut, muted or slowed at will."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import unquote_plus

from actors.runtime import LoopClock
from bench.server import free_port
from store.embedded import PrivateMongod

How = Literal["passes", "swallows", "silent", "slow", "away"]
"""`swallows`: what the database answers is lost. `silent`: nothing arrives at all."""

SLOW_BY_S = 0.05
CHUNK = 65_536


class Relay:
    """Listens on loopback and passes on to mongod's socket at `address`."""

    def __init__(self, address: str) -> None:
        self.port = free_port()
        self.how: How = "passes"
        self._address = address
        self._clock = LoopClock()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where the server finds its database."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    async def start(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._met, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Take no more, and cut those there are."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Cut every connection; new ones may come."""
        for each in self._writers:
            each.transport.abort()

    async def _met(
        self, server: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        self._writers.add(back)
        try:
            if self.how == "away":
                return
            database, there = await asyncio.open_unix_connection(self._address)
            self._writers.add(there)
            ways = (
                self._passed(server, there, is_answer=False),
                self._passed(database, back, is_answer=True),
            )
            await asyncio.gather(*ways)
            self._writers.discard(there)
        except OSError:
            # The database itself is gone: so is this connection.
            pass
        finally:
            back.transport.abort()
            self._writers.discard(back)

    async def _passed(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        *,
        is_answer: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(CHUNK):
                if self.how == "silent" or (self.how == "swallows" and is_answer):
                    continue
                if self.how == "slow":
                    await self._clock.sleep(SLOW_BY_S)
                sink.write(data)
                await sink.drain()
        sink.transport.abort()


@asynccontextmanager
async def relayed(folder: Path) -> AsyncIterator[tuple[Relay, PrivateMongod]]:
    """Run a database on `folder` behind a relay."""
    mongod = PrivateMongod(folder, LoopClock())
    url = await mongod.start()
    relay = Relay(unquote_plus(url.removeprefix("mongodb://").partition("/")[0]))
    await relay.start()
    try:
        yield relay, mongod
    finally:
        await relay.stop()
        await mongod.stop()
