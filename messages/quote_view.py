"""What a shopper is asked to confirm, as a client sees it; money in major units."""

from typing import Any

from msgspec import Struct

from commerce.money import major
from commerce.order import Address
from commerce.quote import Quote, QuotedLine, QuoteKind
from messages.base import Money


class QuotedLineView(Struct, frozen=True, kw_only=True):
    """One line of it."""

    id: str
    product_id: str
    sku: str
    product_name: str
    color: str | None
    size: str | None
    quantity: int
    price: Money
    subtotal: Money


class GiftCardView(Struct, frozen=True, kw_only=True):
    """What a gift card pays."""

    last4: str
    amount: Money


class QuoteView(Struct, frozen=True, kw_only=True):
    """A quote; `total` is what is charged, or what comes back.

    The gift cards pay first, what `payment_` tells pays the rest. The sums, the address
    and the shipping are those of a purchase, order number and reason those of a
    cancellation or a return.
    """

    type: QuoteKind
    lines: tuple[QuotedLineView, ...]
    total: Money
    currency: str
    payment_type: str | None = None
    payment_brand: str | None = None
    payment_last4: str | None = None
    gift_cards: tuple[GiftCardView, ...] = ()
    address: Address | None = None
    shipping_method: str | None = None
    subtotal: Money | None = None
    discount: Money | None = None
    loyalty_discount: Money | None = None
    points_discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    coupons: tuple[str, ...] = ()
    order_number: str | None = None
    reason: str | None = None


# Of its sums, those that a client is shown.
_SUMS = (
    "subtotal",
    "discount",
    "loyalty_discount",
    "points_discount",
    "shipping",
    "tax",
)


def quote_view(quote: Quote) -> QuoteView:
    """Return `quote` as its shopper sees it."""
    sums = {
        name: major(getattr(quote.sums, name))
        for name in _SUMS
        if quote.sums is not None
    }
    return QuoteView(
        type=quote.kind,
        lines=tuple(_line(each) for each in quote.lines),
        total=major(quote.total),
        currency=quote.currency,
        payment_type=quote.payment_type,
        payment_brand=quote.payment_brand or None,
        payment_last4=quote.payment_last_four or None,
        gift_cards=tuple(
            GiftCardView(last4=each.last_four, amount=major(each.amount))
            for each in quote.gift_cards
        ),
        address=quote.address,
        shipping_method=quote.shipping_method if quote.sums else None,
        coupons=quote.coupons,
        order_number=quote.order_number or None,
        reason=quote.reason or None,
        **sums,
    )


def request(quote: Quote) -> dict[str, Any]:
    """Return what a `confirm_request` says of `quote`."""
    shown = quote_view(quote)
    return {"quote_id": quote.id, "quote": shown, "expires_at": quote.expires_at}


def _line(line: QuotedLine) -> QuotedLineView:
    return QuotedLineView(
        id=line.id,
        product_id=line.product_id,
        sku=line.sku,
        product_name=line.name,
        color=line.color,
        size=line.size,
        quantity=line.quantity,
        price=major(line.price),
        subtotal=major(line.price * line.quantity),
    )
