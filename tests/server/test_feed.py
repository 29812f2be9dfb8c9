"""What this node hears of the database, and how it catches up after a gap."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from actors.runtime.testing import ManualClock
from handlers.keys import CATALOGUE
from server.feed import SIGN_INS, Feed
from server.parts import DATABASE
from store.port import Away
from store.stock import StockRepository
from tests.server.conftest import Client


class Streams:
    """Stands in for the change streams: the test loses their history."""

    def __init__(self) -> None:
        self.lost: dict[str, Callable[[], None]] = {}

    def follow(self, collection: str, *_: Any, on_lost: Any = None) -> None:
        self.lost[collection] = on_lost


class Revocations:
    """Sign-ins that ended elsewhere; away the first `away` times it is asked."""

    def __init__(self, *sids: str, away: int = 0) -> None:
        self.sids = sids
        self.away = away

    async def revoked_since(self, _: datetime) -> tuple[str, ...]:
        if self.away:
            self.away -= 1
            raise Away("asked too early")
        return self.sids


class Hurried(ManualClock):
    """A clock on which no time is lost by sleeping."""

    async def sleep(self, delay_s: float) -> None:
        self.advance(delay_s)


class Door:
    def __init__(self) -> None:
        self.ended: list[str] = []
        self.closed = asyncio.Event()

    def remembers_since(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def end(self, sid: str) -> None:
        self.ended.append(sid)
        if sid == "s2":
            self.closed.set()


def feed_of(clock: ManualClock) -> Feed:
    anything: Any = None
    return Feed(anything, anything, anything, clock)


@pytest.mark.parametrize("away", [0, 2])
async def test_sign_ins_that_ended_in_a_gap_of_the_stream_are_found(away: int) -> None:
    clock, streams, door = Hurried(), Streams(), Door()
    feed = feed_of(clock)
    tokens = Revocations("s1", "s2", away=away)
    feed.guard_sign_ins(streams, door, tokens)  # type: ignore[arg-type]
    await feed.start()

    streams.lost[SIGN_INS]()
    await door.closed.wait()

    assert door.ended == ["s1", "s2"]
    await feed.close()


async def test_what_is_missed_while_it_is_read_is_read_once_more() -> None:
    clock, streams, door = Hurried(), Streams(), Door()
    feed = feed_of(clock)

    class Growing(Revocations):
        async def revoked_since(self, _: datetime) -> tuple[str, ...]:
            if not door.ended:
                streams.lost[SIGN_INS]()
                return ("s1",)
            return ("s2",)

    feed.guard_sign_ins(streams, door, Growing())  # type: ignore[arg-type]
    await feed.start()

    streams.lost[SIGN_INS]()
    async with asyncio.timeout(10):
        await door.closed.wait()

    assert door.ended == ["s1", "s2"]
    await feed.close()


async def test_a_new_warehouse_is_known_without_a_restart(client: Client) -> None:
    catalogue = client.app[CATALOGUE]
    before = catalogue.warehouses
    moon = replace(before[0], id="moon")
    known, load = asyncio.Event(), catalogue.load_warehouses

    async def watched() -> None:
        await load()
        known.set()

    catalogue.load_warehouses = watched  # type: ignore[method-assign]
    await StockRepository(client.app[DATABASE]).put_warehouses([moon])

    async with asyncio.timeout(10):
        await known.wait()
    assert {each.id for each in catalogue.warehouses} > {each.id for each in before}
    assert moon in catalogue.warehouses
