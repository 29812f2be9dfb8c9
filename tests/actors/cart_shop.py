"""Carts and stock on one memory, for the tests of both halves of a cart's life."""

from pathlib import Path
from random import Random

from msgspec.structs import replace

from actors.cart import cart_kind
from actors.coupon import coupon_kind
from actors.loyalty import loyalty_kind
from actors.runtime import System
from actors.runtime.testing import ManualClock, MemoryStorage
from actors.stock import stock_kind
from commerce.cart import MAX_LINES, Cart
from commerce.errors import CommerceError
from messages.base import Event
from messages.cart import AddLine, GetCart
from messages.stock import StockItem
from store.loyalty import read_program
from tests.actors.shelf import Shelf, product

PROGRAM = read_program(Path(__file__).parents[2] / "data")
SHIRTS = product("shirt", "shirt-red", "shirt-blue", limit=5)
LAMP = product("lamp")
WATCH = product("watch", limited=True)
PENS = tuple(product(f"pen-{number}") for number in range(MAX_LINES + 5))


class CartShop:
    """Carts and stock on one memory; a second one may be opened on the same disk."""

    def __init__(self, storage: MemoryStorage | None = None) -> None:
        self.storage = storage or MemoryStorage()
        self.clock = ManualClock()
        self.shelf = Shelf(SHIRTS, LAMP, WATCH, *PENS)
        self.system = System(
            [
                cart_kind(self.shelf, PROGRAM),
                stock_kind(self.shelf),
                loyalty_kind(PROGRAM),
                coupon_kind(),
            ],
            self.storage,
            self.clock,
            refusals=CommerceError,
            random=Random(0),
        )
        self.heard: list[Event] = []

    async def fill(self, **units: int) -> None:
        for sku in ("shirt-red", "shirt-blue", "lamp", "watch", *(p.id for p in PENS)):
            count = units.get(sku.replace("-", "_"), 50)
            home, _ = self.shelf.by_sku(sku)
            await self.system.ask(sku, StockItem(home.id, {"east": count}))

    async def add(self, user_id: str, sku: str, quantity: int = 1) -> Cart:
        return await self.system.ask(user_id, AddLine(sku, quantity))

    async def open(self) -> None:
        """Start, with 50 of everything but 8 lamps, and listen for what ann hears."""
        await self.system.start()
        await self.fill(lamp=8)
        self.system.follow("user/ann", self.heard.append)

    async def cart(self, user_id: str = "ann") -> Cart:
        """Return the cart as it is kept: without the terms of the moment."""
        return replace(await self.system.ask(user_id, GetCart()), terms=None)


def held(cart: Cart) -> dict[str, int]:
    return {line.sku: line.quantity for line in cart.lines}
