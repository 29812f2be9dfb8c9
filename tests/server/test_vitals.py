"""How a whole node does, as operators see it."""

import asyncio
from datetime import UTC, datetime

import pytest

from handlers.keys import CATALOGUE, SYSTEM
from handlers.sockets import SOCKETS
from messages.ops import Books
from server import vitals
from server.measures import Flushes
from server.vitals import NodeDoctor, Rate
from store.port import Away
from tests.server.conftest import Client
from tests.server.test_order import SKU, operator


async def test_vitals_tell_what_was_done(client: Client) -> None:
    olga = await operator(client)
    await olga.add()
    await olga.done("/api/orders", olga.order, 201)
    await client.app[SYSTEM].quiet()

    vitals = await olga.get("/api/admin/ops")

    crowds = {each["kind"]: each["count"] for each in vitals["actors"]}
    assert (crowds["order"], crowds["session"]) == (1, 0)
    assert vitals["books"]["orders"] == {"confirmed": 1}
    assert {"sweep", "reconcile"} <= {each["name"] for each in vitals["books"]["jobs"]}
    assert (vitals["database"], vitals["sockets"]) == (True, 0)
    assert vitals["errors"]["restarts"] == 0


async def test_what_runs_low_is_among_them(client: Client) -> None:
    olga = await operator(client)
    before = (await olga.get("/api/admin/ops"))["low_stock_count"]
    seen, gone = client.app[CATALOGUE], asyncio.Event()
    seen.on_stock(lambda *_: None if seen.available(SKU) else gone.set())
    shelves = (await olga.get(f"/api/admin/inventory/{SKU}"))["on_hand"]

    for place, units in shelves.items():
        flooded = {"warehouse": place, "delta": -units, "reason": "flood"}
        await olga.done(f"/api/admin/inventory/{SKU}", flooded)
    await gone.wait()

    after = (await olga.get("/api/admin/ops"))["low_stock_count"]
    assert after == before + 1


async def test_while_the_database_is_away_the_books_of_before_are_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "BOOKS_EVERY_S", 0.0)
    app = client.app
    ledgers = Ledgers()
    doctor = NodeDoctor(app[SYSTEM], Flushes(), app[SOCKETS], app[CATALOGUE], ledgers)
    before = await doctor.look()

    ledgers.away = True
    after = await doctor.look()

    assert (before.database, after.database) == (True, False)
    assert after.books == before.books is not None


def test_a_rate_is_taken_over_a_while() -> None:
    rate = Rate()
    rate.count(0.0, 100, 50)

    rate.count(0.1, 200, 60)
    early = rate.per_s
    rate.count(2.0, 300, 100)

    assert (early, rate.per_s, rate.batch) == (0.0, 100.0, 4.0)


class Ledgers:
    """Counts by a clock that was ahead, and was set back since."""

    def __init__(self) -> None:
        self.away = False

    async def books(self) -> Books:
        if self.away:
            raise Away("the database cannot be reached")
        return Books(at=datetime.max.replace(tzinfo=UTC), orders={"confirmed": 1})
