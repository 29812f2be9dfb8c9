"""How a payment begins: what each instrument answers when it is charged. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway import cards, upi
from gateway.case import Case, expiry
from gateway.entry import Entry, Step, Timer, armed, moved
from gateway.instrument import Instrument
from gateway.payment import Charge, Decline, NextAction, Payment
from gateway.steps import captured, opened

# How long a customer has to approve, where the shop does not say.
ACTION_WITHIN = timedelta(seconds=900)
# How long after its expiry the money of `late@mock` comes.
LATE_BY = timedelta(seconds=5)


def authorise_step(key: str, charge: Charge) -> Step:
    """Return the call; repeating it may change only what moves no money."""
    about = (charge.currency, charge.token, charge.order_id, charge.user_id)
    return Step(key=key, name="authorise", amount=charge.amount, about="\n".join(about))


def blank(
    payment_id: str, key: str, charge: Charge, case: Case, now: datetime
) -> Entry:
    """Return the page of a payment that is `created`."""
    year, month = expiry(charge.token) or (None, None)
    payment = Payment(
        id=payment_id,
        key=key,
        order_id=charge.order_id,
        user_id=charge.user_id,
        amount=charge.amount,
        currency=charge.currency,
        state="created",
        instrument=Instrument(
            token=charge.token,
            type=case.type,
            brand=case.brand,
            last_four=case.last_four,
            exp_month=month,
            exp_year=year,
        ),
        expires_at=charge.expires_at or now + ACTION_WITHIN,
        created_at=now,
        updated_at=now,
    )
    step = authorise_step(key, charge)
    return Entry(id=payment_id, payment=payment, case=case, steps=(step,))


def begun(entry: Entry, charge: Charge, payee: str, now: datetime) -> Entry:
    """Return `entry` after its instrument was asked."""
    match entry.payment.instrument.type:
        case "card":
            return _card(entry, charge, now)
        case "upi":
            return _upi(entry, charge, payee, now)
        case "gift_card":
            return opened(entry, entry.steps[0], now)


def refused(entry: Entry, now: datetime) -> Entry:
    """Return `entry` declined without a cause, as a set rate of them is."""
    no = cards.declined("card_declined", retryable=True)
    return moved(entry, "failed", now, decline=no)


def _card(entry: Entry, charge: Charge, now: datetime) -> Entry:
    case = entry.case
    ends = expiry(charge.token)
    if ends is not None and ends < (now.year, now.month):
        return moved(entry, "failed", now, decline=cards.declined("expired_card"))
    match case.outcome:
        case "failed":
            return moved(entry, "failed", now, decline=cards.declined_by(case))
        case "requires_action":
            until = entry.payment.expires_at
            action = NextAction(
                type="redirect",
                url=f"/mock-bank/3ds/{entry.id}",
                return_url=charge.return_url,
                expires_at=until,
            )
            waiting = moved(entry, "requires_action", now, next_action=action)
            return armed(waiting, Timer(at=until, what="expired"))
        case _ if case.delay_ms:
            answer_at = now + timedelta(milliseconds=case.delay_ms)
            return armed(entry, Timer(at=answer_at, what="authorized"))
        case _:
            authorised = moved(entry, "authorized", now)
            at_once = charge.capture and case.outcome != "authorized_capture_fails"
            return captured(authorised, charge.amount, now) if at_once else authorised


def _upi(entry: Entry, charge: Charge, payee: str, now: datetime) -> Entry:
    case, until = entry.case, entry.payment.expires_at
    no = upi.declined(case.code, retryable=case.retryable)
    if case.outcome == "failed" and not case.delay_ms:
        return moved(entry, "failed", now, decline=no)
    action = upi.next_action(charge, entry.id, payee, until)
    asked = moved(entry, "processing", now, next_action=action)
    if case.outcome == "succeeded":
        return moved(asked, "captured", now, captured=charge.amount)
    for timer in _upi_timers(entry, no, now):
        asked = armed(asked, timer)
    return asked


def _upi_timers(entry: Entry, no: Decline, now: datetime) -> Iterator[Timer]:
    """Give what is going to happen; the first ends the others."""
    until = entry.payment.expires_at
    soon = now + timedelta(milliseconds=entry.case.delay_ms)
    match entry.case.outcome:
        case "pending_then_succeeded":
            yield Timer(at=soon, what="captured")
        case "failed":
            yield Timer(at=soon, what="failed", decline=no)
        case "expired":
            yield Timer(at=soon, what="expired", decline=no)
        case "succeeded_after_expiry":
            yield Timer(at=until + LATE_BY, what="captured")
            return
    yield Timer(at=until, what="expired")
