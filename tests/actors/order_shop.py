"""A whole shop for orders: real carts, stock, points, coupons and bank, on memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from actors.cart import cart_kind
from actors.coupon import coupon_kind
from actors.loyalty import loyalty_kind
from actors.order import order_kind
from actors.order_outside import Outside
from actors.runtime.testing import Harness, ManualClock, MemoryStorage
from actors.stock import stock_kind
from commerce.cart import Cart
from commerce.checkout import Journal
from commerce.coupon import Coupon
from commerce.errors import CommerceError
from commerce.member import LoyaltyState
from commerce.order import Address
from commerce.stock import Stock
from gateway.instrument import GiftCode, UpiAddress
from gateway.mock import MockGateway
from gateway.payment import Payment, PaymentEvent
from messages.cart import AddLine, GetCart
from messages.coupon import DefineCoupon, GetCoupon
from messages.loyalty import AdjustPoints, GetLoyalty
from messages.order import (
    DeliverOrder,
    GetOrder,
    GiftCardUsed,
    OpenCheckout,
    OrderUpdated,
    Pay,
    PaymentNews,
    PlaceOrder,
    ProcessOrder,
    ShipOrder,
)
from messages.stock import GetStock, StockItem
from store.loyalty import read_program
from store.stock import stock_of
from tests.actors.shelf import Shelf, product
from tests.gateway.bank import BOOK, GOOD, card
from tests.gateway.memory_ledger import MemoryLedger

PROGRAM = read_program(Path(__file__).parents[2] / "data")
HOME = Address(
    street="1 Main St", city="Reno", state="NV", zip_code="89501", country="US"
)
ONE, TWO = f"ord_{1:024x}", f"ord_{2:024x}"


class LiveShelf(Shelf):
    """Knows stock as it is stored, as the catalogue's change stream would."""

    storage: MemoryStorage

    def stock(self, sku: str) -> Stock:
        self.by_sku(sku)
        document = self.storage.documents.get("stock", {}).get(sku, {})
        return stock_of({**document, "_id": sku})

    def available(self, sku: str) -> int:
        return self.stock(sku).free


