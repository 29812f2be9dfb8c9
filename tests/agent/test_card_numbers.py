"""Card numbers are masked however they are written; other numbers stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.card_numbers import masked

FULL_WIDTH = "".join(chr(0xFEE0 + ord(each)) for each in "4242424242424242")
CIRCLED, RAISED = "\u2463\u2461" * 8, "\u2074\u00b2" * 8
KEYCAPS = "4\ufe0f\u20e3 2\ufe0f\u20e3 " * 8
ARABIC = "".join(chr(0x0660 + int(each)) for each in "4242424242424242")


@pytest.mark.parametrize(
    "said",
    [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "4242.4242.4242.4242",
        "4242 - 4242 - 4242 - 4242",
        "4242\u20114242\u20134242\u20144242",
        "4242\u00a04242\u200b4242\u20604242",
        "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
        FULL_WIDTH,
        ARABIC,
        "no4242424242424242x",
        "4242424242424242 123",
        "00004242424242424242",
        "4242,4242,4242,4242",
        "4242, 4242, 4242, 4242",
        "4242:4242;4242+4242",
        "(4242)(4242)[4242][4242]",
        "4242     4242     4242     4242",
        "4242 -- 4242 -- 4242 -- 4242",
        "4242\u00ad4242\u22124242\u00b74242",
        CIRCLED,
        RAISED,
        KEYCAPS,
    ],
)
def test_a_card_number_is_masked(said: str) -> None:
    heard = masked(f"my card is {said}, ok?")

    assert "[card ending 4242]" in heard
    assert "424242" not in heard
    for digits in (FULL_WIDTH, ARABIC, CIRCLED, RAISED, KEYCAPS):
        assert digits[:6] not in heard
    assert heard.startswith("my card is ")
    assert heard.endswith(", ok?")


@pytest.mark.parametrize(
    ("number", "last"),
    [
        ("5555555555554444", "4444"),
        ("2223003122003222", "3222"),
        ("378282246310005", "0005"),
        ("36227206271667", "1667"),
        ("3566002020360505", "0505"),
        ("6011111111111117", "1117"),
        ("6200000000000005", "0005"),
    ],
)
def test_every_brand_is_known(number: str, last: str) -> None:
    assert masked(number) == f"[card ending {last}]"


@pytest.mark.parametrize(
    "said",
    [
        "4242424242424241",
        "call +91 98765 43210",
        "order ORD-1001 of 2026-11-23 at 10:15",
        "1299, 1499, 1599, 1799",
        "under 5000, size 42",
        "tracking 1Z999AA10123456784",
    ],
)
def test_other_numbers_stay(said: str) -> None:
    assert masked(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "cvc 123",
        "CVV: 1234",
        "my security code is 123",
        "cvv2=123",
        "cvv123",
        "the CVV number is = 123",
        "card verification value 123",
        "4242424242424242 123",
        "4242 4242 4242 4242, 12/27, 123",
        "4242424242424242 12/2027 123",
    ],
)
def test_a_security_code_is_hidden(said: str) -> None:
    assert "123" not in masked(said)
    assert "[hidden]" in masked(said)


@pytest.mark.parametrize(
    "said", ["4242424242424242 12/27", "4242424242424242 for 2 lamps"]
)
def test_what_is_no_code_stays_behind_a_number(said: str) -> None:
    assert masked(said) == said.replace("4242424242424242", "[card ending 4242]")


def test_two_cards_are_two() -> None:
    heard = masked("4242424242424242 or 5555 5555 5555 4444")

    assert heard == "[card ending 4242] or [card ending 4444]"


@given(st.text(), st.text())
def test_whatever_stands_around_it_no_card_number_is_left(
    before: str, after: str
) -> None:
    heard = masked(f"{before} a 4242 4242 4242 4242 b {after}")

    assert "4242 4242" not in heard


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)
