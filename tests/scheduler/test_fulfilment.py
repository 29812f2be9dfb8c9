"""Orders of a demo arrive by themselves, each step after its delay."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from msgspec.structs import replace

from actors.runtime import Bug
from actors.runtime.testing import ManualClock
from commerce.checkout import Journal
from commerce.errors import IllegalTransition, OutOfStock
from messages.base import Busy
from messages.order import DeliverOrder, ProcessOrder, ShipOrder
from scheduler.fulfilment import CARRIER, Delays, fulfil
from tests.scheduler.post import Post

DELAYS = Delays(process_after_s=60, ship_after_s=120, deliver_after_s=300)


class Orders:
    """Orders in memory."""

    def __init__(self, *orders: Journal) -> None:
        self.orders = orders

    async def unchanged(
        self, status: str, before: datetime
    ) -> Sequence[tuple[str, str]]:
        return [
            (each.id, each.number)
            for each in self.orders
            if each.status == status and each.updated_at <= before
        ]


def order(clock: ManualClock, status: str, id: str = "o1") -> Journal:
    now = clock.now()
    bare = Journal(
        id=id, user_id="ann", number="ORD-7X", created_at=now, updated_at=now
    )
    return replace(bare, status=status)


def counted(**told: object) -> dict[str, object]:
    nothing = {"delivered": 0, "shipped": 0, "packed": 0, "stuck": 0, "shown": []}
    return {**nothing, **told}


async def test_nothing_moves_before_its_time() -> None:
    clock, post = ManualClock(), Post()
    orders = Orders(*(order(clock, s) for s in ("confirmed", "processing", "shipped")))
    clock.advance(59)

    done = await fulfil(clock, orders, post, DELAYS)  # type: ignore[arg-type]

    assert (done, post.told) == (counted(), [])


async def test_each_order_takes_its_next_step() -> None:
    clock, post = ManualClock(), Post()
    orders = Orders(
        *(order(clock, s, s) for s in ("confirmed", "processing", "shipped"))
    )
    clock.advance(300)

    done = await fulfil(clock, orders, post, DELAYS)  # type: ignore[arg-type]

    assert done == counted(delivered=1, shipped=1, packed=1)
    assert post.told == [
        ("shipped", DeliverOrder()),
        ("processing", ShipOrder("SOUK7X", CARRIER)),
        ("confirmed", ProcessOrder()),
    ]


@pytest.mark.parametrize(
    "trouble",
    [IllegalTransition("cancelled"), Busy("too much mail"), Bug("it broke")],
)
async def test_one_that_cannot_go_on_holds_up_no_other(trouble: Exception) -> None:
    clock, post = ManualClock(), Post()
    orders = Orders(*(order(clock, "confirmed", each) for each in ("o1", "o2")))
    post.refuses["o1"] = trouble
    clock.advance(60)

    done = await fulfil(clock, orders, post, DELAYS)  # type: ignore[arg-type]

    assert done == counted(packed=1, stuck=1, shown=[f"o1: {trouble}"])


async def test_however_many_cannot_go_on_the_others_do() -> None:
    clock, post = ManualClock(), Post()
    stuck = [order(clock, "confirmed", f"o{each}") for each in range(150)]
    post.refuses = {each.id: OutOfStock("nothing on hand") for each in stuck}
    orders = Orders(*stuck, order(clock, "confirmed", "last"))
    clock.advance(60)

    done = await fulfil(clock, orders, post, DELAYS)  # type: ignore[arg-type]

    assert (done["packed"], done["stuck"], len(done["shown"])) == (1, 150, 20)
