"""One private mongod for a whole run of the tests, a fresh database for each test."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from actors.runtime.clock import LoopClock
from store.client import Database, close, connect
from store.embedded import PrivateMongod

T = TypeVar("T")
_numbers = count()


class LoopThread:
    """An event loop on a thread of its own, for what outlives a single test."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `work` returns, run on that loop."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture(scope="session")
def mongod_url(loop_thread: LoopThread) -> Iterator[str]:
    """The URL of a real mongod; its data lives as long as the run."""
    folder = Path(tempfile.mkdtemp(prefix="souk-test-"))

    async def make() -> PrivateMongod:
        return PrivateMongod(folder, LoopClock())

    mongod = loop_thread.run(make)
    url = loop_thread.run(mongod.start)
    assert mongod.kind == "mongod", "the tests want the real thing"
    yield url
    loop_thread.run(mongod.stop)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def database(mongod_url: str) -> AsyncIterator[Database]:
    """A database that nobody has used before."""
    db = await connect(mongod_url, f"test{next(_numbers)}")
    yield db
    await db.client.drop_database(db.name)
    close(db)
