"""A clock that jumps under a running process, as a machine's does when it is set right.

The server is told the time by a few lines of C in front of the C library, which add
what stands in a file; nobody else's clock is touched, and time that only passes
(timers) goes on as it is. Where nobody can compile, nothing jumps.

Not for mongod: it sleeps until a time of day, which the kernel would know of.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from bench.stage import CLOCK, Trouble
from bench.standing import Standing

JUMPS_S = (600, 0, -600, 0)
BETWEEN_S = 0.3

FILE = "SOUK_BENCH_CLOCK"
SOURCE = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile long *ahead_s;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SOUK_BENCH_CLOCK");
    int file = path ? open(path, O_RDONLY) : -1;
    void *at = file < 0 ? MAP_FAILED
        : mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (at != MAP_FAILED) ahead_s = at;
}

int clock_gettime(clockid_t which, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(which, at);
    if (ahead_s && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        at->tv_sec += *ahead_s;
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    (void)zone;
    int failed = clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""


class JumpingClock:
    """The clock of a server that is started with `environment`."""

    def __init__(self, folder: Path, compiler: str) -> None:
        self._file, source, shim = (folder / each for each in ("ahead", "c.c", "c.so"))
        self.set(0)
        source.write_text(SOURCE)
        told = (compiler, "-shared", "-fPIC", "-O1", "-o", str(shim), str(source))
        subprocess.run((*told, "-ldl"), check=True)
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(shim),
            FILE: str(self._file),
        }

    def set(self, ahead_s: int) -> None:
        """Let it be `ahead_s` ahead of the machine's from now on."""
        # In place: the file is mapped by whoever looks at this clock.
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(ahead_s.to_bytes(8, sys.byteorder, signed=True))

    def jumps(self) -> Trouble:
        """Return the trouble of ten minutes ahead, and back, and behind, and back."""

        async def jumping(_shop: Standing) -> None:
            for ahead_s in JUMPS_S:
                self.set(ahead_s)
                await CLOCK.sleep(BETWEEN_S)

        return jumping

    @classmethod
    @contextmanager
    def at(cls, folder: Path) -> Iterator[Self | None]:
        """Give one that lives in `folder`; None where there is no compiler."""
        compiler = shutil.which("cc")
        folder.mkdir()
        yield cls(folder, compiler) if compiler else None
