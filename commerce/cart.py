"""What a cart may hold and how it changes. Prices live in the catalogue, not here.

A line is checked against what can be bought now but holds nothing: checkout does that.
`max_per_order` counts a product over all its variants.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from commerce.cart_terms import CartTerms
from commerce.errors import (
    CartChanged,
    CartFull,
    CartMerged,
    LineNotFound,
    Malformed,
    MaxPerOrder,
    NotAGuest,
    OutOfStock,
)

MAX_LINES = 20
MAX_QUANTITY = 100

GUEST_PREFIX = "guest-"
"""Every guest's user id begins so; an account's never does."""

REMEMBERED_GUESTS = 8


class Line(Struct, frozen=True):
    """So many of one variant."""

    id: str
    sku: str
    product_id: str
    quantity: int


class Clamped(Struct, frozen=True):
    """What a merge could not take over in full, and why."""

    sku: str
    asked: int
    taken: int
    code: str


class Begun(Struct, frozen=True):
    """An order of a cart, while the cart is at `version`: what it buys, or bought."""

    order_id: str
    version: int


class Cart(Struct, frozen=True, kw_only=True):
    """One shopper's cart; `id` is the user id, `version` grows with each change."""

    id: str
    version: int = 0
    lines: tuple[Line, ...] = ()
    state: Literal["open", "merged"] = "open"
    merged_into: str | None = None
    # The guests whose carts were taken over (the newest 8), so that a repeat is seen.
    merged_guests: tuple[str, ...] = ()
    merging: str | None = None
    clamped: tuple[Clamped, ...] = ()
    # The checkout session that watches it, and the order that has it frozen.
    checkout: str | None = None
    frozen_by: str | None = None
    # Until when its limited lines are held, by sku; see `actors/cart_holds.py`.
    holds: Mapping[str, datetime] = field(default_factory=dict)
    # How many orders of it ended: each is an attempt of its own to buy it.
    attempt: int = 0
    # The order that last froze it, and the version that is that order's.
    begun: Begun | None = None
    # Codes and points put on it; what of them holds is asked at each look.
    coupons: tuple[str, ...] = ()
    points: int = 0
    # The shopper's, since a coupon was put on: one may be meant for a mail address.
    email: str = ""
    # What the answer to a look was made with; never stored.
    terms: CartTerms | None = None


class Offer(Struct, frozen=True):
    """What the shop can give of one variant: units, and `limit` per product."""

    product_id: str
    available: int
    limit: int


def is_guest(user_id: str) -> bool:
    """Tell whether `user_id` is an anonymous shopper's."""
    return user_id.startswith(GUEST_PREFIX)


def checked(cart: Cart, expected_version: int | None) -> Cart:
    """Return `cart` if it may be changed by somebody who saw `expected_version`.

    Raises CartMerged, CartChanged. None expects nothing.
    """
    if cart.state == "merged":
        raise CartMerged("this cart was moved into an account's cart")
    if expected_version not in {None, cart.version}:
        raise CartChanged(
            f"the cart is at version {cart.version}, not {expected_version}",
            version=cart.version,
        )
    return cart


def add(cart: Cart, sku: str, quantity: int, offer: Offer) -> Cart:
    """Return `cart` with `quantity` more of `sku`; the same sku adds up.

    Raises Malformed, MaxPerOrder, CartFull, OutOfStock.
    """
    if not 1 <= quantity <= MAX_QUANTITY:
        raise _no_quantity(quantity, at_least=1)
    held = _find(cart, sku)
    whole = quantity + (held.quantity if held else 0)
    line = Line(sku, sku, offer.product_id, whole)
    return _put(cart, line, offer)


def change(cart: Cart, line_id: str, quantity: int, offer: Offer) -> Cart:
    """Return `cart` with exactly `quantity`, at least 1, in the line `line_id`.

    Raises LineNotFound, Malformed, MaxPerOrder, OutOfStock.
    """
    held = line(cart, line_id)
    if not 1 <= quantity <= MAX_QUANTITY:
        raise _no_quantity(quantity, at_least=0)
    return _put(cart, replace(held, quantity=quantity), offer)


def remove(cart: Cart, line_id: str) -> Cart:
    """Return `cart` without the line `line_id`. Raises LineNotFound."""
    gone = line(cart, line_id)
    return _changed(cart, tuple(each for each in cart.lines if each is not gone))


def empty(cart: Cart) -> Cart:
    """Return `cart` without lines; an empty one is unchanged."""
    return _changed(cart, ())


def line(cart: Cart, line_id: str) -> Line:
    """Return the line `line_id`. Raises LineNotFound."""
    for each in cart.lines:
        if each.id == line_id:
            return each
    raise LineNotFound(f"the cart has no item {line_id}", id=line_id)


