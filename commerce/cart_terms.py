"""What bears on the sum of a cart besides what is in it, as it was at one moment.

It is asked from those who own it (loyalty, coupons) whenever somebody looks at the
cart, and travels with it: whoever shows or charges the cart comes to the same sum.
"""

from datetime import datetime

from msgspec import Struct

from commerce.coupon_check import Offered, Shopper
from commerce.pricing import Tariff, Tier


class CartTerms(Struct, frozen=True, kw_only=True):
    """A shopper's terms at `at`; `points` are those that can be spent.

    `offered` are coupons that are on the cart, or about to be; `ladder` the ids of the
    tiers from the lowest up.
    """

    at: datetime
    shopper: Shopper
    tier: Tier = Tier()
    ladder: tuple[str, ...] = ()
    points: int = 0
    offered: tuple[Offered, ...] = ()
    tariff: Tariff = Tariff()
