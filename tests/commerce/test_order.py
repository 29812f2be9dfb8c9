"""Orders: they move only where a way leads, and their history is what happened."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import get_args

import bson
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commerce.errors import IllegalTransition, Malformed, PriceChanged
from commerce.order import (
    CouponUsed,
    Order,
    Phase,
    Status,
    check_price,
    estimated_delivery,
    happened_at,
    is_session,
    number,
    totals,
    tracking_number,
)
from commerce.order_status import (
    CHECKOUT,
    ORDER,
    By,
    cancel,
    confirm,
    deliver,
    moved_on,
    place,
    process,
    returned,
    ship,
)
from commerce.pricing import Item, Terms, breakdown
from tests.commerce.orders import (
    DELIVERED,
    NOON,
    delivered,
    order_of,
    paid,
    session,
    shipped,
)

LAMP = [Item("lamp", 2, 4999)]
STEPS: dict[str, Callable[[Order], Order]] = {
    "confirmed": lambda order: confirm(order, NOON),
    "processing": lambda order: process(order, NOON),
    "shipped": lambda order: ship(order, NOON, tracking_number="1Z999", carrier="UPS"),
    "delivered": lambda order: deliver(order, NOON),
    "returned": lambda order: returned(order, NOON),
    "cancelled": lambda order: cancel(order, NOON, by="operator", reason="lost"),
}


@pytest.mark.parametrize("now", get_args(Status))
@pytest.mark.parametrize("to", STEPS)
def test_an_order_moves_only_where_a_way_leads(now: Status, to: Status) -> None:
    order = replace(order_of(LAMP), status=now)

    if to in ORDER[now]:
        assert STEPS[to](order).status == to
        return
    with pytest.raises(IllegalTransition) as refused:
        STEPS[to](order)
    assert refused.value.details["from"] == now
    assert refused.value.details["to"] == to


def test_a_refusal_names_the_ways_there_are() -> None:
    with pytest.raises(IllegalTransition) as refused:
        deliver(paid(order_of(LAMP)), NOON)

    assert refused.value.details == {
        "from": "confirmed", "to": "delivered", "allowed": ["cancelled", "processing"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("now", "may"),
    [
        ("pending", {"user", "operator", "system"}),
        ("confirmed", {"user", "operator"}),
        ("processing", {"operator"}),
        ("shipped", set()),
        ("cancelled", set()),
    ],
)
@pytest.mark.parametrize("by", get_args(By))
def test_who_may_cancel_depends_on_how_far_it_is(
    now: Status, may: set[By], by: By
) -> None:
    order = replace(order_of(LAMP), status=now)

    if by in may:
        assert cancel(order, NOON, by=by, reason="too late").reason == "too late"
        return
    with pytest.raises(IllegalTransition) as refused:
        cancel(order, NOON, by=by, reason="too late")
    assert refused.value.details["allowed"] == []


def test_the_history_is_written_by_what_happens_and_by_nothing_else() -> None:
    order = delivered(order_of(LAMP))

    assert [(each.status, each.at) for each in order.history] == [
        ("pending", NOON),
        ("confirmed", NOON),
        ("processing", NOON),
        ("shipped", NOON),
        ("delivered", DELIVERED),
    ]
    assert order.history[-1].location == "Boston"


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_the_history_ends_with_the_state_and_names_none_twice(
    steps: list[str],
) -> None:
    order = place(order_of(LAMP), NOON)

    for step in steps:
        try:
            after = STEPS[step](order)
        except IllegalTransition:
            continue
        assert after.version == order.version + 1
        order = after

    told = [each.status for each in order.history]
    assert told[-1] == order.status
    assert len(set(told)) == len(told)


def test_nothing_ships_without_a_tracking_number() -> None:
    order = process(paid(order_of(LAMP)), NOON)

    with pytest.raises(Malformed):
        ship(order, NOON, tracking_number=" ", carrier="UPS")


def test_one_parcel_leaves_each_warehouse() -> None:
    order = order_of([Item("lamp", 3, 100), Item("rug", 1, 100)])
    lamp, rug = order.lines
    lines = (replace(lamp, places={"east": 1, "west": 2}), rug)

    order = shipped(replace(order, lines=lines))

    assert [(each.warehouse, each.units) for each in order.parcels] == [
        ("east", {"lamp": 1, "rug": 1}),
        ("west", {"lamp": 2}),
    ]
    assert tracking_number(order) == "1Z999"


def test_before_it_ships_there_is_no_tracking_number() -> None:
    assert tracking_number(paid(order_of(LAMP))) is None


def test_delivery_is_promised_once_it_is_paid_and_never_part_of_the_history() -> None:
    assert estimated_delivery(order_of(LAMP)) is None
    assert estimated_delivery(paid(order_of(LAMP))) == NOON + timedelta(days=5)
    fast = replace(paid(order_of(LAMP)), shipping_method="express")
    assert estimated_delivery(fast) == NOON + timedelta(days=2)
    assert happened_at(fast, "delivered") is None


def test_a_checkout_session_is_no_order_until_it_is_placed() -> None:
    order = session()

    placed = place(order, NOON)

    assert (is_session(order), is_session(placed)) == (True, False)
    assert place(placed, DELIVERED) is placed


@pytest.mark.parametrize("now", CHECKOUT)
@pytest.mark.parametrize("to", CHECKOUT)
def test_a_checkout_goes_on_or_back_and_behind_the_pivot_only_forward(
    now: Phase, to: Phase
) -> None:
    order = replace(session(), phase=now)

    if to == now:
        assert moved_on(order, to, NOON) is order
    elif to in CHECKOUT[now]:
        assert moved_on(order, to, NOON).phase == to
    else:
        with pytest.raises(IllegalTransition):
            moved_on(order, to, NOON)


def test_nothing_is_undone_that_is_confirmed() -> None:
    assert CHECKOUT["confirmed"] == ()


@given(st.text(min_size=1, max_size=64))
def test_an_order_number_is_short_readable_and_always_the_same(order_id: str) -> None:
    assert re.fullmatch(r"ORD-[0-9A-HJKMNP-TV-Z]{8}", number(order_id))
    assert number(order_id) == number(order_id)


def test_different_orders_have_different_numbers() -> None:
    numbers = {number(f"order-{each}") for each in range(2000)}

    assert len(numbers) == 2000


def test_an_order_number_does_not_change_with_the_code() -> None:
    assert number("order-1") == "ORD-WA1RSWBD"


def test_another_price_than_was_shown_is_told_with_both() -> None:
    with pytest.raises(PriceChanged) as refused:
        check_price(1999, 2099)

    assert refused.value.details == {"old": Decimal("19.99"), "new": Decimal("20.99")}


@pytest.mark.parametrize("shown", [None, 1999])
def test_the_price_that_was_shown_is_charged(shown: int | None) -> None:
    check_price(shown, 1999)


def test_the_totals_are_those_of_the_breakdown() -> None:
    found = breakdown(LAMP, Terms(points=300))

    told = totals(found, "USD")

    assert (told.currency, told.total) == ("USD", found.total)
    assert told.total == told.merchandise + told.shipping + told.tax


def test_an_order_of_twenty_lines_fits_its_document() -> None:
    order = order_of([Item(f"SOME-LONG-SKU-{each}", 9, 99999) for each in range(20)])
    lines = tuple(
        replace(
            each,
            name="A product with a really rather long name " * 2,
            color="Midnight Black",
            size="Extra Extra Large",
            image="/static/products/SOME-LONG-SKU-00.svg",
            category="Beauty & Personal Care",
            places={"east": 3, "central": 3, "west": 3},
        )
        for each in order.lines
    )
    coupons = (CouponUsed("WELCOME10", 2000), CouponUsed("FREESHIP", 599))

    order = delivered(replace(order, lines=lines, coupons=coupons))

    body = msgspec.to_builtins(order, builtin_types=(type(NOON),))
    for keyed in ("returns", "refunds"):
        del body[keyed]
    assert len(bson.encode(body)) <= 16 * 1024


def test_an_order_survives_being_stored() -> None:
    order = delivered(order_of(LAMP))

    stored = msgspec.to_builtins(order, builtin_types=(type(NOON),))

    assert msgspec.convert(stored, Order) == order
