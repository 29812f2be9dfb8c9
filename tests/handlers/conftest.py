"""The doors of the house with real locks, and nobody behind them."""

from collections.abc import AsyncIterator

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from store.client import Database
from tests.handlers.house import House
from tests.mongod import database, loop_thread, mongod_url  # noqa: F401


@pytest.fixture
async def house(
    aiohttp_client: AiohttpClient,
    database: Database,  # noqa: F811 - the fixture imported above
) -> AsyncIterator[House]:
    built = House(database)
    await built.prepare()
    built.client = await aiohttp_client(built.app)
    yield built
    built.passwords.close()
