"""A machine that runs out: of disk under the database, of memory for the server."""

import contextlib
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.stage import CLOCK, Trouble
from bench.standing import Standing

DISK_MB = 160
# The database writes what it has in memory once a minute: only then a disk is full.
NOTICED_WITHIN_S = 70
# Less than a burst of orders takes.
MEMORY_LEFT_MB = 4
FOR_S = 5.0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Give a disk of its own at `folder`; None where one may not mount."""
    folder.mkdir()
    told = ("mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder))
    if subprocess.run(told, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(("umount", str(folder)), check=True)


def disk_full(folder: Path) -> Trouble:
    """Return the trouble of a disk at `folder` that is full until mongod died of it."""

    async def full(shop: Standing) -> None:
        mongod = shop.mongod
        ballast = folder / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb") as out:
            while True:
                out.write(bytes(1_000_000))
        until = CLOCK.monotonic() + NOTICED_WITHIN_S
        while Path(f"/proc/{mongod}/fd").exists() and CLOCK.monotonic() < until:
            await CLOCK.sleep(0.5)
        await CLOCK.sleep(FOR_S)
        ballast.unlink()

    return full


async def no_memory(shop: Standing) -> None:
    """Let the server get hardly more memory than it has, for a while."""
    status = Path(f"/proc/{shop.pid}/status").read_text()
    has_kb = int(status.partition("VmSize:")[2].split()[0])
    most = has_kb * 1024 + MEMORY_LEFT_MB * 1024 * 1024
    _, hard = resource.prlimit(shop.pid, resource.RLIMIT_AS)
    resource.prlimit(shop.pid, resource.RLIMIT_AS, (most, hard))
    await CLOCK.sleep(FOR_S)
    resource.prlimit(shop.pid, resource.RLIMIT_AS, (hard, hard))
