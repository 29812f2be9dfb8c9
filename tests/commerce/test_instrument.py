"""Instruments: what is wrong with one is told before any bank is asked."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.errors import CommerceError
from commerce.instrument import (
    GiftCard,
    brand_of,
    checked_card,
    checked_vpa,
    luhn,
    masked,
    shown_decline,
    usable,
)
from commerce.payment import (
    Means,
)

TOLD = json.loads((Path(__file__).parents[2] / "data" / "coupons.json").read_text())[
    "payment_instruments"
]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CARD = Means("card-1", "card", brand="visa", last_four="4242")


@pytest.mark.parametrize("told", TOLD["cards"], ids=lambda told: str(told["number"]))
def test_a_test_card_is_known_by_its_brand_and_its_check_digit(
    told: dict[str, Any],
) -> None:
    assert brand_of(told["number"]) == told["brand"]
    assert luhn(told["number"]) == (told.get("code") != "incorrect_number")


@given(st.integers(10**11, 10**18), st.integers(0, 17))
def test_one_wrong_digit_is_noticed(body: int, at: int) -> None:
    right = next(f"{body}{each}" for each in range(10) if luhn(f"{body}{each}"))
    place = at % len(right)
    wrong = str((int(right[place]) + 1) % 10)

    assert not luhn(right[:place] + wrong + right[place + 1 :])


def test_of_a_card_only_brand_and_last_four_remain() -> None:
    face = checked_card("4242 4242-4242 4242", 5, 2026, "123", NOON)

    assert (face.brand, face.last_four) == ("visa", "4242")
    assert "42424" not in str(face)


@pytest.mark.parametrize(
    ("number", "month", "year", "cvc", "code"),
    [
        ("4242424242424241", 12, 2030, "123", "incorrect_number"),
        ("42", 12, 2030, "123", "incorrect_number"),
        ("4242x24242424242", 12, 2030, "123", "incorrect_number"),
        ("4242424242424242", 4, 2026, "123", "expired_card"),
        ("4242424242424242", 13, 2030, "123", "expired_card"),
        ("4242424242424242", 12, 2030, "1234", "incorrect_cvc"),
        ("378282246310005", 12, 2030, "123", "incorrect_cvc"),
    ],
)
def test_a_card_that_no_bank_would_take_is_refused_before_it_is_asked(
    number: str, month: int, year: int, cvc: str, code: str
) -> None:
    with pytest.raises(CommerceError) as refused:
        checked_card(number, month, year, cvc, NOON)

    assert refused.value.code == code
    assert number not in str(refused.value.details) + refused.value.message


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("2221000000000009", "mastercard"), ("2720990000000007", "mastercard"),
        ("2721000000000004", "unknown"), ("6011111111111117", "discover"),
        ("3530111333300000", "jcb"), ("36227206271667", "diners"),
        ("6200000000000005", "unionpay"), ("8100000000000000", "rupay"),
    ],
)  # fmt: skip
def test_a_brand_is_told_by_the_first_digits(number: str, brand: str) -> None:
    assert brand_of(number) == brand


@pytest.mark.parametrize("told", TOLD["upi"], ids=lambda told: str(told["vpa"]))
def test_a_upi_id_must_look_like_one(told: dict[str, Any]) -> None:
    if "format" not in told.get("note", ""):
        assert checked_vpa(told["vpa"]) == told["vpa"]
        return
    with pytest.raises(CommerceError) as refused:
        checked_vpa(told["vpa"])
    assert refused.value.code == "invalid_vpa"


@pytest.mark.parametrize("told", TOLD["gift_cards"], ids=lambda told: str(told["code"]))
def test_a_gift_card_is_good_for_its_balance_or_says_why_not(
    told: dict[str, Any],
) -> None:
    card = msgspec.convert(told, GiftCard)

    if "outcome" not in told:
        assert usable(card, NOON) == told["balance_cents"]
        return
    with pytest.raises(CommerceError) as refused:
        usable(card, NOON)
    assert refused.value.code == told["outcome"]
    assert told["code"] not in refused.value.message


def test_what_another_order_holds_of_a_gift_card_is_not_there() -> None:
    card = GiftCard(code="GIFT-RACE-0001", balance_cents=3000, held_cents=3000)

    with pytest.raises(CommerceError) as refused:
        usable(card, NOON)

    assert refused.value.code == "gift_card_empty"


def test_a_number_is_shown_by_its_last_four() -> None:
    assert masked("4242424242424242") == "•••• 4242"


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "generic_decline"])
def test_a_thief_does_not_learn_that_the_card_is_known(code: str) -> None:
    assert shown_decline(code) == "generic_decline"


def test_other_declines_are_told_as_they_are() -> None:
    assert shown_decline("insufficient_funds") == "insufficient_funds"
