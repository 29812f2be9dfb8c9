"""Paying: what each tender may become, how a total is split over tenders and refunded.

RULES.md section 9. A time-out is no state of a payment but of our knowledge: it is
looked up by its key, never charged again blindly.

    created --> requires_action --> authorized --> captured --> partially_refunded
       |  |           |                | |             |               |
       |  +-> processing (UPI) --------|-|-> captured  +--> refunded <-+
       |              |                | +-> capture_failed
       +-> failed <---+-> expired      +---> voided

    refund: pending --> succeeded --> failed (the bank changed its mind)
               +-----------------------^
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from commerce.errors import Refused
from commerce.money import major, split
from commerce.transition import Machine, check

TenderKind = Literal["card", "upi", "gift_card"]
PaymentStatus = Literal[
    "none", "created", "requires_action", "processing", "authorized", "captured",
    "partially_refunded", "refunded", "failed", "expired", "voided", "capture_failed",
]  # fmt: skip
RefundStatus = Literal["pending", "succeeded", "failed"]

MAX_GIFT_CARDS = 2

PAYMENT: Machine[PaymentStatus] = {
    "none": (),
    "created": ("requires_action", "processing", "authorized", "failed"),
    "requires_action": ("authorized", "failed", "expired"),
    "processing": ("captured", "failed", "expired"),
    "authorized": ("captured", "voided", "capture_failed"),
    "captured": ("partially_refunded", "refunded"),
    # A refund that fails later puts the money back: the way leads back, too.
    "partially_refunded": ("partially_refunded", "refunded", "captured"),
    "refunded": ("partially_refunded", "captured"),
    "failed": (),
    "expired": (),
    "voided": (),
    "capture_failed": (),
}
REFUND: Machine[RefundStatus] = {
    "pending": ("succeeded", "failed"),
    "succeeded": ("failed",),
    "failed": (),
}
# What the whole is if one tender is this: the first that any of them is.
_WORST_FIRST: tuple[PaymentStatus, ...] = (
    "failed", "expired", "capture_failed", "voided", "created", "requires_action",
    "processing", "authorized",
)  # fmt: skip


class PaymentMethodRequired(Refused):
    """The gift cards do not cover it and no other way to pay was named."""

    code = "payment_method_required"


class TooManyGiftCards(Refused):
    """More gift cards than one order takes, or one of them twice."""

    code = "too_many_gift_cards"


class RefundTooHigh(Refused):
    """More than was captured and not given back yet."""

    code = "refund_too_high"


class Tender(Struct, frozen=True, kw_only=True):
    """One part of a payment; `id` is the payment method's or the gift card's token.

    `refunded` counts what is on its way back, too. No full number, ever.
    """

    id: str
    kind: TenderKind
    amount: int
    brand: str = ""
    last_four: str = ""
    payment_id: str = ""
    status: PaymentStatus = "created"
    captured: int = 0
    refunded: int = 0
    decline: str = ""


class Refund(Struct, frozen=True, kw_only=True):
    """Money on its way back to one tender, by number; `reason` is its cause's id.

    One that failed is tried again as another one, with a higher `attempt` and the time
    before which it is not sent.
    """

    id: str
    tender: int
    amount: int
    status: RefundStatus = "pending"
    reason: str = ""
    attempt: int = 1
    due: datetime | None = None


class Means(Struct, frozen=True):
    """A way to pay that was chosen; `balance` is what a gift card is good for."""

    id: str
    kind: TenderKind
    balance: int = 0
    brand: str = ""
    last_four: str = ""


def plan(
    total: int, gift_cards: Sequence[Means], primary: Means | None
) -> tuple[Tender, ...]:
    """Return how `total` is paid: gift cards in their order, then `primary` the rest.

    What is not needed is left out; nothing pays nothing. Raises TooManyGiftCards,
    PaymentMethodRequired.
    """
    ids = {each.id for each in gift_cards}
    if len(gift_cards) > MAX_GIFT_CARDS or len(ids) < len(gift_cards):
        raise TooManyGiftCards(
            f"at most {MAX_GIFT_CARDS} different gift cards", limit=MAX_GIFT_CARDS
        )
    tenders = []
    for each in gift_cards:
        if taken := min(total, each.balance):
            tenders.append(_tender(each, taken))
            total -= taken
    if not total:
        return tuple(tenders)
    if primary is None:
        raise PaymentMethodRequired(
            f"{major(total)} are not covered", missing=major(total)
        )
    return (*tenders, _tender(primary, total))


def moved(tender: Tender, to: PaymentStatus) -> Tender:
    """Return `tender` as `to`; a captured one has its whole amount.

    As what it is already it stays as it is. Raises IllegalTransition.
    """
    if to == tender.status:
        return tender
    check(f"the payment by {tender.kind}", PAYMENT, tender.status, to)
    captured = tender.amount if to == "captured" else tender.captured
    return replace(tender, status=to, captured=captured)


def captured(tenders: Sequence[Tender]) -> int:
    """Return how much was taken in all."""
    return sum(each.captured for each in tenders)


def refunded(tenders: Sequence[Tender]) -> int:
    """Return how much was given back, or is on its way back."""
    return sum(each.refunded for each in tenders)


def status(tenders: Sequence[Tender]) -> PaymentStatus:
    """Return what the whole payment is, from its tenders."""
    if not tenders:
        return "none"
    for each in _WORST_FIRST:
        if any(tender.status == each for tender in tenders):
            return each
    return _refund_status(captured(tenders), refunded(tenders))


def refund_shares(tenders: Sequence[Tender], amount: int) -> tuple[int, ...]:
    """Return how `amount` goes back to each tender, in proportion to what it has left.

    Largest remainder: no cent is lost and no tender gets more than it gave. Raises
    RefundTooHigh.
    """
    left = [each.captured - each.refunded for each in tenders]
    if not 0 <= amount <= sum(left):
        raise RefundTooHigh(
            f"{major(amount)} cannot be refunded, {major(sum(left))} are left",
            amount=major(amount),
            left=major(sum(left)),
        )
    return split(amount, left)


def refunding(
    tenders: Sequence[Tender], amount: int, *, refund_id: str, reason: str
) -> tuple[tuple[Tender, ...], tuple[Refund, ...]]:
    """Return the tenders with `amount` on its way back, and the refunds that carry it.

    Their ids are made from `refund_id`, so that a repeat asks for the same ones.
    Raises RefundTooHigh.
    """
    shares = refund_shares(tenders, amount)
    refunds = tuple(
        Refund(id=f"{refund_id}/{number}", tender=number, amount=share, reason=reason)
        for number, share in enumerate(shares)
        if share
    )
    given = [
        _with_refunded(each, each.refunded + share) if share else each
        for each, share in zip(tenders, shares, strict=True)
    ]
    return tuple(given), refunds


def refund_moved(
    tenders: Sequence[Tender], refund: Refund, to: RefundStatus
) -> tuple[tuple[Tender, ...], Refund]:
    """Return `refund` as `to`; one that failed puts its money back to its tender.

    As what it is already it stays as it is. Raises IllegalTransition.
    """
    if to == refund.status:
        return tuple(tenders), refund
    check("the refund", REFUND, refund.status, to)
    if to == "failed":
        tenders = [
            _with_refunded(each, each.refunded - refund.amount)
            if number == refund.tender
            else each
            for number, each in enumerate(tenders)
        ]
    return tuple(tenders), replace(refund, status=to)


def refunding_again(
    tenders: Sequence[Tender], failed: Refund, due: datetime
) -> tuple[tuple[Tender, ...], Refund]:
    """Return the money of `failed` on its way once more, from `due` on.

    Under a name of its own, so that the provider knows it for another one.
    """
    fresh = Refund(
        id=f"{failed.id.partition('+')[0]}+{failed.attempt}",
        tender=failed.tender,
        amount=failed.amount,
        reason=failed.reason,
        attempt=failed.attempt + 1,
        due=due,
    )
    given = [
        _with_refunded(each, each.refunded + failed.amount)
        if number == failed.tender
        else each
        for number, each in enumerate(tenders)
    ]
    return tuple(given), fresh


def _with_refunded(tender: Tender, amount: int) -> Tender:
    return replace(
        moved(tender, _refund_status(tender.captured, amount)), refunded=amount
    )


def _refund_status(taken: int, given: int) -> PaymentStatus:
    if not given:
        return "captured"
    return "refunded" if given >= taken else "partially_refunded"


def _tender(means: Means, amount: int) -> Tender:
    return Tender(
        id=means.id,
        kind=means.kind,
        amount=amount,
        brand=means.brand,
        last_four=means.last_four,
    )
