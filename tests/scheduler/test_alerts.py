"""Low stock becomes one alert, and a webhook hears of it sooner or later."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from actors.runtime.testing import ManualClock
from commerce.alert import MOST_TRIES, Alert, low_stock
from scheduler.alerts import AT_ONCE, NotTaken, tell_of_low_stock
from store.alert import AlertRepository
from store.client import Database


class Shelves:
    """Which variants ran low."""

    def __init__(self) -> None:
        self.low: list[Alert] = []

    async def warned_since(self, since: datetime) -> Sequence[Alert]:
        return [each for each in self.low if each.at >= since]


class Hook:
    """A webhook that takes alerts unless it is down."""

    def __init__(self, clock: ManualClock) -> None:
        self.down = False
        self.heard: list[str] = []
        self.hangs_s = 0.0
        self.waiting = 0
        self.all_wait = asyncio.Event()
        self._clock = clock

    async def tell(self, alert: Alert, now: datetime) -> None:
        if self.hangs_s:
            self.waiting += 1
            if self.waiting == AT_ONCE:
                self.all_wait.set()
            await self._clock.sleep(self.hangs_s)
        if self.down:
            raise NotTaken("answered 500")
        self.heard.append(alert.id)


class Desk:
    """The job, as often as a test wants."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock()
        self.alerts = AlertRepository(database)
        self.shelves = Shelves()
        self.hook = Hook(self.clock)

    def runs_low(self, sku: str) -> Alert:
        alert = low_stock(sku, sku, 2, self.clock.now())
        self.shelves.low.append(alert)
        return alert

    async def run(self, hook: Any = "its own") -> Any:
        webhook = self.hook if hook == "its own" else hook
        return await tell_of_low_stock(self.clock, self.shelves, self.alerts, webhook)  # type: ignore[arg-type]


@pytest.fixture
async def desk(database: Database) -> Desk:
    made = Desk(database)
    await made.alerts.prepare()
    return made


async def test_what_ran_low_is_kept_and_sent_once(desk: Desk) -> None:
    lamp = desk.runs_low("lamp")

    first = await desk.run()
    second = await desk.run()

    assert (first, second) == (
        {"new": 1, "sent": 1, "failed": 0},
        {"new": 0, "sent": 0, "failed": 0},
    )
    assert desk.hook.heard == [lamp.id]
    [kept] = await desk.alerts.newest(limit=9)
    assert (kept.sku, kept.sent_at, kept.tries) == ("lamp", desk.clock.now(), 1)


async def test_the_next_crossing_is_another_alert(desk: Desk) -> None:
    desk.runs_low("lamp")
    await desk.run()
    desk.clock.advance(3600)
    desk.runs_low("lamp")

    await desk.run()

    assert len(desk.hook.heard) == await desk.alerts.count() == 2


async def test_one_that_was_saved_late_is_not_overlooked(desk: Desk) -> None:
    late = low_stock("rug", "rug", 1, desk.clock.now() - timedelta(seconds=5))
    desk.runs_low("lamp")
    await desk.run()

    desk.shelves.low.append(late)
    await desk.run()

    assert late.id in desk.hook.heard


async def test_a_clock_that_was_ahead_hides_no_later_alert(desk: Desk) -> None:
    desk.runs_low("lamp")
    await desk.run()

    desk.clock.set_back(600)
    rug = desk.runs_low("rug")
    await desk.run()

    assert rug.id in desk.hook.heard


async def test_a_webhook_that_hangs_is_waited_for_once(desk: Desk) -> None:
    for each in range(AT_ONCE):
        desk.runs_low(f"lamp{each}")
    desk.hook.hangs_s = 10

    running = asyncio.ensure_future(desk.run())
    async with asyncio.timeout(10):
        await desk.hook.all_wait.wait()
    desk.clock.advance(10)

    assert (await running)["sent"] == AT_ONCE


async def test_a_webhook_that_is_down_hears_later_and_later_but_hears(
    desk: Desk,
) -> None:
    lamp = desk.runs_low("lamp")
    desk.hook.down = True
    await desk.run()

    desk.clock.advance(9)
    early = await desk.run()
    desk.clock.advance(1)
    again = await desk.run()
    desk.hook.down = False
    desk.clock.advance(20)
    await desk.run()

    assert (early["failed"], again["failed"]) == (0, 1)
    assert desk.hook.heard == [lamp.id]


async def test_a_webhook_that_stays_down_is_given_up_loudly(desk: Desk) -> None:
    desk.runs_low("lamp")
    desk.hook.down = True

    with capture_logs() as logs:
        for _ in range(MOST_TRIES + 2):
            await desk.run()
            desk.clock.advance(3600)

    assert [each["event"] for each in logs] == ["alert.given_up"]
    [kept] = await desk.alerts.newest(limit=9)
    assert (kept.tries, kept.next_try, kept.error) == (MOST_TRIES, None, "answered 500")


async def test_without_a_webhook_alerts_are_kept_all_the_same(desk: Desk) -> None:
    desk.runs_low("lamp")

    await desk.run(None)
    later = await desk.run()

    assert (await desk.alerts.count(), later["sent"]) == (1, 0)


async def test_what_ran_low_long_ago_is_no_alarm(desk: Desk) -> None:
    desk.runs_low("lamp")
    desk.clock.advance(8 * 24 * 3600)

    assert (await desk.run())["new"] == 0
