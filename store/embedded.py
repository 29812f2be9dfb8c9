"""A database of our own: a child process that lives and ends with this one.

`MONGODB_URL` is for production; without it the server starts a private mongod on
data in one folder, reached by a unix socket that only this user can open. Where no
mongod runs, SecantusDB stands in, for development only. `child.py` owns the process,
`mongod_binary.py` knows which program fits.
"""

import asyncio
import hashlib
import os
import socket
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import structlog
from pymongo.errors import OperationFailure

from messages.clock import Clock
from store.child import Child, NoDatabase
from store.client import Database, open_client, reaching
from store.folder_lock import FolderLock, PathTaken
from store.mongod_binary import advice, candidates, secantus_command, why_not
from store.port import StorageError

__all__ = ["NoDatabase", "PathTaken", "PrivateMongod"]

log = structlog.get_logger(__name__)

# 18 MB of disk and 133 MB of memory instead of 300 and 400: one shop is no cluster.
_MONGOD_FLAGS = (
    "--replSet=souk",
    "--quiet",
    "--wiredTigerCacheSizeGB=0.25",
    "--oplogSize=128",
    "--setParameter=diagnosticDataCollectionEnabled=false",
    "--wiredTigerEngineConfigString=log=(prealloc=false,file_max=16MB)",
    # Told to stop, a primary waits 15 s for others to take over; there are none.
    "--setParameter=shutdownTimeoutMillisForSignaledShutdown=100",
)

# What every system's sun_path can hold; mongod's second socket has the longer name.
_LONGEST_SOCKET = 103
_SECOND_SOCKET = "mongodb-27017.sock"

_NOT_YET_INITIATED = 94
_ALREADY_INITIATED = 23
# An election of one takes 50 ms; one that recovers replays its oplog first.
_PRIMARY_WITHIN_S = 60.0


class PrivateMongod:
    """The database on `path`, started by `start` and stopped by `stop`.

    If it dies it is started again, on the same URL, with growing pauses; `died`
    fails when that was in vain too often. A killed server takes its database along,
    and what a crash left behind is recovered by the next `start`.
    """

    def __init__(
        self, path: Path, clock: Clock, *, programs: Sequence[Path] | None = None
    ) -> None:
        self.path = path.resolve()
        self.kind = ""
        """`mongod` or `secantusdb`, known once started."""
        self._clock = clock
        self._programs = programs
        self._lock = FolderLock(self.path)
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The process; there is none before `start`."""
        if self._child is None:
            raise NoDatabase("the database has not been started")
        return self._child

    @property
    def died(self) -> asyncio.Future[None]:
        """Done once stopped; fails when the database could not be kept alive."""
        return self.child.died

    async def start(self) -> str:
        """Return the URL of the running database.

        Raises PathTaken if another server uses `path`, NoDatabase if none can run.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.take()
            return await self._start()
        except OSError as trouble:
            await self.stop()
            raise NoDatabase(f"{self.path} cannot be used: {trouble}") from trouble
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the database and give `path` free; before `start` it does nothing."""
        if self._child is not None:
            await self._child.stop()
        self._lock.free()

    async def _start(self) -> str:
        reasons = []
        for binary in candidates() if self._programs is None else self._programs:
            reason = await why_not(binary)
            if reason is None:
                return await self._start_mongod(binary)
            reasons.append(reason)
        secantus = secantus_command()
        if secantus is None or (self.path / "mongod" / "WiredTiger").exists():
            # A stand-in on an empty folder would look like a shop that lost its data.
            raise NoDatabase(advice(reasons))
        log.warning("database.stand_in", program="secantusdb", reasons=reasons)
        return await self._start_secantus(secantus, reasons)

    async def _start_mongod(self, binary: Path) -> str:
        data = self._data("mongod")
        sockets = _socket_folder(self.path)
        address = sockets / "mongod.sock"
        self.kind = "mongod"
        self._child = Child(
            [
                str(binary),
                f"--dbpath={data}",
                f"--bind_ip={address}",
                f"--unixSocketPrefix={sockets}",
                *_MONGOD_FLAGS,
            ],
            address=str(address),
            folder=self.path,
            clock=self._clock,
        )
        await self._child.start()
        url = f"mongodb://{quote_plus(str(address))}/?directConnection=true"
        await self._make_primary(url, str(address))
        return url

    async def _start_secantus(
        self, command: Sequence[str], reasons: Sequence[str]
    ) -> str:
        """Start the stand-in: it knows no unix socket, so it listens on loopback."""
        port = _free_port()
        self.kind = "secantusdb"
        self._child = Child(
            [
                *command,
                "--host=127.0.0.1",
                f"--port={port}",
                f"--storage-path={self._data('secantusdb')}",
                "--cache-size=256M",
                "--log-level=WARNING",
                "--sync-on-commit",
            ],
            address=("127.0.0.1", port),
            folder=self.path,
            clock=self._clock,
        )
        try:
            await self._child.start()
        except NoDatabase as trouble:
            raise NoDatabase(advice([*reasons, str(trouble)])) from trouble
        return f"mongodb://127.0.0.1:{port}/?directConnection=true"

    def _data(self, program: str) -> Path:
        folder = self.path / program
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    async def _make_primary(self, url: str, host: str) -> None:
        """Make the lone member primary, under the address that it has now."""
        # Thrown away: a client from before the initiation believes in a standalone.
        client = open_client(url)
        try:
            with reaching():
                async with asyncio.timeout(_PRIMARY_WITHIN_S):
                    await self._configure(client.admin, host)
                    await self._elected(client.admin)
        except (TimeoutError, StorageError) as trouble:
            raise NoDatabase("the database started, but is no primary") from trouble
        finally:
            client.close()

    async def _elected(self, admin: Database) -> None:
        while not (await admin.command("hello"))["isWritablePrimary"]:
            await self._clock.sleep(0.01)

    async def _configure(self, admin: Database, host: str) -> None:
        members = [{"_id": 0, "host": host}]
        while (found := await _config(admin)) is None:
            if await _initiated(admin, {"_id": "souk", "members": members}):
                return
            # It has one, and had not read it yet: it has just been started again.
            await self._clock.sleep(0.01)
        if found["members"][0]["host"] != host:
            # The folder was moved; the member must know itself to be primary.
            found |= {"members": members, "version": found["version"] + 1}
            await admin.command({"replSetReconfig": found, "force": True})


async def _config(admin: Database) -> dict[str, Any] | None:
    """Return how the member is configured; None: not at all, or not that it knew."""
    try:
        found: dict[str, Any] = (await admin.command("replSetGetConfig"))["config"]
    except OperationFailure as trouble:
        if trouble.code != _NOT_YET_INITIATED:
            raise
        return None
    return found


async def _initiated(admin: Database, new: Mapping[str, Any]) -> bool:
    """Configure a member for the first time; False: it is configured already."""
    try:
        await admin.command({"replSetInitiate": new})
    except OperationFailure as trouble:
        if trouble.code != _ALREADY_INITIATED:
            raise
        return False
    return True


def _socket_folder(path: Path) -> Path:
    """Return a folder for sockets that is ours alone, with a path short enough."""
    folder = path / "run"
    if len(os.fsencode(folder / _SECOND_SOCKET)) > _LONGEST_SOCKET:
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"souk-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not ours or stat.S_IMODE(found.st_mode) & 0o077:
        raise NoDatabase(f"{folder} must be a folder that only this user can enter")
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
