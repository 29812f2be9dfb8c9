"""What should have woken by itself is woken."""

from datetime import datetime, timedelta
from typing import Any

from actors.runtime import Bug
from actors.runtime.testing import ManualClock
from messages.order import GoOn
from messages.stock import LapseHolds
from scheduler.sweep import sweep
from store.client import Database
from store.order import OrderRepository
from store.stock import StockRepository
from tests.scheduler.post import Post

CLOCK = ManualClock()
NOW = CLOCK.now()
LONG_AGO = NOW - timedelta(hours=1)


def holding(sku: str, until: datetime, *, committed: bool = False) -> dict[str, Any]:
    hold = {"places": {"east": 1}, "expires_at": until, "committed": committed}
    return {
        "_id": sku,
        "product_id": sku,
        "on_hand": {"east": 3},
        "held": {"east": 1},
        "holds": {"o1": hold},
        "version": 1,
    }


def pending(order_id: str, **told: Any) -> dict[str, Any]:
    return {"_id": order_id, "status": "pending", "updated_at": LONG_AGO, **told}


async def swept(database: Database) -> Post:
    post, orders = Post(), OrderRepository(database)
    await sweep(CLOCK, StockRepository(database), orders, post)
    return post


async def test_items_are_woken_whose_holds_are_over(database: Database) -> None:
    await database["stock"].insert_many(
        [
            holding("over", LONG_AGO),
            holding("a moment ago", NOW - timedelta(seconds=5)),
            holding("sold", LONG_AGO, committed=True),
            holding("held", NOW + timedelta(minutes=5)),
        ]
    )

    assert (await swept(database)).told == [("over", LapseHolds())]


async def test_orders_are_woken_that_should_have_gone_on(database: Database) -> None:
    later = NOW + timedelta(minutes=5)
    await database["orders"].insert_many(
        [
            pending("cut short"),
            pending("lapsed", expires_at=LONG_AGO),
            pending("3ds", expires_at=later),
            pending("new", updated_at=NOW),
            {"_id": "unwoken", "status": "confirmed", "due": LONG_AGO},
            {"_id": "asleep", "status": "confirmed", "due": later},
            {"_id": "at rest", "status": "delivered", "updated_at": LONG_AGO},
        ]
    )

    woken = dict((await swept(database)).told)

    assert woken == dict.fromkeys(("cut short", "lapsed", "unwoken"), GoOn())


async def test_a_shop_in_order_is_left_alone(database: Database) -> None:
    assert (await swept(database)).told == []


async def test_what_breaks_when_it_is_woken_is_in_the_report_and_stops_no_other(
    database: Database,
) -> None:
    await database["orders"].insert_many([pending("broken"), pending("cut short")])
    post, orders = Post(), OrderRepository(database)
    post.refuses["broken"] = Bug("it broke")

    done = await sweep(CLOCK, StockRepository(database), orders, post)

    assert (done["unfinished_orders"], done["shown"]) == (2, ["broken: it broke"])
    assert ("cut short", GoOn()) in post.told
