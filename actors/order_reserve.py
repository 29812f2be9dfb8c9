"""What a checkout sets aside, and how all of it is given back.

Phase 2 asks everybody at once, in sorted order of sku; each answers a repeat as before,
because each effect is named by the order's id. To give back is promised in the commit
that ends the checkout: it arrives however often anything fails in between.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from msgspec.structs import replace

from actors.order_outside import OrderLike
from commerce.checkout import Journal, placed_lines
from commerce.errors import CommerceError
from commerce.order import is_session
from messages.base import Command
from messages.cart import Freeze, SetCheckout, TakeBought, Unfreeze
from messages.coupon import RedeemCoupon, ReleaseCoupon, ReserveCoupon
from messages.loyalty import (
    CountOrder,
    HoldPoints,
    ReleasePoints,
    RestoreSpent,
    ReverseEarned,
    SpendPoints,
    UncountOrder,
    UnuseCoupon,
    UseCoupon,
)
from messages.stock import Held, HoldUnits, ReleaseHold

CANCEL = "cancel"
"""What stands for a return id where a whole order is given back."""


async def reserve(order: OrderLike, prefer: dict[str, tuple[str, ...]]) -> Journal:
    """Set everything aside; return the order knowing where its units are.

    A session watches the cart and holds for a while. An order freezes it, and what it
    sets aside is sold to it: while money moves, nothing lapses. Raises the first
    refusal, and Unavailable where somebody did not answer; then anything may have been
    set aside.
    """
    state = order.state
    assert state.expires_at is not None
    until = state.expires_at
    sell = not is_session(state)
    hold_cart: Command[Any] = (
        Freeze(state.id, state.cart_version, alone=bool(state.asked))
        if sell
        else SetCheckout(state.id, state.cart_version)
    )
    lapses = None if sell else until
    lines = sorted(state.lines, key=lambda each: each.sku)
    asks: list[Awaitable[Any]] = [
        order.ask(
            each.sku,
            HoldUnits(
                hold_id=state.id,
                units=each.quantity,
                prefer=prefer.get(each.sku, ()),
                until=until,
                user_id=state.user_id,
                sell=sell,
            ),
        )
        for each in lines
    ]
    asks.append(order.ask(state.user_id, hold_cart))
    asks += [
        order.ask(each.code, ReserveCoupon(state.id, state.user_id, lapses))
        for each in state.coupons
    ]
    if state.points:
        asks.append(order.ask(state.user_id, HoldPoints(state.id, state.points)))
    answers = await together(asks)
    held: Sequence[Held] = answers[: len(lines)]
    places = {line.sku: found.places for line, found in zip(lines, held, strict=True)}
    return replace(state, lines=placed_lines(state.lines, places))


async def release(order: OrderLike, state: Journal) -> None:
    """Give back what an ended session held, now; it is promised anyway."""
    asks: list[Awaitable[Any]] = [
        order.ask(sku, ReleaseHold(hold_id=state.id))
        for sku in sorted({each.sku for each in state.lines})
    ]
    asks += [order.ask(each.code, ReleaseCoupon(state.id)) for each in state.coupons]
    if state.points:
        asks.append(order.ask(state.user_id, ReleasePoints(state.id)))
    await together(asks)


async def together(asks: Sequence[Awaitable[Any]]) -> list[Any]:
    """Return all answers, once every ask has ended; raises the first refusal.

    Nothing is left on its way: what is given back next comes after it.
    """
    *others, last = asks
    # Most shoppers buy one thing: the last of the asks needs no task of its own.
    under_way = asyncio.gather(*others, return_exceptions=True)
    try:
        end = await last
    except Exception as error:  # noqa: BLE001 - raised once all have ended
        end = error
    ends = [*await under_way, end]
    failed = [each for each in ends if isinstance(each, BaseException)]
    for each in failed:
        if not isinstance(each, CommerceError):
            raise each
    for each in failed:
        raise each
    return ends


def promise_release(order: OrderLike, state: Journal) -> None:
    """Promise to give back all that `state` may hold; it was never paid for."""
    for sku in sorted({each.sku for each in state.lines}):
        order.promise(f"release/{sku}", sku, ReleaseHold(hold_id=state.id))
    for each in state.coupons:
        order.promise(f"unreserve/{each.code}", each.code, ReleaseCoupon(state.id))
    if state.points:
        order.promise("unhold", state.user_id, ReleasePoints(state.id))
    order.promise("unfreeze", state.user_id, Unfreeze(state.id, ended=True))


def promise_confirmed(order: OrderLike, state: Journal) -> None:
    """Promise all that follows from being paid: only forward from here."""
    bought: dict[str, int] = {}
    for line in state.lines:
        bought[line.sku] = bought.get(line.sku, 0) + line.quantity
    user = state.user_id
    order.promise("take", user, TakeBought(state.id, bought))
    for each in state.coupons:
        order.promise(f"redeem/{each.code}", each.code, RedeemCoupon(state.id))
        order.promise(f"use/{each.code}", user, UseCoupon(state.id, each.code))
    order.promise("count", user, CountOrder(state.id, to_earn(state)))
    if state.points:
        order.promise("spend", user, SpendPoints(state.id))


def promise_back(order: OrderLike, state: Journal) -> None:
    """Promise to take back what a confirmed order did: it is cancelled."""
    user = state.user_id
    for sku in sorted({each.sku for each in state.lines}):
        order.promise(f"release/{sku}", sku, ReleaseHold(hold_id=state.id))
    for each in state.coupons:
        back = ReleaseCoupon(state.id, restore=True)
        order.promise(f"unredeem/{each.code}", each.code, back)
        order.promise(f"unuse/{each.code}", user, UnuseCoupon(state.id, each.code))
    order.promise("uncount", user, UncountOrder(state.id))
    if state.points:
        restored = RestoreSpent(state.id, CANCEL, state.points)
        order.promise("restore", user, restored)
    if earned := to_earn(state):
        order.promise("reverse", user, ReverseEarned(state.id, CANCEL, earned))


def to_earn(state: Journal) -> int:
    """Return the points that the order promises; without any nothing is booked."""
    return state.totals.points_to_earn if state.totals else 0
