"""What may be said to an order, from its quote to its return, and what it tells.

Asked again, everything here does nothing twice: an order answers as it then stands.
"""

from datetime import datetime
from typing import ClassVar, Generic, Literal

from msgspec import Struct

from commerce.checkout import Journal
from commerce.order import Address, ReturnLine
from commerce.order_status import By
from commerce.pricing import ShippingMethod
from commerce.returns import Inspected
from messages.base import Command, Event, R


class ToOrder(Command[R], Generic[R], frozen=True):
    """To one order or checkout session; key = order id."""

    to: ClassVar[str] = "order"


class GiftCardUsed(Struct, frozen=True):
    """A gift card by its token; no code."""

    token: str
    last_four: str


class Pay(Struct, frozen=True, kw_only=True):
    """How it is to be paid: tokens of the gateway, no numbers."""

    token: str = ""
    kind: Literal["card", "upi", "gift_card"] = "card"
    brand: str = ""
    last_four: str = ""
    gift_cards: tuple[GiftCardUsed, ...] = ()
    """To be used up first, in this order."""


class OpenCheckout(ToOrder[Journal], frozen=True, tag=True):
    """Price the cart of `user_id` and set everything in it aside for 900 s.

    Raises CartEmpty, OutOfStock, MaxPerOrder and what speaks against the cart;
    CheckoutInProgress while an order of this cart is being paid.
    """

    user_id: str
    shipping_method: ShippingMethod = "standard"
    address: Address | None = None
    is_first: bool = False
    """The id was made up for it; a repeat may not say so."""


class CloseCheckout(ToOrder[Journal], frozen=True, tag=True):
    """End the checkout session; when it is answered, what it held is free.

    What is no session any more, or never was one, stays as it is.
    """

    user_id: str


class PlaceOrder(ToOrder[Journal], frozen=True, tag=True):
    """Buy the cart, or what the checkout session of this id holds.

    Once work began it answers with the order, whatever became of it: confirmed, pending
    (the customer has to act) or cancelled, with its `refusal`. Raises what is refused
    before that: CartEmpty, CartChanged, OutOfStock, MaxPerOrder, PriceChanged,
    CheckoutInProgress, PaymentMethodRequired, TooManyGiftCards, CheckoutEnded.
    `asked` stands for what was asked, where no key does: who asked otherwise before has
    got the cart's order, and this is refused as CheckoutInProgress or CartEmpty.
    """

    user_id: str
    address: Address
    pay: Pay = Pay()
    shipping_method: ShippingMethod | None = None
    """None: as the checkout session has it, else standard."""
    expected_total: int | None = None
    from_session: bool = False
    """Only what a checkout session of this id holds. Raises OrderNotFound."""
    cart_version: int | None = None
    asked: str = ""
    is_first: bool = False
    """The id was made up for it; a repeat may not say so."""


class GetOrder(ToOrder[Journal], frozen=True, tag=True):
    """Return the order as it is; `user_id` None: for an operator.

    Raises OrderNotFound.
    """

    user_id: str | None = None


class PaymentNews(ToOrder[None], frozen=True, tag=True):
    """Something happened to this payment: look at it."""

    payment_id: str


class CartMoved(ToOrder[None], frozen=True, tag=True):
    """The cart of this checkout session is at another `version` now: it ends."""

    version: int


class GoOn(ToOrder[None], frozen=True, tag=True):
    """Take up what a crash or trouble cut short; the order tells itself."""


class CancelOrder(ToOrder[Journal], frozen=True, tag=True):
    """Do not send it: everything goes back, the money too.

    Raises OrderNotFound, IllegalTransition.
    """

    by: By
    reason: str = ""
    user_id: str | None = None


class ProcessOrder(ToOrder[Journal], frozen=True, tag=True):
    """Somebody packs it. Raises OrderNotFound, IllegalTransition."""


class ShipOrder(ToOrder[Journal], frozen=True, tag=True):
    """It left the house. Raises OrderNotFound, IllegalTransition, Malformed.

    Raises OutOfStock or Uncounted where a hand edit left less than was sold: it must be
    counted first.
    """

    tracking_number: str
    carrier: str


class DeliverOrder(ToOrder[Journal], frozen=True, tag=True):
    """It arrived. Raises OrderNotFound, IllegalTransition."""


class NotePaidBack(ToOrder[Journal], frozen=True, tag=True):
    """What no bank took back was given back another way: nobody need look any more.

    A second time changes nothing. Raises OrderNotFound.
    """


class RequestReturn(ToOrder[Journal], frozen=True, tag=True):
    """Send units back as return `return_id`. Raises OrderNotFound and refusals."""

    user_id: str
    return_id: str
    reason: str
    lines: tuple[ReturnLine, ...]
    comments: str = ""


class CancelReturn(ToOrder[Journal], frozen=True, tag=True):
    """Keep the units after all. Raises ReturnNotFound, IllegalTransition."""

    user_id: str
    return_id: str


class ApproveReturn(ToOrder[Journal], frozen=True, tag=True):
    """The shop takes it back. Raises ReturnNotFound, IllegalTransition."""

    return_id: str


class ReceiveReturn(ToOrder[Journal], frozen=True, tag=True):
    """It arrived, at `warehouse` or else where it was sent from."""

    return_id: str
    warehouse: str = ""


class InspectReturn(ToOrder[Journal], frozen=True, tag=True):
    """Every unit was looked at: money and points go back, units to the shelf."""

    return_id: str
    found: tuple[Inspected, ...]


class RejectReturn(ToOrder[Journal], frozen=True, tag=True):
    """The shop does not take it back. Raises ReturnNotFound, IllegalTransition."""

    return_id: str
    reason: str = ""


OrderCommand = (
    OpenCheckout
    | CloseCheckout
    | PlaceOrder
    | GetOrder
    | PaymentNews
    | CartMoved
    | GoOn
    | CancelOrder
    | ProcessOrder
    | ShipOrder
    | DeliverOrder
    | NotePaidBack
    | RequestReturn
    | CancelReturn
    | ApproveReturn
    | ReceiveReturn
    | InspectReturn
    | RejectReturn
)


class OrderUpdated(Event, frozen=True, tag="order_update"):
    """The order moved on; to topics `user/<id>` and `operators`."""

    order: Journal
    at: datetime
