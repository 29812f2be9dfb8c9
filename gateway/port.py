"""What a payment provider must do; one file per provider fulfils it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from gateway.instrument import Details, Instrument
from gateway.payment import (
    Balance,
    Challenged,
    Charge,
    Payment,
    PaymentEvent,
    PaymentPage,
    Refund,
    Simulated,
)

Listener = Callable[[PaymentEvent], Awaitable[None]]
"""Returns once the event is safe; raises Unavailable to be told again later."""


class Gateway(Protocol):
    """One provider of payments.

    Calls that move money carry a key, unique over all of them. The same key with the
    same body is the same call: no money moves again and its outcome is told, with the
    payment as it now stands. Another body raises GatewayKeyReused. Every call may raise
    GatewayAway (nothing was done) and those that move money GatewayTimeout (unknown:
    `look_up`, then repeat with the same key).
    """

    async def tokenise(self, details: Details) -> Instrument:
        """Return what may be kept of `details`; full numbers end here.

        Asks no bank. Raises what `commerce.instrument` refuses, and UnknownCard,
        UnknownVpa.
        """
        ...

    async def balance(self, token: str) -> Balance:
        """Return what a gift card is good for. Raises UnknownInstrument."""
        ...

    async def authorise(self, key: str, charge: Charge) -> Payment:
        """Set the money of `charge` aside; a gift card's is held.

        The payment is `authorized`, or `captured` (UPI that was approved at once, or a
        charge that says `capture`, though it need not be), or waits: `requires_action`
        and `processing` name the `next_action` and end by an event. `created`: the bank
        is still deciding. Raises Declined (repeated with the same key: again),
        UnknownInstrument, InvalidAmount.
        """
        ...

    async def capture(self, key: str, payment_id: str, amount: int) -> Payment:
        """Take `amount` of what is set aside, once; the rest is let go.

        What is captured already, with the same amount, stays as it is: UPI. Raises
        Declined (state `capture_failed`), AmountTooLarge, IllegalPaymentStep.
        """
        ...

    async def void(self, key: str, payment_id: str) -> Payment:
        """Let go of what is set aside, or stop waiting for the customer.

        What waited becomes `expired`, what holds no money stays as it is. A UPI payment
        that is still `processing` afterwards cannot be stopped: its money may come, an
        event tells, and it is to be refunded. Raises IllegalPaymentStep where money was
        captured: refund it.
        """
        ...

    async def refund(self, key: str, payment_id: str, amount: int) -> Refund:
        """Give back `amount` of what was captured.

        `pending` ends by an event; `succeeded` may turn into `failed` by one, and may
        then be tried again under a new key. Raises RefundTooHigh (more than captured -
        refunded), IllegalPaymentStep.
        """
        ...

    async def look_up(self, key: str) -> Payment | None:
        """Return the payment that the call with this key made or changed.

        None: no such call has arrived. Any call's key will do.
        """
        ...

    async def payment(self, payment_id: str) -> Payment:
        """Return the payment as it stands. Raises PaymentNotFound."""
        ...

    async def payments(
        self, *, order_id: str | None = None, limit: int = 20, offset: int = 0
    ) -> PaymentPage:
        """Return payments, the newest first, for operators."""
        ...

    async def answer_challenge(self, payment_id: str, result: Challenged) -> Payment:
        """Do what the customer did on the bank's page; twice is once.

        A customer who comes too late gets IllegalPaymentStep.
        """
        ...

    async def simulate(self, payment_id: str, event: Simulated) -> Payment:
        """Let something happen that else the bank or the UPI app would do.

        For development; a real provider raises IllegalPaymentStep.
        """
        ...

    def follow(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` every event at least once; returns how to stop."""
        ...

    async def wake(self, now: datetime) -> None:
        """Do what is due: expiries, late money, events not yet heard.

        To be called about twice a second, by every node: each event is told by one.
        """
        ...
