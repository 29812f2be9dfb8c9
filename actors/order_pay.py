"""How an order gets its money, and lets go of it where it must.

Each call to the provider carries a key made from the order's id, so that repeating one
moves no money twice. The intent is saved before the first call; after trouble the
payment is looked up by its key, and what a lost answer would have said is known then.
Nothing is saved in between: whoever resumes finds the truth at the provider.
"""

from msgspec.structs import asdict, replace

from actors.order_outside import Outside
from commerce.checkout import (
    DEAD,
    WAITING,
    Ended,
    Journal,
    NextStep,
    told,
)
from commerce.errors import IllegalTransition, PaymentRefused
from commerce.instrument import unusable
from commerce.payment import Means, PaymentStatus, Tender, captured, plan, refunded
from commerce.refund import carried, given_up
from gateway.errors import Declined, GatewayTimeout
from gateway.payment import Charge, Decline, Payment
from gateway.port import Gateway
from messages.base import Unavailable
from messages.order import GiftCardUsed, Pay

OPEN: frozenset[PaymentStatus] = WAITING | {"created"}
"""Nobody has said yes or no to this tender."""

PAYMENT_EXPIRED = Ended(
    code="payment_expired",
    message="The payment was not approved in time.",
    status=402,
    details={
        "reason": "payment_expired",
        "decline_code": "payment_expired",
        "retryable": True,
    },
)


def journal_key(state: Journal, number: int, call: str) -> str:
    """Return the key of one call for one tender; always the same one."""
    return f"{state.id}/{number}/{call}"


async def tenders(outside: Outside, total: int, pay: Pay) -> tuple[Tender, ...]:
    """Return how `total` is split over the means of `pay`. Nothing is charged.

    Raises PaymentMethodRequired, TooManyGiftCards, UnknownInstrument, Unavailable.
    """
    cards = []
    for each in _gift_cards(pay):
        balance = await outside.gateway.balance(each.token)
        if balance.refusal:
            raise unusable(balance.refusal, each.last_four)
        there = balance.available
        cards.append(Means(each.token, "gift_card", there, "gift_card", each.last_four))
    primary = (
        Means(pay.token, pay.kind, 0, pay.brand, pay.last_four)
        if pay.token and pay.kind != "gift_card"
        else None
    )
    return plan(total, cards, primary)


def _gift_cards(pay: Pay) -> tuple[GiftCardUsed, ...]:
    """Return the gift cards of `pay`: one that is saved and chosen is one more."""
    if pay.kind != "gift_card" or not pay.token:
        return pay.gift_cards
    return (*pay.gift_cards, GiftCardUsed(pay.token, pay.last_four))


async def authorise_all(
    outside: Outside, state: Journal, *, again: bool, late: bool
) -> Journal:
    """Return `state` knowing what each tender came to, up to the first that is dead.

    `again`: something may have been charged before, so it is looked up first. `late`:
    nobody waits for it any more, so what the provider does not know of stays `created`.
    Raises Unavailable where that stays unknown.
    """
    for number, tender in enumerate(state.tenders):
        if tender.status not in OPEN:
            continue
        state = await _authorise(outside, state, number, again=again, late=late)
        if state.tenders[number].status in DEAD:
            break
    return state


async def _authorise(
    outside: Outside, state: Journal, number: int, *, again: bool, late: bool
) -> Journal:
    gateway, key = outside.gateway, journal_key(state, number, "authorise")
    charge = _charge(outside, state, number)
    try:
        if again and (found := await _decided(gateway, key)) is not None:
            return _known(state, number, found)
        if late:
            return state
        payment = await gateway.authorise(key, charge)
    except Declined as no:
        payment = no.payment
    except GatewayTimeout:
        # Perhaps it was charged. Only its key can tell; repeating it charges once.
        found = await _decided(gateway, key)
        payment = found or await _repeated(gateway, key, charge)
    return _known(state, number, payment)


async def _decided(gateway: Gateway, key: str) -> Payment | None:
    """Return what a charge came to; None: the bank was not asked, or still decides.

    Either way asking it under the same key brings its answer.
    """
    found = await gateway.look_up(key)
    return None if found is None or found.state == "created" else found


async def _repeated(gateway: Gateway, key: str, charge: Charge) -> Payment:
    try:
        return await gateway.authorise(key, charge)
    except Declined as no:
        return no.payment


