"""What an order's actor must remember besides the order: its journal.

RULES.md section 6. The journal is the order, and what a restart needs to go on. How the
order itself moves stands in `commerce/order_status.py`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from commerce.errors import Conflict
from commerce.instrument import shown_decline
from commerce.order import Order, OrderLine
from commerce.order_status import By, cancel, moved_on
from commerce.payment import PaymentStatus, Tender
from commerce.refund import given_up

HOLD_FOR = timedelta(seconds=900)
"""So long a checkout holds what it is about, and a customer has to approve."""

SESSION_STAYS = timedelta(hours=24)
"""A checkout session that ended is removed so long after it."""

WAITING: frozenset[PaymentStatus] = frozenset({"requires_action", "processing"})
"""The customer has to act; the shop can only wait."""

DEAD: frozenset[PaymentStatus] = frozenset(
    {"failed", "expired", "voided", "capture_failed"}
)
"""This tender will not pay any more."""


class CheckoutInProgress(Conflict):
    """An order of this cart is being paid: the cart stays as it is until then."""

    code = "checkout_in_progress"


class CheckoutEnded(Conflict):
    """The checkout session is over: it lapsed, was closed, or its cart changed."""

    code = "checkout_ended"


class Ended(Struct, frozen=True, kw_only=True):
    """Why an order was not made: a refusal that can be told again.

    `status` is the HTTP family it belongs to: 400, 402 or 409.
    """

    code: str
    message: str
    status: int = 400
    details: Mapping[str, Any] = field(default_factory=dict)


class NextStep(Struct, frozen=True, kw_only=True):
    """What the customer has to do before the money moves."""

    type: str
    url: str = ""
    qr: str = ""
    return_url: str = ""
    expires_at: datetime


class Journal(Order, frozen=True, kw_only=True):
    """An order with its saga's notes.

    `number` is what people read, `refusal` why it was not made. `sent` names the
    provider's refund by ours. A session that ended is gone at `gone_at`. `returning`
    are the states of its returns, for those who list them; `tries` counts how often
    the saga had to go on after trouble. `asked` stands for the request that placed it,
    where that came without a key. `attention` says why a person must look, and
    `paid_by_hand` counts the cents that such a person gave back another way.
    """

    number: str = ""
    refusal: Ended | None = None
    next_action: NextStep | None = None
    sent: Mapping[str, str] = field(default_factory=dict)
    returning: tuple[str, ...] = ()
    gone_at: datetime | None = None
    tries: int = 0
    shown_total: int | None = None
    asked: str = ""
    attention: str = ""
    paid_by_hand: int = 0


def journal(order: Order) -> Journal:
    """Return `order` as the journal that it is: the rules keep what they are given."""
    assert isinstance(order, Journal)
    return order


def needs_hand(order: Journal) -> bool:
    """Tell whether money is owed that no bank takes back."""
    return given_up(order) > order.paid_by_hand


def paid_back(order: Journal, now: datetime) -> Journal:
    """Return `order` knowing that what no bank took was given back another way.

    Where nothing is owed so, and a second time, nothing changes.
    """
    if not needs_hand(order):
        return order
    return replace(
        order,
        attention="",
        paid_by_hand=given_up(order),
        version=order.version + 1,
        updated_at=now,
    )


def is_parked(order: Journal) -> bool:
    """Tell whether the customer has to act before the saga can go on."""
    return order.phase == "paying" and any(
        each.status in WAITING for each in order.tenders
    )


def is_unfinished(order: Journal) -> bool:
    """Tell whether the saga has something to do now, whoever waits."""
    return order.phase in {"opened", "paying", "undoing"} or bool(unsent(order))


def unsent(order: Journal) -> tuple[str, ...]:
    """Return the refunds that the provider does not know of yet, by id."""
    return tuple(
        key
        for key, each in order.refunds.items()
        if each.status == "pending" and key not in order.sent
    )


def next_refund(order: Journal) -> datetime | None:
    """Return when the next refund that waits is to be sent, if any waits."""
    waiting = (order.refunds[key].due for key in unsent(order))
    return min((each for each in waiting if each is not None), default=None)


def undone_from(
    order: Journal, at: datetime, *, by: By, reason: str, refusal: Ended | None = None
) -> Journal:
    """Return `order` cancelled, with everything that it holds to be given back.

    Behind the pivot there is no phase to undo: money is refunded then.
    Raises IllegalTransition.
    """
    order = journal(cancel(order, at, by=by, reason=reason))
    if order.phase != "confirmed":
        order = journal(moved_on(order, "undoing", at))
    gone_at = at + SESSION_STAYS if order.placed_at is None else None
    return replace(
        order, refusal=refusal, next_action=None, expires_at=None, gone_at=gone_at
    )


def told(
    order: Journal,
    number: int,
    status: PaymentStatus,
    *,
    payment_id: str,
    captured: int,
    decline: str = "",
) -> Journal:
    """Return `order` knowing what the provider says of one tender.

    Its ledger is the truth about money, so no transition is checked here. What was
    refunded since is known better here.
    """
    tender = order.tenders[number]
    if tender.refunded and captured == tender.captured:
        status = tender.status
    fresh = replace(
        tender,
        status=status,
        payment_id=payment_id,
        captured=captured,
        decline=shown_decline(decline) if decline else "",
    )
    return with_tender(order, number, fresh)


def with_tender(order: Journal, number: int, tender: Tender) -> Journal:
    """Return `order` with `tender` as the one of this number."""
    tenders = list(order.tenders)
    if tenders[number] == tender:
        return order
    tenders[number] = tender
    return replace(order, tenders=tuple(tenders))


def placed_lines(
    lines: tuple[OrderLine, ...], places: Mapping[str, Mapping[str, int]]
) -> tuple[OrderLine, ...]:
    """Return `lines` knowing which warehouse sends how many, by sku."""
    return tuple(
        replace(each, places=dict(places.get(each.sku, each.places))) for each in lines
    )
