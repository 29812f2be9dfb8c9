"""Ann, who buys by conversation: real tools, carts, orders and bank, no model."""

from dataclasses import replace
from typing import Any

from msgspec import structs

from agent.cart_seen import CartSeen
from agent.settled import arguments
from agent.shop import Desk, Shop
from agent.tools import used
from agent.visit import Visit
from commerce.belongings import KnownAddress, PaymentMethod
from commerce.checkout import Journal
from commerce.errors import OrderNotFound
from commerce.quote import Quote
from gateway.instrument import GiftCode
from tests.actors.order_shop import HOME, OrderShop, typed
from tests.agent.desk import Addresses, Instruments, Orders, desk
from tests.gateway.bank import DECLINED, GOOD, THREE_DS

ANN = KnownAddress(**structs.asdict(HOME), id="home", is_default=True)


class Placed(Orders):
    """Finds the orders where the actors stored them."""

    def __init__(self, shop: OrderShop) -> None:
        self.shop = shop

    async def by_number(self, number: str, user_id: str, /) -> Journal:
        for key in self.shop.storage.documents.get("orders", {}):
            order = self.shop.saved(key)
            if (order.number, order.user_id) == (number, user_id):
                return order
        raise OrderNotFound("no such order")


class Chat:
    """Ann's conversation: each call of a tool is a run of its own."""

    def __init__(self, shop: OrderShop, front: Desk) -> None:
        self.shop = shop
        self.desk = front
        self.turns = 0
        self.seen = CartSeen()

    async def use(
        self, tool: str, confirmed: Quote | None = None, **arguments: Any
    ) -> tuple[dict[str, Any], Quote | None]:
        self.turns += 1
        shelf: Any = self.shop.shelf
        visit = Visit(
            Shop(shelf, self.shop.node.system, self.desk),
            self.shop.clock,
            "ann",
            f"t{self.turns}",
            confirmed,
            self.seen,
        )
        result = await used(visit, tool, arguments, "c1")
        await self.shop.node.system.breathe()
        return result, visit.board.quote

    async def quote(self, tool: str = "quote_checkout", **arguments: Any) -> Quote:
        result, quote = await self.use(tool, **arguments)
        assert quote is not None, result
        return quote

    async def confirm(self, quote: Quote) -> dict[str, Any]:
        """Do what the shopper's own word on `quote` starts."""
        tool, told = arguments(quote)
        result, again = await self.use(tool, quote, **told)
        assert again is None
        return result


async def chat_in(shop: OrderShop, **saved: str) -> Chat:
    """Return Ann's chat; she saved three cards, and what is `saved` by name besides.

    A name's value is a card's number, a UPI id or a gift card's code.
    """
    known = {"good": GOOD, "bad": DECLINED, "bank": THREE_DS, **saved}
    methods = [await _method(shop, name, what) for name, what in known.items()]
    front = replace(
        desk(),
        addresses=Addresses({"ann": [ANN]}),
        instruments=Instruments({"ann": methods}),
        orders=Placed(shop),
        gift_cards=shop.gateway,
    )
    return Chat(shop, front)


async def _method(shop: OrderShop, name: str, what: str) -> PaymentMethod:
    details = GiftCode(what) if what.startswith("GIFT-") else typed(what)
    found = await shop.gateway.tokenise(details)
    return PaymentMethod(
        id=name,
        token=found.token,
        type=found.type,
        brand=found.brand,
        last_four=found.last_four,
        is_default=name == "good",
    )
