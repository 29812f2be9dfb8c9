"""Plays the warehouse and the carrier, so that orders of a demo arrive.

Each step is the order's own command, so that stock, points and news follow as in life.
"""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from commerce.checkout import Journal
from commerce.order import Status
from messages.base import Command, Port
from messages.clock import Clock
from messages.order import DeliverOrder, ProcessOrder, ShipOrder
from scheduler.round import SHOWN, unwilling
from scheduler.runner import Report
from store.order import OrderRepository

CARRIER = "Souk Express"


class Delays(Struct, frozen=True, kw_only=True):
    """How long an order stays as it is before the next step, in seconds."""

    process_after_s: int
    ship_after_s: int
    deliver_after_s: int


async def fulfil(
    clock: Clock, orders: OrderRepository, port: Port, delays: Delays
) -> Report:
    """Move on what has waited long enough; count what did, and what cannot."""
    steps: tuple[tuple[Status, int, str, Step], ...] = (
        ("shipped", delays.deliver_after_s, "delivered", _deliver),
        ("processing", delays.ship_after_s, "shipped", _ship),
        ("confirmed", delays.process_after_s, "packed", _process),
    )
    done: dict[str, int] = {}
    stuck: list[str] = []
    for status, after_s, becomes, step in steps:
        before = clock.now() - timedelta(seconds=after_s)
        waiting = await orders.unchanged(status, before)
        asked = [(order_id, step(number)) for order_id, number in waiting]
        left = [each async for each in unwilling(port, asked)]
        done[becomes] = len(waiting) - len(left)
        stuck += left
    return {**done, "stuck": len(stuck), "shown": stuck[:SHOWN]}


Step = Callable[[str], Command[Journal]]


def _process(_: str) -> Command[Journal]:
    return ProcessOrder()


def _ship(number: str) -> Command[Journal]:
    return ShipOrder(number.replace("ORD-", "SOUK"), CARRIER)


def _deliver(_: str) -> Command[Journal]:
    return DeliverOrder()
