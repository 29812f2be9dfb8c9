"""A coupon as its one actor counts it: never one use too many, none lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from commerce.coupon import Coupon
from commerce.coupon_check import Standing
from commerce.coupon_refusals import (
    CouponChanged,
    CouponExists,
    CouponExpired,
    CouponInactive,
    CouponLimitReached,
    CouponNotFound,
    CouponNotStarted,
    CouponUserLimit,
)
from commerce.errors import CommerceError, HoldLapsed, Malformed
from messages.base import Unavailable
from messages.coupon import (
    ChangeCoupon,
    CouponAccount,
    DefineCoupon,
    GetCoupon,
    RedeemCoupon,
    ReleaseCoupon,
    ReserveCoupon,
    SettleCoupon,
)
from store.port import Away
from tests.actors.club import DAY_S, TENTH, Club, club, coupon, leap


@pytest.fixture
async def node() -> AsyncIterator[Club]:
    async with club() as running:
        yield running


async def define(node: Club, **told: object) -> CouponAccount:
    return await node.ask("TENTH", DefineCoupon(coupon(**told)))


async def reserve(node: Club, order_id: str, user_id: str = "ann") -> Coupon:
    until = node.clock.now() + timedelta(seconds=900)
    return await node.ask("TENTH", ReserveCoupon(order_id, user_id, until))


async def keep(node: Club, order_id: str, user_id: str = "ann") -> Coupon:
    return await node.ask("TENTH", ReserveCoupon(order_id, user_id))


async def standing(node: Club, user_id: str = "ann") -> Standing:
    return (await node.ask("TENTH", GetCoupon(user_id))).standing


async def test_fifty_buyers_redeem_a_coupon_of_ten_exactly_ten_times(
    node: Club,
) -> None:
    await define(node, total_limit=10)

    async def buy(number: int) -> bool:
        order, user = f"order-{number}", f"user-{number}"
        try:
            await reserve(node, order, user)
        except CouponLimitReached:
            return False
        await keep(node, order, user)
        await node.ask("TENTH", RedeemCoupon(order))
        return True

    bought = await asyncio.gather(*(buy(number) for number in range(50)))

    assert sum(bought) == 10
    assert await standing(node) == Standing(taken=10, taken_by_user=0)


async def test_one_buyer_in_fifty_windows_gets_what_one_buyer_may(node: Club) -> None:
    await define(node, per_user_limit=2)

    tries = [reserve(node, f"order-{number}") for number in range(50)]
    ends = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(isinstance(each, Coupon) for each in ends) == 2
    assert sum(isinstance(each, CouponUserLimit) for each in ends) == 48


async def test_a_first_order_is_placed_once_however_many_windows(node: Club) -> None:
    await define(node, first_order_only=True)
    await reserve(node, "first")

    with pytest.raises(CouponUserLimit):
        await reserve(node, "second")


async def test_reserving_again_for_the_same_order_counts_once(node: Club) -> None:
    await define(node, total_limit=1)

    await asyncio.gather(*(reserve(node, "first") for _ in range(5)))

    assert await standing(node) == Standing(1, 1)


async def test_a_lapsed_reservation_is_given_up_by_itself(node: Club) -> None:
    await define(node, total_limit=1)
    await reserve(node, "first")

    await node.advance(901)

    assert node.storage.documents["coupons"]["TENTH"]["reserved"] == {}
    await reserve(node, "second", "bob")


async def test_the_reminder_outlives_a_restart(node: Club) -> None:
    await define(node)
    await reserve(node, "first")
    await node.restart()

    await node.advance(901)

    assert node.storage.documents["coupons"]["TENTH"]["reserved"] == {}


async def test_of_two_reservations_each_lapses_at_its_own_time(node: Club) -> None:
    await define(node)
    await reserve(node, "first")
    await node.advance(600)
    await reserve(node, "second")

    await node.advance(301)

    assert await standing(node) == Standing(1, 1)
    await node.advance(600)
    assert await standing(node) == Standing(0, 0)


async def test_what_is_kept_is_redeemed_however_late(node: Club) -> None:
    await define(node)
    await reserve(node, "first")
    await keep(node, "first")
    await leap(node, 9 * DAY_S)

    await node.ask("TENTH", RedeemCoupon("first"))

    assert await standing(node) == Standing(1, 1)


async def test_what_lapsed_is_not_redeemed(node: Club) -> None:
    await define(node)
    await reserve(node, "first")
    await node.advance(901)

    with pytest.raises(HoldLapsed):
        await node.ask("TENTH", RedeemCoupon("first"))


async def test_what_lapsed_is_kept_only_while_somebody_may_use_it(node: Club) -> None:
    await define(node, total_limit=1)
    await reserve(node, "first")
    await node.advance(901)
    await reserve(node, "second", "bob")

    with pytest.raises(CouponLimitReached):
        await keep(node, "first")


async def test_redeeming_and_restoring_twice_counts_once(node: Club) -> None:
    await define(node)
    await reserve(node, "first")
    await reserve(node, "second")
    for _ in range(2):
        await node.ask("TENTH", RedeemCoupon("first"))
        await node.ask("TENTH", RedeemCoupon("second"))

    for _ in range(2):
        await node.ask("TENTH", ReleaseCoupon("first", restore=True))

    assert await standing(node) == Standing(1, 1)


async def test_a_plain_release_leaves_what_is_redeemed(node: Club) -> None:
    await define(node)
    await reserve(node, "first")
    await node.ask("TENTH", RedeemCoupon("first"))

    await node.ask("TENTH", ReleaseCoupon("first"))

    assert await standing(node) == Standing(1, 1)


async def test_a_released_reservation_is_free_for_others(node: Club) -> None:
    await define(node, total_limit=1)
    await reserve(node, "first")

    await node.ask("TENTH", ReleaseCoupon("first"))

    await reserve(node, "second", "bob")


async def test_a_shipped_order_gives_nothing_back(node: Club) -> None:
    await define(node)
    await reserve(node, "first")
    await node.ask("TENTH", RedeemCoupon("first"))

    await node.ask("TENTH", SettleCoupon("first"))
    await node.ask("TENTH", ReleaseCoupon("first", restore=True))

    assert await standing(node) == Standing(1, 1)
    assert node.storage.documents["coupons"]["TENTH"]["redeemed"] == {}


async def test_ones_own_order_does_not_stand_in_its_way(node: Club) -> None:
    await define(node, total_limit=1)
    await reserve(node, "first")

    offered = await node.ask("TENTH", GetCoupon("ann", besides="first"))

    assert offered.standing == Standing(0, 0)


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"is_active": False}, CouponInactive),
        ({"valid_from": datetime(2039, 1, 1, tzinfo=UTC)}, CouponNotStarted),
        ({"valid_until": datetime(2021, 1, 1, tzinfo=UTC)}, CouponExpired),
    ],
)
async def test_what_is_closed_cannot_be_reserved(
    node: Club, told: dict[str, object], refusal: type[CommerceError]
) -> None:
    await define(node, **told)

    with pytest.raises(refusal):
        await reserve(node, "first")

    assert await standing(node) == Standing(0, 0)


async def test_what_is_reserved_stays_so_when_the_coupon_is_switched_off(
    node: Club,
) -> None:
    await define(node)
    await reserve(node, "first")
    await node.ask("TENTH", ChangeCoupon(coupon(is_active=False)))

    await reserve(node, "first")
    await node.ask("TENTH", RedeemCoupon("first"))

    assert await standing(node) == Standing(1, 1)


async def test_a_code_nobody_defined_is_no_coupon(node: Club) -> None:
    offered = await node.ask("NOTHING", GetCoupon("ann"))

    assert (offered.code, offered.coupon) == ("NOTHING", None)
    with pytest.raises(CouponNotFound):
        await reserve(node, "first")
    with pytest.raises(CouponNotFound):
        await node.ask("TENTH", ChangeCoupon(TENTH))
    assert node.storage.documents.get("coupons", {}) == {}


async def test_a_coupon_is_defined_once(node: Club) -> None:
    first = await define(node)

    with pytest.raises(CouponExists):
        await define(node, discount_value=50)

    offered = await node.ask("TENTH", GetCoupon())
    assert (first.version, offered.coupon) == (1, TENTH)


async def test_a_changed_coupon_keeps_its_uses(node: Club) -> None:
    await define(node)
    await reserve(node, "first")
    await reserve(node, "second")
    await node.ask("TENTH", RedeemCoupon("first"))

    changed = await node.ask(
        "TENTH", ChangeCoupon(coupon(discount_value=50), expected_version=1)
    )

    assert (changed.version, changed.used, changed.reserved) == (2, 1, 1)


async def test_the_same_coupon_again_is_no_change(node: Club) -> None:
    await define(node)

    same = await node.ask("TENTH", ChangeCoupon(TENTH))

    assert same.version == 1


async def test_a_stale_operator_is_refused(node: Club) -> None:
    await define(node)
    await node.ask("TENTH", ChangeCoupon(coupon(discount_value=50)))

    with pytest.raises(CouponChanged):
        await node.ask("TENTH", ChangeCoupon(TENTH, expected_version=1))


async def test_what_takes_nothing_off_is_no_coupon(node: Club) -> None:
    with pytest.raises(Malformed):
        await define(node, discount_value=0)


async def test_a_failed_commit_leaves_no_reservation(node: Club) -> None:
    await define(node)
    node.storage.fail_next(Away("gone"))

    with pytest.raises(Unavailable):
        await reserve(node, "first")

    assert await standing(node) == Standing(0, 0)


async def test_a_coupon_begins_with_the_uses_it_has(node: Club) -> None:
    defined = await define(node, total_limit=100, used_count=100)

    assert (defined.used, defined.coupon.used_count) == (100, 0)
    with pytest.raises(CouponLimitReached):
        await reserve(node, "first")


async def test_a_coupon_edited_by_hand_is_adopted_under_a_new_version(
    node: Club,
) -> None:
    await define(node)
    stored = node.storage.documents["coupons"]["TENTH"]["coupon"]
    node.storage.edit("coupons", "TENTH", {"coupon": {**stored, "is_active": False}})
    node.system.refresh("coupon", "TENTH")
    await node.quiet()

    with pytest.raises(CouponInactive):
        await reserve(node, "first")

    assert node.storage.documents["coupons"]["TENTH"]["version"] == 2
