"""A real server for a bench: its own process, its own database, a free port."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Served(Struct, frozen=True):
    """Where a server listens and which process it is."""

    url: str
    pid: int
    environment: Mapping[str, str]
    said: Sequence[str] = ()
    """What the server wrote so far; it goes on growing."""

    def cpu_s(self) -> float:
        """Return the CPU seconds that the process has used, its children apart."""
        return cpu_s(self.pid)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that the process `pid` has used, its children apart."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def pin(pid: int, core: int) -> None:
    """Let all threads of `pid`, and those they start, run on one core only."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), {core})


def free_port() -> int:
    """Return a port of the loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[Served]:
    """Run `python <arguments>` once it printed its address, and end it afterwards.

    `settings` are put into its environment.
    """
    with tempfile.TemporaryDirectory(prefix="souk-bench-") as folder:
        environment = {
            **os.environ,
            "SOUK__STORE__PATH": folder,
            "SOUK__LOG__LEVEL": "warning",
            # What is counted afterwards must not move on by itself.
            "SOUK__FULFILMENT__SIMULATE": "never",
            **settings,
        }
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        said: list[str] = []
        try:
            address = _address(process, said)
            # Nobody may be made to wait by a pipe that nobody reads.
            reading = threading.Thread(target=said.extend, args=(process.stdout,))
            reading.start()
            yield Served(address, process.pid, environment, said)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _address(process: subprocess.Popen[str], said: list[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://[0-9.]+:\d+", line):
            return found.group()
    raise RuntimeError("the server did not start:\n" + "".join(said))
