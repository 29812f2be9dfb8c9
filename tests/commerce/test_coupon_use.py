"""A code is used exactly as often as it may be, however many try at once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from commerce.coupon_check import (
    Standing,
)
from commerce.coupon_use import (
    CouponUse,
    give_back,
    lapse,
    next_expiry,
    redeem,
    release,
    reserve,
    settle,
    standing,
)
from commerce.errors import CommerceError, HoldLapsed
from tests.commerce.coupons import COUPONS, tenth

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOON = NOON + timedelta(seconds=900)


ONE_LEFT = COUPONS["ONELEFT"]


def reserved(use: CouponUse, order_id: str, user_id: str = "ann") -> CouponUse:
    return reserve(
        use, tenth(per_user_limit=2, total_limit=3), order_id, user_id,
        now=NOON, expires_at=SOON,
    )  # fmt: skip


def kept(use: CouponUse, order_id: str, user_id: str = "ann") -> CouponUse:
    return reserve(use, ONE_LEFT, order_id, user_id, now=NOON, expires_at=None)


@given(st.integers(1, 20), st.integers(1, 40))
def test_of_many_buyers_at_once_exactly_as_many_redeem_as_may(
    limit: int, buyers: int
) -> None:
    coupon = replace(ONE_LEFT, total_limit=limit)
    use = CouponUse(code="ONELEFT")
    through = []

    for each in map(str, range(buyers)):
        try:
            use = reserve(use, coupon, each, each, now=NOON, expires_at=SOON)
            through.append(each)
        except CommerceError as refused:
            assert refused.code == "coupon_limit_reached"  # noqa: PT017
    for each in through:
        use = redeem(use, each)

    assert use.used == len(through) == min(limit, buyers)


class Uses(RuleBasedStateMachine):
    """Any run of what may happen to a code of three uses, two for each user."""

    coupon = tenth(per_user_limit=2, total_limit=3)
    orders = st.sampled_from(["a1", "a2", "a3", "b1", "b2", "c1"])

    def __init__(self) -> None:
        super().__init__()
        self.use = CouponUse(code="WELCOME10")
        self.now = NOON
        self.redeemed: set[str] = set()

    @rule(order=orders, seconds=st.sampled_from([900, None]))
    def reserve(self, order: str, seconds: int | None) -> None:
        soon = self.now + timedelta(seconds=seconds) if seconds else None
        try:
            self.use = reserve(
                self.use, self.coupon, order, order[0], now=self.now, expires_at=soon
            )
        except CommerceError:
            there = standing(self.use, order[0], self.now)
            assert there.taken >= 3 or there.taken_by_user >= 2

    @rule(order=orders)
    def redeem(self, order: str) -> None:
        try:
            self.use = redeem(self.use, order)
            self.redeemed.add(order)
        except HoldLapsed:
            assert order not in self.use.reserved

    @rule(order=orders)
    def release(self, order: str) -> None:
        self.use = release(self.use, order)

    @rule(order=orders)
    def give_back(self, order: str) -> None:
        self.use = give_back(self.use, order)
        self.redeemed.discard(order)

    @rule(seconds=st.sampled_from([1, 450, 900]))
    def time_goes_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.use = lapse(self.use, self.now)

    @invariant()
    def nobody_uses_it_once_too_often(self) -> None:
        use = self.use
        assert use.used == len(self.redeemed) == sum(use.by_user.values())
        assert use.used + len(use.reserved) <= 3
        assert all(count <= 2 for count in use.by_user.values())
        assert all(count > 0 for count in use.by_user.values())

    @invariant()
    def what_stands_has_time_left(self) -> None:
        expiry = next_expiry(self.use)
        assert expiry is None or expiry > self.now


TestUses = Uses.TestCase


def test_reserving_again_for_the_same_order_changes_nothing() -> None:
    use = reserved(CouponUse(code="C"), "first")

    assert reserved(use, "first") is use


def test_a_reservation_counts_like_a_use() -> None:
    use = reserved(reserved(CouponUse(code="C"), "first"), "second")

    with pytest.raises(CommerceError) as refused:
        reserved(use, "third")

    assert refused.value.code == "coupon_user_limit"


def test_ones_own_checkout_does_not_stand_in_the_way_of_its_coupon() -> None:
    use = reserved(CouponUse(code="C"), "first")

    assert standing(use, "ann", NOON) == Standing(1, 1)
    assert standing(use, "ann", NOON, besides="first") == Standing(0, 0)


def test_a_reservation_whose_time_is_over_is_free_for_others() -> None:
    use = reserve(
        CouponUse(code="C"), ONE_LEFT, "first", "ann", now=NOON, expires_at=SOON
    )

    use = reserve(use, ONE_LEFT, "second", "bob", now=SOON, expires_at=SOON)

    assert set(use.reserved) == {"second"}


def test_what_is_kept_is_redeemed_however_late() -> None:
    use = kept(reserved(CouponUse(code="C"), "first"), "first")
    assert kept(use, "first") is reserved(use, "first") is use

    use = redeem(lapse(use, NOON + timedelta(days=9)), "first")

    assert (use.used, use.by_user, use.reserved) == (1, {"ann": 1}, {})


def test_redeeming_twice_counts_once() -> None:
    use = redeem(reserved(CouponUse(code="C"), "first"), "first")

    assert redeem(use, "first") is use
    assert kept(use, "first") is use


def test_a_cancelled_order_gives_its_use_back_once() -> None:
    use = redeem(reserved(CouponUse(code="C"), "first"), "first")

    use = give_back(give_back(use, "first"), "first")

    assert (use.used, use.by_user, use.redeemed) == (0, {}, {})


def test_a_shipped_order_is_forgotten_and_its_use_stays_counted() -> None:
    use = settle(redeem(reserved(CouponUse(code="C"), "first"), "first"), "first")

    assert give_back(settle(use, "first"), "first") is use
    assert (use.used, use.redeemed) == (1, {})
