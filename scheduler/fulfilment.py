"""Plays the warehouse and the carrier, so that orders of a demo arrive.

Each step is the order's own command, so that stock, points and news follow as in life.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from msgspec import Struct

from commerce.checkout import Journal
from commerce.errors import CommerceError
from commerce.order import Status
from messages.base import Command, Port
from messages.clock import Clock
from messages.order import DeliverOrder, ProcessOrder, ShipOrder
from scheduler.runner import Report
from store.order import OrderRepository

CARRIER = "Souk Express"
AT_ONCE = 100


class Delays(Struct, frozen=True, kw_only=True):
    """How long an order stays as it is before the next step, in seconds."""

    process_after_s: int
    ship_after_s: int
    deliver_after_s: int


async def fulfil(
    clock: Clock, orders: OrderRepository, port: Port, delays: Delays
) -> Report:
    """Move on what has waited long enough; count by what became of it."""
    steps: tuple[tuple[Status, int, str, Step], ...] = (
        ("shipped", delays.deliver_after_s, "delivered", _deliver),
        ("processing", delays.ship_after_s, "shipped", _ship),
        ("confirmed", delays.process_after_s, "packed", _process),
    )
    done = {}
    for status, after_s, becomes, step in steps:
        before = clock.now() - timedelta(seconds=after_s)
        waiting = await orders.unchanged(status, before, limit=AT_ONCE)
        done[becomes] = sum([await _moved(port, each, step(each)) for each in waiting])
    return done


Step = Callable[[Journal], Command[Journal]]


def _process(_: Journal) -> Command[Journal]:
    return ProcessOrder()


def _ship(order: Journal) -> Command[Journal]:
    return ShipOrder(order.number.replace("ORD-", "SOUK"), CARRIER)


def _deliver(_: Journal) -> Command[Journal]:
    return DeliverOrder()


async def _moved(port: Port, order: Journal, command: Command[Journal]) -> bool:
    # Somebody else may have moved or cancelled it a moment ago.
    with suppress(CommerceError):
        await port.ask(order.id, command)
        return True
    return False
