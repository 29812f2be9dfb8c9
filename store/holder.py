"""Which process holds something for a while, and whether it has died meanwhile.

A lease alone would make everybody wait for its end after a crash. On one machine the
kernel knows better: a process is named by the boot, the space of process ids, the id
and the moment of its start, and no two ever share all four.
"""

import os
from pathlib import Path

_PROC = Path("/proc")
_ENDED = frozenset("ZX")


def here() -> str:
    """Return the name of this process, the same for its whole life."""
    state = _state(os.getpid())
    return "/".join((_space(), str(os.getpid()), state[1] if state else ""))


def is_gone(holder: str) -> bool:
    """Tell whether `holder` is known to have died; elsewhere nobody can tell."""
    space, _, process = holder.partition("/")
    pid, _, since = process.partition("/")
    if not since or space != _space():
        return False
    state = _state(int(pid))
    return state is None or state[0] in _ENDED or state[1] != since


def _space() -> str:
    """Return what tells process ids of this boot and container from all others."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _state(pid: int) -> tuple[str, str] | None:
    """Return the state of a process and when it began; None: there is none."""
    try:
        told = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name in front is in brackets, and may hold anything.
    fields = told.rpartition(")")[2].split()
    return fields[0], fields[19]
