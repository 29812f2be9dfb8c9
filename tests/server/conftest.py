"""The whole server in this process, on a real database of its own."""

from itertools import count
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from server.app import build
from server.config import Config, load
from tests.mongod import database, loop_thread, mongod_url

__all__ = ["database", "loop_thread", "mongod_url"]

Client = TestClient[web.Request, web.Application]
_numbers = count()


@pytest.fixture
def config(mongod_url: str, tmp_path: Path) -> Config:
    return load(
        {
            "MONGODB_URL": mongod_url,
            "MONGODB_DB_NAME": f"server{next(_numbers)}",
            "SOUK__STORE__PATH": str(tmp_path),
            "SOUK__ACCOUNTS__BCRYPT_COST": "4",
        },
        dotenv=tmp_path / "none",
    )


@pytest.fixture
async def client(config: Config, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(build(config))
