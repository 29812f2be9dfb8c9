"""`python -m bench guards [words ...]`: every guard taken out once, and missed.

What docs/security.md promises is taken out of a copy of this tree, guard by guard, and
the test that the table names is run on what is left. A test that stays green guards
nothing. `guards.toml` is the list; `words` keep those whose name or file holds one of
them.

Each run is a fork of this process, which has imported pytest and the large libraries
but not a line of ours: starting Python anew would take most of the time.
"""

import os
import re
import shutil
import signal
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import NoReturn

from msgspec import Struct, convert

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_suffix(".toml")
# What is no part of the tree: environments, caches, a shop's data, its history.
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "node_modules")
LARGE = (
    *("aiohttp.web", "aiohttp_jwt", "bcrypt", "email_validator", "hypothesis.stateful"),
    *("motor.motor_asyncio", "prometheus_client", "pydantic_settings", "structlog"),
)
# Assertions as they are written: rewriting them takes longer than most tests.
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--show-capture=no")
# A test without its guard may wait for what never comes: that shows nothing.
WITHIN_S = 120


class Guard(Struct, frozen=True, forbid_unknown_fields=True):
    """One guard, and how the tree looks without it."""

    out: str
    """What is taken out, in words."""
    file: str
    text: str
    """Stands in `file` exactly once."""
    instead: str
    test: str
    """The id of a test that must fail then."""


class Seen(Struct, frozen=True):
    """How a test ended."""

    status: int
    said: str

    @property
    def failed(self) -> bool:
        """Whether the test itself said no; a tree that cannot be read is no proof."""
        return self.status == 1 and re.search(r"\d+ failed", self.said) is not None

    @property
    def why(self) -> str:
        """The line that pytest stopped at."""
        told = self.said.partition(" FAILURES ")[2] or self.said
        stopped = re.search(r"^> +(.+)$", told, re.MULTILINE)
        return stopped[1][:80] if stopped else told.strip()[-80:]


def guards() -> Sequence[Guard]:
    """Return the list."""
    told = tomllib.loads(LIST.read_text())["guard"]
    return convert(told, list[Guard])


def main(words: Sequence[str]) -> int:
    """Take out the guards that hold one of `words`, or all; 1 if a test missed one."""
    chosen = [
        each
        for each in guards()
        if not words or any(word in f"{each.out} {each.file}" for word in words)
    ]
    for name in (*LARGE, *(each.module for each in entry_points(group="pytest11"))):
        import_module(name)
    with copied() as tree:
        whole = tried(tree, sorted({each.test for each in chosen}))
        if whole.status:
            print(f"with every guard in its place:\n{whole.said}")
            return 1
        missed = 0
        for each in chosen:
            with without(each, tree):
                seen = tried(tree, [each.test])
            missed += not seen.failed
            mark = "ok  " if seen.failed else "MISS"
            print(f"{mark} {each.file}: {each.out}\n     {each.test}\n     {seen.why}")
            sys.stdout.flush()
    print(f"\n{len(chosen)} guards were taken out, {missed} were not missed")
    return 1 if missed else 0


@contextmanager
def copied() -> Iterator[Path]:
    """Give a copy of this tree, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="souk-guards-") as folder:
        yield shutil.copytree(ROOT, Path(folder) / "tree", ignore=LEFT_BEHIND)


@contextmanager
def without(guard: Guard, tree: Path) -> Iterator[None]:
    """Take `guard` out of `tree` for a while."""
    path = tree / guard.file
    whole = path.read_text()
    assert whole.count(guard.text) == 1, f"{guard.file}: {guard.out}"
    path.write_text(whole.replace(guard.text, guard.instead))
    yield
    path.write_text(whole)


def tried(tree: Path, tests: Sequence[str]) -> Seen:
    """Run `tests` of `tree` in a process of their own."""
    told = tree.parent / "told"
    child = os.fork()
    if child == 0:
        _run(tree, tests, told)
    _, status = os.waitpid(child, 0)
    return Seen(os.waitstatus_to_exitcode(status), told.read_text())


def _run(tree: Path, tests: Sequence[str], told: Path) -> NoReturn:
    status = 1
    with suppress(BaseException):
        signal.alarm(WITHIN_S + 10 * len(tests))
        out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(tree)
        # For this process, and for servers that a test starts.
        sys.path[:] = [str(tree), *(p for p in sys.path if p not in {"", str(ROOT)})]
        os.environ["PYTHONPATH"] = str(tree)
        # A file that is changed twice in one second must not be taken for its past.
        sys.dont_write_bytecode = True
        for name in [each for each in sys.modules if each.partition(".")[0] == "bench"]:
            del sys.modules[name]
        status = import_module("pytest").main([*PYTEST, *tests])
        sys.stdout.flush()
    os._exit(status)
