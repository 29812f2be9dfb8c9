"""Processes of ours that need not import first: each is forked from one that has.

To import the server and its agent takes two to three seconds of a processor, and the
suite starts several dozen. The nursery has imported everything and serves nobody; for
each process that is asked for it forks one, with the arguments, environment and
streams it is given. What it bears is a process like any other, with a number, signals
and an end of its own. That `python -m server` works as well is a test of its own.
"""

import asyncio
import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# Arguments and an environment; Linux lets a message be larger.
_LONGEST = 128 * 1024


class Process:
    """A process of the server's, once it is born; the like of asyncio's own."""

    def __init__(
        self, pid: int, line: socket.socket, told: asyncio.StreamReader
    ) -> None:
        self.pid = pid
        self.stdout = told
        self.returncode: int | None = None
        self._end = asyncio.ensure_future(self._ended(line))

    async def wait(self) -> int:
        """Return the exit status once it has ended, -n if a signal n ended it."""
        return await asyncio.shield(self._end)

    async def communicate(self) -> tuple[bytes, None]:
        """Return all that it says, once it has ended."""
        told = await self.stdout.read()
        await self.wait()
        return told, None

    def send_signal(self, which: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, which)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def _ended(self, line: socket.socket) -> int:
        with line:
            status = await asyncio.get_running_loop().sock_recv(line, _LONGEST)
        self.returncode = int(status)
        return self.returncode


async def bear(
    *arguments: str, stdin: bytes = b"", environment: dict[str, str]
) -> Process:
    """Return a process that does as `python -m server <arguments>` would.

    `environment` goes on top of ours. What it says, its errors too, is its `stdout`.
    """
    hearing, saying = os.pipe()
    asked, asking = os.pipe()
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.connect(_nursery())
    order = {"arguments": arguments, "environment": {**os.environ, **environment}}
    socket.send_fds(line, [json.dumps(order).encode()], [asked, saying])
    os.close(asked)
    os.close(saying)
    with os.fdopen(asking, "wb") as words:
        words.write(stdin)
    # The first one asked for waits until the nursery has imported everything.
    pid = int(line.recv(_LONGEST))
    line.setblocking(False)
    told = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(told), os.fdopen(hearing, "rb", 0)
    )
    return Process(pid, line, told)


@cache
def _nursery() -> str:
    """Return the address of this process's nursery, which ends with it."""
    folder = tempfile.TemporaryDirectory(prefix="souk-nursery-")
    address = str(Path(folder.name) / "door")
    made = subprocess.Popen(
        [sys.executable, "-m", "tests.nursery", address],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert made.stdout is not None
    assert made.stdout.readline(), "there is no nursery"

    def close() -> None:
        made.communicate()
        folder.cleanup()

    atexit.register(close)
    return address


# What follows is done by the nursery.


def main(address: str) -> int:
    """Bear whoever is asked for; return in each what its process ends with."""
    from agent.engine import GraphEngine
    from server.command_line import main as server

    GraphEngine.warm()
    # A fork has one thread: what another held would be held for ever.
    assert threading.active_count() == 1
    # Looked through by a child's collector, all of it would be copied.
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(address)
        door.listen()
        sys.stdout.write("open\n")
        sys.stdout.flush()
        order = _born(door)
    os.environ.clear()
    os.environ.update(order["environment"])
    return server(order["arguments"])


def _born(door: socket.socket) -> dict[str, Any]:
    """Return, in a child, what it is to do; the nursery itself never returns."""
    alive: dict[int, tuple[int, socket.socket]] = {}
    # Unlike epoll's, its list is not shared with the children.
    heard = select.poll()
    for each in (sys.stdin.fileno(), door.fileno()):
        heard.register(each, select.POLLIN)
    while True:
        for at, _ in heard.poll():
            if at == sys.stdin.fileno():
                sys.exit()
            if at in alive:
                heard.unregister(at)
                _tell_end(at, *alive.pop(at))
                continue
            line, _ = door.accept()
            order, streams, _, _ = socket.recv_fds(line, _LONGEST, 2)
            pid = os.fork()
            if not pid:
                for end, (_, other) in alive.items():
                    os.close(end)
                    other.close()
                line.close()
                _take(*streams)
                found: dict[str, Any] = json.loads(order)
                return found
            for stream in streams:
                os.close(stream)
            line.send(str(pid).encode())
            end = os.pidfd_open(pid)
            alive[end] = pid, line
            heard.register(end, select.POLLIN)


def _take(asked: int, saying: int) -> None:
    """Read from `asked` and write to `saying` from now on, as a process is born to."""
    os.dup2(asked, 0)
    os.dup2(saying, 1)
    os.dup2(saying, 2)
    os.close(asked)
    os.close(saying)


def _tell_end(end: int, pid: int, line: socket.socket) -> None:
    os.close(end)
    _, status = os.waitpid(pid, 0)
    # Who asked for it may not want to know any more.
    with line, suppress(OSError):
        line.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
