"""What this node hears of the database, and how it catches up after a gap."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.runtime.testing import ManualClock
from server.feed import SIGN_INS, Feed
from store.port import Away


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
