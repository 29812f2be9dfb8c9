"""How a checkout begins and an order is placed: priced, agreed to, written down.

What is refused here has written nothing. The rest of the way is in `order_saga.py`.
"""

from contextlib import suppress
from typing import NoReturn

from msgspec.structs import replace

from actors import order_pay as pay
from actors import order_reserve as hold
from actors.order_outside import OrderLike, Outside
from actors.order_quote import Quote, Wanted, quoted
from actors.order_saga import again_at, begin, go_on, refusal_of, undo
from commerce import order_status as rules
from commerce.checkout import (
    HOLD_FOR,
    CheckoutEnded,
    CheckoutInProgress,
    Journal,
    is_parked,
    is_unfinished,
    journal,
)
from commerce.errors import CartEmpty, CommerceError, OrderNotFound
from commerce.order import check_price, is_session, number
from messages.base import Unavailable
from messages.coupon import ReleaseCoupon
from messages.order import CloseCheckout, OpenCheckout, PlaceOrder


async def open_session(
    order: OrderLike, outside: Outside, command: OpenCheckout
) -> Journal:
    """Price the cart and hold everything; see `OpenCheckout`."""
    state = _of(order, command.user_id)
    if state is not None:
        return _living(order, state)
    wanted = Wanted(
        user_id=command.user_id,
        method=command.shipping_method,
        address=command.address,
    )
    quote = await quoted(order, outside, wanted)
    opened = _opened(order, command.user_id, quote)
    _become(
        order,
        replace(
            opened,
            address=command.address,
            shipping_method=command.shipping_method,
            shown_total=quote.totals.total,
        ),
    )
    await order.checkpoint()
    try:
        state = await hold.reserve(order, quote.prefer)
    except CommerceError as no:
        await undo(order, outside, order.state, refusal=refusal_of(no))
        await order.checkpoint()
        raise
    state = journal(rules.moved_on(state, "reserved", order.clock.now()))
    order.become(state)
    order.remind(state.expires_at)
    return state


async def close_session(
    order: OrderLike, outside: Outside, command: CloseCheckout
) -> Journal:
    """End the session by its owner's wish; what is none, or is over, stays so.

    What it held is free when this is answered: the next session may need it.
    """
    state = _of(order, command.user_id)
    if state is None or not is_session(state) or state.status == "cancelled":
        return order.state
    state = await undo(order, outside, state, by="user", reason="closed")
    await order.checkpoint()
    with suppress(CommerceError, Unavailable):
        await hold.release(order, state)
    return order.state


async def place(order: OrderLike, outside: Outside, command: PlaceOrder) -> Journal:
    """Buy; see `PlaceOrder`. A repeat goes on where the first one stopped."""
    state = _of(order, command.user_id)
    if state is not None and not is_session(state):
        _check_same(order, state, command)
        return await go_on(order, outside)
    if state is None and command.from_session:
        raise OrderNotFound("no such checkout", id=order.key)
    if state is not None:
        await _place_session(order, outside, command, _living(order, state))
    else:
        await _place_cart(order, outside, command)
    await order.checkpoint()
    return await begin(order, outside)


def _check_same(order: OrderLike, state: Journal, command: PlaceOrder) -> None:
    """Raise if another request than `command` has got this order.

    Whatever trouble cut short is gone on with, whoever comes next.
    """
    is_under_way = is_unfinished(state) and not is_parked(state)
    if command.asked in {"", state.asked} or is_under_way:
        return
    if command.from_session and not is_parked(state):
        raise _over(order)
    if state.phase == "confirmed":
        raise CartEmpty("there is nothing in the cart", order_id=state.id)
    raise CheckoutInProgress("an order of this cart is on its way", order_id=state.id)


async def _place_cart(order: OrderLike, outside: Outside, command: PlaceOrder) -> None:
    method = command.shipping_method or "standard"
    wanted = Wanted(
        user_id=command.user_id,
        method=method,
        address=command.address,
        version=command.cart_version,
    )
    quote = await quoted(order, outside, wanted)
    total = quote.totals.total
    check_price(command.expected_total, total)
    tenders = await pay.tenders(outside, total, command.pay)
    opened = replace(
        _opened(order, command.user_id, quote),
        address=command.address,
        shipping_method=method,
        shown_total=total,
        tenders=tenders,
        asked=command.asked,
    )
    _become(order, _placed(order, opened))


