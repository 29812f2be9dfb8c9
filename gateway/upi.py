"""UPI: what the customer is asked to do, and what banks say."""

from datetime import datetime
from urllib.parse import quote, urlencode

from commerce.money import major
from gateway.payment import Charge, Decline, NextAction

_TEXTS = {
    "payment_declined": "Your bank declined the payment.",
    "insufficient_funds": "There is not enough money in your account.",
    "incorrect_pin": "The UPI PIN was incorrect. Please try again.",
    "payment_cancelled": "The payment was cancelled in the UPI app.",
    "collect_request_expired": "The payment request was not answered in time.",
}


def next_action(
    charge: Charge, payment_id: str, payee: str, until: datetime
) -> NextAction:
    """Return how the customer pays `charge`: a link, a code to scan, or a request.

    Link and code carry the same payload of the UPI linking specification.
    """
    match charge.upi_flow:
        case "intent":
            url = _payload(charge, payment_id, payee)
            return NextAction(type="upi_intent", url=url, expires_at=until)
        case "qr":
            code = _payload(charge, payment_id, payee)
            return NextAction(type="upi_qr", qr=code, expires_at=until)
        case "collect":
            return NextAction(type="upi_collect", expires_at=until)


def declined(reason: str, *, retryable: bool = False) -> Decline:
    """Return a bank's no with a text for the customer."""
    text = _TEXTS.get(reason, _TEXTS["payment_declined"])
    return Decline(
        code="upi_declined", decline_code=reason, retryable=retryable, text=text
    )


def _payload(charge: Charge, payment_id: str, payee: str) -> str:
    fields = {
        "pa": payee,
        "pn": "Souk",
        "am": str(major(charge.amount)),
        "cu": charge.currency,
        "tr": payment_id,
        "tn": f"Order {charge.order_id}",
    }
    return f"upi://pay?{urlencode(fields, quote_via=quote, safe='@')}"
