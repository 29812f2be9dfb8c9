"""How a cart keeps limited items: already in the cart they are held, for 600 s.

RULES.md section 5. The truth is with the item, which lets the hold lapse at its time
and tells the shopper so; the cart only remembers until when, to show it. A lapsed line
stays in the cart as what any other line is: checked, and holding nothing. Changing it
holds anew. More or fewer of a line that is held keep its end, so that nobody holds for
ever; a checkout takes the hold over, with an end of its own.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from msgspec.structs import replace

from commerce.cart import Cart, Line
from commerce.errors import CommerceError, ProductNotFound
from commerce.product import Product, Variant
from messages.base import Command, R
from messages.clock import Clock
from messages.stock import HoldUnits, ReleaseHold, cart_hold_id

KEPT_FOR = timedelta(seconds=600)


class Shelf(Protocol):
    """Who knows which variants are limited."""

    def by_sku(self, sku: str) -> tuple[Product, Variant]:
        """Return a variant and its product, retired or not. Raises ProductNotFound."""
        ...


class CartLike(Protocol):
    """What is used here of the cart's actor."""

    @property
    def key(self) -> str:
        """The user's id."""
        ...

    @property
    def state(self) -> Cart:
        """The cart before the change."""
        ...

    @property
    def clock(self) -> Clock:
        """The time it lives by."""
        ...

    async def ask(self, key: str, command: Command[R]) -> R:
        """See `Actor.ask`."""
        ...

    def promise(self, step: str, key: str, command: Command[Any]) -> None:
        """See `Actor.promise`."""
        ...


def alive(cart: Cart, now: datetime) -> Cart:
    """Return `cart` as it is at `now`: without the ends that have come."""
    kept = {sku: until for sku, until in cart.holds.items() if until > now}
    return cart if len(kept) == len(cart.holds) else replace(cart, holds=kept)


def own(cart: Cart, sku: str) -> tuple[str, ...]:
    """Return the ids of the holds of `sku` that are this cart's own.

    A checkout session's is: whatever changes the cart ends the session.
    """
    session = (cart.checkout,) if cart.checkout else ()
    return (cart_hold_id(cart.id, sku), *session)


async def held(actor: CartLike, shelf: Shelf, cart: Cart, sku: str) -> Cart:
    """Return `cart` with what it now has of `sku` held, if that is limited.

    Raises OutOfStock where somebody was faster.
    """
    line = _line(cart, sku)
    if line is None or not _limited(shelf, sku):
        return cart
    now = actor.clock.now()
    until = alive(cart, now).holds.get(sku)
    if until is not None and _line(actor.state, sku) == line:
        return cart
    return await _hold(actor, cart, line, until or _end(now), own(actor.state, sku))


async def moved(actor: CartLike, cart: Cart, guest: Cart) -> Cart:
    """Return `cart` with what `guest` held in it held for this user, to the same end.

    What the shop cannot hold any more stays in the cart, unheld.
    """
    now = actor.clock.now()
    for sku, until in alive(guest, now).holds.items():
        line = _line(cart, sku)
        if line is None:
            continue
        latest = max(until, alive(cart, now).holds.get(sku, until))
        given_up = (*own(actor.state, sku), cart_hold_id(guest.id, sku))
        try:
            cart = await _hold(actor, cart, line, latest, given_up)
        except CommerceError:
            cart = _without(cart, sku)
    return cart


def let_go(actor: CartLike, cart: Cart) -> Cart:
    """Return `cart` remembering holds of its lines alone; the others are given back."""
    cart = alive(cart, actor.clock.now())
    there = {each.sku for each in cart.lines}
    for sku, until in cart.holds.items():
        if sku not in there:
            _promise_back(actor, cart, cart.id, sku, until)
            cart = _without(cart, sku)
    return cart


def left_with(actor: CartLike, cart: Cart, guest: Cart) -> None:
    """Promise to give back whatever `guest` held that did not move."""
    for sku, until in guest.holds.items():
        _promise_back(actor, cart, guest.id, sku, until)


def handed_over(cart: Cart) -> Cart:
    """Return `cart` without holds: a checkout has taken them over."""
    return replace(cart, holds={}) if cart.holds else cart


async def _hold(
    actor: CartLike, cart: Cart, line: Line, until: datetime, given_up: tuple[str, ...]
) -> Cart:
    wanted = HoldUnits(
        hold_id=cart_hold_id(cart.id, line.sku),
        units=line.quantity,
        prefer=(),
        until=until,
        user_id=cart.id,
        instead_of=given_up,
    )
    placed = await actor.ask(line.sku, wanted)
    return replace(cart, holds={**cart.holds, line.sku: placed.expires_at})


def _promise_back(
    actor: CartLike, cart: Cart, holder: str, sku: str, until: datetime
) -> None:
    # By its end: should the line come back before this arrives, its hold has another.
    step = f"release/{holder}/{sku}/{cart.version}"
    actor.promise(step, sku, ReleaseHold(cart_hold_id(holder, sku), until))


def _without(cart: Cart, sku: str) -> Cart:
    kept: Mapping[str, datetime] = {
        each: until for each, until in cart.holds.items() if each != sku
    }
    return replace(cart, holds=kept)


def _line(cart: Cart, sku: str) -> Line | None:
    return next((each for each in cart.lines if each.sku == sku), None)


def _limited(shelf: Shelf, sku: str) -> bool:
    try:
        return shelf.by_sku(sku)[1].limited
    except ProductNotFound:
        return False


def _end(now: datetime) -> datetime:
    # To the millisecond, as it is stored: `_promise_back` names it by this.
    ends = now + KEPT_FOR
    return ends.replace(microsecond=ends.microsecond // 1000 * 1000)
