"""One shopper's cart: asks stock, prices nothing, decides by `commerce.cart`.

A guest's cart moves into an account's by a journal in the account's cart: `merging` is
saved first, then the guest's cart is closed, then its lines are added. Each step may be
repeated, so that a crash anywhere between loses and doubles nothing.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Protocol, assert_never

from msgspec.structs import replace

from actors.runtime import Actor, Kind
from commerce import cart as rules
from commerce.cart import Cart, Offer
from commerce.errors import CartChanged, CartMerged, NotAGuest, ProductNotFound
from commerce.product import Product, Variant
from messages.cart import (
    AddLine,
    CartCommand,
    CartUpdated,
    ChangeLine,
    CloseInto,
    EmptyCart,
    GetCart,
    Hand,
    MergeGuest,
    RemoveLine,
    shown,
)
from messages.stock import GetAvailable

# A merge that was cut short is taken up again so much later, whoever asks meanwhile.
MERGE_AGAIN_AFTER = timedelta(seconds=5)


class Shelf(Protocol):
    """What a cart must know of the catalogue; it is in memory and answers at once."""

    def by_sku(self, sku: str) -> tuple[Product, Variant]:
        """Return a variant and its product, retired or not. Raises ProductNotFound."""
        ...

    def available(self, sku: str) -> int:
        """Return how many can be bought now. Raises ProductNotFound."""
        ...


class CartActor(Actor[CartCommand, Cart]):
    """Owns one shopper's cart; key = user id."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf

    def initial(self, key: str) -> Cart:
        """Return an empty cart: everybody has one."""
        return Cart(id=key)

    def opened(self) -> None:
        """Take up a merge that a crash cut short."""
        if self.state.merging is not None:
            self.tell_self(MergeGuest(self.state.merging))

    def woke(self) -> None:
        """Take up a merge that trouble elsewhere cut short."""
        self.opened()

    def receive(self, command: CartCommand) -> Cart | Awaitable[Cart]:
        """Answer with the cart as it then is."""
        match command:
            case GetCart():
                return rules.checked(self.state, None)
            case AddLine():
                return self._add(command)
            case ChangeLine():
                return self._change(command)
            case RemoveLine() | EmptyCart():
                return self._take_out(command)
            case MergeGuest():
                return self._merge(command.guest_id)
            case CloseInto():
                return self._close(command.user_id)
            case _:
                assert_never(command)

    async def _add(self, command: AddLine) -> Cart:
        cart = self._checked(command.expected_version)
        offer = await self._offer(command.sku)
        cart = rules.add(cart, command.sku, command.quantity, offer)
        return self._become(cart, command.by)

    async def _change(self, command: ChangeLine) -> Cart:
        cart = self._checked(command.expected_version)
        line = rules.line(cart, command.line_id)
        if command.quantity == 0:
            return self._become(rules.remove(cart, line.id), command.by)
        offer = await self._offer(line.sku)
        cart = rules.change(cart, line.id, command.quantity, offer)
        return self._become(cart, command.by)

    def _take_out(self, command: RemoveLine | EmptyCart) -> Cart:
        cart = self._checked(command.expected_version)
        if isinstance(command, RemoveLine):
            return self._become(rules.remove(cart, command.line_id), command.by)
        return self._become(rules.empty(cart), command.by)

    async def _offer(self, sku: str) -> Offer:
        """Return what the shop can give of `sku`. Raises ProductNotFound."""
        product, _ = self.shelf.by_sku(sku)
        if product.retired:
            raise ProductNotFound(f"{sku} is no longer sold", sku=sku)
        available = await self.ask(sku, GetAvailable())
        return Offer(product.id, available, product.max_per_order)

    async def _merge(self, guest_id: str) -> Cart:
        if rules.is_guest(self.key) or not rules.is_guest(guest_id):
            raise NotAGuest("only a guest's cart moves, and only into an account's")
        unfinished = self.state.merging
        if unfinished is not None and unfinished != guest_id:
            with suppress(CartMerged):
                await self._take_over(unfinished)
        if guest_id in self.state.merged_guests:
            return self.state
        self.become(replace(self.state, merging=guest_id))
        self.remind(self.clock.now() + MERGE_AGAIN_AFTER)
        await self.checkpoint()
        return await self._take_over(guest_id)

    async def _take_over(self, guest_id: str) -> Cart:
        """Finish the merge that the journal tells of."""
        try:
            guest = await self.ask(guest_id, CloseInto(self.key))
        except CartMerged:
            # Another account was first: there is nothing to take up again.
            self._end_merge(replace(self.state, merging=None))
            await self.checkpoint()
            raise
        offers = {}
        for line in guest.lines:
            with suppress(ProductNotFound):
                offers[line.sku] = await self._offer(line.sku)
        return self._end_merge(rules.merge(self.state, guest, offers))

    def _end_merge(self, cart: Cart) -> Cart:
        self.remind(None)
        changed = cart.version != self.state.version
        self.become(cart)
        if changed:
            self._tell(cart, "user")
        return cart

    def _close(self, user_id: str) -> Cart:
        cart = rules.close(self.state, user_id)
        if cart is not self.state:
            self.become(cart)
        return cart

    def _checked(self, expected_version: int | None) -> Cart:
        """Return the cart if it may be changed; a stale asker is shown what it is."""
        try:
            return rules.checked(self.state, expected_version)
        except CartChanged as stale:
            view = shown(self.state, self.shelf.by_sku, self.shelf.available)
            raise CartChanged(stale.message, **stale.details, cart=view) from None

    def _become(self, cart: Cart, by: Hand) -> Cart:
        if cart is not self.state:
            self.become(cart)
            self._tell(cart, by)
        return cart

    def _tell(self, cart: Cart, by: Hand) -> None:
        self.publish(f"user/{self.key}", CartUpdated(cart, by))


def cart_kind(shelf: Shelf) -> Kind:
    """Return what the runtime must know of carts."""
    make: Callable[[], CartActor] = lambda: CartActor(shelf)  # noqa: E731
    return Kind(
        name="cart",
        actor=make,
        state=Cart,
        commands=CartCommand,
        collection="carts",
        reminds=True,
    )
