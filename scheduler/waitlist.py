"""Tells those who wait that it can be bought again.

Everybody who waits is told, whoever waited longest first; nothing is set aside. The
notice is kept in the list before it is told: a crash loses a frame, never the notice.
"""

from contextlib import suppress
from typing import Protocol

from commerce.errors import ProductNotFound
from commerce.product import Product, Variant
from messages.base import Port
from messages.clock import Clock
from messages.stock import BackInStock
from scheduler.runner import Report
from store.waitlist import WaitlistRepository


class Shelf(Protocol):
    """What can be bought; in memory."""

    def by_sku(self, sku: str) -> tuple[Product, Variant]:
        """Return a variant and its product. Raises ProductNotFound."""
        ...

    def available(self, sku: str) -> int:
        """Return how many can be bought now. Raises ProductNotFound."""
        ...


async def tell_waiting(
    clock: Clock, waitlist: WaitlistRepository, shelf: Shelf, port: Port
) -> Report:
    """Tell who waits for what is back; count how many were told."""
    told = 0
    for sku in await waitlist.skus():
        # What is not sold any more is waited for in vain, but may be sold again.
        with suppress(ProductNotFound):
            told += await _tell(sku, clock, waitlist, shelf, port)
    return {"told": told}


async def _tell(
    sku: str, clock: Clock, waitlist: WaitlistRepository, shelf: Shelf, port: Port
) -> int:
    product, _ = shelf.by_sku(sku)
    units = shelf.available(sku)
    if product.retired or not units:
        return 0
    told = 0
    for each in await waitlist.waiting(sku):
        if await waitlist.tell(each.user_id, sku, clock.now()):
            port.publish(f"user/{each.user_id}", BackInStock(sku, product.id, units))
            told += 1
    return told
