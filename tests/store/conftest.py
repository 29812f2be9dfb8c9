"""The tests of the store run against a real mongod, and some against what stands in."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from actors.runtime.clock import LoopClock
from store import client
from store.client import Database, close, connect, prepare_actor_collection
from store.embedded import NoDatabase, PrivateMongod
from tests.mongod import LoopThread, database, loop_thread, mongod_url
from tests.store.shelf import THINGS, MemoryShelf, MongoShelf, Shelf

__all__ = ["database", "loop_thread", "mongod_url"]

_numbers = count()


@pytest.fixture(scope="session")
def secantus_url(loop_thread: LoopThread) -> Iterator[str]:
    """The URL of the stand-in for machines that run no mongod."""
    folder = Path(tempfile.mkdtemp(prefix="souk-stand-in-"))

    async def make() -> PrivateMongod:
        return PrivateMongod(folder, LoopClock(), programs=[])

    secantus = loop_thread.run(make)
    try:
        url = loop_thread.run(secantus.start)
    except NoDatabase as reason:
        pytest.skip(f"SecantusDB does not run here: {reason}")
    yield url
    loop_thread.run(secantus.stop)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects from now on calls a database away sooner, not after 2 s."""
    monkeypatch.setitem(client._PATIENCE, "serverSelectionTimeoutMS", 300)


@pytest.fixture(params=["mongod", "secantusdb"])
async def any_database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A fresh database of each program that we promise to run on."""
    fixture = "mongod_url" if request.param == "mongod" else "secantus_url"
    db = await connect(request.getfixturevalue(fixture), f"any{next(_numbers)}")
    yield db
    await db.client.drop_database(db.name)
    close(db)


@pytest.fixture(params=["mongod", "secantusdb", "memory"])
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    """A collection of actors, as each store keeps it."""
    if request.param == "memory":
        yield MemoryShelf()
        return
    fixture = "mongod_url" if request.param == "mongod" else "secantus_url"
    db = await connect(request.getfixturevalue(fixture), f"shelf{next(_numbers)}")
    await prepare_actor_collection(db, THINGS, reminds=True, log=True)
    yield MongoShelf(db)
    await db.client.drop_database(db.name)
    close(db)
