"""Returns of an order: asked for, received, inspected, and their money given back."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from actors.order_outside import OrderLike, Outside
from actors.order_saga import send, tell
from commerce import returns as rules
from commerce.checkout import Journal, is_unfinished, journal
from commerce.order import Order, Return
from messages.loyalty import RestoreSpent, ReverseEarned
from messages.order import InspectReturn, ReceiveReturn, RequestReturn
from messages.stock import Restock, Scrap


def request(
    order: OrderLike, outside: Outside, state: Journal, command: RequestReturn
) -> Journal:
    """Ask to send units back."""
    wanted = Return(
        id=command.return_id,
        reason=command.reason,
        lines=command.lines,
        comments=command.comments,
    )
    now = order.clock.now()
    return _become(order, rules.request(state, wanted, now, outside.policy))


def step(
    order: OrderLike,
    state: Journal,
    return_id: str,
    move: Callable[[Order, str, datetime], Order],
) -> Journal:
    """Move one return on."""
    return _become(order, move(state, return_id, order.clock.now()))


def receive(order: OrderLike, state: Journal, command: ReceiveReturn) -> Journal:
    """It arrived, where it was sent from if nobody says where."""
    coming = rules.one(state, command.return_id)
    warehouse = command.warehouse or _sent_from(state, coming)
    now = order.clock.now()
    return _become(
        order, rules.receive(state, command.return_id, now, warehouse=warehouse)
    )


async def inspect(
    order: OrderLike, outside: Outside, state: Journal, command: InspectReturn
) -> Journal:
    """Every unit was looked at: money, points and units go back in one decision."""
    return_id, now = command.return_id, order.clock.now()
    if rules.one(state, return_id).status == "refunded":
        return state
    looked_at = rules.inspect(state, return_id, now, command.found)
    found, _ = rules.refund(looked_at, return_id, now)
    state = _become(order, found)
    _promise(order, state, rules.one(state, return_id))
    if not is_unfinished(state):
        return state
    order.remind(now)
    await order.checkpoint()
    return await send(order, outside)


def _promise(order: OrderLike, state: Journal, done: Return) -> None:
    for each in rules.to_shelf(state, done):
        effect = f"{done.id}/{each.sku}"
        if each.restock:
            back = Restock(f"{effect}/restock", each.warehouse, each.restock)
            order.promise(f"restock/{effect}", each.sku, back)
        if each.scrap:
            gone = Scrap(f"{effect}/scrap", each.warehouse, each.scrap)
            order.promise(f"scrap/{effect}", each.sku, gone)
    user = state.user_id
    if done.points_reversed:
        reverse = ReverseEarned(state.id, done.id, done.points_reversed)
        order.promise(f"reverse/{done.id}", user, reverse)
    if done.points_restored:
        restore = RestoreSpent(state.id, done.id, done.points_restored)
        order.promise(f"restore/{done.id}", user, restore)


def _become(order: OrderLike, found: Order) -> Journal:
    state = journal(found)
    if state is order.state:
        return state
    returning = tuple(each.status for each in state.returns.values())
    state = replace(state, returning=returning)
    order.become(state)
    tell(order, state)
    return state


def _sent_from(state: Journal, coming: Return) -> str:
    ids = {each.id for each in coming.lines}
    return next(
        (
            warehouse
            for line in state.lines
            if line.id in ids
            for warehouse in line.places
        ),
        "",
    )
