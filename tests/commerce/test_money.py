"""Cents: rounding half-up, splitting without loss, decimals exactly."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.money import basis_points, major, percent, rounded, split
from messages.base import encode_json

cents = st.integers(0, 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(0, 3, 0), (1, 3, 0), (1, 2, 1), (3, 2, 2), (149, 100, 1), (150, 100, 2)],
)
def test_a_half_is_rounded_up(numerator: int, denominator: int, expected: int) -> None:
    assert rounded(numerator, denominator) == expected


@given(cents, st.integers(1, 10**6))
def test_rounding_agrees_with_the_decimal_module(
    numerator: int, denominator: int
) -> None:
    exact = Decimal(numerator) / Decimal(denominator)

    assert rounded(numerator, denominator) == exact.quantize(
        Decimal(1), rounding=ROUND_HALF_UP
    )


def test_percent_and_basis_points_agree() -> None:
    assert percent(299, 50) == basis_points(299, 5000) == 150


@given(cents, weights)
def test_a_split_loses_no_cent(amount: int, over: list[int]) -> None:
    assert sum(split(amount, over)) == amount


@given(cents, weights)
def test_a_share_is_within_one_cent_of_its_exact_part(
    amount: int, over: list[int]
) -> None:
    shares = split(amount, over)

    whole = sum(over)
    assert not whole or all(
        abs(share * whole - amount * weight) < whole
        for share, weight in zip(shares, over, strict=True)
    )


@given(weights, st.data())
def test_a_share_never_exceeds_its_weight(over: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(over)))

    shares = split(amount, over)

    assert all(share <= weight for share, weight in zip(shares, over, strict=True))


def test_ties_go_to_the_first_line() -> None:
    assert split(2, [1, 1, 1]) == (1, 1, 0)


def test_without_weights_the_first_takes_all() -> None:
    assert split(7, [0, 0]) == (7, 0)


def test_over_nothing_there_are_no_shares() -> None:
    assert split(0, []) == ()


@given(cents)
def test_cents_survive_the_way_through_json(amount: int) -> None:
    told = encode_json(major(amount)).decode()

    assert Decimal(told) * 100 == amount


@pytest.mark.parametrize(
    ("amount", "told"),
    [(12999, b"129.99"), (5, b"0.05"), (100, b"1.00"), (0, b"0.00"), (10, b"0.10")],
)
def test_money_is_told_with_two_places(amount: int, told: bytes) -> None:
    assert encode_json(major(amount)) == told
