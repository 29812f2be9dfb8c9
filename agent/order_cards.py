"""Orders and quotes as tool results: JSON builtins that a reply may quote."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agent.cards import NAME_LIMIT, Data, moment
from agent.clean import plain
from agent.member_tools import masked
from agent.sums import amount, sums
from commerce.checkout import Journal
from commerce.order import (
    OrderLine,
    estimated_delivery,
    happened_at,
    tracking_number,
)
from commerce.order_status import MAY_CANCEL
from commerce.payment import captured, refunded, status
from commerce.quote import Quote, QuotedLine
from commerce.returnable import ReturnPolicy, returnable, window_ends


def order_row(order: Journal) -> Data:
    """Return what a list says of `order`."""
    total = order.totals.total if order.totals else 0
    currency = order.totals.currency if order.totals else "USD"
    return {
        "order_number": order.number,
        "status": order.status,
        "placed_at": moment(order.placed_at or order.created_at),
        **amount("total", total, currency),
        "items_count": len(order.lines),
        "lines": [order_line(each, currency) for each in order.lines],
        "tracking_number": tracking_number(order),
        "estimated_delivery": _moment(estimated_delivery(order)),
        "delivered_at": _moment(happened_at(order, "delivered")),
    }


def order_card(order: Journal, policy: ReturnPolicy, now: datetime) -> Data:
    """Return all that the customer may know of `order`, and what it allows now."""
    ends, currency = window_ends(order, policy), _currency(order)
    is_open = ends is not None and now <= ends and order.status == "delivered"
    return {
        **order_row(order),
        "breakdown": sums(order.totals) if order.totals else None,
        "payment_status": status(order.tenders),
        "payments": _payments(order),
        **amount("refunded", refunded(order.tenders), currency),
        "address": masked(order.address) if order.address else None,
        "shipping_method": order.shipping_method,
        "can_cancel": "user" in MAY_CANCEL.get(order.status, ()),
        "cancel_reason": plain(order.reason) or None,
        "return_window_days": policy.window_days,
        "return_until": _moment(ends),
        "return_window_open": is_open,
        "returnable": [
            {"line_id": each.id, "sku": each.sku, "quantity": returnable(order, each)}
            for each in order.lines
            if is_open and returnable(order, each)
        ],
        "returns": [
            {
                "return_id": each.id,
                "status": each.status,
                "reason": plain(each.reason),
            }
            for each in order.returns.values()
        ],
    }


def outcome(order: Journal) -> Data:
    """Return what became of an order that was just placed, or why there is none."""
    told = order_row(order)
    if order.status == "cancelled":
        no = order.refusal
        return {
            "error": no.code if no else "order_cancelled",
            "message": no.message if no else "the order was cancelled",
            "details": dict(no.details) if no else {},
            "status": order.status,
            "lines": told["lines"],
        }
    step = order.next_action
    return {
        **told,
        "payment_status": status(order.tenders),
        **amount("paid", captured(order.tenders), _currency(order)),
        "payments": _payments(order),
        "points_to_earn": order.totals.points_to_earn if order.totals else 0,
        "next_action": step
        and {
            "type": step.type,
            "url": step.url,
            "expires_at": moment(step.expires_at),
        },
    }


def quote_card(quote: Quote, now: datetime) -> Data:
    """Return what the shopper is asked to confirm."""
    minutes = round((quote.expires_at - now).total_seconds() / 60)
    told: Data = {
        "quote_id": quote.id,
        "confirm": quote.kind,
        "expires_at": moment(quote.expires_at),
        "valid_minutes": minutes,
        "lines": [_quoted(each, quote.currency) for each in quote.lines],
        **amount("total", quote.total, quote.currency),
    }
    if quote.sums is None:
        return {**told, "order_number": quote.order_number, "reason": quote.reason}
    return {
        **told,
        **sums(quote.sums),
        "coupons": list(quote.coupons),
        "shipping_method": quote.shipping_method,
        "address": masked(quote.address) if quote.address else None,
        "payment": {
            "type": quote.payment_type,
            "brand": quote.payment_brand,
            "last4": quote.payment_last_four,
        },
        "gift_cards": [
            {"last4": each.last_four, **amount("pays", each.amount, quote.currency)}
            for each in quote.gift_cards
        ],
    }


def quoted_lines(lines: Iterable[OrderLine]) -> tuple[QuotedLine, ...]:
    """Return lines of an order, or of what may become one, as a quote shows them."""
    return tuple(
        QuotedLine(
            id=each.id,
            sku=each.sku,
            product_id=each.product_id,
            name=each.name,
            quantity=each.quantity,
            price=each.price,
            color=each.color,
            size=each.size,
        )
        for each in lines
    )


def order_line(line: OrderLine, currency: str) -> Data:
    """Return one line as it was bought."""
    return {
        "line_id": line.id,
        "sku": line.sku,
        "product_id": line.product_id,
        "name": plain(line.name, NAME_LIMIT),
        "category": line.category,
        "color": line.color,
        "size": line.size,
        "quantity": line.quantity,
        **amount("price", line.price, currency),
        **amount("subtotal", line.price * line.quantity, currency),
    }


def _payments(order: Journal) -> list[Data]:
    return [
        {"type": each.kind, "brand": each.brand, "last4": each.last_four}
        for each in order.tenders
    ]


def _quoted(line: QuotedLine, currency: str) -> dict[str, Any]:
    return {
        "line_id": line.id,
        "sku": line.sku,
        "name": plain(line.name, NAME_LIMIT),
        "color": line.color,
        "size": line.size,
        "quantity": line.quantity,
        **amount("price", line.price, currency),
        **amount("subtotal", line.price * line.quantity, currency),
    }


def _currency(order: Journal) -> str:
    return order.totals.currency if order.totals else "USD"


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)
