"""A lobby with the doors open."""

from collections.abc import AsyncIterator

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from tests.handlers.lobby import Lobby


@pytest.fixture
async def lobby(aiohttp_client: AiohttpClient) -> AsyncIterator[Lobby]:
    lobby = Lobby()
    await lobby.start()
    lobby.client = await aiohttp_client(lobby.app)
    yield lobby
    await lobby.stop()
