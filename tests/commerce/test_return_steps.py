"""Returns: what may come back, and its way to the shelf or the scrap."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from commerce.errors import CommerceError, IllegalTransition, Malformed
from commerce.order import Order, Return, ReturnLine
from commerce.pricing import Item
from commerce.refund import (
    reason_code,
)
from commerce.returnable import ReturnPolicy, returnable, window_ends
from commerce.returns import (
    RETURN,
    BackAtShelf,
    Inspected,
    approve,
    cancel,
    inspect,
    receive,
    refund,
    reject,
    request,
    to_shelf,
    travel,
)
from tests.commerce.orders import (
    DELIVERED,
    POLICY,
    asked,
    delivered,
    order_of,
    paid,
    shipped,
    wanted,
)

LAMPS = [Item("lamp", 3, 1000)]


def refusal(order: Order, new: Return, later: timedelta = timedelta()) -> CommerceError:
    with pytest.raises(CommerceError) as refused:
        request(order, new, DELIVERED + later, POLICY)
    return refused.value


def test_the_policy_is_that_of_the_demo_shop() -> None:
    told = json.loads(
        (Path(__file__).parents[2] / "data" / "coupons.json").read_text()
    )["rules"]["returns"]

    assert ReturnPolicy() == ReturnPolicy(
        window_days=told["window_days"],
        non_returnable_categories=tuple(told["non_returnable_categories"]),
    )


@pytest.mark.parametrize("order", [paid(order_of(LAMPS)), shipped(order_of(LAMPS))])
def test_what_has_not_arrived_cannot_come_back(order: Order) -> None:
    assert refusal(order, wanted(lamp=1)).code == "not_delivered"
    assert window_ends(order, POLICY) is None


def test_the_window_ends_after_thirty_days() -> None:
    order = delivered(order_of(LAMPS))
    last = timedelta(days=30)

    assert request(order, wanted(lamp=1), DELIVERED + last, POLICY)
    late = refusal(order, wanted(lamp=1), last + timedelta(seconds=1))
    assert (late.code, late.details["until"]) == (
        "return_window_closed", DELIVERED + last,
    )  # fmt: skip


@pytest.mark.parametrize("units", [0, -1, 4])
def test_only_units_that_were_bought_come_back(units: int) -> None:
    refused = refusal(delivered(order_of(LAMPS)), wanted(lamp=units))

    assert refused.code == "return_quantity"
    assert refused.details == {"id": "lamp", "asked": units, "returnable": 3}


def test_units_on_their_way_back_do_not_come_back_twice() -> None:
    order = asked(delivered(order_of(LAMPS)), wanted("r1", lamp=2))

    assert refusal(order, wanted("r2", lamp=2)).details["returnable"] == 1


@pytest.mark.parametrize("give_up", ["reject", "cancel"])
def test_units_of_a_return_that_was_given_up_may_come_back(give_up: str) -> None:
    order = asked(delivered(order_of(LAMPS)), wanted("r1", lamp=3))

    order = (
        cancel(order, "r1", DELIVERED)
        if give_up == "cancel"
        else reject(order, "r1", DELIVERED, reason="worn")
    )

    assert returnable(order, order.lines[0]) == 3


@pytest.mark.parametrize("reason", ["changed_mind", "late", "damaged", "Wrong item"])
def test_cosmetics_come_back_only_damaged_or_mistaken(reason: str) -> None:
    order = delivered(order_of(LAMPS, category="Beauty & Personal Care"))

    if reason_code(reason) in {"damaged", "wrong_item"}:
        assert asked(order, wanted(reason=reason, lamp=1)).returns
        return
    assert refusal(order, wanted(reason=reason, lamp=1)).code == "not_returnable"


@pytest.mark.parametrize(
    "lines", [(), (ReturnLine("rug", 1),), (ReturnLine("lamp", 1),) * 2]
)
def test_a_return_names_items_of_the_order_once(lines: tuple[ReturnLine, ...]) -> None:
    new = replace(wanted(), lines=lines)

    assert isinstance(refusal(delivered(order_of(LAMPS)), new), Malformed)


@pytest.mark.parametrize("told", ["Wrong item", "wrong-item", " WRONG_ITEM "])
def test_a_reason_is_read_however_it_is_written(told: str) -> None:
    assert reason_code(told) == "wrong_item"


# Its way


def test_a_return_goes_its_whole_way_and_says_when() -> None:
    order = asked(delivered(order_of(LAMPS)), wanted(lamp=1))
    order = approve(order, "r1", DELIVERED)
    order = travel(order, "r1", DELIVERED)
    order = receive(order, "r1", DELIVERED, warehouse="west")
    order = inspect(order, "r1", DELIVERED, [Inspected("lamp", 1, True)])
    order, refunds = refund(order, "r1", DELIVERED)

    assert [each.status for each in order.returns["r1"].history] == [
        "requested", "approved", "in_transit", "received", "inspected", "refunded",
    ]  # fmt: skip
    assert [(each.id, each.amount) for each in refunds] == [("r1/0", 1080)]


STEPS: dict[str, Any] = {
    "approved": lambda order: approve(order, "r1", DELIVERED),
    "in_transit": lambda order: travel(order, "r1", DELIVERED),
    "received": lambda order: receive(order, "r1", DELIVERED, warehouse="east"),
    "inspected": lambda order: inspect(
        order, "r1", DELIVERED, [Inspected("lamp", 1, False)]
    ),
    "refunded": lambda order: refund(order, "r1", DELIVERED)[0],
    "rejected": lambda order: reject(order, "r1", DELIVERED, reason="worn"),
    "cancelled": lambda order: cancel(order, "r1", DELIVERED),
}


# Whoever rejects what arrived has looked at it.
WAYS = {**RETURN, "received": ("inspected", "rejected")}


@pytest.mark.parametrize("now", WAYS)
@pytest.mark.parametrize("to", STEPS)
def test_a_return_moves_only_where_a_way_leads(now: Any, to: Any) -> None:
    order = asked(delivered(order_of(LAMPS)), wanted(lamp=1))
    order = replace(order, returns={"r1": replace(order.returns["r1"], status=now)})

    if now == to:
        assert STEPS[to](order) is order
    elif to in WAYS[now]:
        assert STEPS[to](order).returns["r1"].status == to
    else:
        with pytest.raises(IllegalTransition):
            STEPS[to](order)


def test_asking_twice_for_the_same_return_changes_nothing() -> None:
    order = asked(delivered(order_of(LAMPS)), wanted(lamp=1))

    assert asked(order, wanted(lamp=3)) is order


@pytest.mark.parametrize("step", STEPS)
def test_a_return_that_is_not_there_is_not_found(step: str) -> None:
    with pytest.raises(CommerceError) as refused:
        STEPS[step](delivered(order_of(LAMPS)))

    assert refused.value.code == "return_not_found"


def test_sound_units_go_to_the_shelf_where_they_arrived_and_broken_ones_do_not() -> (
    None
):
    order = asked(delivered(order_of(LAMPS)), wanted(lamp=3))
    order = receive(approve(order, "r1", DELIVERED), "r1", DELIVERED, warehouse="west")
    found = [Inspected("lamp", 2, True), Inspected("lamp", 1, False)]

    order = inspect(order, "r1", DELIVERED, found)

    assert to_shelf(order, order.returns["r1"]) == (
        BackAtShelf("lamp", "west", restock=2, scrap=1),
    )


@pytest.mark.parametrize(
    "found",
    [
        [],
        [Inspected("lamp", 2, True)],
        [Inspected("lamp", 4, True), Inspected("lamp", -1, True)],
        [Inspected("lamp", 3, True), Inspected("rug", 1, True)],
    ],
)
def test_every_unit_is_looked_at_and_no_other(found: list[Inspected]) -> None:
    order = asked(delivered(order_of(LAMPS)), wanted(lamp=3))
    order = receive(approve(order, "r1", DELIVERED), "r1", DELIVERED, warehouse="west")

    with pytest.raises(Malformed):
        inspect(order, "r1", DELIVERED, found)
