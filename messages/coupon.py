"""What may be said to one coupon, and what it answers."""

from datetime import datetime
from typing import ClassVar, Generic

from msgspec import Struct

from commerce.coupon import Coupon
from commerce.coupon_check import Offered
from messages.base import Command, R


class CouponAccount(Struct, frozen=True, kw_only=True):
    """A coupon as operators see it; `reserved` by checkouts that are still going on."""

    coupon: Coupon
    version: int
    used: int
    reserved: int


class ToCoupon(Command[R], Generic[R], frozen=True):
    """To one coupon; key = code, normalised."""

    to: ClassVar[str] = "coupon"


class GetCoupon(ToCoupon[Offered], frozen=True, tag=True):
    """Return the coupon, if there is one, and how often it is taken.

    By anybody, and by `user_id`; what the order `besides` reserved is not counted.
    """

    user_id: str = ""
    besides: str = ""


class ReserveCoupon(ToCoupon[Coupon], frozen=True, tag=True):
    """Set one use aside for the order, until `until` if it says so; return the coupon.

    Asked again by the same order it only ends what time `until` set. Whether the coupon
    fits the cart is not asked here. Raises CouponNotFound, CouponInactive,
    CouponNotStarted, CouponExpired, CouponUserLimit, CouponLimitReached.
    """

    order_id: str
    user_id: str
    until: datetime | None = None


class RedeemCoupon(ToCoupon[None], frozen=True, tag=True):
    """Count what the order reserved as used; a second time changes nothing.

    Raises HoldLapsed where the reservation lapsed or was released.
    """

    order_id: str


class ReleaseCoupon(ToCoupon[None], frozen=True, tag=True):
    """Give up what the order reserved; with `restore` also what it redeemed."""

    order_id: str
    restore: bool = False


class SettleCoupon(ToCoupon[None], frozen=True, tag=True):
    """Forget the order, which can give nothing back any more: it was shipped.

    Its use stays counted.
    """

    order_id: str


class DefineCoupon(ToCoupon[CouponAccount], frozen=True, tag=True):
    """Make this code a coupon, used `used_count` times so far.

    Raises CouponExists, Malformed.
    """

    coupon: Coupon


class ChangeCoupon(ToCoupon[CouponAccount], frozen=True, tag=True):
    """Make the coupon another one; its uses stay counted.

    Raises CouponNotFound, Malformed, and CouponChanged unless the version is
    `expected_version` (None: any).
    """

    coupon: Coupon
    expected_version: int | None = None


CouponCommand = (
    GetCoupon
    | ReserveCoupon
    | RedeemCoupon
    | ReleaseCoupon
    | SettleCoupon
    | DefineCoupon
    | ChangeCoupon
)
