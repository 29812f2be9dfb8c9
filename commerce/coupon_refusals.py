"""What may speak against a coupon, in the order in which it is checked.

RULES.md section 3. All are 400 but the first.
"""

from commerce.errors import Conflict, NotFound, Refused


class CouponNotFound(NotFound):
    """No such code, or it is meant for somebody else: nobody learns which."""

    code = "coupon_not_found"


class CouponInactive(Refused):
    """Switched off by the shop."""

    code = "coupon_inactive"


class CouponNotStarted(Refused):
    """Its time has not come."""

    code = "coupon_not_started"


class CouponExpired(Refused):
    """Its time is over."""

    code = "coupon_expired"


class CouponTierRequired(Refused):
    """It takes a higher tier; `details` are min_tier and tier."""

    code = "coupon_tier_required"


class CouponFirstOrderOnly(Refused):
    """The shopper has ordered before."""

    code = "coupon_first_order_only"


class CouponUserLimit(Refused):
    """This shopper used it as often as one may."""

    code = "coupon_user_limit"


class CouponLimitReached(Refused):
    """All shoppers together used it, or are about to, as often as it may be."""

    code = "coupon_limit_reached"


class CouponAlreadyApplied(Refused):
    """It is on the cart."""

    code = "coupon_already_applied"


class CouponNotStackable(Refused):
    """It does not go with another one on the cart; `details` name that."""

    code = "coupon_not_stackable"


class CouponNoEligibleItems(Refused):
    """It is for nothing that is in the cart."""

    code = "coupon_no_eligible_items"


class CouponMinPurchase(Refused):
    """The cart is worth too little; `details.missing` says how much."""

    code = "coupon_min_purchase"


class CouponNoEffect(Refused):
    """It would take nothing off."""

    code = "coupon_no_effect"


class CouponExists(Conflict):
    """The code is a coupon's already; only operators hear this."""

    code = "coupon_exists"


class CouponChanged(Conflict):
    """The coupon has another version than the operator saw."""

    code = "coupon_changed"
