"""The whole server in this process, on a real database.

To open the shop for the first time takes the database half a second: collections,
their indexes, the demo goods. It is opened once, and its database made again what it
was for each test.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from server.app import build
from server.config import Config, load
from tests.mongod import LoopThread, database, loop_thread, mongod_url
from tests.server.restored import Restored

__all__ = ["database", "loop_thread", "mongod_url"]

# What the demo shop is made of; whatever else is there came of its opening.
GOODS = ("products", "stock", "warehouses", "coupons")
Client = TestClient[web.Request, web.Application]
_numbers = count()


@pytest.fixture
def config(mongod_url: str, tmp_path: Path) -> Config:
    """A shop that was never opened."""
    return _config(mongod_url, f"server{next(_numbers)}", tmp_path)


@pytest.fixture(scope="session")
def demo(
    mongod_url: str, loop_thread: LoopThread, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Restored]:
    """The database of a shop that was opened once."""
    config = _config(mongod_url, "demo", tmp_path_factory.mktemp("demo"))

    async def open_once() -> None:
        runner = web.AppRunner(build(config))
        await runner.setup()
        await runner.cleanup()

    loop_thread.run(open_once)
    with Restored(mongod_url, config.store.database, GOODS) as kept:
        yield kept


@pytest.fixture
def opened(config: Config, demo: Restored) -> Config:
    """A shop that was opened before and has had no visitor."""
    # Before a test, not after it: by now every server of the last one is closed.
    demo.restore()
    store = config.store.model_copy(update={"database": demo.name})
    return config.model_copy(update={"store": store})


@pytest.fixture
async def client(opened: Config, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(build(opened))


def _config(mongod_url: str, name: str, folder: Path) -> Config:
    environment = {
        "MONGODB_URL": mongod_url,
        "MONGODB_DB_NAME": name,
        "SOUK__STORE__PATH": str(folder),
        "SOUK__ACCOUNTS__BCRYPT_COST": "4",
    }
    return load(environment, dotenv=folder / "none")
