"""One real shop, and a visitor who has a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.whole.shop import Shop, Visitor


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    running = Shop(tmp_path / "shop")
    await running.start()
    yield running
    await running.kill()


@pytest.fixture
async def visitor(shop: Shop) -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession() as http:
        yield Visitor(http, shop)