def close(cart: Cart, user_id: str) -> Cart:
    """Return this guest's `cart` closed in favour of `user_id`, its lines kept.

    A second time for the same user changes nothing. Raises NotAGuest, CartMerged.
    """
    if not is_guest(cart.id) or is_guest(user_id):
        raise NotAGuest("only a guest's cart moves, and only into an account's")
    if cart.merged_into == user_id:
        return cart
    checked(cart, None)
    return replace(cart, state="merged", merged_into=user_id, version=cart.version + 1)


def merge(cart: Cart, guest: Cart, offers: Mapping[str, Offer]) -> Cart:
    """Return `cart` with what `guest` held, as far as the shop can give it.

    Nothing is refused: what does not fit is reported in `clamped`. `offers` are by
    sku; a sku without one is no longer sold. A guest already taken over, or one
    whose cart was empty, adds nothing.
    """
    if guest.id in cart.merged_guests:
        return replace(cart, merging=None)
    taken = replace(cart, clamped=())
    clamped: list[Clamped] = []
    for each in guest.lines:
        taken, short = _take(taken, each, offers.get(each.sku))
        clamped += short
    remembered = (*cart.merged_guests, guest.id)[-REMEMBERED_GUESTS:]
    return replace(
        taken,
        # One change, however many lines came.
        version=cart.version + (taken.lines != cart.lines or bool(clamped)),
        merged_guests=remembered,
        merging=None,
        clamped=tuple(clamped),
    )


def quantity_of(cart: Cart, product_id: str) -> int:
    """Return how many of a product the cart holds, over its variants."""
    return _units(each for each in cart.lines if each.product_id == product_id)


def _take(cart: Cart, wanted: Line, offer: Offer | None) -> tuple[Cart, list[Clamped]]:
    """Return `cart` with what fits of `wanted`, and what did not."""
    room, code = _room(cart, wanted.sku, offer)
    units = max(0, min(wanted.quantity, room))
    if units and offer:
        cart = add(cart, wanted.sku, units, offer)
    if units == wanted.quantity:
        return cart, []
    return cart, [Clamped(wanted.sku, wanted.quantity, units, code)]


def _room(cart: Cart, sku: str, offer: Offer | None) -> tuple[int, str]:
    """Return how many more of `sku` fit into `cart`, and what stops the next one."""
    if offer is None:
        return 0, "product_not_found"
    held = _find(cart, sku)
    if held is None and len(cart.lines) >= MAX_LINES:
        return 0, CartFull.code
    by_limit = _limit(offer) - quantity_of(cart, offer.product_id)
    by_stock = offer.available - (held.quantity if held else 0)
    if by_limit <= by_stock:
        return by_limit, MaxPerOrder.code
    return by_stock, OutOfStock.code


def _put(cart: Cart, new: Line, offer: Offer) -> Cart:
    """Return `cart` with `new` in place of the line of its sku, or as its last."""
    held = _find(cart, new.sku)
    others = quantity_of(cart, new.product_id) - (held.quantity if held else 0)
    if others + new.quantity > _limit(offer):
        raise MaxPerOrder(
            f"{new.product_id}: at most {_limit(offer)} in one order",
            product_id=new.product_id,
            sku=new.sku,
            max_per_order=_limit(offer),
            asked=new.quantity,
            in_cart=others + (held.quantity if held else 0),
        )
    if held is None and len(cart.lines) >= MAX_LINES:
        raise CartFull(f"a cart holds at most {MAX_LINES} items", max_lines=MAX_LINES)
    if new.quantity > offer.available:
        raise OutOfStock(
            f"{new.sku}: {new.quantity} asked, {offer.available} available",
            sku=new.sku,
            asked=new.quantity,
            available=offer.available,
            in_cart=held.quantity if held else 0,
        )
    if held is None:
        return _changed(cart, (*cart.lines, new))
    return _changed(cart, tuple(new if each is held else each for each in cart.lines))


def _limit(offer: Offer) -> int:
    return min(offer.limit, MAX_QUANTITY)


def _find(cart: Cart, sku: str) -> Line | None:
    return next((each for each in cart.lines if each.sku == sku), None)


def _units(lines: Iterable[Line]) -> int:
    return sum(each.quantity for each in lines)


def _changed(cart: Cart, lines: tuple[Line, ...]) -> Cart:
    if lines == cart.lines:
        return cart
    # What a merge clamped is news until the shopper's next change.
    return replace(cart, lines=lines, clamped=(), version=cart.version + 1)


def _no_quantity(quantity: int, *, at_least: int) -> Malformed:
    return Malformed(
        f"{quantity} is no quantity: {at_least} to {MAX_QUANTITY}",
        minimum=at_least,
        maximum=MAX_QUANTITY,
    )
