"""One server per data folder: a lock that dies with its holder."""

import fcntl
import os
from pathlib import Path

from store.child import NoDatabase, command_line


class PathTaken(NoDatabase):
    """Another server uses this data folder."""


class FolderLock:
    """The lock of one folder; the kernel frees it when its holder ends, however."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "server.lock"
        self._held: int | None = None

    def take(self) -> None:
        """Hold the folder. Raises PathTaken, naming who holds it, and OSError."""
        held = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            holder = os.pread(held, 32, 0).decode(errors="replace").strip()
            os.close(held)
            who = f"process {holder} ({command_line(holder) or 'name unknown'})"
            raise PathTaken(f"{self._file.parent} is in use by {who}") from taken
        except OSError:
            # Such as a file system that knows no locks.
            os.close(held)
            raise
        os.ftruncate(held, 0)
        os.pwrite(held, str(os.getpid()).encode(), 0)
        self._held = held

    def free(self) -> None:
        """Let go; a second time does nothing."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
