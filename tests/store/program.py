"""Databases and programs for the tests of the private one."""

import textwrap
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from actors.runtime.clock import LoopClock
from store.client import Database, close, connect
from store.embedded import PrivateMongod


@asynccontextmanager
async def running(
    path: Path, programs: Sequence[Path] | None = None
) -> AsyncIterator[tuple[PrivateMongod, Database]]:
    mongod = PrivateMongod(path, LoopClock(), programs=programs)
    db = await connect(await mongod.start())
    try:
        yield mongod, db
    finally:
        close(db)
        await mongod.stop()


def program(folder: Path, script: str, name: str = "mongod") -> Path:
    """An executable that does what `script` says."""
    path = folder / name
    path.write_text("#!/bin/sh\n" + textwrap.dedent(script))
    path.chmod(0o755)
    return path