async def capture_all(outside: Outside, state: Journal) -> Journal:
    """Return `state` with every tender captured, or one that failed: the pivot.

    The bank is asked before gift cards are spent: only it may still say no. Raises
    Unavailable where the outcome is unknown.
    """
    for number in reversed(range(len(state.tenders))):
        tender = state.tenders[number]
        if tender.captured:
            continue
        if tender.status != "authorized":
            raise Unavailable(f"tender {number} is {tender.status}, not authorized")
        key = journal_key(state, number, "capture")
        try:
            payment = await _captured(outside.gateway, key, tender)
        except Declined as no:
            return _known(state, number, no.payment)
        state = _known(state, number, payment)
    return state


async def _captured(gateway: Gateway, key: str, tender: Tender) -> Payment:
    try:
        return await gateway.capture(key, tender.payment_id, tender.amount)
    except GatewayTimeout:
        return await gateway.capture(key, tender.payment_id, tender.amount)


async def let_go(outside: Outside, state: Journal, cause: str) -> Journal:
    """Return `state` holding no money: what waits is voided, what came is owed back.

    What is owed is sent by `order_refund`. UPI that cannot be stopped stays
    `processing`: its money, if it comes, is refunded then. Raises Unavailable.
    """
    for number, tender in enumerate(state.tenders):
        if tender.status in DEAD:
            continue
        state = await _let_go(outside, state, number)
    left = captured(state.tenders) - refunded(state.tenders) - given_up(state)
    if left:
        known, _ = carried(state, left, _fresh(state, cause), state.updated_at)
        assert isinstance(known, Journal)
        state = known
    return state


async def _let_go(outside: Outside, state: Journal, number: int) -> Journal:
    gateway, tender = outside.gateway, state.tenders[number]
    if tender.captured:
        return state
    found = await gateway.look_up(journal_key(state, number, "authorise"))
    if found is None:
        # The request never arrived: nothing was taken.
        return _dead(state, number)
    state = _known(state, number, found)
    if found.state in DEAD or found.captured:
        return state
    try:
        key = journal_key(state, number, "void")
        return _known(state, number, await gateway.void(key, found.id))
    except IllegalTransition:
        # It was captured meanwhile, so it is refunded.
        return _known(state, number, await gateway.payment(found.id))


def number_of(state: Journal, payment: Payment) -> int | None:
    """Return which tender `payment` is of; None: it is none of this order's."""
    for number in range(len(state.tenders)):
        if payment.key == journal_key(state, number, "authorise"):
            return number
    return None


def refusal(state: Journal) -> Ended | None:
    """Return why the money does not come, if one tender is dead."""
    if not any(each.status in DEAD for each in state.tenders):
        return None
    return state.refusal or PAYMENT_EXPIRED


def learned(state: Journal, number: int, payment: Payment) -> Journal:
    """Return `state` knowing what the provider says of one tender."""
    return _known(state, number, payment)


def _known(state: Journal, number: int, payment: Payment) -> Journal:
    decline = payment.decline
    code = decline.shown_code if decline is not None else ""
    state = told(
        state,
        number,
        payment.state,
        payment_id=payment.id,
        captured=payment.captured,
        decline=code,
    )
    asked = payment.next_action if payment.state in WAITING else None
    # Of a cancelled order nobody is asked to pay, though UPI may not be stoppable.
    if asked is not None and state.status == "pending":
        action = NextStep(**asdict(asked))
        return replace(state, next_action=action)
    if decline is not None and payment.state in DEAD:
        return replace(state, refusal=_declined(decline))
    return state


def _declined(decline: Decline) -> Ended:
    return Ended(
        code=PaymentRefused.code,
        message=decline.text,
        status=402,
        details={
            "reason": decline.code,
            "decline_code": decline.shown_code,
            "retryable": decline.retryable,
        },
    )


def _dead(state: Journal, number: int) -> Journal:
    tender = state.tenders[number]
    return told(state, number, "voided", payment_id=tender.payment_id, captured=0)


def _charge(outside: Outside, state: Journal, number: int) -> Charge:
    tender = state.tenders[number]
    return Charge(
        amount=tender.amount,
        currency=outside.tariff.currency,
        token=tender.id,
        order_id=state.id,
        user_id=state.user_id,
        return_url=outside.return_url,
        expires_at=state.expires_at,
        # Of several tenders none is taken before all of them are set aside.
        capture=len(state.tenders) == 1,
    )


def _fresh(state: Journal, cause: str) -> str:
    """Return a name for a refund that no other has; money can come back twice."""
    causes = {each.reason for each in state.refunds.values()}
    times = sum(each == cause or each.startswith(f"{cause}~") for each in causes)
    return f"{cause}~{times}" if times else cause