async def _place_session(
    order: OrderLike, outside: Outside, command: PlaceOrder, state: Journal
) -> None:
    """Make an order of what the session holds; its lines stay as they are held."""
    method = command.shipping_method or state.shipping_method
    wanted = Wanted(
        user_id=command.user_id,
        method=method,
        address=command.address,
        version=state.cart_version,
    )
    quote = await quoted(order, outside, wanted)
    if quote.points != state.points:
        await _end_session(order, outside, state)
    total = quote.totals.total
    check_price(_shown(command, state, quote), total)
    tenders = await pay.tenders(outside, total, command.pay)
    places = {each.sku: each.places for each in state.lines}
    placed = replace(
        state,
        lines=tuple(
            replace(each, places=places.get(each.sku, {})) for each in quote.lines
        ),
        totals=quote.totals,
        coupons=quote.coupons,
        points=quote.points,
        tier=quote.tier,
        address=command.address,
        shipping_method=method,
        shown_total=total,
        tenders=tenders,
        asked=command.asked,
        expires_at=order.clock.now() + HOLD_FOR,
    )
    _become(order, _placed(order, placed))
    kept = {each.code for each in quote.coupons}
    for each in state.coupons:
        if each.code not in kept:
            # Shipped so it takes nothing off: somebody else may use it.
            release = ReleaseCoupon(state.id)
            order.promise(f"unreserve/{each.code}", each.code, release)


def _placed(order: OrderLike, state: Journal) -> Journal:
    """Return `state` as an order: from now on its money may be asked for."""
    now = order.clock.now()
    return journal(rules.moved_on(rules.place(state, now), "paying", now))


def _shown(command: PlaceOrder, state: Journal, quote: Quote) -> int | None:
    """Return the total that the customer was shown; of another shipping, that apart."""
    shown = command.expected_total
    if shown is not None or state.shown_total is None or state.totals is None:
        return shown
    if command.shipping_method in {None, state.shipping_method}:
        return state.shown_total
    return state.shown_total + quote.totals.shipping - state.totals.shipping


async def _end_session(order: OrderLike, outside: Outside, state: Journal) -> NoReturn:
    """End a session that other points pay for now than it holds. Raises CheckoutEnded.

    What an order holds of points is what it spends: it cannot be changed.
    """
    await undo(order, outside, state, reason="points_changed")
    await order.checkpoint()
    raise _over(order)


def _of(order: OrderLike, user_id: str) -> Journal | None:
    """Return what is known of it, if anything. Raises OrderNotFound for others."""
    if not order.state.user_id:
        return None
    if order.state.user_id != user_id:
        raise OrderNotFound("no such order", id=order.key)
    return order.state


def _living(order: OrderLike, state: Journal) -> Journal:
    """Return the session if it still holds something. Raises CheckoutEnded."""
    lives = state.expires_at is not None and order.clock.now() < state.expires_at
    if not (is_session(state) and state.phase == "reserved" and lives):
        raise _over(order)
    return state


def _over(order: OrderLike) -> CheckoutEnded:
    return CheckoutEnded(
        "this checkout is over; begin another one",
        id=order.key,
        reason=order.state.reason,
    )


def _opened(order: OrderLike, user_id: str, quote: Quote) -> Journal:
    now = order.clock.now()
    lines = tuple(
        # Where it should come from, until the item says where it does.
        replace(each, places=dict.fromkeys(quote.prefer.get(each.sku, ()), 0))
        for each in quote.lines
    )
    return Journal(
        id=order.key,
        number=number(order.key),
        user_id=user_id,
        cart_id=quote.cart.id,
        cart_version=quote.cart.version,
        lines=lines,
        totals=quote.totals,
        coupons=quote.coupons,
        tier=quote.tier,
        points=quote.points,
        created_at=now,
        updated_at=now,
        expires_at=now + HOLD_FOR,
        version=1,
    )


def _become(order: OrderLike, state: Journal) -> None:
    order.become(state)
    order.remind(again_at(order))
