"""What is sold is set aside, and nothing else is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from commerce.hold import summed
from commerce.reconciliation import Claim, differences
from commerce.stock import Hold, Stock, counted

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def shelf(holds: Mapping[str, Hold] | None = None, on_hand: int = 9) -> Stock:
    bare = Stock(sku="lamp", product_id="lamp", on_hand={"east": on_hand})
    return counted(summed(replace(bare, holds=dict(holds or {}))))


def sold(units: int) -> Hold:
    return Hold(places={"east": units}, expires_at=NOON, committed=True)


def claim(status: Any = "confirmed", phase: Any = "confirmed", units: int = 2) -> Any:
    made = Claim(order_id="o1", status=status, phase=phase, units={"lamp": units})
    return {"o1": made}


def found(stock: Stock, claims: Mapping[str, Claim]) -> list[tuple[str, int, int]]:
    return [
        (each.what, each.expected, each.found) for each in differences([stock], claims)
    ]


@pytest.mark.parametrize("status", ["confirmed", "processing"])
def test_a_paid_order_with_its_units_set_aside_is_right(status: str) -> None:
    assert found(shelf({"o1": sold(2)}), claim(status)) == []


def test_a_paid_order_without_its_units_is_told() -> None:
    assert found(shelf(), claim()) == [("nothing_set_aside", 2, 0)]


def test_units_that_are_only_held_may_lapse_and_are_not_sold() -> None:
    held = replace(sold(2), committed=False)

    assert found(shelf({"o1": held}), claim()) == [("nothing_set_aside", 2, 0)]


def test_other_units_than_were_paid_are_told() -> None:
    assert found(shelf({"o1": sold(3)}), claim()) == [("other_units", 2, 3)]


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_units_of_an_order_that_needs_them_no_more_are_nobodys(status: str) -> None:
    assert found(shelf({"o1": sold(2)}), claim(status)) == [("nobodys", 0, 2)]


@pytest.mark.parametrize("phase", ["undone", "confirmed"])
def test_units_of_a_cancelled_order_are_left_behind(phase: str) -> None:
    wrong = found(shelf({"o1": sold(2)}), claim("cancelled", phase))

    assert wrong == [("left_behind", 0, 2)]


@pytest.mark.parametrize("phase", ["opened", "reserved"])
def test_a_session_has_bought_nothing_yet(phase: str) -> None:
    wrong = found(shelf({"o1": sold(2)}), claim("pending", phase))

    assert wrong == [("nobodys", 0, 2)]


def test_units_of_no_order_at_all_are_nobodys() -> None:
    assert found(shelf({"o1": sold(2)}), {}) == [("nobodys", 0, 2)]


@pytest.mark.parametrize("holds", [{}, {"o1": sold(2)}])
@pytest.mark.parametrize("phase", ["paying", "undoing"])
def test_while_it_is_paid_or_undone_either_is_right(
    phase: str, holds: Mapping[str, Hold]
) -> None:
    assert found(shelf(holds), claim("pending", phase)) == []


def test_sums_that_are_not_those_of_the_holds_are_told() -> None:
    wrong = replace(shelf({"o1": sold(2)}), committed={"east": 1})

    assert found(wrong, claim()) == [("sums", 0, 0)]


def test_a_shelf_with_less_than_was_sold_is_told() -> None:
    assert found(shelf({"o1": sold(2)}, on_hand=1), claim()) == [
        ("oversubscribed", 0, 0)
    ]


def test_a_shelf_that_nobody_can_read_is_told() -> None:
    assert found(shelf(on_hand=-1), {}) == [("uncounted", 0, 0)]


def test_a_variant_that_is_not_there_at_all_is_told() -> None:
    [one] = differences([], claim())

    assert (one.what, one.order_id) == ("nothing_set_aside", "o1")