class OrderShop:
    """Ann's shop: 10 lamps at 49.99, 5 pens at 2.00; it may crash and start again."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.ledger = MemoryLedger()
        self.shelf = LiveShelf(
            product("lamp", price=4999), product("pen", limit=100, price=200)
        )
        self.storage = MemoryStorage()
        self.shelf.storage = self.storage
        self.gateway = self._bank()
        outside = Outside(shelf=self.shelf, gateway=self.gateway, program=PROGRAM)
        self.outside = outside
        self.node = Harness(
            (
                cart_kind(self.shelf, PROGRAM),
                stock_kind(self.shelf),
                loyalty_kind(PROGRAM),
                coupon_kind(),
                order_kind(outside),
            ),
            self.storage,
            self.clock,
            refusals=CommerceError,
            random=Random(0),
        )
        self._stop = self.gateway.follow(self._hear)

    def _bank(self) -> MockGateway:
        return MockGateway(self.ledger, BOOK, self.clock, Random(7))

    async def _hear(self, event: PaymentEvent) -> None:
        news = PaymentNews(event.payment.id)
        await self.node.system.ask(event.payment.order_id, news)

    async def ask(self, key: str, command: Any) -> Any:
        return await self.node.ask(key, command, within_s=1000)

    async def fill(self, **units: int) -> None:
        counts = {"lamp": 10, "pen": 5, **units}
        for sku, count in counts.items():
            await self.ask(sku, StockItem(sku, {"east": count}))

    async def add(self, sku: str, quantity: int = 1, user: str = "ann") -> Cart:
        cart: Cart = await self.ask(user, AddLine(sku, quantity))
        return cart

    async def cart(self, user: str = "ann") -> Cart:
        cart: Cart = await self.ask(user, GetCart())
        return cart

    async def pay(self, number: str = GOOD, *, gifts: tuple[str, ...] = ()) -> Pay:
        """Return how to pay with a card's number, a UPI id, or nothing."""
        cards = []
        for code in gifts:
            found = await self.gateway.tokenise(GiftCode(code))
            cards.append(GiftCardUsed(found.token, found.last_four))
        if not number:
            return Pay(gift_cards=tuple(cards))
        found = await self.gateway.tokenise(typed(number))
        return Pay(
            token=found.token,
            kind=found.type,
            brand=found.brand,
            last_four=found.last_four,
            gift_cards=tuple(cards),
        )

    async def open(self, order_id: str = ONE, **more: Any) -> Journal:
        journal: Journal = await self.ask(order_id, OpenCheckout("ann", **more))
        return journal

    async def buy(
        self,
        number: str = GOOD,
        *,
        order_id: str = ONE,
        user: str = "ann",
        gifts: tuple[str, ...] = (),
        **more: Any,
    ) -> Any:
        """Return the order as answered; a test reads what it expects to be there."""
        pay = await self.pay(number, gifts=gifts)
        command = PlaceOrder(user, HOME, pay, **more)
        journal = await self.ask(order_id, command)
        await self.node.system.breathe()
        return journal

    async def delivered(self, order_id: str = ONE) -> Journal:
        """Bring a confirmed order to its customer."""
        await self.ask(order_id, ProcessOrder())
        await self.ask(order_id, ShipOrder("TRACK-1", "DHL"))
        journal: Journal = await self.ask(order_id, DeliverOrder())
        await self.node.quiet()
        return journal

    async def order(self, order_id: str = ONE) -> Any:
        return await self.ask(order_id, GetOrder())

    async def stock(self, sku: str) -> Stock:
        stock: Stock = await self.ask(sku, GetStock())
        return stock

    async def points(self, user: str = "ann") -> LoyaltyState:
        state: LoyaltyState = await self.ask(user, GetLoyalty())
        return state

    async def give_points(self, points: int, user: str = "ann") -> None:
        await self.ask(user, AdjustPoints("gift", points, "gift"))

    async def define(self, code: str, **more: Any) -> None:
        fields = {
            "discount_type": "percentage",
            "discount_value": 10,
            "valid_from": self.clock.now() - timedelta(days=1),
            "valid_until": self.clock.now() + timedelta(days=30),
            **more,
        }
        await self.ask(code, DefineCoupon(Coupon(code=code, **fields)))

    async def taken(self, code: str) -> int:
        offered = await self.ask(code, GetCoupon())
        count: int = offered.standing.taken
        return count

    async def payments(self, order_id: str | None = None) -> tuple[Payment, ...]:
        return (await self.gateway.payments(order_id=order_id)).payments

    async def later(self, seconds: float) -> None:
        """Live through `seconds`; the bank does what is due, too."""
        await self.node.advance(seconds)
        await self.gateway.wake(self.clock.now())
        await self.node.system.breathe()

    async def rest(self, rounds: int = 12) -> None:
        """Live until everything that was under way has come to an end."""
        for _ in range(rounds):
            await self.later(7)

    async def restart(self) -> None:
        """Crash with all memory, the bank's connection too, and start again."""
        self.storage.fault = lambda _write: None
        await self.node.restart()
        self.storage = self.shelf.storage = self.node.storage

    def told(self) -> list[str]:
        """Return the statuses that Ann's sockets heard, in order."""
        return [each.status for each in self.heard()]

    def heard(self) -> list[Journal]:
        """Return Ann's orders as her sockets heard of them, in order."""
        return [
            event.order
            for topic, event in self.node.published
            if topic == "user/ann" and isinstance(event, OrderUpdated)
        ]

    async def check(self, *users: str, **units: int) -> None:
        """Check that units, money and points add up over the whole shop."""
        counts = {"lamp": 10, "pen": 5, **units}
        orders = list(self.storage.documents.get("orders", {}))
        journals = [self.saved(each) for each in orders]
        for sku, count in counts.items():
            stock = await self.stock(sku)
            shipped = sum(
                line.quantity
                for each in journals
                if each.status in {"shipped", "delivered", "returned"}
                for line in each.lines
                if line.sku == sku
            )
            sold = sum(
                line.quantity
                for each in journals
                if each.status in {"confirmed", "processing"}
                or (each.phase == "paying" and each.next_action)
                for line in each.lines
                if line.sku == sku
            )
            back = sum(
                line.resellable
                for each in journals
                for one in each.returns.values()
                if one.status == "refunded"
                for line in one.lines
                if line.id == sku
            )
            assert sum(stock.on_hand.values()) == count - shipped + back, sku
            assert sum(stock.committed.values()) == sold, (sku, stock)
            held = sum(
                line.quantity
                for each in journals
                if each.placed_at is None and each.phase == "reserved"
                for line in each.lines
                if line.sku == sku
            )
            assert sum(stock.held.values()) == held, (sku, stock)
        for each in journals:
            paid = await self.payments(each.id)
            taken = sum(one.captured - one.refunded for one in paid)
            owed = 0
            if each.status in {
                "confirmed", "processing", "shipped", "delivered", "returned",
            }:  # fmt: skip
                assert each.totals is not None
                owed = each.totals.total - sum(
                    one.amount for one in each.returns.values()
                )
            assert taken == owed, (each.status, each.phase, paid)
            open_money = [one for one in paid if one.state == "authorized"]
            assert not open_money, (each.status, each.phase)
        for user in users or ("ann",):
            points = await self.points(user)
            assert points.balance >= 0
            assert (await self.cart(user)).frozen_by is None

    def saved(self, order_id: str = ONE) -> Journal:
        """Return what is stored of an order; sessions, too."""
        document = self.storage.documents["orders"][order_id]
        return msgspec.convert(document, Journal)


def typed(number: str) -> Any:
    """Return what a customer types in: a UPI id, or a card's number and the rest."""
    return UpiAddress(number) if "@" in number else card(number)


@asynccontextmanager
async def order_shop(**units: int) -> AsyncIterator[OrderShop]:
    """Run a filled shop for the length of a test."""
    shop = OrderShop()
    await shop.node.system.start()
    await shop.fill(**units)
    try:
        yield shop
    finally:
        await shop.node.system.kill()
