"""Kills, silences and double clicks under 32 buyers: the books must still add up.

Real processes: the server and its database are killed at each journal commit of an
order and at any moment, stopped, cut off from each other, slowed. Buyers repeat with
the same key until they know. Then what was acknowledged, charged, set aside and left in
carts must agree. Before that, a thousand small worlds in memory (`order_machine.py`).
"""

import asyncio
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from bench.figure import Figure
from bench.jump import JumpingClock
from bench.outage import outage
from bench.relay import Relay, relayed
from bench.repeats import repeated
from bench.stage import CLOCK, Stage, Trouble
from bench.standing import Standing
from bench.strain import disk_full, no_memory, small_disk
from tests.actors.order_machine import Checkout

ROUNDS = 2
WORLDS = 1000
# In the midst of it: some orders are done then, some have not begun.
NUMBER = 8
SILENT_S = 5.0

PHASES = ("paying", "confirmed")
STOPS = [f"{when} {phase} {NUMBER}" for phase in PHASES for when in ("before", "after")]


def run() -> Iterator[Figure]:
    """Meet every trouble, each twice; it takes a quarter of an hour."""
    yield _worlds()
    with tempfile.TemporaryDirectory(prefix="souk-bench-") as folder:
        yield from asyncio.run(_own_database(Path(folder)))
    with tempfile.TemporaryDirectory(prefix="souk-bench-") as folder:
        yield from asyncio.run(_behind_a_relay(Path(folder)))
        yield from asyncio.run(_on_a_small_disk(Path(folder)))
        yield from asyncio.run(_by_a_jumping_clock(Path(folder)))


def _worlds() -> Figure:
    """Let the state machine over checkout look at many worlds."""
    found = []
    try:
        many = settings(
            max_examples=WORLDS,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Checkout, settings=many)
    except AssertionError as broken:
        found.append(str(broken))
    return _figure(f"{WORLDS} worlds of checkout, trouble at any step", found)


async def _own_database(folder: Path) -> list[Figure]:
    figures = []
    async with Stage(folder) as stage:
        for at in STOPS:
            name = at.rpartition(" ")[0]
            figures.append(await _rounds(f"server killed {name}", stage, dying(at), at))
        for at in STOPS:
            name = at.rpartition(" ")[0]
            here = f"{at} mongod"
            figures.append(await _rounds(f"mongod killed {name}", stage, lives, here))
        for name, trouble in TROUBLES.items():
            figures.append(await _rounds(name, stage, trouble))
        for name, faults in (await repeated(stage)).items():
            figures.append(_figure(name, faults))
        figures += await _outages(stage)
    return figures


async def _outages(stage: Stage) -> list[Figure]:
    mongod, buyer = stage.shop.mongod, stage.crowd[0]

    async def stop() -> None:
        os.kill(mongod, signal.SIGSTOP)

    async def go() -> None:
        os.kill(mongod, signal.SIGCONT)

    return (await outage(buyer, stop, go)).figures("mongod stands still")


async def _behind_a_relay(folder: Path) -> list[Figure]:
    figures = []
    async with (
        relayed(folder / "database") as (relay, _),
        Stage(folder / "shop", MONGODB_URL=relay.url) as stage,
    ):
        for name, trouble in at_the_line(relay).items():
            figures.append(await _rounds(name, stage, trouble))

        async def cut() -> None:
            relay.how = "away"
            relay.cut()

        async def mend() -> None:
            relay.how = "passes"

        seen = await outage(stage.crowd[0], cut, mend)
        figures += seen.figures("database away")
    return figures


async def _on_a_small_disk(folder: Path) -> list[Figure]:
    with small_disk(folder / "disk") as disk:
        if disk is None:
            return []
        async with Stage(disk / "shop") as stage:
            return [_figure("disk full", await stage.sale(disk_full(disk)))]


