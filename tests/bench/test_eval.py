"""How an evaluation file's expectations are held against what happened."""

from typing import Any

import pytest

from bench.eval_expect import Expected, fact_faults
from bench.eval_ground import Evidence
from bench.eval_match import found_in, has
from bench.eval_talk import Heard

TOOLS = [
    {"name": "search_products", "effect": "read"},
    {"name": "add_to_cart", "effect": "write"},
    {"name": "place_order", "effect": "purchase"},
]


def faults(wanted: dict[str, Any], heard: Heard, **named: Any) -> list[str]:
    return [*Expected(TOOLS).faults(wanted, heard, named)]


@pytest.mark.parametrize(
    ("wanted", "text"),
    [("$34.99", "It costs $34.99."), ("~order|cart", "your CART"), ("~^hi$", "HI")],
)
def test_a_text_is_a_substring_or_an_expression(wanted: str, text: str) -> None:
    assert found_in(wanted, text)


def test_a_plain_text_is_no_expression() -> None:
    assert not found_in("$3.", "$34.99")


def test_only_named_arguments_are_compared() -> None:
    given = {"query": "bluetooth speakers", "max_price_cents": 5000, "limit": 3}

    assert has({"query": "~speaker", "max_price_cents": 5000}, given, {})
    assert not has({"max_price_cents": 4000}, given, {})


def test_a_name_stands_for_its_value() -> None:
    assert has({"quote_id": "$quote_id"}, {"quote_id": "q1"}, {"quote_id": "q1"})
    assert not has({"quote_id": "$quote_id"}, {"quote_id": "q2"}, {"quote_id": "q1"})


def test_an_amount_may_be_told_in_units() -> None:
    assert has({"total_cents": 10003}, {"total": 100.03}, {})


def test_a_list_has_what_is_wanted_in_any_order() -> None:
    given = {"items": [{"sku": "B", "quantity": 1}, {"sku": "A", "quantity": 2}]}

    assert has({"items": [{"sku": "A"}]}, given, {})


def test_reading_more_is_allowed_and_writing_more_is_not() -> None:
    heard = Heard(calls=[("search_products", {}), ("add_to_cart", {"sku": "A"})])

    assert faults({"tools": []}, heard) == [
        "tool add_to_cart {'sku': 'A'} was not to be used"
    ]


def test_what_the_shopper_has_just_confirmed_is_no_tool_too_many() -> None:
    heard = Heard(calls=[("place_order", {"quote_id": "q1"})])

    assert faults({"tools": []}, heard, granted="place_order") == []


def test_a_missing_tool_and_a_forbidden_one_are_told() -> None:
    heard = Heard(calls=[("place_order", {})])
    wanted = {
        "tools": [{"name": "add_to_cart", "args": {"sku": "A"}}],
        "forbid_tools": ["place_order"],
    }

    found = faults(wanted, heard)

    assert "tool add_to_cart {'sku': 'A'} was not used" in found
    assert "forbidden tool place_order was used" in found


def test_a_run_must_stop_at_what_is_wanted() -> None:
    quote = {"type": "confirm_purchase", "payment_last4": "0002", "total": 37.79}

    assert faults({"interrupt": {"payment_last4": "0002"}}, Heard(quote=quote)) == []
    assert faults({"interrupt": {"payment_last4": "4242"}}, Heard(quote=quote))
    assert faults({"interrupt": {"type": "confirm_purchase"}}, Heard())


def test_the_sums_of_a_case_are_found_in_any_result() -> None:
    results = [{"cart": {"breakdown": {"total_cents": 10003, "tax_cents": 741}}}]

    assert not [*fact_faults({"quote": {"total_cents": 10003}}, results)]
    assert [*fact_faults({"quote": {"total_cents": 10004}}, results)]


@pytest.mark.parametrize(
    "reply",
    [
        "It is $34.99.",
        "3 left, back on December 18.",
        "It arrives by 2026-12-18.",
        "Your order ORD-1002 has TRK-1002.",
        "SUMMER25 saves most.",
    ],
)
def test_what_a_result_tells_is_grounded(reply: str) -> None:
    evidence = Evidence()
    evidence.add({"price_cents": 3499, "available": 3, "restock": "2026-12-18T00:00Z"})
    evidence.add({"order_number": "ORD-1002", "tracking": "TRK-1002"})
    evidence.add({"coupons": [{"code": "SUMMER25"}]})

    assert evidence.orphans(reply, {"SUMMER25", "HALF"}) == []


@pytest.mark.parametrize(
    ("reply", "orphan"),
    [
        ("It is $0.01.", "amount 0.01"),
        ("Only 2 left!", "number 2"),
        ("Back on December 19.", "date 12-19"),
        ("See ORD-1003.", "number ORD-1003"),
        ("Try HALF.", "coupon HALF"),
    ],
)
def test_what_no_result_tells_is_an_orphan(reply: str, orphan: str) -> None:
    evidence = Evidence()
    evidence.add({"price_cents": 3499, "available": 3, "restock": "2026-12-18"})

    assert evidence.orphans(reply, {"SUMMER25", "HALF"}) == [orphan]
