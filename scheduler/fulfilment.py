"""Plays the warehouse and the carrier, so that orders of a demo arrive.

Each step is the order's own command, so that stock, points and news follow as in life.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta

from msgspec import Struct

from actors.runtime import Bug
from commerce.checkout import Journal
from commerce.errors import CommerceError
from commerce.order import Status
from messages.base import Command, Port, Unavailable
from messages.clock import Clock
from messages.order import DeliverOrder, ProcessOrder, ShipOrder
from scheduler.runner import Report
from store.order import OrderRepository

CARRIER = "Souk Express"
# What is told of the orders that cannot go on; the count tells of all.
SHOWN = 20


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
        left = [each async for each in _left(port, waiting, step)]
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


async def _left(
    port: Port, waiting: Iterable[tuple[str, str]], step: Step
) -> AsyncIterator[str]:
    """Take the step with each; yield what stays and why: no other waits for it."""
    for order_id, number in waiting:
        try:
            await port.ask(order_id, step(number))
        except (CommerceError, Unavailable, Bug) as trouble:
            yield f"{order_id}: {trouble}"
