"""Looking at everything around the server, and saying what to do about it.

`check` asks only whether it could start. `doctor` looks further: each line is ok, warn
or fail, and a line that is not ok says what to do. Neither changes anything; where no
server runs, a private database is started to be asked, and stopped again.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from msgspec import Struct

from actors.runtime.clock import LoopClock
from server.config import Config, unsafe
from server.database import borrowed
from server.surroundings import Finding, around, free_space, ok, trouble
from store.checkup import Checkup, checkup
from store.child import NoDatabase
from store.client import ping
from store.port import StorageError

SKEW_WARN_S, SKEW_FAIL_S = 1.0, 10.0
OLDEST_MONGOD = (5, 0)


class Answered(Struct, frozen=True):
    """What a database told, and how long a word to it and back takes."""

    told: Checkup
    took_s: float
    now: datetime


async def check(config: Config) -> int:
    """Say whether the server could start here; 0 if it could.

    A configuration that is wrong in itself never comes so far: that ends with 2.
    """
    refused = unsafe(config)
    for line in refused:
        _say(f"production would refuse: {line}")
    async with borrowed(config, LoopClock()) as db:
        await ping(db)
    _say("The configuration is good and the database answers.")
    return 0


async def examine(config: Config) -> int:
    """Look at everything, a line for each; 0 if nothing fails."""
    failed = False
    async for finding in findings(config):
        failed = failed or finding.level == "fail"
        _say(f"{finding.level:<5}{finding.about:<14}{finding.said}")
        if finding.do:
            _say(f"{'':<19}-> {finding.do}")
    return 1 if failed else 0


async def findings(config: Config) -> AsyncIterator[Finding]:
    """Yield one finding after the other."""
    # Before the database is asked: starting a private one ends an orphan.
    async for finding in around(config):
        yield finding
    try:
        answered = await _asked(config)
    except (NoDatabase, StorageError) as why:
        yield trouble("database", str(why), "make it reachable, or mend MONGODB_URL")
        return
    for finding in of_database(answered, config):
        yield finding


async def _asked(config: Config) -> Answered:
    clock = LoopClock()
    async with borrowed(config, clock) as db:
        await ping(db)
        began = clock.monotonic()
        await ping(db)
        took_s = clock.monotonic() - began
        told = await checkup(db)
        return Answered(told, took_s, clock.now())


def of_database(answered: Answered, config: Config) -> Sequence[Finding]:
    """Return what is to be said of the database."""
    told = answered.told
    return (
        _answers(answered),
        _replica_set(told),
        _indexes(told),
        _clock(abs((answered.now - told.now).total_seconds())),
        free_space("disk of db", told.disk_free, told.disk_size),
        _letters(told),
        _operators(told, config),
    )


def _answers(answered: Answered) -> Finding:
    version = answered.told.version
    said = f"MongoDB {version} answers in {answered.took_s * 1000:.1f} ms"
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < OLDEST_MONGOD:
        return trouble("database", said, "update it to 6.0 or newer")
    return ok("database", said)


def _replica_set(told: Checkup) -> Finding:
    if told.replica_set is None:
        # `connect` lets only a router of a sharded cluster pass without one.
        return ok("replica set", "a sharded cluster")
    if not told.is_primary:
        return trouble(
            "replica set",
            f"{told.replica_set}: this member is no primary",
            "wait for an election; name all members in MONGODB_URL",
        )
    return ok("replica set", f"{told.replica_set} has its primary")


def _indexes(told: Checkup) -> Finding:
    if not told.collections:
        return ok("indexes", "the database is empty; the first start makes them")
    if told.missing_indexes:
        return trouble(
            "indexes",
            f"missing: {', '.join(told.missing_indexes)}",
            "start the server once: it makes them; if it cannot, look for duplicates",
        )
    return ok("indexes", "all there")


def _clock(skew_s: float) -> Finding:
    said = f"{skew_s:.2f} s from the database's"
    if skew_s > SKEW_WARN_S:
        do = "let both machines follow NTP: tokens and holds are timed by it"
        return trouble("clock", said, do, is_grave=skew_s > SKEW_FAIL_S)
    return ok("clock", said)


def _letters(told: Checkup) -> Finding:
    if told.dead_letters:
        return trouble(
            "dead letters",
            f"{told.dead_letters} could not be delivered",
            "look at GET /api/admin/dead-letters: retry or delete them",
            is_grave=False,
        )
    return ok("dead letters", "none")


def _operators(told: Checkup, config: Config) -> Finding:
    if not told.operators:
        return trouble(
            "operators",
            "there is none",
            "python -m server user create --role operator --email ... --username ...",
            is_grave=config.production,
        )
    return ok("operators", f"{told.operators}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
