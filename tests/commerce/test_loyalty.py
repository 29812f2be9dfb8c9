"""Points: the ledger adds up to the balance, whatever happens, and tiers are kept."""

import pytest

from commerce.errors import CommerceError, Malformed
from commerce.ledger import NOTHING, Cause, add_up
from commerce.lots import Lot
from commerce.loyalty import (
    adjust,
    earn_pending,
    expire,
    hold,
    release,
    restore,
    reverse,
)
from commerce.purse import (
    FORGET_AFTER,
    available,
    check_redeem,
    expiring,
    forget,
    held,
    next_expiry,
    tiered,
)
from tests.commerce.purses import DAY, NEW, NOON, PROGRAM, cause, earned, more, spent


def test_points_are_pending_until_the_order_is_delivered() -> None:
    purse, entries = earn_pending(NEW, 233, cause("earn"))

    assert (purse.balance, purse.pending, available(purse)) == (0, 233, 0)
    assert [each.kind for each in entries] == ["earn_pending"]


def test_delivered_points_can_be_spent_for_a_year() -> None:
    purse = earned(233)

    assert (purse.balance, purse.pending) == (233, 0)
    assert purse.lots == {"first": Lot(233, NOON + 365 * DAY)}


def test_the_same_key_again_appends_nothing() -> None:
    purse, _ = earn_pending(NEW, 233, cause("earn"))

    assert earn_pending(purse, 233, cause("earn")) == (purse, ())


def test_the_oldest_lot_is_spent_first() -> None:
    purse = more(earned(100, NOON + DAY, "young"), 100, NOON, "old")

    purse = spent(purse, 150, "third")

    assert purse.lots == {"young": Lot(50, NOON + 366 * DAY)}


def test_points_held_for_one_checkout_are_not_there_for_another() -> None:
    purse, _ = hold(earned(300), 200, cause("hold", order="second"))

    with pytest.raises(CommerceError) as refused:
        hold(purse, 101, cause("hold", order="third"))

    assert refused.value.code == "insufficient_points"
    assert refused.value.details == {"asked": 101, "available": 100}


def test_released_points_are_back_in_their_lots() -> None:
    purse = earned(300)

    after, _ = hold(purse, 200, cause("hold", order="second"))
    after, _ = release(after, cause("release", order="second"))

    assert (after.lots, held(after)) == (purse.lots, 0)


def test_points_do_not_expire_while_somebody_pays_with_them() -> None:
    purse, _ = hold(earned(300), 200, cause("hold", order="second"))

    purse, entries = expire(purse, NOON + 365 * DAY)

    assert (purse.balance, entries[0].points, entries[0].lot) == (200, -100, "first")


@pytest.mark.parametrize(
    ("points", "code"), [(99, "points_minimum"), (301, "insufficient_points")]
)
def test_a_cart_takes_at_least_a_hundred_and_at_most_what_is_there(
    points: int, code: str
) -> None:
    with pytest.raises(CommerceError) as refused:
        check_redeem(earned(300), points, PROGRAM)

    assert refused.value.code == code


def test_all_that_is_there_may_be_redeemed() -> None:
    assert check_redeem(earned(300), 300, PROGRAM) == 300


def test_a_reversal_takes_from_the_orders_own_lot_first() -> None:
    purse = more(earned(100, order="old"), 100, NOON + DAY, "young")

    purse, _ = reverse(purse, 60, cause("return", order="young"))

    assert {key: each.points for key, each in purse.lots.items()} == {
        "old": 100, "young": 40,
    }  # fmt: skip


def test_what_a_reversal_does_not_find_is_a_debt_that_the_next_points_pay() -> None:
    purse = spent(earned(100), 100, "second")

    purse, _ = reverse(purse, 100, cause("return"))
    assert (purse.balance, available(purse), purse.debt) == (-100, 0, 100)
    purse = more(purse, 130, NOON, "third")

    assert (purse.balance, available(purse), purse.debt) == (30, 30, 0)


