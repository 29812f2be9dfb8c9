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

from actors import cart_holds
from actors.cart_terms import Till, terms_of
from actors.runtime import Actor, Kind
from commerce import cart as rules
from commerce import cart_checkout as buying
from commerce import cart_costs as costs
from commerce.cart import Cart, Offer
from commerce.cart_terms import CartTerms
from commerce.coupon import normalised
from commerce.errors import CartChanged, CartMerged, NotAGuest, ProductNotFound
from commerce.pricing import Tariff
from commerce.product import Product, Variant
from commerce.tier import Program
from messages.cart import (
    AddLine,
    ApplyCoupon,
    CartCommand,
    CartUpdated,
    ChangeLine,
    CloseInto,
    EmptyCart,
    Freeze,
    GetCart,
    Hand,
    MergeGuest,
    RedeemPoints,
    RemoveCoupon,
    RemoveLine,
    SetCheckout,
    TakeBought,
    Unfreeze,
    UnredeemPoints,
)
from messages.cart_view import goods, shown
from messages.order import CartMoved
from messages.stock import GetAvailable, cart_hold_id

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

    def __init__(self, shelf: Shelf, till: Till) -> None:
        super().__init__()
        self.shelf = shelf
        self.till = till
        # As of the last look; an answer and an event show what it was made with.
        self.terms: CartTerms | None = None

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
        """Answer with the cart as it then is, under the terms of the moment."""
        if isinstance(command, GetCart) and not command.terms:
            return self._now()
        return self._on_terms(command)

    def _now(self) -> Cart:
        return cart_holds.alive(rules.checked(self.state, None), self.clock.now())

    async def _on_terms(self, command: CartCommand) -> Cart:
        await self._look(command)
        answer = self._obey(command)
        cart = answer if isinstance(answer, Cart) else await answer
        return replace(cart, terms=self.terms)

    def _obey(  # noqa: PLR0911 - a table of contents
        self, command: CartCommand
    ) -> Cart | Awaitable[Cart]:
        match command:
            case GetCart():
                return self._now()
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
            case ApplyCoupon() | RemoveCoupon() | RedeemPoints() | UnredeemPoints():
                return self._discount(command)
            case SetCheckout() | Freeze() | Unfreeze() | TakeBought():
                return self._buying(command)
            case _:
                assert_never(command)

    async def _look(self, command: CartCommand) -> None:
        """Know the terms of the moment."""
        if self.terms and isinstance(command, SetCheckout | Freeze | Unfreeze):
            # What is bought was quoted a moment ago; these only mark the cart.
            return
        code, email = "", self.state.email
        if isinstance(command, ApplyCoupon):
            code, email = normalised(command.code), command.email or email
        self.terms = await terms_of(self, self.till, self.state, code=code, email=email)

    def _discount(
        self, command: ApplyCoupon | RemoveCoupon | RedeemPoints | UnredeemPoints
    ) -> Cart:
        cart, told = self._checked(command.expected_version), self.terms
        assert told is not None, "they were asked before"
        match command:
            case ApplyCoupon(code, explain=explain):
                wanted = goods(cart, self.shelf.by_sku)
                code = normalised(code)
                cart = costs.apply(cart, code, wanted, told, explain=explain)
            case RemoveCoupon(code):
                cart = costs.take_off(cart, normalised(code))
            case RedeemPoints(points):
                cart = costs.redeem(cart, points, told, self.till.program)
            case UnredeemPoints():
                cart = costs.unredeem(cart)
        return self._become(cart, command.by)

    async def _add(self, command: AddLine) -> Cart:
        cart = self._checked(command.expected_version)
        offer = await self._offer(command.sku)
        cart = rules.add(cart, command.sku, command.quantity, offer)
        cart = await cart_holds.held(self, self.shelf, cart, command.sku)
        return self._become(cart, command.by)

    async def _change(self, command: ChangeLine) -> Cart:
        cart = self._checked(command.expected_version)
        line = rules.line(cart, command.line_id)
        if command.quantity == 0:
            return self._become(rules.remove(cart, line.id), command.by)
        offer = await self._offer(line.sku)
        cart = rules.change(cart, line.id, command.quantity, offer)
        cart = await cart_holds.held(self, self.shelf, cart, line.sku)
        return self._become(cart, command.by)

    def _take_out(self, command: RemoveLine | EmptyCart) -> Cart:
        cart = self._checked(command.expected_version)
        if isinstance(command, RemoveLine):
            return self._become(rules.remove(cart, command.line_id), command.by)
        return self._become(rules.empty(cart), command.by)

    async def _offer(self, sku: str, *besides: str) -> Offer:
        """Return what the shop can give of `sku`. Raises ProductNotFound."""
        product, _ = self.shelf.by_sku(sku)
        if product.retired:
            raise ProductNotFound(f"{sku} is no longer sold", sku=sku)
        own = (*cart_holds.own(self.state, sku), *besides)
        available = await self.ask(sku, GetAvailable(own))
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
                theirs = cart_hold_id(guest_id, line.sku)
                offers[line.sku] = await self._offer(line.sku, theirs)
        merged = rules.merge(self.state, guest, offers)
        merged = await cart_holds.moved(self, merged, guest)
        cart_holds.left_with(self, merged, guest)
        return self._end_merge(merged)

    def _end_merge(self, cart: Cart) -> Cart:
        self.remind(None)
        changed = cart.version != self.state.version
        cart = self._left_behind(cart, None)
        self.become(cart)
        if changed:
            self._tell(cart, "user")
        return cart

    def _close(self, user_id: str) -> Cart:
        cart = rules.close(self.state, user_id)
        if cart is not self.state:
            self.become(cart)
        return cart

    def _buying(self, command: SetCheckout | Freeze | Unfreeze | TakeBought) -> Cart:
        match command:
            case SetCheckout(order_id, version):
                cart = buying.watch(self.state, order_id, version)
                cart = cart_holds.handed_over(cart)
            case Freeze(order_id, version, alone):
                cart = buying.freeze(self.state, order_id, version, alone=alone)
                cart = cart_holds.handed_over(cart)
            case Unfreeze(order_id, ended):
                cart = buying.unfreeze(self.state, order_id, ended=ended)
            case TakeBought(order_id, bought):
                cart = buying.take_bought(self.state, order_id, bought)
        return self._become(cart, "user", by_order=command.order_id)

    def _checked(self, expected_version: int | None) -> Cart:
        """Return the cart if it may be changed; a stale asker is shown what it is."""
        buying.check_free(self.state)
        try:
            return rules.checked(self.state, expected_version)
        except CartChanged as stale:
            now = cart_holds.alive(self.state, self.clock.now())
            now = replace(now, terms=self.terms)
            view = shown(now, self.shelf.by_sku, self.shelf.available)
            raise CartChanged(stale.message, **stale.details, cart=view) from None

    def _become(self, cart: Cart, by: Hand, *, by_order: str | None = None) -> Cart:
        before = self.state
        if cart is not before:
            cart = cart_holds.let_go(self, self._left_behind(cart, by_order))
            self.become(cart)
            self._tell(cart, by)
        return cart

    def _left_behind(self, cart: Cart, by_order: str | None) -> Cart:
        """Let a checkout session hear that `cart` is not what it was made for."""
        before = self.state
        session = before.checkout
        if session in {None, by_order}:
            return cart
        if cart.version == before.version and cart.checkout == session:
            return cart
        assert session is not None
        self.promise(f"moved/{session}", session, CartMoved(cart.version))
        return replace(cart, checkout=None) if cart.checkout == session else cart

    def _tell(self, cart: Cart, by: Hand) -> None:
        told = replace(cart, terms=self.terms)
        self.publish(f"user/{self.key}", CartUpdated(told, by))


def cart_kind(shelf: Shelf, program: Program, tariff: Tariff | None = None) -> Kind:
    """Return what the runtime must know of carts."""
    till = Till(program, tariff or Tariff())
    make: Callable[[], CartActor] = lambda: CartActor(shelf, till)  # noqa: E731
    return Kind(
        name="cart",
        actor=make,
        state=Cart,
        commands=CartCommand,
        collection="carts",
        reminds=True,
    )
