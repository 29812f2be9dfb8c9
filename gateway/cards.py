"""What banks say when they refuse a card, and what of that a customer reads."""

from commerce.instrument import GENERIC_DECLINE
from gateway.case import Case
from gateway.payment import Decline

_TEXTS = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "Your card could not be processed. Please try again.",
    "authentication_failed": "Your bank could not confirm that it was you.",
}
_GENERIC_TEXT = "Your card was declined."


def declined(
    code: str, decline_code: str = "", *, retryable: bool = False, text: str = ""
) -> Decline:
    """Return a bank's no with a text for the customer.

    Only causes that the customer can mend have a text of their own.
    """
    if code == "card_declined" and not decline_code:
        decline_code = GENERIC_DECLINE
    said = text or _TEXTS.get(decline_code or code, _GENERIC_TEXT)
    return Decline(code=code, decline_code=decline_code, retryable=retryable, text=said)


def declined_by(case: Case) -> Decline:
    """Return the no that the data give a card."""
    return declined(
        case.code or "card_declined",
        case.decline_code,
        retryable=case.retryable,
        text=case.text,
    )
