"""The database: the one that was configured, or one of our own that ends with us."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from messages.clock import Clock
from server.config import Config
from server.parts import CONFIG, DATABASE, GONE, PARTS
from store import client
from store.client import Database
from store.embedded import PathTaken, PrivateMongod

# Where a command finds the database that a running server started.
ADDRESS = "database_url"


async def database(app: web.Application) -> AsyncIterator[None]:
    """The first stage up and the last one down."""
    config = app[CONFIG]
    app[GONE] = asyncio.Event()
    async with _url(config, app[PARTS].clock, app[GONE]) as url:
        app[DATABASE] = await client.connect(url, config.store.database)
        try:
            yield
        finally:
            client.close(app[DATABASE])


@asynccontextmanager
async def borrowed(config: Config, clock: Clock) -> AsyncIterator[Database]:
    """Give a command the database, also where a running server has it."""
    try:
        async with _url(config, clock) as url, _connected(url, config) as db:
            yield db
    except PathTaken:
        address = config.store.path / ADDRESS
        if not address.exists():
            raise
        async with _connected(address.read_text(), config) as db:
            yield db


@asynccontextmanager
async def _connected(url: str, config: Config) -> AsyncIterator[Database]:
    db = await client.connect(url, config.store.database)
    try:
        yield db
    finally:
        client.close(db)


@asynccontextmanager
async def _url(
    config: Config, clock: Clock, gone: asyncio.Event | None = None
) -> AsyncIterator[str]:
    """Give the address; `gone` is set if a database of our own cannot be kept up."""
    if config.store.mongodb_url:
        yield config.store.mongodb_url
        return
    mongod = PrivateMongod(config.store.path, clock)
    url = await mongod.start()
    if gone is not None:
        mongod.died.add_done_callback(lambda _: gone.set())
    address = config.store.path / ADDRESS
    try:
        _write(address, url)
        yield url
    finally:
        address.unlink(missing_ok=True)
        await mongod.stop()


def _write(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
