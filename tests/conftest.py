"""Marks by folder, so that no test has to say where it stands; a plain log, no time."""

import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# What needs a mongod, a socket or a process of its own.
INTEGRATION = {"store", "handlers", "scheduler", "whole", "server", "web"}
# Where the longest tests are; begun first, none is left when all else is over.
WEB = "tests/web"
LONGEST = ["web", "whole", "server", "store"]


def floor(item: pytest.Item) -> str:
    return Path(item.path).relative_to(Path(__file__).parent).parts[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        mark = "integration" if floor(item) in INTEGRATION else "unit"
        item.add_marker(getattr(pytest.mark, mark))
    ranks = {each: rank for rank, each in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(floor(item), len(ranks)))
    # As the server does: what is imported never dies, and looking it through, again and
    # again, took a third of the time of many a test.
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker whole files in that order; one has all that takes a browser."""
    config.option.loadscopereorder = False
    made = LoadFileScheduling(config, log)
    file = made._split_scope
    made._split_scope = lambda test: WEB if test.startswith(WEB) else file(test)
    return made


gc.set_threshold(10_000, 20, 50)

# Where it may not be written, each process of ours that a test starts would compile
# three hundred files anew, which takes longer than most tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A database syncs what it is given, which on a disk takes longer than all the rest. No
# test outlives a power cut; some run programs that they wrote.
MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3
if (
    "TMPDIR" not in os.environ
    and MEMORY.is_dir()
    and shutil.disk_usage(MEMORY).free > ROOM
    and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
):
    # Said to those who look later, and to those who have looked.
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# A bug that a test wants is logged; drawn with colours and locals, each costs 0.2 s.
plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])

# How long an example takes says something of the machine, and nothing of ours.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")
