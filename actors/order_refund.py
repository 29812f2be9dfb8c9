"""How an order gives money back: sent under a key of its own, heard of, tried again.

A refund may fail long after the provider took it. Whoever learns of that first, an
event of the provider or a call that is repeated after a lost answer, owes it again.
"""

from datetime import datetime

from msgspec.structs import replace

from actors.order_outside import Outside
from commerce.checkout import Journal, needs_hand, unsent
from commerce.payment import RefundStatus
from commerce.refund import owed_again, settled
from gateway.payment import Payment

REFUND_FAILED = "refund_failed"
"""Why a person must look: the bank takes no refund, and it is owed all the same."""


async def send_refunds(outside: Outside, state: Journal, now: datetime) -> Journal:
    """Return `state` with the refunds that are due known to the provider.

    Raises Unavailable.
    """
    for key in unsent(state):
        refund = state.refunds[key]
        if refund.due is not None and refund.due > now:
            continue
        payment_id = state.tenders[refund.tender].payment_id
        made = await outside.gateway.refund(
            f"{state.id}/{key}", payment_id, refund.amount
        )
        state = replace(state, sent={**state.sent, key: made.id})
        state = _settled(state, key, made.status, now)
    return _attended(state)


def heard(state: Journal, payment: Payment, now: datetime) -> Journal:
    """Return `state` knowing what became of refunds that were under way."""
    ours = {theirs: key for key, theirs in state.sent.items()}
    for each in payment.refunds:
        key = ours.get(each.id)
        if key is not None and state.refunds[key].status != "failed":
            state = _settled(state, key, each.status, now)
    return _attended(state)


def _settled(state: Journal, key: str, to: RefundStatus, now: datetime) -> Journal:
    """Return `state` knowing what became of one refund.

    One that failed is tried again later, or after too many times left to a person.
    """
    known = settled(state, key, to, now)
    if to == "failed":
        known = owed_again(known, key, now)
    assert isinstance(known, Journal)
    return known


def _attended(state: Journal) -> Journal:
    return replace(state, attention=REFUND_FAILED) if needs_hand(state) else state
