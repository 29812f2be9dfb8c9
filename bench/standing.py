"""A server on a folder that outlives it: killed, it starts again where it was."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.buyers import mongod_of
from bench.server import free_port

# Many times what it takes: a busy machine is no failure, a server that hangs is one.
READY_WITHIN_S = 180


class Standing:
    """`python -m server`, as often as it takes, always under one address."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "SOUK__STORE__PATH": str(folder),
            "SOUK__LOG__LEVEL": "warning",
            # What is counted afterwards must not move on by itself.
            "SOUK__FULFILMENT__SIMULATE": "never",
            **settings,
        }
        self.up = asyncio.Event()
        self.said: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    @property
    def mongod(self) -> int:
        """Its database's process."""
        return mongod_of(self.pid)

    async def start(self, *, stop_at: str = "", now: str = "") -> None:
        """Return when it serves; `stop_at` and `now` as in `server/faults.py`."""
        faults = {"SOUK__FAULTS__STOP_AT": stop_at, "SOUK__FAULTS__NOW": now}
        self._process = await self._begun({**self.environment, **faults})
        self._reading = asyncio.get_running_loop().create_task(self._read())
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self.up.wait()
        except TimeoutError:
            await self.kill()
        if self._reading.done():
            raise RuntimeError("the server did not start:\n" + "".join(self.said))

    async def dies(self, within_s: float) -> None:
        """Return when it has ended by itself. Raises TimeoutError."""
        assert self._process is not None
        async with asyncio.timeout(within_s):
            await self._process.wait()
        self.up.clear()
        await self._ended()

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to stop, wait until it has, and return its exit status."""
        return await self._end(signal.SIGTERM)

    def _program(self) -> Sequence[str]:
        return ("server", "--port", str(self.port))

    async def _begun(
        self, environment: Mapping[str, str]
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", *self._program()),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
        )

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self.up.clear()
        if self._process.returncode is None:
            self._process.send_signal(how)
        status = await self._process.wait()
        await self._ended()
        return status

    async def _ended(self) -> None:
        assert self._reading is not None
        await self._reading
        self.up.clear()

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.said.append(line.decode())
            if re.search(rf"http://127\.0\.0\.1:{self.port}", self.said[-1]):
                self.up.set()
        # Ended: whoever waits for it to serve must not wait for ever.
        self.up.set()


class UnderHoncho(Standing):
    """The same by the project's Procfile, under honcho, which kills after 5 seconds."""

    async def stop(self) -> int:
        """Ask honcho to stop, and return with which status the server ended."""
        # Its own is that of a signal, always.
        await super().stop()
        told = re.findall(r"web\.1 stopped \(rc=(-?\d+)\)", "".join(self.said))
        return int(told[-1])

    def _program(self) -> Sequence[str]:
        # The Procfile says `python`, and means the one of this environment.
        folder = str(Path(sys.executable).parent)
        self.environment["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
        return ("honcho", "start", "--port", str(self.port))
