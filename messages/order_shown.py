"""An order and a checkout shown as a client sees them, whoever shows them."""

from datetime import datetime
from typing import Any

from msgspec import UNSET

from commerce.checkout import Journal
from commerce.money import major
from commerce.order import (
    OrderLine,
    Return,
    estimated_delivery,
    happened_at,
    tracking_number,
)
from commerce.payment import Tender, captured, refunded, status
from messages.order_view import (
    AdminOrderView,
    CheckoutView,
    HoldView,
    OrderLineView,
    OrderView,
    PaidWithView,
    PaymentView,
    ReturnLineView,
    ReturnView,
    ShipmentView,
    TenderView,
    TrackedView,
    TrackingView,
)


def order_view(order: Journal) -> OrderView:
    """Return `order` as its customer sees it."""
    return OrderView(**_fields(order))


def admin_order_view(order: Journal) -> AdminOrderView:
    """Return `order` as operators see it."""
    attention = order.attention or None
    return AdminOrderView(user_id=order.user_id, attention=attention, **_fields(order))


def tracking_view(order: Journal) -> TrackingView:
    """Return where `order` is."""
    return TrackingView(
        order_id=order.id,
        order_number=order.number,
        status=order.status,
        tracking_number=tracking_number(order),
        estimated_delivery=_expected(order),
        history=tuple(
            TrackedView(
                status=each.status,
                timestamp=each.at,
                location=each.location,
                description=each.description,
            )
            for each in order.history
        ),
    )


def return_view(order: Journal, coming: Return) -> ReturnView:
    """Return one return of `order` as people see it."""
    names = {each.id: each.name for each in order.lines}
    return ReturnView(
        return_id=coming.id,
        order_id=order.id,
        status=coming.status,
        reason=coming.reason,
        comments=coming.comments,
        items=tuple(
            ReturnLineView(
                id=each.id,
                product_name=names.get(each.id, each.id),
                quantity=each.quantity,
                resellable=each.resellable,
            )
            for each in coming.lines
        ),
        refund=major(coming.amount),
        history=tuple(
            TrackedView(
                status=each.status,
                timestamp=each.at,
                location=each.location,
                description=each.description,
            )
            for each in coming.history
        ),
    )


def checkout_view(order: Journal, now: datetime) -> CheckoutView:
    """Return the checkout session `order` as its customer sees it at `now`."""
    assert order.expires_at is not None
    return CheckoutView(
        session_id=order.id,
        cart_id=order.cart_id,
        items=tuple(_line(each) for each in order.lines),
        coupons=tuple(each.code for each in order.coupons),
        shipping_method=order.shipping_method,
        expires_at=order.expires_at,
        server_now=now,
        holds=tuple(
            HoldView(sku=each.sku, quantity=each.quantity, expires_at=order.expires_at)
            for each in order.lines
        ),
        **_sums(order),
    )


def _fields(order: Journal) -> dict[str, Any]:
    returns = list(order.returns.values())
    return {
        "id": order.id,
        "order_number": order.number,
        "status": order.status,
        "items": tuple(_line(each) for each in order.lines),
        **_sums(order),
        "coupons": tuple(each.code for each in order.coupons),
        "payment_method": _method(order.tenders),
        "payment": _payment(order),
        "shipping_address": order.address,
        "shipping_method": order.shipping_method,
        "tracking_number": tracking_number(order),
        "shipments": tuple(
            ShipmentView(
                warehouse=each.warehouse,
                carrier=each.carrier,
                tracking_number=each.tracking_number,
                items=each.units,
            )
            for each in order.parcels
        ),
        "return_status": returns[-1].status if returns else None,
        "cancel_reason": order.reason or None,
        "created_at": order.placed_at or order.created_at,
        "updated_at": order.updated_at,
        "version": order.version,
    }


def _line(line: OrderLine) -> OrderLineView:
    return OrderLineView(
        id=line.id,
        product_id=line.product_id,
        sku=line.sku,
        product_name=line.name,
        product_image=line.image,
        color=line.color,
        size=line.size,
        quantity=line.quantity,
        price=major(line.price),
        subtotal=major(line.price * line.quantity),
    )


def _sums(order: Journal) -> dict[str, Any]:
    found = order.totals
    assert found is not None
    names = (
        "subtotal",
        "discount",
        "loyalty_discount",
        "points_discount",
        "tax",
        "shipping",
        "total",
    )
    sums = {each: major(getattr(found, each)) for each in names}
    return {**sums, "currency": found.currency}


def _payment(order: Journal) -> PaymentView:
    primary = order.tenders[-1] if order.tenders else None
    refused = order.refusal.details.get("decline_code") if order.refusal else None
    return PaymentView(
        id=(primary.payment_id or None) if primary else None,
        status=status(order.tenders),
        captured=major(captured(order.tenders)),
        refunded=major(refunded(order.tenders)),
        tenders=tuple(
            TenderView(
                type=each.kind,
                brand=each.brand,
                last_four=each.last_four,
                amount=major(each.amount),
                status=each.status,
                refunded=major(each.refunded),
            )
            for each in order.tenders
        ),
        next_action=order.next_action or UNSET,
        decline_code=refused or UNSET,
    )


def _method(tenders: tuple[Tender, ...]) -> PaidWithView | None:
    if not tenders:
        return None
    paid = tenders[-1]
    return PaidWithView(type=paid.kind, brand=paid.brand, last_four=paid.last_four)


def _expected(order: Journal) -> datetime | None:
    over = order.status in {"cancelled", "returned"} or happened_at(order, "delivered")
    return None if over else estimated_delivery(order)
