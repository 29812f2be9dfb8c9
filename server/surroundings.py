"""What surrounds the server on its own machine: files, packages, limits, leftovers."""

import platform
import re
import resource
import shutil
import stat
from collections.abc import AsyncIterator, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from msgspec import Struct

from server.config import ROOT, Config, unsafe
from server.secret import FILE as KEY_FILE
from store.child import command_line
from store.folder_lock import FolderLock, PathTaken
from store.mongod_binary import advice, candidates, secantus_command, why_not

# Below the first it is time to look, below the second the database will soon stop.
SPACE_WARN, SPACE_FAIL = 2 * 1024**3, 256 * 1024**2
# A socket is a file: fewer than so many are too few for a shop.
FILES = 4096


class Finding(Struct, frozen=True):
    """One thing that was looked at; `do` says what to do about it."""

    level: Literal["ok", "warn", "fail"]
    about: str
    said: str
    do: str = ""


def ok(about: str, said: str) -> Finding:
    """Return that all is well."""
    return Finding("ok", about, said)


def trouble(about: str, said: str, do: str, *, is_grave: bool = True) -> Finding:
    """Return that something is wrong, and what to do."""
    return Finding("fail" if is_grave else "warn", about, said, do)


async def around(config: Config) -> AsyncIterator[Finding]:
    """Yield what can be seen without the database."""
    yield _python()
    yield _packages()
    for finding in _optional(config):
        yield finding
    yield _configuration(config)
    for finding in _secrets(config):
        yield finding
    yield _files()
    yield free_space("disk", *_disk(config.store.path))
    if not config.store.mongodb_url:
        yield await _mongod()
        yield _orphan(config.store.path)


def _python() -> Finding:
    return ok("python", f"{platform.python_version()} on {platform.platform()}")


def _packages() -> Finding:
    tried = _tried_versions()
    names = [_name(each) for each in requires("souk") or () if "extra ==" not in each]
    missing = [name for name in names if _installed(name) is None]
    if missing:
        return trouble("packages", f"missing: {', '.join(missing)}", "make setup")
    other = [
        f"{name} {_installed(name)} instead of {tried[name]}"
        for name in names
        if tried.get(name, _installed(name)) != _installed(name)
    ]
    if other:
        do = "pip install -c constraints.txt . brings those that were tried together"
        return trouble("packages", ", ".join(other), do, is_grave=False)
    return ok("packages", f"all {len(names)} at the versions tried together")


def _optional(config: Config) -> Iterator[Finding]:
    wanted = {
        "sentry-sdk": (bool(config.log.sentry_dsn), "sentry", "log.sentry_dsn is set"),
        "openai": (config.agent.model != "rules", "openai", "agent.model is not rules"),
    }
    for name, (is_wanted, extra, why) in wanted.items():
        if is_wanted and _installed(name) is None:
            yield trouble("packages", f"{why}", f'pip install "souk[{extra}]"')


def _configuration(config: Config) -> Finding:
    refused = unsafe(config)
    if not config.production and refused:
        said = f"development; production would refuse: {'; '.join(refused)}"
        return trouble(
            "configuration", said, "set these before APP_ENV=production", is_grave=False
        )
    return ok("configuration", config.server.environment)


def _secrets(config: Config) -> Iterator[Finding]:
    """Yield the files that hold secrets and can be read by others."""
    files = (config.store.path, config.store.path / KEY_FILE, Path(".env"))
    found = [each for each in files if each.exists()]
    open_ones = [each for each in found if stat.S_IMODE(each.stat().st_mode) & 0o077]
    for each in open_ones:
        mode = "700" if each.is_dir() else "600"
        said = f"{each} is open to other users of this machine"
        yield trouble("secrets", said, f"chmod {mode} {each}", is_grave=False)
    if not open_ones:
        yield ok("secrets", "nobody else can read them")


def _files() -> Finding:
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed < FILES:
        do = "raise it (ulimit -n, or LimitNOFILE in the unit): each socket takes one"
        return trouble("open files", f"at most {allowed}", do, is_grave=False)
    return ok("open files", f"at most {allowed}")


def free_space(about: str, free: int | None, size: int | None) -> Finding:
    """Return whether there is room."""
    if free is None or size is None:
        return ok(about, "this database does not tell")
    said = f"{free / 1024**3:.1f} GiB free of {size / 1024**3:.1f}"
    if free < SPACE_WARN:
        do = "make room: a database without any refuses all writes"
        return trouble(about, said, do, is_grave=free < SPACE_FAIL)
    return ok(about, said)


def _disk(path: Path) -> tuple[int, int]:
    there = next(each for each in (path, *path.resolve().parents) if each.exists())
    usage = shutil.disk_usage(there)
    return usage.free, usage.total


async def _mongod() -> Finding:
    reasons = []
    for binary in candidates():
        reason = await why_not(binary)
        if reason is None:
            return ok("mongod", str(binary))
        reasons.append(reason)
    if secantus_command() is not None:
        said = "; ".join(reasons) or "none; SecantusDB stands in, for development"
        return trouble("mongod", said, advice(reasons), is_grave=False)
    return trouble("mongod", "none that runs here", advice(reasons))


def _orphan(path: Path) -> Finding:
    """Look for a private database whose server is gone."""
    file = path / "database.pid"
    pid = file.read_text().strip() if file.exists() else ""
    if str(path.resolve()) not in command_line(pid):
        return ok("leftovers", "none")
    lock = FolderLock(path)
    try:
        lock.take()
    except PathTaken:
        return ok("leftovers", "none; a server runs on this folder")
    lock.free()
    said = f"mongod {pid} outlived its server"
    return trouble("leftovers", said, f"kill {pid}, or let the next start do it")


def _tried_versions() -> Mapping[str, str]:
    file = ROOT / "constraints.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.split("==") for line in lines if line.count("==") == 1)
    return {_plain(name): told.split(";")[0].strip() for name, told in pairs}


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return _plain(found[0]) if found else requirement


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
