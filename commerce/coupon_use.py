"""How often a code is used: counted where its one actor counts, so that none is spared.

RULES.md section 3. A use is reserved at checkout, redeemed when the money is captured,
released otherwise. What is reserved counts like what is used: N buyers at once of a
coupon that may be used K times redeem it exactly K times.

    nothing --reserve--> reserved --redeem--> redeemed
       ^                    |                     |
       +--- release, lapse -+------ give_back ----+

An order reserves without a time, before any money is asked for: what is paid for is
redeemed however late that message comes. A session's reservation lapses with it.

The functions keep the type of what they are given: an actor's state carries its coupon,
too.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from commerce.coupon import Coupon
from commerce.coupon_check import Standing, limits
from commerce.errors import HoldLapsed

T = TypeVar("T")
U = TypeVar("U", bound="CouponUse")


class Reservation(Struct, frozen=True):
    """One checkout's claim; without a time it stays until redeemed or released."""

    user_id: str
    expires_at: datetime | None


class CouponUse(Struct, frozen=True, kw_only=True):
    """What became of one code; `reserved` and `redeemed` are by order id.

    `by_user` counts what each redeemed. `redeemed` names the user of each order that
    can still be cancelled.
    """

    code: str
    used: int = 0
    reserved: Mapping[str, Reservation] = field(default_factory=dict)
    redeemed: Mapping[str, str] = field(default_factory=dict)
    by_user: Mapping[str, int] = field(default_factory=dict)


def standing(
    use: CouponUse, user_id: str, now: datetime, *, besides: str = ""
) -> Standing:
    """Return how often the code is taken at `now`, not counting the order `besides`."""
    users = [
        each.user_id
        for order_id, each in use.reserved.items()
        if order_id != besides and not _is_over(each, now)
    ]
    mine = use.by_user.get(user_id, 0) + users.count(user_id)
    return Standing(use.used + len(users), mine)


def reserve(
    use: U,
    coupon: Coupon,
    order_id: str,
    user_id: str,
    *,
    now: datetime,
    expires_at: datetime | None,
) -> U:
    """Set one use aside for the order, until `expires_at` if it says so.

    The same order again only ends what time there was, unless that is over: then it is
    asked anew. Raises CouponUserLimit, CouponLimitReached.
    """
    use = lapse(use, now)
    found = use.reserved.get(order_id)
    made = Reservation(user_id, expires_at)
    if order_id in use.redeemed or found == made or (found and expires_at):
        return use
    if found is None:
        for refusal in limits(coupon, standing(use, user_id, now)):
            raise refusal
    return replace(use, reserved={**use.reserved, order_id: made})


def redeem(use: U, order_id: str) -> U:
    """Count the order's reservation as a use; a second time changes nothing.

    It does so however late it is, as long as nothing took its place. Raises HoldLapsed.
    """
    if order_id in use.redeemed:
        return use
    if (found := use.reserved.get(order_id)) is None:
        raise _lapsed(use, order_id)
    return replace(
        use,
        used=use.used + 1,
        reserved=_without(use.reserved, order_id),
        redeemed={**use.redeemed, order_id: found.user_id},
        by_user=_counted(use.by_user, found.user_id, 1),
    )


def release(use: U, order_id: str) -> U:
    """Give up the order's reservation; what is redeemed stays so."""
    if order_id not in use.reserved:
        return use
    return replace(use, reserved=_without(use.reserved, order_id))


def give_back(use: U, order_id: str) -> U:
    """Undo the order's use: it was cancelled before it was shipped."""
    use = release(use, order_id)
    if (user_id := use.redeemed.get(order_id)) is None:
        return use
    return replace(
        use,
        used=use.used - 1,
        redeemed=_without(use.redeemed, order_id),
        by_user=_counted(use.by_user, user_id, -1),
    )


def settle(use: U, order_id: str) -> U:
    """Forget the order, whose use stays counted: it is shipped.

    Without this the document of a popular code would grow with every order.
    """
    if order_id not in use.redeemed:
        return use
    return replace(use, redeemed=_without(use.redeemed, order_id))


def lapse(use: U, now: datetime) -> U:
    """Give up every reservation whose time is over."""
    left = {key: each for key, each in use.reserved.items() if not _is_over(each, now)}
    return use if len(left) == len(use.reserved) else replace(use, reserved=left)


def next_expiry(use: CouponUse) -> datetime | None:
    """Return when the next reservation lapses, if any does."""
    return min(
        (each.expires_at for each in use.reserved.values() if each.expires_at),
        default=None,
    )


def _is_over(reservation: Reservation, now: datetime) -> bool:
    return reservation.expires_at is not None and reservation.expires_at <= now


def _without(entries: Mapping[str, T], key: str) -> dict[str, T]:
    return {each: value for each, value in entries.items() if each != key}


def _counted(counts: Mapping[str, int], user_id: str, change: int) -> dict[str, int]:
    """Return `counts` with one changed; who has none is not kept."""
    count = counts.get(user_id, 0) + change
    others = _without(counts, user_id)
    return {**others, user_id: count} if count else others


def _lapsed(use: CouponUse, order_id: str) -> HoldLapsed:
    return HoldLapsed(
        f"{use.code} is not set aside for {order_id} any more",
        coupon=use.code,
        order=order_id,
    )
