"""Tiers: earned at once, kept for a year and a grace, never lost by spending."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commerce import pricing
from commerce.ledger import Entry
from commerce.loyalty import (
    earn_pending,
    reverse,
)
from commerce.purse import (
    Purse,
    earnings,
)
from commerce.tier import (
    Earned,
    Held,
    Program,
    earned_tier,
    kept_until,
    progress,
    standing,
    terms,
    tier,
)
from tests.commerce.purses import DAY, NOON, PROGRAM, TOLD, cause, earned, spent


def test_the_program_is_that_of_the_demo_shop() -> None:
    told = TOLD["rules"]["points"]

    assert Program(tiers=PROGRAM.tiers) == Program(
        tiers=PROGRAM.tiers,
        min_redeem=told["min_redeem"],
        expire_days=told["expire_days"],
        expiry_warning_days=told["expiry_warning_days"],
        tier_window_days=told["tier_window_days"],
        tier_hold_days=told["tier_hold_days"],
        tier_grace_days=told["tier_grace_days"],
    )


@pytest.mark.parametrize(
    ("points", "found"),
    [
        (0, "bronze"),
        (499, "bronze"),
        (500, "silver"),
        (2000, "gold"),
        (5000, "platinum"),
    ],
)
def test_a_tier_begins_with_its_points(points: int, found: str) -> None:
    assert earned(points).tier.tier == found


def test_a_tier_is_worth_at_the_till_what_the_table_says() -> None:
    assert terms(PROGRAM, "gold") == pricing.Tier(10, 20, free_shipping=True)
    assert tier(PROGRAM, "retired-tier").id == "bronze"


def test_spending_never_lowers_a_tier() -> None:
    assert spent(earned(500), 500, "second").tier == Held("silver", NOON)


def test_a_return_takes_back_what_counts_for_the_next_tier() -> None:
    purse, _ = reverse(earned(2000), 1, cause("return"))

    assert earned_tier(PROGRAM, earnings(purse), NOON) == "silver"
    assert purse.tier.tier == "gold"


GOLD = Held("gold", NOON)


@pytest.mark.parametrize(
    ("days", "found"), [(364, "gold"), (365, "gold"), (394, "gold"), (395, "bronze")]
)
def test_a_tier_is_kept_for_a_year_and_a_grace(days: int, found: str) -> None:
    earned = [Earned(NOON, 2000)]

    assert standing(PROGRAM, GOLD, earned, NOON + days * DAY).tier == found


def test_a_tier_falls_to_the_one_that_was_earned_meanwhile() -> None:
    earned = [Earned(NOON, 2000), Earned(NOON + 100 * DAY, 600)]

    found = standing(PROGRAM, GOLD, earned, NOON + 395 * DAY)

    assert found == Held("silver", NOON + 395 * DAY)


def test_who_looks_very_late_sees_every_fall_at_its_own_moment() -> None:
    earned = [Earned(NOON, 2000), Earned(NOON + 100 * DAY, 600)]

    found = standing(PROGRAM, GOLD, earned, NOON + 800 * DAY)

    assert found == Held("bronze", NOON + 790 * DAY)


def test_a_tier_earned_again_is_kept_for_another_year() -> None:
    earned = [Earned(NOON, 2000), Earned(NOON + 300 * DAY, 2000)]

    found = standing(PROGRAM, GOLD, earned, NOON + 400 * DAY)

    assert found == Held("gold", NOON + 365 * DAY)


def test_a_tier_earned_in_its_grace_is_kept_from_then_on() -> None:
    at = NOON + 380 * DAY

    assert standing(PROGRAM, GOLD, [Earned(at, 2000)], at) == Held("gold", at)


@given(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 3000)), max_size=8),
    st.lists(st.integers(0, 1500), max_size=12),
)
def test_a_tier_does_not_depend_on_how_often_somebody_looks(
    told: list[tuple[int, int]], looks: list[int]
) -> None:
    earned = [Earned(NOON + day * DAY, points) for day, points in sorted(told)]
    end = NOON + 1500 * DAY

    def at_the_end(moments: list[datetime]) -> str:
        held = Held("bronze")
        for moment in [*sorted(moments), end]:
            known = [each for each in earned if each.at <= moment]
            held = standing(PROGRAM, held, known, moment)
        return held.tier

    events = [each.at for each in earned]
    assert at_the_end(events) == at_the_end(
        [*events, *(NOON + day * DAY for day in looks)]
    )


def test_the_lowest_tier_lasts_for_ever() -> None:
    assert kept_until(PROGRAM, Held("bronze", NOON)) is None
    assert kept_until(PROGRAM, GOLD) == NOON + 365 * DAY


def test_the_way_to_the_next_tier_is_told() -> None:
    found = progress(PROGRAM, Held("silver", NOON), [Earned(NOON, 640)], NOON)

    assert found is not None
    assert (found.tier.id, found.earned, found.missing) == ("gold", 640, 1360)


def test_above_the_highest_tier_there_is_none() -> None:
    assert progress(PROGRAM, Held("platinum", NOON), [], NOON) is None


def test_an_actors_state_keeps_its_type_through_every_booking() -> None:
    class Account(Purse, frozen=True, kw_only=True):
        ledger: tuple[Entry, ...] = ()

    purse, entries = earn_pending(Account(user_id="ann"), 5, cause("earn"))

    assert replace(purse, ledger=entries).ledger[0].pending == 5