def test_a_reversal_takes_at_most_what_the_order_earned() -> None:
    purse, _ = reverse(earned(100), 70, cause("return-1"))

    purse, entries = reverse(purse, 70, cause("return-2"))

    assert (purse.balance, entries[0].points) == (0, -30)


def test_a_cancelled_order_takes_back_what_was_only_promised() -> None:
    purse, _ = earn_pending(NEW, 100, cause("earn"))

    purse, _ = reverse(purse, 100, cause("cancel"))

    assert (purse.pending, purse.balance, purse.debt) == (0, 0, 0)


def test_restored_points_go_back_to_their_lots_in_proportion() -> None:
    purse = more(earned(100, order="old"), 300, NOON + DAY, "young")

    purse = spent(purse, 400, "third")
    purse, _ = restore(purse, 100, cause("return", order="third"), PROGRAM)

    assert {key: each.points for key, each in purse.lots.items()} == {
        "old": 25, "young": 75,
    }  # fmt: skip


def test_restored_points_live_for_thirty_days_at_least() -> None:
    late = NOON + 360 * DAY
    purse = spent(earned(100), 60, "second")

    purse, _ = restore(purse, 60, cause("return", late, "second"), PROGRAM)

    lives = sorted(each.expires_at for each in purse.lots.values())
    assert lives == [NOON + 365 * DAY, late + 30 * DAY]


def test_no_more_is_restored_than_was_spent() -> None:
    purse = spent(earned(100), 60, "second")

    purse, _ = restore(purse, 90, cause("return", order="second"), PROGRAM)

    assert purse.balance == 100
    assert restore(purse, 1, cause("again", order="second"), PROGRAM) == (purse, ())


def test_by_hand_a_balance_does_not_become_negative() -> None:
    with pytest.raises(CommerceError):
        adjust(earned(100), -101, Cause("oops", NOON), PROGRAM)


def test_points_by_hand_earn_no_tier() -> None:
    purse, _ = adjust(NEW, 9000, Cause("gift", NOON), PROGRAM)

    assert tiered(purse, NOON, PROGRAM) is purse


@pytest.mark.parametrize("book", [earn_pending, hold, reverse])
def test_nobody_earns_less_than_nothing(book: object) -> None:
    with pytest.raises(Malformed):
        book(NEW, -1, cause("k"))  # type: ignore[operator]


def test_a_warning_names_what_expires_within_thirty_days() -> None:
    purse = more(earned(100), 50, NOON + 9 * DAY, "second")

    warned = expiring(purse, NOON + 345 * DAY, PROGRAM)

    assert [each.points for each in warned] == [100, 50]
    assert expiring(purse, NOON + 334 * DAY, PROGRAM) == ()


def test_what_is_released_after_its_time_expires_in_its_own_entry() -> None:
    purse, _ = hold(earned(300), 200, cause("hold", order="second"))
    purse, first = expire(purse, NOON + 365 * DAY)

    purse, _ = release(purse, cause("release", NOON + 366 * DAY, "second"))
    assert next_expiry(purse) == NOON + 365 * DAY
    purse, second = expire(purse, NOON + 366 * DAY)

    assert purse.balance == 0
    assert first[0].id != second[0].id


def test_what_is_too_old_to_matter_is_forgotten_and_the_balance_stays() -> None:
    purse = spent(earned(300), 100, "second")

    kept = forget(purse, NOON + FORGET_AFTER)

    assert (kept.orders, kept.seen, kept.balance) == ({}, {}, 200)
    assert forget(purse, NOON) == purse


def test_a_ledger_is_added_up_in_pieces() -> None:
    _, first = earn_pending(NEW, 10, cause("a"))
    _, second = earn_pending(NEW, 5, cause("b"))

    assert add_up(second, add_up(first)) == add_up((*first, *second))
    assert add_up(()) == NOTHING
