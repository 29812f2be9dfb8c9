"""What the shop may refuse, each with the code a client reads.

    CommerceError
    ├── Malformed             422  the request makes no sense in any shop
    ├── NotFound              404  not there, or not yours
    ├── Conflict              409  true a moment ago, no longer
    ├── TooOften              429  too many times lately
    ├── PaymentRefused        402  whoever pays out the money says no
    └── Refused               400  a rule of the shop says no

A refusal is an answer: it changed nothing. The statuses are given in one table by
`handlers/errors.py`; here is only what is wrong and the numbers that say so. A refusal
that one feature alone knows stands with its rules, as in `commerce/coupon.py`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class CommerceError(Exception):
    """The shop says no; `code` is stable, `details` are numbers for programs."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, Any] = details


class Malformed(CommerceError):
    """A value that is wrong in itself, such as a quantity of 1000."""

    code = "malformed"


class NotFound(CommerceError):
    """It is not there, or it belongs to somebody else: nobody learns which."""

    code = "not_found"


class Conflict(CommerceError):
    """The state moved on since the asker last looked."""

    code = "conflict"


class Refused(CommerceError):
    """A rule of the shop says no."""


class ProductNotFound(NotFound):
    """No such product or variant is sold here."""

    code = "product_not_found"


class CartNotFound(NotFound):
    """No such cart, or somebody else's."""

    code = "cart_not_found"


class LineNotFound(NotFound):
    """The cart has no such line."""

    code = "item_not_found"


class SessionNotFound(NotFound):
    """No such conversation, or somebody else's."""

    code = "session_not_found"


class OrderNotFound(NotFound):
    """No such order, or somebody else's."""

    code = "order_not_found"


class CartChanged(Conflict):
    """The cart has another version than the one in If-Match."""

    code = "cart_changed"


class CartMerged(Conflict):
    """This guest's cart was moved into an account's cart and stays closed."""

    code = "merged"


class StockChanged(Conflict):
    """The stock has another version than the operator saw."""

    code = "stock_changed"


class PriceChanged(Conflict):
    """It costs something else than what was shown; `details` are old and new."""

    code = "price_changed"


class HoldLapsed(Conflict):
    """What was set aside for a while is set aside no longer."""

    code = "hold_lapsed"


class ReplyUnderway(Conflict):
    """The agent still answers what was said before."""

    code = "reply_underway"


class PurchaseUnderway(Conflict):
    """What was confirmed is being done and cannot be stopped half-way."""

    code = "purchase_underway"


class ChatNotWaiting(Conflict):
    """Nobody asked for a person in this conversation."""

    code = "chat_not_waiting"


class ChatTaken(Conflict):
    """Another operator has this conversation."""

    code = "chat_taken"


class ChatNotTaken(Conflict):
    """An operator writes only in a conversation that they took."""

    code = "chat_not_taken"


class IllegalTransition(Conflict):
    """No way leads from this state to that; `details` are from, to and allowed."""

    code = "illegal_transition"


class CartFull(Refused):
    """The cart holds as many lines as it may."""

    code = "cart_full"


class CartEmpty(Refused):
    """There is nothing in the cart to buy."""

    code = "cart_empty"


class MaxPerOrder(Refused):
    """More of one product than one order may have."""

    code = "max_per_order"


class OutOfStock(Refused):
    """More was asked than can be bought now."""

    code = "insufficient_stock"


class BelowCommitted(Refused):
    """Less would be left on the shelf than is held and sold."""

    code = "below_committed"


class Uncounted(Refused):
    """What is on the shelf is unknown until somebody counts it."""

    code = "uncounted"


class UnknownWarehouse(Refused):
    """The shop has no warehouse of this name."""

    code = "unknown_warehouse"


class VariantRequired(Refused):
    """The product comes in colours or sizes and none was named."""

    code = "variant_required"


class NotAGuest(Refused):
    """Only a guest's cart can be moved, and only into an account's."""

    code = "not_a_guest"


class EmailTaken(Refused):
    """An account with this mail address exists."""

    code = "email_taken"


class UsernameTaken(Refused):
    """An account with this name exists."""

    code = "username_taken"


class AccountRequired(Refused):
    """Guests have no points, addresses or orders: this takes an account."""

    code = "account_required"


class TooOften(CommerceError):
    """Asked too many times lately.

    `details` are policy, limit (times), window_s and retry_after_s.
    """

    code = "too_many_requests"


class PaymentRefused(CommerceError):
    """The card, the bank or the gift card did not pay.

    `details` are reason, decline_code (as the customer may see it) and retryable.
    """

    code = "payment_refused"
