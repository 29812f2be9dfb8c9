"""What happens to a payment without a call: time passes, the customer acts. Pure."""

from datetime import datetime

from msgspec.structs import replace

from commerce.payment import PaymentStatus
from gateway import cards, upi
from gateway.entry import Entry, Timer, announced, moved, turned
from gateway.errors import IllegalPaymentStep
from gateway.payment import EventKind, Simulated
from gateway.steps import with_refund

_LEADS_TO: dict[Simulated, PaymentStatus] = {
    "authenticated": "authorized",
    "failed": "failed",
    "succeeded": "captured",
    "expired": "expired",
}
_POSSIBLE: dict[PaymentStatus, frozenset[Simulated]] = {
    "requires_action": frozenset({"authenticated", "failed", "expired"}),
    "processing": frozenset({"succeeded", "failed", "expired"}),
}


def passed(entry: Entry, now: datetime) -> Entry:
    """Return `entry` after all that was to happen by `now`, in order."""
    while entry.timers:
        timer = min(entry.timers, key=lambda each: each.at)
        if timer.at > now:
            break
        rest = tuple(each for each in entry.timers if each is not timer)
        entry = _happened(turned(entry, timers=rest), timer)
    return entry


def answered(
    entry: Entry, event: Simulated, now: datetime, *, at_the_bank: bool = False
) -> Entry:
    """Return `entry` after the customer or the bank did `event`; twice is once.

    `at_the_bank` lets happen only what the bank's page can. Raises IllegalPaymentStep.
    """
    if entry.answered == event:
        return entry
    state = entry.payment.state
    if at_the_bank and state == "processing":
        raise IllegalPaymentStep(state, _LEADS_TO[event])
    if event not in _POSSIBLE.get(state, frozenset()):
        raise IllegalPaymentStep(state, _LEADS_TO[event])
    fresh = turned(entry, answered=event)
    match event:
        case "authenticated" if entry.case.then == "failed":
            no = cards.declined_by(entry.case)
            fresh = moved(fresh, "failed", now, decline=no)
        case "authenticated":
            fresh = moved(fresh, "authorized", now)
        case "succeeded":
            fresh = moved(fresh, "captured", now, captured=entry.payment.amount)
        case "expired":
            fresh = moved(fresh, "expired", now)
        case "failed" if state == "requires_action":
            no = cards.declined("authentication_failed", retryable=True)
            fresh = moved(fresh, "failed", now, decline=no)
        case "failed":
            no = upi.declined("payment_declined")
            fresh = moved(fresh, "failed", now, decline=no)
    return _told_of_state(fresh, now)


def _happened(entry: Entry, timer: Timer) -> Entry:
    match timer.what:
        case "captured":
            fresh = moved(entry, "captured", timer.at, captured=entry.payment.amount)
            return _told_of_state(fresh, timer.at)
        case "authorized" | "failed" | "expired":
            fresh = moved(entry, timer.what, timer.at, decline=timer.decline)
            return _told_of_state(fresh, timer.at)
        case "refund_succeeded" | "refund_failed":
            return _settled_refund(entry, timer)
        case "disputed":
            disputed = replace(entry.payment, disputed=True, updated_at=timer.at)
            fresh = turned(entry, payment=disputed)
            return announced(fresh, "dispute.opened", timer.at)


def _settled_refund(entry: Entry, timer: Timer) -> Entry:
    before = next(r for r in entry.payment.refunds if r.id == timer.refund_id)
    succeeded = timer.what == "refund_succeeded"
    after = replace(before, status="succeeded" if succeeded else "failed")
    payment = with_refund(replace(entry.payment, updated_at=timer.at), after)
    kind: EventKind = "refund.succeeded" if succeeded else "refund.failed"
    return announced(turned(entry, payment=payment), kind, timer.at, after.id)


def _told_of_state(entry: Entry, now: datetime) -> Entry:
    match entry.payment.state:
        case "authorized":
            return announced(entry, "payment.authorized", now)
        case "captured":
            return announced(entry, "payment.captured", now)
        case "failed":
            return announced(entry, "payment.failed", now)
        case "expired":
            return announced(entry, "payment.expired", now)
        case state:
            raise AssertionError(f"{state} is nothing to tell")
