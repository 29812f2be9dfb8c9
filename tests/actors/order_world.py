"""A shop for orders in a world of its own: virtual time, a seed, trouble at any step.

People do things and repeat them until they know; the world ends by coming to rest.
What must add up then is checked in `order_books.py`.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any, cast

import msgspec
from msgspec import Struct

from actors.cart import cart_kind
from actors.coupon import coupon_kind
from actors.loyalty import loyalty_kind
from actors.order import order_kind
from actors.order_outside import Outside
from actors.runtime import Bug, System
from actors.runtime.testing import (
    Disk,
    MemoryStorage,
    SimulatedLoop,
    VirtualClock,
)
from actors.stock import stock_kind
from commerce.checkout import Journal, is_parked, is_unfinished
from commerce.coupon import Coupon
from commerce.errors import CommerceError
from gateway.mock import MockGateway
from gateway.payment import PaymentEvent
from gateway.port import Gateway
from messages.base import Command, R, Unavailable
from messages.cart import AddLine
from messages.coupon import DefineCoupon
from messages.loyalty import AdjustPoints
from messages.order import PaymentNews
from messages.stock import StockItem
from tests.actors.order_shop import PROGRAM, LiveShelf
from tests.actors.order_trouble import Line, StoreTrouble, Troubles
from tests.actors.shelf import product
from tests.gateway.bank import BOOK
from tests.gateway.memory_ledger import MemoryLedger

UNITS = {"lamp": 6, "pen": 9}
POINTS = 500
CODE, USES = "TEN", 2
SHIPPING_CODE = "FREE"
USERS = ("ann", "bob")

# So often people ask; nothing that this world does to the shop lasts longer.
PATIENCE = 300
# A parked order, or a session, waits so long for its customer.
LONGEST_WAIT_S = 901.0


class Known(Struct):
    """What people know for certain."""

    added: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    adjusted: Counter[str] = msgspec.field(default_factory=Counter)
    confirmed: set[str] = msgspec.field(default_factory=set)
    cancelling: set[str] = msgspec.field(default_factory=set)
    """Orders that somebody asked to cancel, with whatever answer."""


class OrderWorld:
    """One world; `run` lets it live as long as a piece of work takes."""

    def __init__(self, seed: int) -> None:
        self.loop = SimulatedLoop(seed)  # type: ignore[abstract]  # as far as needed
        self.clock = VirtualClock()
        self.disk = Disk()
        self.ledger = MemoryLedger()
        self.shelf = LiveShelf(
            product("lamp", price=4999), product("pen", limit=100, price=200)
        )
        self.known = Known()
        self.orders: list[str] = []
        self.whose: dict[str, str] = {}
        self.work: list[asyncio.Task[None]] = []
        self.troubles = Troubles(self._kill)
        self.bank = MockGateway(self.ledger, BOOK, self.clock, Random(7))
        self.ledger.fault = lambda: cast("Any", self.troubles.next("ledger"))
        self.bank.follow(self._hear)
        self._starts = 0
        self._acts = 0
        self._dying: asyncio.Task[None] | None = None
        self.run(self._open())

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """Return what `work` gives, and let live what lives meanwhile."""
        return self.loop.run(work)

    # The shop

    async def _open(self) -> None:
        await self._start()
        self._banking = self.loop.create_task(self._look_after())
        for sku, units in UNITS.items():
            await self.system.ask(sku, StockItem(sku, {"east": units}))
        for user in USERS:
            await self.system.ask(user, AdjustPoints("gift", POINTS, "gift"))
        valid: dict[str, Any] = {
            "valid_from": self.clock.now() - timedelta(days=1),
            "valid_until": self.clock.now() + timedelta(days=30),
            "total_limit": USES,
        }
        for coupon in (
            Coupon(code=CODE, discount_type="percentage", discount_value=10, **valid),
            Coupon(
                code=SHIPPING_CODE,
                discount_type="free_shipping",
                group="shipping",
                **valid,
            ),
        ):
            await self.system.ask(coupon.code, DefineCoupon(coupon))

    async def _start(self) -> None:
        self._starts += 1
        trouble = StoreTrouble(self.troubles, self.loop.time)
        storage = MemoryStorage(f"node{self._starts}", self.disk)
        storage.fault, storage.away = trouble.write, trouble.away
        storage.delay = trouble.delay
        self.shelf.storage = storage
        line = cast("Gateway", Line(self.bank, self.troubles, self.clock))
        outside = Outside(shelf=self.shelf, gateway=line, program=PROGRAM)
        self.system = System(
            [
                cart_kind(self.shelf, PROGRAM),
                stock_kind(self.shelf),
                loyalty_kind(PROGRAM),
                coupon_kind(),
                order_kind(outside),
            ],
            storage,
            self.clock,
            refusals=CommerceError,
            random=self.loop.random,
        )
        await self.system.start()

    def _kill(self) -> None:
        """End the node as kill -9 does, and have another one soon."""
        if self._dying is None or self._dying.done():
            self._dying = self.loop.create_task(self.restart())

    async def restart(self) -> None:
        """Die, and live again a moment later."""
        await self.system.kill()
        await self.clock.sleep(self.loop.random.random())
        await self._start()

    def kill_in(self, seconds: float) -> None:
        """Let the node die then, wherever it is."""
        self.loop.call_later(seconds, self._kill)

    async def _hear(self, event: PaymentEvent) -> None:
        news = PaymentNews(event.payment.id)
        try:
            await self.system.ask(event.payment.order_id, news)
        except Bug as bug:
            raise Unavailable(str(bug)) from bug

    async def _look_after(self) -> None:
        while True:
            # As the server does: the next look is near.
            with suppress(Unavailable):
                await self.bank.wake(self.clock.now())
            await self.clock.sleep(0.5)

    # People

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let somebody do something; it goes on while the world lives."""
        self.work.append(self.loop.create_task(work))

    def name(self) -> str:
        """Return a name for one act, which nobody else has."""
        self._acts += 1
        return f"act-{self._acts}"

    def new_order(self, user: str) -> str:
        """Return an id for an order of `user`."""
        return self.know(f"ord_{len(self.orders) + 1:024x}", user)

    def know(self, order_id: str, user: str) -> str:
        """Return `order_id`, an order of `user` from now on if it was none before."""
        if order_id not in self.whose:
            self.orders.append(order_id)
            self.whose[order_id] = user
        return order_id

    async def sure(self, key: str, command: Command[R], once: str = "") -> R | None:
        """Return the answer, asked for until it came; None: refused."""
        for _ in range(PATIENCE):
            try:
                return await self.system.ask(key, command, once=once or None)
            except CommerceError:
                return None
            except Unavailable:
                await self.clock.sleep(0.3)
        raise AssertionError(f"{key} never answered {command}")

    async def hasty(self, key: str, command: Command[Any]) -> None:
        """Ask once and go away, whatever the answer."""
        try:
            await self.system.ask(key, command)
        except (CommerceError, Unavailable):
            return

    async def add(self, user: str, sku: str, quantity: int) -> None:
        """Put so many into the cart."""
        if await self.sure(user, AddLine(sku, quantity), self.name()) is not None:
            self.known.added[user, sku] += quantity

    def saved(self, order_id: str) -> Journal | None:
        """Return what is stored of an order, if anything is."""
        document = self.disk.of("orders").get(order_id)
        if document is None or not document.get("user_id"):
            return None
        return msgspec.convert(document, Journal)

    def journals(self) -> list[Journal]:
        """Return every order and checkout session there is."""
        found = (self.saved(each) for each in self.orders)
        return [each for each in found if each is not None]

    # The end

    async def rest(self) -> None:
        """Let nothing more go wrong, and what is under way come to its end."""
        self.troubles.calm()
        await asyncio.gather(*self.work)
        self.work.clear()
        for _ in range(8):
            if self._is_settled():
                return
            await self.clock.sleep(20)
            if self._only_people_wait():
                self.loop.leap(LONGEST_WAIT_S)
                await self.clock.sleep(20)

    def _is_settled(self) -> bool:
        """Tell whether nothing is on its way."""
        promised = any(
            each.get("promises")
            for collection in self.disk.collections.values()
            for each in collection.values()
        )
        pending = any(each.status == "pending" for each in self.journals())
        busy = promised or pending or self._unfinished() or self._bank_is_busy()
        return not busy

    def _unfinished(self) -> bool:
        return any(is_unfinished(each) for each in self.journals())

    def _bank_is_busy(self) -> bool:
        """Tell whether the bank has something to do or to tell: late money, say."""
        now = self.clock.now()
        return any(
            page.news or page.open or (page.due is not None and page.due <= now)
            for page in self.ledger.pages.values()
        )

    def _only_people_wait(self) -> bool:
        return all(
            is_parked(each) or (each.phase == "reserved" and each.placed_at is None)
            for each in self.journals()
            if each.status == "pending"
        )

    def close(self) -> None:
        """End the world."""
        self.run(self._end())

    async def _end(self) -> None:
        self.troubles.calm()
        for each in (*self.work, self._banking):
            each.cancel()
        await asyncio.gather(*self.work, self._banking, return_exceptions=True)
        if self._dying is not None:
            await self._dying
        await self.system.kill()
