"""A database process of ours: started, watched, restarted, and never left behind."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiojobs
import structlog

from messages.clock import Clock

log = structlog.get_logger(__name__)

# A recovery after a crash reads the journal; that of a big shop takes its time.
_START_WITHIN_S = 60.0
# Between asking it to stop and killing it. Killed, it recovers at the next start.
_STOP_WITHIN_S = 10.0
# A process that lived so long died of something new: the pauses begin again.
_SETTLED_S = 30.0
_PAUSES_S = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0)
_LOOK_AGAIN_S = 0.02

# Runs between fork and exec, in a fresh interpreter, because code in a forked copy of
# a process with threads may hang. PR_SET_PDEATHSIG (1): SIGTERM when the parent's
# thread ends that started it, which is the loop's. Where a system has nothing like it,
# what is left behind is stopped by the next start.
_DIE_WITH_PARENT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
if os.getppid() != int(sys.argv[1]): sys.exit("the server has gone")
os.execv(sys.argv[2], sys.argv[2:])
"""

Address = str | tuple[str, int]
"""The path of a unix socket, or host and port."""


class NoDatabase(Exception):
    """No private database can run; the message says what to do about it."""


class Child:
    """One supervised process that answers on `address`; its log is `folder/log`."""

    def __init__(
        self, command: Sequence[str], *, address: Address, folder: Path, clock: Clock
    ) -> None:
        self.restarts = 0
        """How often it was started again."""
        self.died: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._command = command
        self._address = address
        self._log = folder / "database.log"
        self._pid_file = folder / "database.pid"
        self._folder = folder
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None
        self._jobs = aiojobs.Scheduler(limit=None)

    @property
    def pid(self) -> int | None:
        """The running process, None while there is none."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def start(self) -> None:
        """Return when it answers. Raises NoDatabase with its last words if it ends."""
        await self._stop_orphan()
        await self._spawn()
        await self._answers()
        await self._jobs.spawn(self._keep_alive())

    async def stop(self) -> None:
        """End it in peace, or by force after 10 s; a second time does nothing."""
        await self._jobs.close()
        if self._process is not None:
            await self._end(self._process)
        self._pid_file.unlink(missing_ok=True)
        if self.died.done():
            # Seen, whether or not anybody waited for it.
            self.died.exception()
        else:
            self.died.set_result(None)

    async def _spawn(self) -> None:
        if self._log.exists():
            self._log.replace(self._log.with_suffix(".log.1"))
        command = self._command
        if sys.platform == "linux":
            guard = (sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT)
            command = (*guard, str(os.getpid()), *command)
        with self._log.open("wb") as words:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                # Ctrl-C is for the server, which stops its database last.
                start_new_session=True,
            )
        # Better a database that nobody would find after a crash than none.
        with contextlib.suppress(OSError):
            self._pid_file.write_text(str(self._process.pid))

    async def _answers(self) -> None:
        process = self._process
        assert process is not None
        deadline = self._clock.monotonic() + _START_WITHIN_S
        while not await self._reachable():
            if process.returncode is not None:
                raise NoDatabase(f"the database did not start: {self._last_words()}")
            if self._clock.monotonic() > deadline:
                raise NoDatabase(f"the database did not answer: {self._last_words()}")
            await self._clock.sleep(_LOOK_AGAIN_S)

    async def _reachable(self) -> bool:
        try:
            if isinstance(self._address, str):
                _, writer = await asyncio.open_unix_connection(self._address)
            else:
                _, writer = await asyncio.open_connection(*self._address)
        except OSError:
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True

    async def _keep_alive(self) -> None:
        pauses = iter(_PAUSES_S)
        while True:
            pauses = await self._outlive(pauses)
            pause = next(pauses, None)
            if pause is None:
                self.died.set_exception(NoDatabase(self._last_words()))
                return
            await self._clock.sleep(pause)
            self.restarts += 1
            try:
                await self._spawn()
            except OSError as trouble:
                # A full disk, say: it may have room at the next try.
                log.warning("database.not_restarted", why=str(trouble))

    async def _outlive(self, pauses: Iterator[float]) -> Iterator[float]:
        """Wait until it has ended; return the pauses that are left to try."""
        process = self._process
        assert process is not None
        began = self._clock.monotonic()
        code = await process.wait()
        log.error("database.died", code=code, words=self._last_words())
        settled = self._clock.monotonic() - began > _SETTLED_S
        return iter(_PAUSES_S) if settled else pauses

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_WITHIN_S):
                await process.wait()
        except TimeoutError:
            log.warning("database.killed", pid=process.pid)
            process.kill()
            await process.wait()

    async def _stop_orphan(self) -> None:
        """Stop what a server left behind that could not take its database along."""
        if not self._pid_file.exists():
            return
        pid = self._pid_file.read_text().strip()
        if str(self._folder) not in command_line(pid):
            return
        log.warning("database.orphan_stopped", pid=int(pid))
        deadline = self._clock.monotonic() + _STOP_WITHIN_S
        while command_line(pid):
            patient = self._clock.monotonic() < deadline
            # Asked again and again, which does no harm; it may end in between.
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGTERM if patient else signal.SIGKILL)
            await self._clock.sleep(_LOOK_AGAIN_S)

    def _last_words(self) -> str:
        """Return what its log ends with: mongod's errors, or the last lines."""
        try:
            lines = self._log.read_text(errors="replace").splitlines()
        except OSError as trouble:
            return f"its log cannot be read: {trouble}"
        errors = [line for line in map(_error, lines[-200:]) if line]
        said = " | ".join((errors or lines)[-3:]) or "it said nothing"
        return f"{said} (see {self._log})"


def _error(line: str) -> str:
    """Return the message of a line of mongod's that is an error, else nothing."""
    try:
        entry = json.loads(line)
        grave = entry["s"] in {"F", "E"}
    except (ValueError, TypeError, KeyError):
        return ""
    return f"{entry['msg']} {json.dumps(entry.get('attr', {}))}" if grave else ""


def command_line(pid: str) -> str:
    """Return how process `pid` was started, nothing if there is none (any more)."""
    if not pid.isdecimal():
        return ""
    if Path("/proc/self").exists():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        # A zombie has ended and has no words left.
        return words.replace(b"\0", b" ").decode(errors="replace").strip()
    listed = ["ps", "-o", "command=", "-p", pid]
    found = subprocess.run(listed, capture_output=True, text=True, check=False)  # noqa: S603
    return found.stdout.strip()
