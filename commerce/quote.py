"""What the agent may do only once the customer has confirmed it: the quote of it.

RULES.md section 11. A quote is a read: it holds nothing, lapses after five minutes, and
is void as soon as anything that it shows is different. It is confirmed or declined
once, by the customer's own frame or request; what the model says is no confirmation.
"""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from commerce.errors import Conflict, NotFound, Refused
from commerce.order import Address, ReturnLine, Totals
from commerce.payment import TenderKind
from commerce.pricing import ShippingMethod

QUOTED_FOR = timedelta(minutes=5)

QuoteKind = Literal["confirm_purchase", "confirm_cancel", "confirm_return"]
Decision = Literal["approve", "decline"]


class QuoteNotFound(NotFound):
    """No such quote waits for a decision in this conversation."""

    code = "quote_not_found"


class QuoteExpired(Conflict):
    """The quote lapsed: ask for it again."""

    code = "quote_expired"


class QuoteVoid(Conflict):
    """What the quote shows has changed since; `details.changed` says what."""

    code = "quote_void"


class QuoteSpent(Conflict):
    """The quote was decided otherwise before."""

    code = "quote_spent"


class NotConfirmed(Refused):
    """Only the customer's own confirmation sets this going, and there is none."""

    code = "not_confirmed"


class AddressRequired(Refused):
    """The customer has saved no address that it could be sent to."""

    code = "address_required"


class OneAtATime(Refused):
    """Something else waits to be confirmed in this very turn."""

    code = "one_at_a_time"


class QuotedLine(Struct, frozen=True, kw_only=True):
    """So many units of one line; `price` is of one."""

    id: str
    sku: str
    product_id: str
    name: str
    quantity: int
    price: int
    color: str | None = None
    size: str | None = None


class QuotedGift(Struct, frozen=True):
    """What a gift card that the customer saved pays of it."""

    payment_method_id: str
    last_four: str
    amount: int


class Quote(Struct, frozen=True, kw_only=True):
    """What is to be bought, cancelled or returned, as the customer is shown it.

    `total` is what is charged, or what comes back. Of a purchase the cart's version,
    address and means to pay are known; of the others the order.
    """

    id: str
    kind: QuoteKind
    expires_at: datetime
    lines: tuple[QuotedLine, ...]
    total: int
    currency: str
    sums: Totals | None = None
    coupons: tuple[str, ...] = ()
    cart_version: int = 0
    shipping_method: ShippingMethod = "standard"
    address_id: str = ""
    address: Address | None = None
    payment_method_id: str = ""
    payment_type: TenderKind | None = None
    payment_brand: str = ""
    payment_last_four: str = ""
    gift_cards: tuple[QuotedGift, ...] = ()
    """They pay first; `payment_method_id` pays the rest, and is empty if none is."""
    order_id: str = ""
    order_number: str = ""
    reason: str = ""


# What a customer agrees to; by these two quotes of one purchase differ.
_SHOWN: dict[str, tuple[str, ...]] = {
    "cart": ("cart_version", "lines"),
    "price": ("sums", "coupons", "total"),
    "address": ("address_id", "address"),
    "payment": (
        "payment_method_id",
        "payment_brand",
        "payment_last_four",
        "gift_cards",
    ),
}


def check_same(agreed: Quote, now: Quote) -> None:
    """Raise QuoteVoid, naming what changed, unless `now` shows what was agreed to."""
    changed = [
        name
        for name, fields in _SHOWN.items()
        if any(getattr(agreed, each) != getattr(now, each) for each in fields)
    ]
    if changed:
        raise QuoteVoid(
            f"since it was quoted there is another {', '.join(changed)}",
            changed=changed,
        )


def check_lives(quote: Quote, now: datetime) -> None:
    """Raise QuoteExpired if its five minutes are over."""
    if now >= quote.expires_at:
        raise QuoteExpired(f"quote {quote.id} has lapsed", quote_id=quote.id)


def quote_id(effect: str, at: datetime) -> str:
    """Return the name of the quote that the effect of this name makes `at` a time.

    Without the time a conversation that takes the name of a deleted one would quote
    under its names, and buy nothing: that order is there.
    """
    return f"q_{_digest(f'{effect} {at.isoformat()}')}"


def order_id(quote: Quote) -> str:
    """Return the id of the order that a purchase quote becomes: always the same."""
    return f"ord_{_digest(quote.id)}"


def return_id(quote: Quote) -> str:
    """Return the id of the return that a return quote becomes: always the same."""
    tail = blake2b(quote.id.encode(), digest_size=4).hexdigest()
    return f"ret_{quote.order_id.removeprefix('ord_')}_{tail}"


def return_lines(quote: Quote) -> tuple[ReturnLine, ...]:
    """Return the units that a return quote is about."""
    return tuple(ReturnLine(each.id, each.quantity) for each in quote.lines)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()
