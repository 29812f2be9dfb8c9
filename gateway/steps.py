"""What a call does to a payment: checked first, then done on its page. Pure.

A gift card's step is only opened here: it is done once the gift card itself has paid.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from commerce.money import major
from commerce.payment import PaymentStatus, RefundTooHigh
from gateway.cards import declined
from gateway.entry import Entry, Step, Timer, armed, moved, turned
from gateway.errors import AmountTooLarge, IllegalPaymentStep, InvalidAmount
from gateway.payment import Decline, Payment, Refund

# How long the bank takes for what it reports afterwards.
SETTLES_AFTER = timedelta(seconds=5)


def check_amount(amount: int) -> None:
    """Raise InvalidAmount unless `amount` is at least one cent."""
    if amount < 1:
        raise InvalidAmount(f"{amount} is no amount to move", minimum=1)


def taken(entry: Entry, step: Step, now: datetime) -> Entry:
    """Return `entry` after a new call. Raises what its method in `Gateway` does."""
    moves_money = _check(entry, step)
    fresh = turned(entry, steps=(*entry.steps, step))
    if not moves_money:
        return fresh
    if entry.payment.instrument.type == "gift_card":
        return opened(fresh, step, now)
    return effect(fresh, step, now)


def opened(entry: Entry, step: Step, now: datetime) -> Entry:
    """Return `entry` with `step` waiting for the gift card."""
    # Whoever opens a step finishes it at once; the timer is for who crashed.
    return turned(entry, open=step, again_at=now + timedelta(seconds=10), tries=0)


def closed(entry: Entry, step: Step, now: datetime, refusal: Decline | None) -> Entry:
    """Return `entry` after the gift card did `step`, or refused it."""
    fresh = turned(entry, open=None)
    if refusal is not None:
        return moved(fresh, "failed", now, decline=refusal)
    return effect(fresh, step, now)


def effect(entry: Entry, step: Step, now: datetime) -> Entry:
    """Return `entry` after the money of `step` moved."""
    match step.name:
        case "authorise":
            return moved(entry, "authorized", now)
        case "capture":
            return captured(entry, step.amount, now)
        case "void":
            return _voided(entry, now)
        case "refund":
            return _refunded(entry, step, now)


def with_refund(payment: Payment, refund: Refund) -> Payment:
    """Return `payment` with `refund` as it is now, its sums and state anew."""
    others = {each.id: each for each in payment.refunds} | {refund.id: refund}
    refunds = tuple(others.values())
    refunded = sum(each.amount for each in refunds if each.status != "failed")
    return replace(
        payment,
        refunds=refunds,
        refunded=refunded,
        state=_state_of(payment.captured, refunded),
    )


def _check(entry: Entry, step: Step) -> bool:
    """Raise if the call is not possible; False if there is nothing to move."""
    payment = entry.payment
    match step.name:
        case "capture":
            check_amount(step.amount)
            if payment.state == "captured" and payment.captured == step.amount:
                return False
            if payment.state != "authorized":
                raise IllegalPaymentStep(payment.state, "captured")
            if step.amount > payment.amount:
                raise AmountTooLarge(
                    f"{step.amount} asked, {payment.amount} set aside",
                    asked=step.amount,
                    left=payment.amount,
                )
        case "void":
            if payment.captured:
                raise IllegalPaymentStep(payment.state, "voided")
            return payment.state in _VOIDED_TO
        case "refund":
            check_amount(step.amount)
            if not payment.captured:
                raise IllegalPaymentStep(payment.state, "refunded")
            if step.amount > payment.left:
                raise RefundTooHigh(
                    f"{major(step.amount)} asked, {major(payment.left)} left",
                    amount=major(step.amount),
                    left=major(payment.left),
                )
    return True


_VOIDED_TO: dict[PaymentStatus, PaymentStatus] = {
    "created": "failed",
    "requires_action": "expired",
    "processing": "expired",
    "authorized": "voided",
}
"""Where letting go leads; all other states hold no money, or captured some."""


def captured(entry: Entry, amount: int, now: datetime) -> Entry:
    """Return `entry` after the bank was asked for what is set aside."""
    if entry.case.outcome == "authorized_capture_fails":
        no = declined(entry.case.code, retryable=True)
        return moved(entry, "capture_failed", now, decline=no)
    fresh = moved(entry, "captured", now, captured=amount)
    if entry.case.later == "dispute_opened":
        return armed(fresh, Timer(at=now + SETTLES_AFTER, what="disputed"))
    return fresh


def _voided(entry: Entry, now: datetime) -> Entry:
    to = _VOIDED_TO[entry.payment.state]
    if to == "expired" and entry.case.outcome == "succeeded_after_expiry":
        # The customer has approved it in the app: nobody can stop the money now.
        return entry
    if to == "failed":
        no = declined("payment_cancelled")
        return moved(entry, to, now, decline=no)
    return moved(entry, to, now)


def _refunded(entry: Entry, step: Step, now: datetime) -> Entry:
    behaviour = entry.case.refund
    refund = Refund(
        id=f"re_{entry.id.removeprefix('pay_')}_{len(entry.payment.refunds) + 1}",
        key=step.key,
        payment_id=entry.id,
        amount=step.amount,
        status="pending" if behaviour == "pending_then_succeeded" else "succeeded",
        created_at=now,
    )
    payment = replace(with_refund(entry.payment, refund), updated_at=now)
    fresh = turned(entry, payment=payment)
    later = now + SETTLES_AFTER
    if behaviour == "pending_then_succeeded":
        timer = Timer(at=later, what="refund_succeeded", refund_id=refund.id)
        return armed(fresh, timer)
    if behaviour == "succeeded_then_failed_async":
        return armed(fresh, Timer(at=later, what="refund_failed", refund_id=refund.id))
    return fresh


def _state_of(captured: int, refunded: int) -> PaymentStatus:
    if refunded == 0:
        return "captured"
    return "refunded" if refunded == captured else "partially_refunded"
