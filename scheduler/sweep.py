"""Wakes what should have woken by itself: lapsed holds, unfinished orders.

Timers and reminders do that work; here is what is left when one was lost, such as in a
document that somebody restored. Finding anything is news for operators.
"""

from datetime import timedelta

import structlog

from messages.base import Command, Port
from messages.clock import Clock
from messages.order import GoOn
from messages.stock import LapseHolds
from scheduler.round import SHOWN, unwilling
from scheduler.runner import Report
from store.order import OrderRepository
from store.stock import StockRepository

log = structlog.get_logger()

HOLDS_LATE_AFTER = timedelta(seconds=30)
ORDERS_LATE_AFTER = timedelta(minutes=2)
"""An order that trouble stops pauses up to a minute between its tries."""


async def sweep(
    clock: Clock, stock: StockRepository, orders: OrderRepository, port: Port
) -> Report:
    """Wake what is overdue, and tell how much that was."""
    now = clock.now()
    lapsed = await stock.with_lapsed_holds(now - HOLDS_LATE_AFTER)
    stuck = await orders.stuck(now - ORDERS_LATE_AFTER)
    if lapsed or stuck:
        log.warning("sweep.woke", skus=lapsed[:SHOWN], orders=stuck[:SHOWN])
    woken: list[tuple[str, Command[None]]] = [(sku, LapseHolds()) for sku in lapsed]
    woken += [(order_id, GoOn()) for order_id in stuck]
    # Asked, not told: one that breaks each time would leave a dead letter a minute.
    still = [each async for each in unwilling(port, woken)]
    found = {"lapsed_holds": len(lapsed), "unfinished_orders": len(stuck)}
    return {**found, "stuck": len(still), "shown": still[:SHOWN]}
