"""The saga of a checkout: reserved, paying, confirmed, or all of it undone.

Each `checkpoint` is a journal commit; whoever crashes between two of them goes on from
the last one, because everything asked of others may be asked again. So an order needs
no more than two: what is going to be set aside and charged, before any of it is asked
for, and that it is done. Behind the capture there is only forward.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from actors import order_pay as pay
from actors import order_reserve as hold
from actors.order_outside import OrderLike, Outside
from actors.order_refund import send_refunds
from commerce import order_status as rules
from commerce.checkout import (
    WAITING,
    Ended,
    Journal,
    is_parked,
    journal,
    next_refund,
    undone_from,
    unsent,
)
from commerce.errors import (
    CommerceError,
    Conflict,
    NotFound,
    PaymentRefused,
)
from commerce.order import Phase, is_session
from messages.base import Unavailable, encode_json
from messages.cart import Unfreeze
from messages.order import OrderUpdated
from messages.stock import OPERATORS

# An order that trouble stopped is taken up again so much later, then twice as late.
AGAIN_AFTER = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=60)


async def go_on(order: OrderLike, outside: Outside) -> Journal:
    """Take the order one phase after the other to where it can rest; return it."""
    state = order.state
    if is_session(state) and state.status == "pending":
        return await _rest(order, outside)
    if (step := _NEXT.get(state.phase)) is not None:
        return await step(order, outside)
    return await send(order, outside) if unsent(state) else state


async def _rest(order: OrderLike, outside: Outside) -> Journal:
    """End a session that nobody can use: it lapsed, or was never told to anybody."""
    state, now = order.state, order.clock.now()
    if state.phase == "reserved" and state.expires_at and now < state.expires_at:
        order.remind(state.expires_at)
        return state
    return await undo(order, outside, state, reason="checkout_expired")


async def begin(order: OrderLike, outside: Outside) -> Journal:
    """Carry out what was just written down: nobody was asked for anything yet."""
    return await _carry_out(order, outside, again=False)


async def _once_more(order: OrderLike, outside: Outside) -> Journal:
    """Carry it out once more: anything may have been asked for, and done."""
    return await _carry_out(order, outside, again=True)


async def _carry_out(order: OrderLike, outside: Outside, *, again: bool) -> Journal:
    """Set everything aside and get the money; park for the customer, or go back."""
    state, was_parked = order.state, is_parked(order.state)
    is_free = not again
    try:
        if not was_parked:
            state = await hold.reserve(order, _preferred(state))
        is_free = False
        late = _is_late(order, state)
        state = await pay.authorise_all(outside, state, again=again, late=late)
        no = pay.refusal(state) or _too_late(order, state)
        if no is None and not _is_waiting(state):
            state = await pay.capture_all(outside, state)
            no = pay.refusal(state)
    except CommerceError as refused:
        no = refusal_of(refused)
    if no is not None:
        return await undo(order, outside, state, refusal=no, is_free=is_free)
    if _is_waiting(state):
        return _park(order, state, again=was_parked)
    return _confirm(order, state)


def _preferred(state: Journal) -> dict[str, tuple[str, ...]]:
    return {each.sku: tuple(each.places) for each in state.lines}


def _is_waiting(state: Journal) -> bool:
    return any(each.status in WAITING for each in state.tenders)


def _too_late(order: OrderLike, state: Journal) -> Ended | None:
    is_open = any(each.status in pay.OPEN for each in state.tenders)
    late = is_open and _is_late(order, state)
    return pay.PAYMENT_EXPIRED if late else None


def _park(order: OrderLike, state: Journal, *, again: bool) -> Journal:
    """Wait for the customer, up to 900 s; the cart is free meanwhile."""
    order.remind(state.expires_at)
    if again and state == order.state:
        return state
    order.become(state)
    if not again:
        order.promise("parked", state.user_id, Unfreeze(state.id, ended=False))
        tell(order, state)
    return state


def _confirm(order: OrderLike, state: Journal) -> Journal:
    now = order.clock.now()
    state = journal(rules.confirm(rules.moved_on(state, "confirmed", now), now))
    state = replace(state, next_action=None, expires_at=None, refusal=None, tries=0)
    order.become(state)
    order.remind(None)
    hold.promise_confirmed(order, state)
    tell(order, state)
    return state


async def undo(
    order: OrderLike,
    outside: Outside,
    state: Journal,
    *,
    refusal: Ended | None = None,
    by: rules.By = "system",
    reason: str = "",
    is_free: bool = False,
) -> Journal:
    """Cancel what is not paid: first that it is over, then the money, both certain.

    Of a session, and where an order `is_free`, nobody was asked for any.
    """
    now = order.clock.now()
    no_money = is_free or state.phase != "paying"
    reason = reason or (refusal.code if refusal else "cancelled")
    state = undone_from(state, now, by=by, reason=reason, refusal=refusal)
    if no_money:
        state = journal(rules.moved_on(state, "undone", now))
    order.become(state)
    order.remind(None if no_money else again_at(order))
    hold.promise_release(order, state)
    tell(order, state)
    if no_money:
        return state
    await order.checkpoint()
    return await _finish_undo(order, outside)


async def _finish_undo(order: OrderLike, outside: Outside) -> Journal:
    now = order.clock.now()
    state = await pay.let_go(outside, order.state, hold.CANCEL)
    state = journal(rules.moved_on(state, "undone", now))
    order.become(state)
    tell(order, state)
    order.remind(again_at(order) if unsent(state) else None)
    if not unsent(state):
        return state
    await order.checkpoint()
    return await send(order, outside)


async def send(order: OrderLike, outside: Outside) -> Journal:
    """Have every refund that is due sent by the provider; others wait for theirs."""
    before = order.state
    state = await send_refunds(outside, before, order.clock.now())
    call_for_hand(order, state)
    order.become(state)
    if state != before:
        tell(order, state)
    order.remind(next_refund(state))
    return state


def call_for_hand(order: OrderLike, state: Journal) -> None:
    """Log it if from `state` on a person must look: no bank takes the money back."""
    if state.attention and not order.state.attention:
        order.log.error("refund.given_up")


_NEXT: Mapping[Phase, Callable[[OrderLike, Outside], Awaitable[Journal]]] = {
    "paying": _once_more,
    "undoing": _finish_undo,
}


async def give_back(order: OrderLike, outside: Outside, state: Journal) -> None:
    """Let go of money that came after the end: nobody sends anything for it."""
    state = await pay.let_go(outside, state, "late")
    order.become(state)
    tell(order, state)
    order.remind(again_at(order) if unsent(state) else None)
    if unsent(state):
        await order.checkpoint()
        await send(order, outside)


async def take_up(order: OrderLike, outside: Outside) -> Journal:
    """Go on after a restart or when it is time; trouble only means later."""
    try:
        return await go_on(order, outside)
    except (Unavailable, CommerceError) as trouble:
        # A refusal here is one that nobody foresaw; it must not end the reminders.
        if not order.is_saved:
            raise
        state = order.state
        order.log.warning("order.waits", phase=state.phase, trouble=str(trouble))
        if state.phase == "paying" and _is_late(order, state):
            # Nobody knows what the bank did. What is held goes back now; what was
            # taken follows as soon as the bank can be asked.
            return await _give_up(order, state)
        state = replace(state, tries=state.tries + 1)
        order.become(state)
        order.remind(again_at(order))
        return state


async def _give_up(order: OrderLike, state: Journal) -> Journal:
    now = order.clock.now()
    no = pay.PAYMENT_EXPIRED
    state = undone_from(state, now, by="system", reason=no.code, refusal=no)
    order.become(state)
    order.remind(again_at(order))
    hold.promise_release(order, state)
    tell(order, state)
    return state


def tell(order: OrderLike, state: Journal) -> None:
    """Let customer and operators hear of an order; a session is nobody's news."""
    if not is_session(state):
        news = OrderUpdated(state, order.clock.now())
        order.publish(f"user/{state.user_id}", news)
        order.publish(OPERATORS, news)


def refusal_of(no: CommerceError) -> Ended:
    """Return a refusal as it is kept: told again it reads the same."""
    families = ((PaymentRefused, 402), (Conflict, 409), (NotFound, 404))
    status = next((code for kind, code in families if isinstance(no, kind)), 400)
    details = msgspec.json.decode(encode_json(dict(no.details)))
    return Ended(code=no.code, message=no.message, status=status, details=details)


def again_at(order: OrderLike) -> datetime:
    """Return when an order that trouble stops now is taken up again."""
    tries = min(order.state.tries, 8)
    pause: timedelta = min(AGAIN_AFTER * (1 << tries), LONGEST_PAUSE)
    return order.clock.now() + pause


def _is_late(order: OrderLike, state: Journal) -> bool:
    return state.expires_at is not None and order.clock.now() >= state.expires_at