async def _by_a_jumping_clock(folder: Path) -> list[Figure]:
    with JumpingClock.at(folder / "clock") as clock:
        if clock is None:
            return []
        async with relayed(folder / "steady") as (relay, _):
            told = {"MONGODB_URL": relay.url, **clock.environment}
            async with Stage(folder / "jumpy", Standing, **told) as stage:
                name = "clock jumps ten minutes ahead, and behind"
                return [await _rounds(name, stage, clock.jumps())]


async def _rounds(
    name: str, stage: Stage, trouble: Trouble, stop_at: str = ""
) -> Figure:
    faults: list[str] = []
    for _ in range(ROUNDS):
        faults += await stage.sale(trouble, stop_at)
    return _figure(name, faults)


def _figure(name: str, faults: Sequence[str]) -> Figure:
    beside = "; ".join(faults[:3])
    return Figure(name, len(faults), "faults", beside, "= 0 faults", not faults)


# What goes wrong


def dying(stop_at: str) -> Trouble:
    """Return the trouble of a server that ends itself at `stop_at`."""

    async def died(shop: Standing) -> None:
        await shop.dies(within_s=30)
        await shop.start()

    died.__name__ = stop_at
    return died


async def lives(_shop: Standing) -> None:
    """Do nothing: the server ends its database, and starts it again."""


async def server_killed(shop: Standing) -> None:
    """Kill the server soon after the sale begins."""
    await CLOCK.sleep(0.1)
    await shop.kill()
    await shop.start()


async def server_stopped(shop: Standing) -> None:
    """Let the server stand still for a while."""
    await CLOCK.sleep(0.1)
    os.kill(shop.pid, signal.SIGSTOP)
    await CLOCK.sleep(SILENT_S)
    os.kill(shop.pid, signal.SIGCONT)


async def mongod_killed(shop: Standing) -> None:
    """Kill the database soon after the sale begins; the server starts it again."""
    await CLOCK.sleep(0.1)
    os.kill(shop.mongod, signal.SIGKILL)


async def mongod_stopped(shop: Standing) -> None:
    """Let the database answer nobody for a while."""
    await CLOCK.sleep(0.1)
    mongod = shop.mongod
    os.kill(mongod, signal.SIGSTOP)
    await CLOCK.sleep(SILENT_S)
    os.kill(mongod, signal.SIGCONT)


async def clock_ahead(shop: Standing) -> None:
    """Let the clock jump ten minutes ahead while the server is dead, and then back."""
    ahead = CLOCK.now() + timedelta(minutes=10)
    await CLOCK.sleep(0.1)
    await shop.kill()
    await shop.start(now=ahead.isoformat())
    await CLOCK.sleep(1)
    await shop.kill()
    await shop.start()


TROUBLES: dict[str, Trouble] = {
    "server killed anywhere": server_killed,
    "clock ten minutes ahead, and back": clock_ahead,
    "server stopped for 5 s": server_stopped,
    "mongod killed anywhere": mongod_killed,
    "mongod stopped for 5 s": mongod_stopped,
    "server without memory for 5 s": no_memory,
}


def at_the_line(relay: Relay) -> dict[str, Trouble]:
    """Return what may happen between server and database."""

    async def cut(_shop: Standing) -> None:
        for _ in range(3):
            await CLOCK.sleep(0.1)
            relay.cut()

    def for_a_while(how: Callable[[], None]) -> Callable[[Standing], Awaitable[None]]:
        async def while_(_shop: Standing) -> None:
            await CLOCK.sleep(0.1)
            how()
            await CLOCK.sleep(SILENT_S)
            # What was swallowed is gone; who waits for it must not wait on.
            relay.how = "passes"
            relay.cut()

        return while_

    def becomes(how: str) -> Callable[[], None]:
        return lambda: setattr(relay, "how", how)

    return {
        "connections cut, three times": cut,
        "answers swallowed for 5 s": for_a_while(becomes("swallows")),
        "half open for 5 s": for_a_while(becomes("silent")),
        "50 ms late each way, for 5 s": for_a_while(becomes("slow")),
    }
