"""Orders of a demo arrive by themselves, each step after its delay."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from actors.runtime.testing import ManualClock
from commerce.checkout import Journal
from commerce.errors import IllegalTransition
from messages.order import DeliverOrder, ProcessOrder, ShipOrder
from scheduler.fulfilment import CARRIER, Delays, fulfil
from tests.scheduler.post import Post

DELAYS = Delays(process_after_s=60, ship_after_s=120, deliver_after_s=300)


class Orders:
    """Orders in memory."""

    def __init__(self, *orders: Journal) -> None:
        self.orders = orders

    async def unchanged(
        self, status: str, before: datetime, *, limit: int
    ) -> Sequence[Journal]:
        return [
            each
            for each in self.orders
            if each.status == status and each.updated_at <= before
        ][:limit]


def order(clock: ManualClock, status: str, id: str = "o1") -> Journal:
    now = clock.now()
    bare = Journal(
        id=id, user_id="ann", number="ORD-7X", created_at=now, updated_at=now
    )
    return replace(bare, status=status)


async def test_nothing_moves_before_its_time() -> None:
    clock, post = ManualClock(), Post()
    orders = Orders(*(order(clock, s) for s in ("confirmed", "processing", "shipped")))
    clock.advance(59)

    done = await fulfil(clock, orders, post, DELAYS)  # type: ignore[arg-type]

    assert (done, post.told) == ({"delivered": 0, "shipped": 0, "packed": 0}, [])


async def test_each_order_takes_its_next_step() -> None:
    clock, post = ManualClock(), Post()
    orders = Orders(
        *(order(clock, s, s) for s in ("confirmed", "processing", "shipped"))
    )
    clock.advance(300)

    done = await fulfil(clock, orders, post, DELAYS)  # type: ignore[arg-type]

    assert done == {"delivered": 1, "shipped": 1, "packed": 1}
    assert post.told == [
        ("shipped", DeliverOrder()),
        ("processing", ShipOrder("SOUK7X", CARRIER)),
        ("confirmed", ProcessOrder()),
    ]


async def test_one_that_was_cancelled_meanwhile_holds_up_no_other() -> None:
    clock, post = ManualClock(), Post()
    orders = Orders(*(order(clock, "confirmed", each) for each in ("o1", "o2")))
    post.refuses["o1"] = IllegalTransition("cancelled")
    clock.advance(60)

    done = await fulfil(clock, orders, post, DELAYS)  # type: ignore[arg-type]

    assert done["packed"] == 1
