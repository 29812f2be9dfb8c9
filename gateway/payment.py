"""What is said about money between the shop and its provider; money is whole cents.

States are those of `commerce.payment.PAYMENT`. A refund that fails after all gives its
amount back to the payment, which then steps back to partially_refunded or captured.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from commerce.instrument import shown_decline
from commerce.payment import PaymentStatus, RefundStatus
from gateway.instrument import Instrument

Simulated = Literal["authenticated", "failed", "succeeded", "expired"]
Challenged = Literal["authenticated", "failed"]
UpiFlow = Literal["intent", "qr", "collect"]


class Charge(Struct, frozen=True, kw_only=True):
    """What is to be paid, by whom, with what. `amount` >= 1."""

    amount: int
    currency: str
    token: str
    order_id: str
    user_id: str
    return_url: str = ""
    """Where the bank's page sends the customer afterwards."""
    expires_at: datetime | None = None
    """Until when a customer may approve; without it, 900 s from now."""
    upi_flow: UpiFlow = "intent"
    capture: bool = False
    """Take the money at once where nobody has to approve it, if that is possible."""


class NextAction(Struct, frozen=True, kw_only=True):
    """What the customer has to do before the money moves.

    `redirect`: open `url`, the bank's page. `upi_intent`: open `url` on the phone.
    `upi_qr`: scan `qr`. `upi_collect`: answer the request in the UPI app.
    """

    type: Literal["redirect", "upi_intent", "upi_qr", "upi_collect"]
    url: str = ""
    qr: str = ""
    return_url: str = ""
    expires_at: datetime


class Decline(Struct, frozen=True, kw_only=True):
    """Why there is no money. `decline_code` is the truth and for operators only."""

    code: str
    decline_code: str = ""
    retryable: bool = False
    text: str
    """What the customer may read."""

    @property
    def shown_code(self) -> str:
        """What the customer's program may read."""
        return shown_decline(self.decline_code or self.code)


class Refund(Struct, frozen=True, kw_only=True):
    """Money on its way back; `succeeded` can still turn into `failed`."""

    id: str
    key: str
    payment_id: str
    amount: int
    status: RefundStatus
    created_at: datetime


class Payment(Struct, frozen=True, kw_only=True):
    """One tender of one order, as it stands.

    `refunded` is the sum of the refunds that did not fail, pending ones included;
    captured - refunded >= 0 always.
    """

    id: str
    key: str
    order_id: str
    user_id: str
    amount: int
    currency: str
    state: PaymentStatus
    instrument: Instrument
    captured: int = 0
    refunded: int = 0
    refunds: tuple[Refund, ...] = ()
    next_action: NextAction | None = None
    decline: Decline | None = None
    disputed: bool = False
    expires_at: datetime
    created_at: datetime
    updated_at: datetime

    @property
    def left(self) -> int:
        """What can still be refunded."""
        return self.captured - self.refunded


class Balance(Struct, frozen=True, kw_only=True):
    """What a gift card is good for; `available` is 0 where it cannot be used."""

    available: int
    held: int
    spent: int
    refusal: str = ""
    """Why it cannot be used: gift_card_empty, gift_card_expired, gift_card_disabled."""


EventKind = Literal[
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "payment.expired",
    "refund.succeeded",
    "refund.failed",
    "dispute.opened",
]


class PaymentEvent(Struct, frozen=True, kw_only=True):
    """Something happened at the provider that no call of ours was waiting for.

    Told at least once: `id` is the same each time. `payment` is how it stands when
    told, which may be later than `kind`.
    """

    id: str
    kind: EventKind
    at: datetime
    payment: Payment
    refund: Refund | None = None


class PaymentPage(Struct, frozen=True):
    """Some payments, the newest first, of `total`."""

    payments: tuple[Payment, ...]
    total: int
