"""Wakes what should have woken by itself: lapsed holds, unfinished orders.

Timers and reminders do that work; here is what is left when one was lost, such as in a
document that somebody restored. Finding anything is news for operators.
"""

from datetime import timedelta

import structlog

from messages.base import Port
from messages.clock import Clock
from messages.order import GoOn
from messages.stock import LapseHolds
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
    for sku in lapsed:
        port.tell(sku, LapseHolds())
    for order_id in stuck:
        port.tell(order_id, GoOn())
    if lapsed or stuck:
        log.warning("sweep.woke", skus=lapsed[:20], orders=stuck[:20])
    return {"lapsed_holds": len(lapsed), "unfinished_orders": len(stuck)}
