"""How money says no, and how its provider fails.

    CommerceError
    ├── Declined (PaymentRefused)                  402  the bank says no
    ├── UnknownCard, UnknownVpa, UnknownInstrument 400  (Refused)
    ├── InvalidAmount, AmountTooLarge              400  (Refused)
    ├── PaymentNotFound (NotFound)                 404
    ├── IllegalPaymentStep (IllegalTransition)     409
    └── GatewayKeyReused (Conflict)                409  a bug of the caller
    Unavailable
    ├── GatewayAway                                503  nothing was done
    └── GatewayTimeout                             503  unknown: look up by key

What is wrong with a means to pay in itself is refused by `commerce.instrument`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from commerce.errors import (
    Conflict,
    IllegalTransition,
    NotFound,
    PaymentRefused,
    Refused,
)
from commerce.payment import PAYMENT, PaymentStatus
from gateway.payment import Decline, Payment
from messages.base import Expired, Unavailable


class Declined(PaymentRefused):
    """No money; `decline` says why, `payment` how it stands.

    The message and the details are fit for the customer: lost and stolen cards look
    like any other.
    """

    def __init__(self, decline: Decline, payment: Payment) -> None:
        super().__init__(
            decline.text,
            reason=decline.code,
            decline_code=decline.shown_code,
            retryable=decline.retryable,
        )
        self.decline = decline
        self.payment = payment


class UnknownCard(Refused):
    """The mock knows test cards only; a real card must never be typed in here."""

    code = "unknown_card"


class UnknownVpa(Refused):
    """Well formed, but no bank knows this UPI id."""

    code = "invalid_vpa"


class UnknownInstrument(Refused):
    """A token that this gateway did not make."""

    code = "unknown_instrument"


class InvalidAmount(Refused):
    """Money moves in whole cents, at least one."""

    code = "invalid_amount"


class AmountTooLarge(Refused):
    """More than is there; `details` are asked and left."""

    code = "amount_too_large"


class PaymentNotFound(NotFound):
    """No such payment."""

    code = "payment_not_found"


class IllegalPaymentStep(IllegalTransition):
    """The payment is in no state for that; `details` are from, to and allowed."""

    def __init__(self, state: PaymentStatus, wanted: PaymentStatus) -> None:
        super().__init__(
            f"a payment that is {state} cannot become {wanted}",
            **{"from": state, "to": wanted, "allowed": sorted(PAYMENT[state])},
        )


class GatewayKeyReused(Conflict):
    """The key stands for another call, so this one was not made."""

    code = "gateway_key_reused"


class GatewayAway(Unavailable):
    """The provider cannot be reached; nothing was done."""


class GatewayTimeout(Expired):
    """No answer came: look the key up, then repeat with the same key if need be."""


@contextmanager
def reading() -> Iterator[None]:
    """Turn a ledger's trouble into GatewayAway, where nothing was to be written."""
    try:
        yield
    except (GatewayAway, GatewayTimeout):
        raise
    except Unavailable as trouble:
        raise GatewayAway("the payment provider cannot be reached") from trouble


@contextmanager
def writing() -> Iterator[None]:
    """Turn a ledger's trouble into GatewayTimeout: a write may have happened."""
    try:
        yield
    except (GatewayAway, GatewayTimeout):
        raise
    except Unavailable as trouble:
        raise GatewayTimeout("the payment provider did not answer") from trouble
