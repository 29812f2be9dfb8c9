"""The private database: starts, survives, makes way, and is never left behind."""

import asyncio
import contextlib
import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import OperationFailure
from structlog.testing import capture_logs

from actors.runtime.clock import LoopClock
from store.child import Child
from store.client import Database, close, connect, ping
from store.embedded import NoDatabase, PathTaken, PrivateMongod
from store.port import Away
from tests.store.program import running


class HastyClock(LoopClock):
    """Does not wait between attempts."""

    async def sleep(self, delay_s: float) -> None:
        await super().sleep(0)


class MendingClock(HastyClock):
    """Takes `blocked` away the third time that anybody waits."""

    blocked: Path | None = None
    waits = 0

    async def sleep(self, delay_s: float) -> None:
        await super().sleep(delay_s)
        if self.blocked is not None:
            self.waits += 1
            if self.waits == 3:
                self.blocked.rmdir()


def ended(pid: int) -> bool:
    """Wait until process `pid` has ended; False if that takes too long."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle, closefd=True):
        readable, _, _ = select.select([handle], [], [], 20)
    return bool(readable)


# Starting and stopping


async def test_it_starts_with_a_unix_socket_of_our_own_and_no_port(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as (mongod, db):
        await ping(db)

        assert mongod.kind == "mongod"
        sockets = [path for path in (tmp_path / "run").iterdir() if path.is_socket()]
        assert "mongod.sock" in [path.name for path in sockets]
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
        assert tcp_ports_of(mongod.child.pid) == set()


def tcp_ports_of(pid: int | None) -> set[str]:
    """The local ports on which process `pid` listens."""
    links = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        # A file that is closed while we look is no listening socket.
        with contextlib.suppress(FileNotFoundError):
            links.append(str(fd.readlink()))
    ours = {link[8:-1] for link in links if link.startswith("socket:[")}
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    rows = [
        row.split() for table in tables for row in table.read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[9] in ours}


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as (mongod, db):
        first = mongod.child.pid
        await db.things.insert_one({"_id": "lamp"})
    assert first is not None
    assert ended(first)

    async with running(tmp_path) as (_, db):
        assert await db.things.count_documents({}) == 1


async def test_data_may_be_moved_to_another_folder(tmp_path: Path) -> None:
    async with running(tmp_path / "old") as (_, db):
        await db.things.insert_one({"_id": "lamp"})
    (tmp_path / "old").rename(tmp_path / "new")

    async with running(tmp_path / "new") as (_, db):
        assert await db.things.count_documents({}) == 1


async def test_a_long_path_gets_a_short_socket_folder_of_our_own(
    tmp_path: Path,
) -> None:
    path = tmp_path / ("long" * 25)
    async with running(path) as (mongod, db):
        await ping(db)
        sockets = Path(str(mongod.child._address)).parent

    assert sockets.parent == Path(tempfile.gettempdir())
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert list(sockets.iterdir()) == []
    sockets.rmdir()


async def test_a_socket_folder_that_others_can_enter_is_refused(
    tmp_path: Path,
) -> None:
    (tmp_path / "run").mkdir(mode=0o755)

    with pytest.raises(NoDatabase, match="only this user"):
        await PrivateMongod(tmp_path, LoopClock()).start()


async def test_stopping_before_starting_and_twice_does_nothing(tmp_path: Path) -> None:
    mongod = PrivateMongod(tmp_path, LoopClock())
    await mongod.stop()

    await mongod.start()
    await mongod.stop()
    await mongod.stop()


async def test_a_second_server_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    async with running(tmp_path):
        with pytest.raises(PathTaken, match=f"process {os.getpid()} .*python"):
            await PrivateMongod(tmp_path, LoopClock()).start()


# Crashes


async def test_a_killed_database_comes_back_on_the_same_url(tmp_path: Path) -> None:
    async with running(tmp_path) as (mongod, db):
        await db.things.insert_one({"_id": "lamp"})
        killed = mongod.child.pid
        assert killed is not None

        os.kill(killed, signal.SIGKILL)
        async with asyncio.timeout(30):
            while not await answers(db) or not mongod.child.restarts:
                pass

        assert await db.things.count_documents({}) == 1
        assert mongod.child.pid != killed


async def answers(db: Database) -> bool:
    try:
        await ping(db)
    except Away:
        return False
    return True


async def test_a_killed_server_takes_its_database_along(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    pid = int((tmp_path / "database.pid").read_text())

    server.kill()
    server.wait()

    assert ended(pid)
    async with running(tmp_path) as (_, db):
        await ping(db)


def start_server(path: Path) -> "subprocess.Popen[str]":
    """A process with a private mongod of its own, up and answering."""
    script = """
        import asyncio, sys
        from pathlib import Path
        from actors.runtime.clock import LoopClock
        from store.embedded import PrivateMongod
        async def main():
            await PrivateMongod(Path(sys.argv[1]), LoopClock()).start()
            print("up", flush=True)
            await asyncio.Event().wait()
        asyncio.run(main())
    """
    server = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert server.stdout is not None
    assert server.stdout.readline() == "up\n"
    server.stdout.close()
    return server


async def test_a_database_left_behind_is_stopped_before_the_next_start(
    tmp_path: Path,
) -> None:
    left_behind = PrivateMongod(tmp_path, LoopClock())
    await left_behind.start()
    orphan = left_behind.child.pid
    # As if its server had ended: nobody watches it, and the folder is free.
    await left_behind.child._jobs.close()
    left_behind._lock.free()

    with capture_logs() as logs:
        async with running(tmp_path) as (mongod, db):
            await ping(db)
            assert mongod.child.pid != orphan
    await left_behind.stop()

    assert {"event": "database.orphan_stopped", "pid": orphan} in [
        {"event": each["event"], "pid": each.get("pid")} for each in logs
    ]


async def test_the_lock_of_a_crash_is_recovered(tmp_path: Path) -> None:
    crashed = PrivateMongod(tmp_path, LoopClock())
    db = await connect(await crashed.start())
    await db.things.insert_one({"_id": "lamp"})
    close(db)
    # As if the machine had lost its power, the server with it.
    await crashed.child._jobs.close()
    crashed._lock.free()
    killed = crashed.child.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert ended(killed)
    assert (tmp_path / "mongod" / "mongod.lock").read_text() != ""

    async with running(tmp_path) as (_, db):
        assert await db.things.count_documents({}) == 1
    await crashed.stop()


async def test_a_pid_file_that_names_a_stranger_harms_nobody(tmp_path: Path) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    (tmp_path / "database.pid").write_text(str(stranger.pid))

    async with running(tmp_path) as (_, db):
        await ping(db)

    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


def once_answering(folder: Path, clock: LoopClock) -> Child:
    """Answers once, then ends, and finds its socket in the way ever after."""
    address = folder / "socket"
    listens = "import socket,sys; s=socket.socket(socket.AF_UNIX); "
    listens += "s.bind(sys.argv[1]); s.listen(); s.accept()"
    return Child(
        [sys.executable, "-c", listens, str(address)],
        address=str(address),
        folder=folder,
        clock=clock,
    )


async def test_a_database_that_cannot_be_kept_alive_is_given_up(
    tmp_path: Path,
) -> None:
    child = once_answering(tmp_path, HastyClock())

    await child.start()
    with pytest.raises(NoDatabase, match="Address already in use"):
        await child.died
    await child.stop()

    assert child.pid is None
    assert child.restarts > 5


async def test_a_database_is_started_again_though_it_could_not_be_at_first(
    tmp_path: Path,
) -> None:
    clock = MendingClock()
    child = once_answering(tmp_path, clock)
    # Where the old log should go there is something else, for a while.
    blocked = tmp_path / "database.log.1"
    blocked.mkdir()

    await child.start()
    clock.blocked = blocked
    with capture_logs() as logs, pytest.raises(NoDatabase, match="already in use"):
        await child.died
    await child.stop()

    events = [each["event"] for each in logs]
    assert "database.not_restarted" in events


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    mongod = PrivateMongod(tmp_path / "file" / "souk", LoopClock())

    with pytest.raises(NoDatabase, match="souk cannot be used: "):
        await mongod.start()


class JustStarted:
    """A member's `admin` that has not read how it is configured, for a moment."""

    def __init__(self, host: str) -> None:
        self.told: list[Any] = []
        self._config = {"members": [{"_id": 0, "host": host}], "version": 1}
        self._answers = iter([94, 23])

    async def command(self, asked: Any) -> Any:
        self.told.append(asked)
        if (code := next(self._answers, None)) is not None:
            raise OperationFailure("not now", code)
        return {"config": self._config}


async def test_a_member_that_has_not_read_yet_how_it_is_configured_is_waited_for(
    tmp_path: Path,
) -> None:
    admin: Any = JustStarted("here.sock")

    await PrivateMongod(tmp_path, HastyClock())._configure(admin, "here.sock")

    new = {"_id": "souk", "members": [{"_id": 0, "host": "here.sock"}]}
    assert admin.told == [
        "replSetGetConfig",
        {"replSetInitiate": new},
        "replSetGetConfig",
    ]
