"""An order on its way: packed, shipped, delivered, or cancelled for its money back."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from actors.order_outside import OrderLike, Outside
from actors.order_reserve import CANCEL, promise_back, to_earn
from actors.order_saga import send, tell, undo
from commerce import hold as holds
from commerce import order_status as rules
from commerce.checkout import Journal, is_unfinished, journal, paid_back, undone_from
from commerce.errors import ProductNotFound
from commerce.order import Order, Status
from commerce.refund import refund_all
from commerce.transition import check_allowed
from messages.coupon import SettleCoupon
from messages.loyalty import ActivateEarned
from messages.order import CancelOrder, ShipOrder
from messages.stock import GetStock, ShipHold


def process(order: OrderLike, state: Journal) -> Journal:
    """Begin to pack it."""
    return _moved(order, state, "processing", rules.process)


async def ship(order: OrderLike, state: Journal, command: ShipOrder) -> Journal:
    """Let it leave: its units are on no shelf any more."""
    if state.status == "processing":
        await _check_shelves(order, state)

    def shipped(found: Order, at: datetime) -> Order:
        return rules.ship(
            found,
            at,
            tracking_number=command.tracking_number,
            carrier=command.carrier,
        )

    was = state.status
    state = _moved(order, state, "shipped", shipped)
    if was != state.status:
        for sku in sorted({each.sku for each in state.lines}):
            order.promise(f"ship/{sku}", sku, ShipHold(state.id))
        for each in state.coupons:
            order.promise(f"settle/{each.code}", each.code, SettleCoupon(state.id))
    return state


async def _check_shelves(order: OrderLike, state: Journal) -> None:
    """Raise OutOfStock or Uncounted where a hand edit left less than was sold.

    The item would refuse to let it go, and keep it sold for an order that has left.
    """
    for sku in sorted({each.sku for each in state.lines}):
        with suppress(ProductNotFound):
            holds.ship(await order.ask(sku, GetStock()), state.id)


def deliver(order: OrderLike, state: Journal) -> Journal:
    """It arrived: points become active, the return window opens."""
    was = state.status
    state = _moved(order, state, "delivered", rules.deliver)
    if was != state.status and to_earn(state):
        order.promise("activate", state.user_id, ActivateEarned(state.id))
    return state


def note_paid_back(order: OrderLike, state: Journal) -> Journal:
    """A person gave back what no bank took."""
    noted = paid_back(state, order.clock.now())
    if noted != state:
        cents = noted.paid_by_hand - state.paid_by_hand
        order.log.info("refund.paid_by_hand", cents=cents)
        order.become(noted)
        tell(order, noted)
    return noted


async def cancel(
    order: OrderLike, outside: Outside, state: Journal, command: CancelOrder
) -> Journal:
    """Do not send it. Before it is paid it is undone, afterwards refunded."""
    if state.status == "cancelled":
        return state
    reason = command.reason or f"cancelled by {command.by}"
    if state.phase != "confirmed":
        return await undo(order, outside, state, by=command.by, reason=reason)
    now = order.clock.now()
    state = undone_from(state, now, by=command.by, reason=reason)
    state = journal(refund_all(state, CANCEL, now)[0])
    order.become(state)
    order.remind(now if is_unfinished(state) else None)
    promise_back(order, state)
    tell(order, state)
    if not is_unfinished(state):
        return state
    await order.checkpoint()
    return await send(order, outside)


def _moved(
    order: OrderLike,
    state: Journal,
    to: Status,
    move: Callable[[Order, datetime], Order],
) -> Journal:
    """Return the order moved on; where it is already it stays."""
    if state.status == to:
        return state
    if state.placed_at is None:
        check_allowed(state.number, "checkout", to, ())
    state = journal(move(state, order.clock.now()))
    order.become(state)
    tell(order, state)
    return state
