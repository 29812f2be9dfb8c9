"""The tools for a shopper's own orders: listed, shown, followed, and two to confirm.

Cancelling and returning stop at a quote that only the shopper's own confirmation
grants; the run that it starts calls the same tool again, with the grant. What is then
done is what the shopper was shown, whatever the arguments.
"""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from agent.cards import NAME_LIMIT, Data, moment
from agent.clean import plain
from agent.order_cards import order_card, order_row, quote_card, quoted_lines
from agent.searching import Name
from agent.sums import amount
from agent.visit import Visit
from commerce import quote as rules
from commerce.checkout import Journal
from commerce.errors import Malformed
from commerce.order import (
    OrderLine,
    Return,
    ReturnLine,
    estimated_delivery,
    tracking_number,
)
from commerce.order_status import cancel
from commerce.payment import captured, refunded
from commerce.quote import QUOTED_FOR, Quote, QuotedLine, QuoteKind
from commerce.refund import refund_amount
from commerce.returnable import check_return, returnable
from messages.order import CancelOrder, RequestReturn

OrderNumber = Annotated[str, Meta(min_length=1, max_length=40)]
Reason = Annotated[str, Meta(max_length=200)]

# A cancel or a return may have to ask the bank.
WITHIN_S = 25.0


class ListOrders(Struct, frozen=True, forbid_unknown_fields=True):
    """The shopper's newest orders."""

    limit: Annotated[int, Meta(ge=1, le=20)] = 5


class ShowOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """One order of the shopper's: what it is, what it cost, what may be done now."""

    order_number: OrderNumber


class TrackOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Where one order of the shopper's is."""

    order_number: OrderNumber


class CancelIt(Struct, frozen=True, forbid_unknown_fields=True):
    """Cancel an order that nobody packs yet; stops for the shopper to confirm."""

    order_number: OrderNumber
    reason: Reason = ""


class ReturnItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many units of one line; without a number all that may come back."""

    sku: Name | None = None
    line_id: Name | None = None
    quantity: Annotated[int, Meta(ge=1, le=100)] | None = None


class StartReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """Send items of a delivered order back; stops for the shopper to confirm.

    Items are named by sku; none named is all of them. Reasons that the shop answers
    for: damaged, defective, wrong_item, not_as_described.
    """

    order_number: OrderNumber
    reason: Reason
    items: Annotated[tuple[Name | ReturnItem, ...], Meta(max_length=20)] = ()


async def list_orders(visit: Visit, asked: ListOrders, _: str) -> Data:
    """Return the newest orders, and how many there are."""
    orders = visit.shop.desk.orders
    found, total = await orders.of_user(visit.account(), limit=asked.limit)
    return {"count": total, "orders": [order_row(each) for each in found]}


async def get_order(visit: Visit, asked: ShowOrder, _: str) -> Data:
    """Return one order and what it allows."""
    order = await _order(visit, asked.order_number)
    policy = visit.shop.desk.returns
    return {"order": order_card(order, policy, visit.now())}


async def track_order(visit: Visit, asked: TrackOrder, _: str) -> Data:
    """Return what happened to one order, and nothing that has not."""
    order = await _order(visit, asked.order_number)
    expected = estimated_delivery(order)
    return {
        "order_number": order.number,
        "status": order.status,
        "tracking_number": tracking_number(order),
        "carrier": plain(order.parcels[0].carrier) if order.parcels else None,
        "estimated_delivery": expected and moment(expected),
        "items": [
            {"name": plain(each.name, NAME_LIMIT), "sku": each.sku}
            for each in order.lines
        ],
        "history": [
            {
                "status": each.status,
                "at": moment(each.at),
                "description": plain(each.description),
                "location": plain(each.location),
            }
            for each in order.history
        ],
        "as_of": moment(visit.now()),
    }


async def cancel_order(visit: Visit, asked: CancelIt, call_id: str) -> Data:
    """Return what is to be confirmed; once it is, the cancelled order."""
    order = await _order(visit, asked.order_number)
    granted = _granted(visit, "confirm_cancel", order)
    if granted is None:
        return _propose(visit, _cancelling(visit, order, asked.reason, call_id))
    if order.status != "cancelled":
        again = _cancelling(visit, order, granted.reason, call_id)
        rules.check_same(granted, again)
    command = CancelOrder("user", granted.reason, visit.user_id)
    done = await visit.shop.port.ask(order.id, command, within_s=WITHIN_S)
    currency = granted.currency
    return {
        "cancelled": done.number,
        "status": done.status,
        **amount("refund", refunded(done.tenders), currency),
    }


async def start_return(visit: Visit, asked: StartReturn, call_id: str) -> Data:
    """Return what is to be confirmed; once it is, the return that was asked for."""
    order = await _order(visit, asked.order_number)
    granted = _granted(visit, "confirm_return", order)
    if granted is None:
        return _propose(visit, _returning(visit, order, asked, call_id))
    return_id = rules.return_id(granted)
    if return_id not in order.returns:
        again = _returning(visit, order, _as_quoted(granted), call_id)
        rules.check_same(granted, again)
    command = RequestReturn(
        visit.user_id, return_id, granted.reason, rules.return_lines(granted)
    )
    done = await visit.shop.port.ask(order.id, command, within_s=WITHIN_S)
    return {
        "order_number": done.number,
        "return_id": return_id,
        "status": done.returns[return_id].status,
        **amount("refund", granted.total, granted.currency),
    }


def _as_quoted(quote: Quote) -> StartReturn:
    """Return the return that a quote is about, as it would be asked for again."""
    items = tuple(
        ReturnItem(line_id=each.id, quantity=each.quantity) for each in quote.lines
    )
    return StartReturn(quote.order_number, quote.reason, items)


async def _order(visit: Visit, number: str) -> Journal:
    """Return the shopper's own order. Raises OrderNotFound for anybody else's."""
    asked = number.strip().upper()
    return await visit.shop.desk.orders.by_number(asked, visit.account())


def _granted(visit: Visit, kind: QuoteKind, order: Journal) -> Quote | None:
    """Return what the shopper confirmed of this order, if this run is to do it."""
    quote = visit.confirmed
    is_it = quote is not None and quote.kind == kind and quote.order_id == order.id
    return quote if is_it else None


def _propose(visit: Visit, quote: Quote) -> Data:
    visit.propose(quote)
    return quote_card(quote, visit.now())


def _cancelling(visit: Visit, order: Journal, reason: str, call_id: str) -> Quote:
    """Return what cancelling gives back. Raises IllegalTransition."""
    cancel(order, visit.now(), by="user", reason=reason)
    return _quote(
        visit,
        order,
        call_id,
        kind="confirm_cancel",
        lines=quoted_lines(order.lines),
        total=captured(order.tenders) - refunded(order.tenders),
        reason=reason,
    )


def _returning(visit: Visit, order: Journal, asked: StartReturn, call_id: str) -> Quote:
    """Return what sending these items back is worth. Raises what is refused of it."""
    lines = _items(order, asked.items)
    units = tuple(ReturnLine(each.id, each.quantity) for each in lines)
    wanted = Return(id="", reason=asked.reason, lines=units)
    check_return(order, wanted, visit.now(), visit.shop.desk.returns)
    return _quote(
        visit,
        order,
        call_id,
        kind="confirm_return",
        lines=lines,
        total=refund_amount(order, wanted),
        reason=asked.reason,
    )


def _quote(
    visit: Visit,
    order: Journal,
    call_id: str,
    *,
    kind: QuoteKind,
    lines: tuple[QuotedLine, ...],
    total: int,
    reason: str,
) -> Quote:
    return Quote(
        id=rules.quote_id(visit.effect(call_id), visit.now()),
        kind=kind,
        expires_at=visit.now() + QUOTED_FOR,
        lines=lines,
        total=total,
        currency=order.totals.currency if order.totals else "USD",
        order_id=order.id,
        order_number=order.number,
        reason=reason,
        payment_last_four=order.tenders[-1].last_four if order.tenders else "",
    )


def _items(
    order: Journal, named: tuple[str | ReturnItem, ...]
) -> tuple[QuotedLine, ...]:
    """Return the lines named, each once; all of them, if none is. Raises Malformed."""
    if not named:
        named = tuple(each.id for each in order.lines if returnable(order, each))
    found: dict[str, QuotedLine] = {}
    for each in named:
        item = ReturnItem(sku=each) if isinstance(each, str) else each
        line = _line(order, item.line_id or item.sku or "")
        units = returnable(order, line) if item.quantity is None else item.quantity
        (whole,) = quoted_lines((line,))
        found[line.id] = replace(whole, quantity=units)
    return tuple(found.values())


def _line(order: Journal, name: str) -> OrderLine:
    for each in order.lines:
        if name in {each.id, each.sku, each.product_id}:
            return each
    raise Malformed(f"{name} is no item of {order.number}", field="items")
