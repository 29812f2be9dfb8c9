"""A loyalty account under any run of steps: in any order, twice, with time going by."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from commerce.errors import CommerceError
from commerce.ledger import Entry, add_up
from commerce.lots import units
from commerce.member import (
    USES_REMEMBERED,
    LoyaltyState,
    Step,
    adjustment,
    aged,
    book,
    count_order,
    next_review,
    orders_placed,
    step,
    uncount_order,
    unuse_coupon,
    use_coupon,
)
from commerce.purse import held, sums
from tests.commerce.purses import DAY, NOON, PROGRAM

NEW = LoyaltyState(user_id="ann")
ORDERS = ("a", "b", "c")

points = st.integers(0, 700)
orders = st.sampled_from(ORDERS)
steps = st.one_of(
    st.builds(step, st.just("earn"), orders, points=points),
    st.builds(step, st.sampled_from(["activate", "spend", "release"]), orders),
    st.builds(step, st.just("hold"), orders, points=points),
    st.builds(
        step,
        st.sampled_from(["reverse", "restore"]),
        orders,
        why=st.sampled_from(["r1", "r2"]),
        points=points,
    ),
    st.builds(
        adjustment, st.sampled_from("xyz"), st.integers(-300, 900), st.just("by hand")
    ),
)


@given(st.lists(st.tuples(steps, st.integers(0, 200)), max_size=25))
def test_after_any_run_the_balance_is_the_sum_of_the_ledger(
    run: list[tuple[Step, int]],
) -> None:
    account, ledger, now = NEW, list[Entry](), NOON
    for each, days in run:
        now += timedelta(days=days)
        account, lines = aged(account, now, PROGRAM)
        ledger += lines
        try:
            account, lines = book(account, each, now, PROGRAM)
        except CommerceError:
            continue
        ledger += lines

    assert add_up(ledger) == sums(account)
    assert account.balance == units(account.lots) + held(account) - account.debt
    assert account.balance >= 0 or account.debt
    assert len({each.id for each in ledger}) == len(ledger)


# What one order sends in its life; each of it until it is answered.
LIFE = (
    step("earn", "a", points=300),
    step("activate", "a"),
    step("reverse", "a", why="r1", points=120),
    step("spend", "a"),
    step("restore", "a", why="r1", points=50),
)


@given(st.permutations(LIFE), st.randoms(use_true_random=False))
def test_in_whatever_order_steps_come_the_account_ends_the_same(
    run: list[Step], random: Random
) -> None:
    begun = begin()
    expected = booked(begun, list(LIFE))

    found = booked(begun, [*run, *random.sample(run, 3)])

    assert sums(found) == sums(expected)
    assert (found.debt, found.waiting) == (expected.debt, {})
    assert found.earned_lifetime == expected.earned_lifetime
    assert found.redeemed_lifetime == expected.redeemed_lifetime


def test_every_step_names_its_order_and_why() -> None:
    assert step("reverse", "a", why="r1").key == "reverse/a/r1"
    assert adjustment("x", 5, "sorry").key == "adjust/x"


def test_the_next_review_is_when_the_first_lot_ends() -> None:
    account = booked(NEW, [adjustment("x", 100, "gift")])

    assert next_review(NEW, NOON, PROGRAM) is None
    assert next_review(account, NOON, PROGRAM) == NOON + 365 * DAY


def test_in_the_days_of_grace_the_next_review_is_their_end() -> None:
    account = booked(NEW, [step("earn", "a", points=600), step("activate", "a")])
    in_grace = NOON + 370 * DAY

    account, _ = aged(account, in_grace, PROGRAM)

    assert account.tier.tier == "silver"
    assert next_review(account, in_grace, PROGRAM) == NOON + 395 * DAY


def test_the_orders_named_for_a_code_stay_few() -> None:
    account = NEW
    for number in range(USES_REMEMBERED + 10):
        account = use_coupon(account, f"o{number}", "TENTH", NOON)

    assert len(account.coupon_uses["TENTH"]) == USES_REMEMBERED
    assert account.coupon_uses["TENTH"][-1] == f"o{USES_REMEMBERED + 9}"


def test_using_and_counting_twice_is_once() -> None:
    account = use_coupon(count_order(NEW, "a", NOON), "a", "TENTH", NOON)

    assert use_coupon(count_order(account, "a", NOON), "a", "TENTH", NOON) is account
    assert orders_placed(uncount_order(NEW, "a", NOON)) == 0
    after = unuse_coupon(account, "a", "TENTH", NOON)
    assert unuse_coupon(after, "a", "TENTH", NOON) is after


def begin() -> LoyaltyState:
    return booked(NEW, [adjustment("x", 500, "gift"), step("hold", "a", points=200)])


def booked(account: LoyaltyState, run: list[Step]) -> LoyaltyState:
    for each in run:
        account, _ = book(account, each, NOON, PROGRAM)
    return account
