"""Compares every shelf with the orders, and tells operators what does not add up.

Shelves and orders are read one after the other while both move, so one look proves
nothing: what differs is looked at again a little later, and told if it still does.

An order sells before it asks the bank, and no time ends that. Should a process that was
as good as dead sell after another has undone the order, the units are given back here.
"""

import structlog
from msgspec import to_builtins

from commerce.reconciliation import Difference, differences
from messages.base import Port
from messages.clock import Clock
from messages.stock import OPERATORS, ReleaseHold, StockDiffers
from scheduler.round import unwilling
from scheduler.runner import Report
from store.order import OrderRepository
from store.stock import StockRepository

log = structlog.get_logger()

# Longer than the way of a promise from an order to its items.
LOOK_AGAIN_AFTER_S = 5.0
# What is kept in the report; the count tells of all.
SHOWN = 50


async def reconcile(
    clock: Clock, stock: StockRepository, orders: OrderRepository, port: Port
) -> Report:
    """Return how much was compared, and what differs, twice in the same way."""
    skus, owing, found = await _look(stock, orders)
    if found:
        await clock.sleep(LOOK_AGAIN_AFTER_S)
        _, _, again = await _look(stock, orders)
        found = [each for each in found if each in again]
    for each in found[:SHOWN]:
        log.error("stock.differs", **to_builtins(each))
    left = [each for each in found if each.what == "left_behind"]
    back = [(each.sku, ReleaseHold(each.order_id)) for each in left]
    still = [each async for each in unwilling(port, back)]
    if found:
        port.publish(OPERATORS, StockDiffers(len(found)))
    return {
        "skus": skus,
        "orders": owing,
        "differences": len(found),
        "given_back": len(back) - len(still),
        "shown": [to_builtins(each) for each in found[:SHOWN]],
    }


async def _look(
    stock: StockRepository, orders: OrderRepository
) -> tuple[int, int, list[Difference]]:
    shelves = await stock.with_holds()
    claims = {each.order_id: each for each in await orders.owing()}
    owing = len(claims)
    held_for = {hold_id for each in shelves for hold_id in each.holds}
    strangers = [each for each in held_for if each not in claims and "/" not in each]
    claims |= {each.order_id: each for each in await orders.claims(strangers)}
    return len(shelves), owing, list(differences(shelves, claims))
