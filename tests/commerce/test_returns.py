"""Returns: every unit once, every cent and every point exactly."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commerce.errors import CommerceError
from commerce.order import Order, Return
from commerce.payment import Means, captured, refunded, status
from commerce.pricing import Item, OrderCoupon, Terms, Tier
from commerce.refund import (
    points_back,
    refund_all,
    refund_amount,
    settled,
)
from commerce.returns import (
    Inspected,
    approve,
    inspect,
    receive,
    refund,
)
from tests.commerce.orders import DELIVERED, asked, delivered, order_of, paid, wanted

LAMPS = [Item("lamp", 3, 1000)]


def looked_at(order: Order, new: Return) -> Order:
    """`order` with `new` back and all of it found fit to be sold again."""
    order = approve(asked(order, new), new.id, DELIVERED)
    order = receive(order, new.id, DELIVERED, warehouse="east")
    found = [Inspected(each.id, each.quantity, True) for each in new.lines]
    return inspect(order, new.id, DELIVERED, found)


def given_back(order: Order, new: Return) -> Order:
    return refund(looked_at(order, new), new.id, DELIVERED)[0]


baskets = st.lists(
    st.builds(
        Item,
        st.sampled_from(["lamp", "rug", "pen", "mug"]),
        st.integers(1, 7),
        st.integers(0, 30_000),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda item: item.sku,
)
all_terms = st.builds(
    Terms,
    tier=st.builds(Tier, st.sampled_from([0, 5, 15]), st.sampled_from([10, 15, 30])),
    order_coupon=st.none()
    | st.builds(OrderCoupon, percent=st.integers(0, 100), amount=st.integers(0, 5000)),
    points=st.integers(0, 3000),
    shipping_method=st.sampled_from(["standard", "express"]),
)
gifts = st.lists(st.integers(0, 9000), max_size=2).map(
    lambda balances: [Means(f"g{n}", "gift_card", b) for n, b in enumerate(balances)]
)


def in_parts(order: Order, data: st.DataObject, reason: str) -> Order:
    """Give back every unit of `order`, in returns of any size and order."""
    units = [line.id for line in order.lines for _ in range(line.quantity)]
    units = data.draw(st.permutations(units))
    number = 0
    while units:
        size = data.draw(st.integers(1, len(units)))
        part, units = units[:size], units[size:]
        counts = {each: part.count(each) for each in part}
        order = given_back(order, wanted(f"r{number}", reason, **counts))
        number += 1
    return order


@given(baskets, all_terms, gifts, st.data())
def test_all_units_together_are_worth_exactly_what_was_paid_for_them(
    items: list[Item], terms: Terms, gift_cards: list[Means], data: st.DataObject
) -> None:
    order = delivered(order_of(items, terms, gift_cards))
    totals = order.totals
    assert totals is not None

    order = in_parts(order, data, "changed_mind")

    assert refunded(order.tenders) == totals.total - totals.shipping
    assert sum(each.amount for each in order.refunds.values()) == totals.total - (
        totals.shipping
    )
    assert all(0 <= each.refunded <= each.captured for each in order.tenders)
    assert order.status == "returned"


@given(baskets, all_terms, st.data())
def test_for_a_fault_of_the_shop_everything_comes_back(
    items: list[Item], terms: Terms, data: st.DataObject
) -> None:
    order = in_parts(delivered(order_of(items, terms)), data, "Wrong item")

    assert refunded(order.tenders) == captured(order.tenders)
    assert status(order.tenders) in {"refunded", "none"}


@given(baskets, all_terms, st.data())
def test_all_points_go_back_and_all_are_taken_back(
    items: list[Item], terms: Terms, data: st.DataObject
) -> None:
    order = delivered(order_of(items, terms))
    totals = order.totals
    assert totals is not None
    assume(totals.subtotal)

    order = in_parts(order, data, "changed_mind")

    done = order.returns.values()
    assert sum(each.points_reversed for each in done) == totals.points_to_earn
    assert sum(each.points_restored for each in done) == totals.points_discount
    assert all(min(each.points_reversed, each.points_restored) >= 0 for each in done)


@given(baskets, all_terms, gifts, st.data())
def test_never_more_goes_back_than_was_captured(
    items: list[Item], terms: Terms, gift_cards: list[Means], data: st.DataObject
) -> None:
    order = delivered(order_of(items, terms, gift_cards))
    line = data.draw(st.sampled_from(order.lines))
    units = data.draw(st.integers(1, line.quantity))

    order = given_back(order, wanted("r1", "damaged", **{line.id: units}))

    assert 0 <= refunded(order.tenders) <= captured(order.tenders)
    assert sum(e.amount for e in order.refunds.values()) == order.returns["r1"].amount


def test_the_last_unit_takes_the_remainder() -> None:
    order = delivered(order_of([Item("pen", 3, 333)], Terms(points=100)))
    line = order.lines[0]
    assert (line.net, line.tax) == (899, 72)

    amounts = []
    for each in ("r1", "r2", "r3"):
        order = given_back(order, wanted(each, pen=1))
        amounts.append(order.returns[each].amount)

    assert amounts == [299 + 24, 299 + 24, 301 + 24]


def test_shipping_comes_back_only_if_every_return_is_the_shops_fault() -> None:
    order = delivered(order_of(LAMPS))
    order = given_back(order, wanted("r1", "changed_mind", lamp=1))

    order = given_back(order, wanted("r2", "damaged", lamp=2))

    assert captured(order.tenders) - refunded(order.tenders) == 599


def test_a_part_of_an_order_never_brings_shipping_back() -> None:
    order = delivered(order_of(LAMPS))

    assert refund_amount(order, wanted(reason="damaged", lamp=2)) == 2160


def test_an_order_is_returned_with_its_last_unit() -> None:
    order = given_back(delivered(order_of(LAMPS)), wanted("r1", lamp=2))
    assert order.status == "delivered"

    order = given_back(order, wanted("r2", lamp=1))

    assert order.status == "returned"


def test_refunding_twice_carries_nothing_more() -> None:
    order = given_back(delivered(order_of(LAMPS)), wanted(lamp=1))

    assert refund(order, "r1", DELIVERED) == (order, ())


def test_what_points_paid_for_alone_comes_back_in_points() -> None:
    terms = Terms(points=5000)
    order = delivered(order_of([Item("lamp", 2, 1000), Item("rug", 1, 500)], terms))

    assert points_back(order, wanted(lamp=1)) == (0, 1000)
    assert refund_amount(order, wanted(lamp=1)) == 0


# Money on its way back


def test_a_cancelled_order_gives_everything_back_once() -> None:
    gift = Means("g", "gift_card", 1000)

    order, refunds = refund_all(
        paid(order_of(LAMPS, None, [gift])), "cancel", DELIVERED
    )
    again = refund_all(order, "cancel", DELIVERED)

    assert refunded(order.tenders) == captured(order.tenders)
    assert [each.id for each in refunds] == ["cancel/0", "cancel/1"]
    assert again == (order, ())


def test_a_refund_the_bank_takes_back_is_owed_again() -> None:
    order, refunds = refund_all(paid(order_of(LAMPS)), "cancel", DELIVERED)

    order = settled(order, refunds[0].id, "succeeded", DELIVERED)
    order = settled(order, refunds[0].id, "failed", DELIVERED)

    assert (refunded(order.tenders), status(order.tenders)) == (0, "captured")
    assert settled(order, refunds[0].id, "failed", DELIVERED) is order


def test_news_of_an_unknown_refund_is_refused() -> None:
    with pytest.raises(CommerceError) as refused:
        settled(paid(order_of(LAMPS)), "nobodys", "succeeded", DELIVERED)

    assert refused.value.code == "not_found"
