"""What may be said to one customer's loyalty account, and what it answers.

Every command that books something names its order (and return): it may arrive twice,
and what belongs to an earlier step may arrive before that one. Both change nothing in
the end. A step without points may be said, too.
"""

from collections.abc import Sequence
from typing import ClassVar, Generic

from msgspec import Struct

from commerce.ledger import Entry
from commerce.member import LoyaltyState
from messages.base import Command, R


class Membership(Struct, frozen=True, kw_only=True):
    """What a till must know of a customer; `points` can be spent now.

    `balance` counts those that checkouts hold, too; `orders` are those confirmed and
    not cancelled.
    """

    user_id: str
    tier: str
    orders: int = 0
    points: int = 0
    balance: int = 0


class History(Struct, frozen=True):
    """One page of the ledger, the newest entry first, and how many there are."""

    entries: Sequence[Entry]
    total: int


class ToLoyalty(Command[R], Generic[R], frozen=True):
    """To one customer's loyalty account; key = user id."""

    to: ClassVar[str] = "loyalty"


class GetLoyalty(ToLoyalty[LoyaltyState], frozen=True, tag=True):
    """Return all that is known but the ledger."""


class GetMembership(ToLoyalty[Membership], frozen=True, tag=True):
    """Return tier, orders, and points to spend.

    What the order `besides` holds counts as not held: it is asked on its behalf.
    """

    besides: str = ""


class GetHistory(ToLoyalty[History], frozen=True, tag=True):
    """Return `limit` entries of the ledger after the newest `offset`."""

    limit: int = 20
    offset: int = 0


class HoldPoints(ToLoyalty[None], frozen=True, tag=True):
    """Set `points` aside for the order until they are spent or released.

    Raises NotEnoughPoints, and HoldLapsed for an order that released them already.
    """

    order_id: str
    points: int


class SpendPoints(ToLoyalty[None], frozen=True, tag=True):
    """Spend what the order holds. Raises HoldLapsed where it was released."""

    order_id: str


class ReleasePoints(ToLoyalty[None], frozen=True, tag=True):
    """Give back what the order holds; from then on it can hold nothing more."""

    order_id: str


class ActivateEarned(ToLoyalty[None], frozen=True, tag=True):
    """Make the order's pending points active: it was delivered."""

    order_id: str


class ReverseEarned(ToLoyalty[None], frozen=True, tag=True):
    """Take back `points` of what the order earned, pending ones first.

    `return_id` names why: a return, or `cancel`.
    """

    order_id: str
    return_id: str
    points: int


class RestoreSpent(ToLoyalty[None], frozen=True, tag=True):
    """Give back `points` of what the order spent, at most that."""

    order_id: str
    return_id: str
    points: int


class UseCoupon(ToLoyalty[None], frozen=True, tag=True):
    """Note that the order used the coupon `code`; its actor alone limits the uses."""

    order_id: str
    code: str


class UnuseCoupon(ToLoyalty[None], frozen=True, tag=True):
    """Note that the order gave the coupon back."""

    order_id: str
    code: str


class CountOrder(ToLoyalty[None], frozen=True, tag=True):
    """Count a confirmed order, and promise it `points`, active once it is delivered.

    Coupons for a first order ask how many were counted.
    """

    order_id: str
    points: int = 0


class EarnPending(ToLoyalty[None], frozen=True, tag=True):
    """As CountOrder; orders of an older server may have promised it."""

    order_id: str
    points: int


class UncountOrder(ToLoyalty[None], frozen=True, tag=True):
    """Do not count an order any more: it was cancelled after it was confirmed."""

    order_id: str


class AdjustPoints(ToLoyalty[None], frozen=True, tag=True):
    """Add points, or take them away, by hand; `effect` names it once and for all.

    Raises NotEnoughPoints: a balance does not become negative so.
    """

    effect: str
    points: int
    reason: str


class ReviewLoyalty(ToLoyalty[None], frozen=True, tag=True):
    """Let points expire and tiers end whose time is over; also done unasked."""


LoyaltyCommand = (
    GetLoyalty
    | GetMembership
    | GetHistory
    | HoldPoints
    | SpendPoints
    | ReleasePoints
    | ActivateEarned
    | ReverseEarned
    | RestoreSpent
    | UseCoupon
    | UnuseCoupon
    | CountOrder
    | EarnPending
    | UncountOrder
    | AdjustPoints
    | ReviewLoyalty
)
