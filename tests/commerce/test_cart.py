"""What a cart may hold, and how it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commerce.cart import (
    MAX_LINES,
    MAX_QUANTITY,
    Cart,
    Line,
    Offer,
    add,
    change,
    checked,
    empty,
    merge,
    quantity_of,
    remove,
)
from commerce.cart_checkout import freeze, order_of, take_bought, unfreeze
from commerce.checkout import CheckoutInProgress
from commerce.errors import (
    CartChanged,
    CartFull,
    CommerceError,
    LineNotFound,
    Malformed,
    MaxPerOrder,
    OutOfStock,
)
from tests.commerce.carts import cart_of, full, held, plenty, product_of

# Two variants of one product, and many products besides.
SKUS = ["shirt-red", "shirt-blue", *(f"sku-{number}" for number in range(24))]
offers = st.builds(Offer, st.just("?"), st.integers(0, 120), st.integers(1, 120))


actions = st.lists(
    st.tuples(
        st.sampled_from(["add", "change", "remove", "empty", "merge"]),
        st.sampled_from(SKUS),
        st.integers(-1, 102),
        offers,
    ),
    max_size=60,
)


@given(actions)
def test_whatever_is_done_to_a_cart_its_rules_hold(
    steps: list[tuple[str, str, int, Offer]],
) -> None:
    cart = Cart(id="ann")
    for number, (verb, sku, quantity, drawn) in enumerate(steps):
        offer = replace(drawn, product_id=product_of(sku))
        before = cart
        try:
            match verb:
                case "add":
                    cart = add(cart, sku, quantity, offer)
                case "change":
                    cart = change(cart, sku, quantity, offer)
                case "remove":
                    cart = remove(cart, sku)
                case "empty":
                    cart = empty(cart)
                case "merge":
                    guest = Cart(
                        id=f"guest-{number}",
                        lines=(Line(sku, sku, offer.product_id, quantity),),
                    )
                    cart = merge(cart, guest, {sku: offer})
        except CommerceError:
            assert cart is before
        if held(cart).get(sku, 0) > held(before).get(sku, 0):
            assert held(cart)[sku] <= offer.available

        skus = [line.sku for line in cart.lines]
        assert len(skus) <= MAX_LINES
        assert len(set(skus)) == len(skus)
        assert all(1 <= line.quantity <= MAX_QUANTITY for line in cart.lines)
        assert (cart.version > before.version) == (cart.lines != before.lines) or (
            verb == "merge"
        )
        grown = quantity_of(cart, offer.product_id) > quantity_of(
            before, offer.product_id
        )
        assert not grown or quantity_of(cart, offer.product_id) <= offer.limit


def test_the_same_sku_adds_up() -> None:
    cart = add(cart_of(lamp=2), "lamp", 3, plenty("lamp"))

    assert (held(cart), cart.version) == ({"lamp": 5}, 2)


def test_lines_stay_in_the_order_they_came() -> None:
    cart = add(cart_of(lamp=1, rug=1), "lamp", 1, plenty("lamp"))

    assert list(held(cart)) == ["lamp", "rug"]


@pytest.mark.parametrize("quantity", [-1, 0, 101, 10**12])
def test_a_quantity_nobody_buys_is_malformed(quantity: int) -> None:
    with pytest.raises(Malformed):
        add(Cart(id="ann"), "lamp", quantity, plenty("lamp"))


@pytest.mark.parametrize("quantity", [-1, 0, 101])
def test_a_change_to_a_quantity_nobody_buys_is_malformed(quantity: int) -> None:
    with pytest.raises(Malformed):
        change(cart_of(lamp=1), "lamp", quantity, plenty("lamp"))


def test_more_than_available_is_refused_with_the_numbers() -> None:
    with pytest.raises(OutOfStock) as refused:
        add(cart_of(lamp=2), "lamp", 4, plenty("lamp", available=5))

    assert refused.value.details == {
        "sku": "lamp", "asked": 6, "available": 5, "in_cart": 2,
    }  # fmt: skip


def test_the_last_unit_can_be_had() -> None:
    assert held(add(Cart(id="ann"), "lamp", 1, plenty("lamp", available=1)))


def test_the_limit_of_a_product_counts_all_its_variants() -> None:
    with pytest.raises(MaxPerOrder) as refused:
        add(cart_of(shirt_red=6), "shirt-blue", 5, plenty("shirt-blue", limit=10))

    assert refused.value.details["max_per_order"] == 10
    assert refused.value.details["in_cart"] == 6


def test_the_limit_is_told_before_the_stock() -> None:
    with pytest.raises(MaxPerOrder):
        add(Cart(id="ann"), "lamp", 11, plenty("lamp", available=5, limit=10))


def test_a_twenty_first_line_is_refused() -> None:
    with pytest.raises(CartFull):
        add(full(), "lamp", 1, plenty("lamp"))


def test_a_full_cart_takes_more_of_what_it_has() -> None:
    assert held(add(full(), "sku-3", 1, plenty("sku-3")))["sku-3"] == 2


def test_a_change_sets_exactly_the_quantity() -> None:
    cart = change(cart_of(lamp=5, rug=1), "lamp", 2, plenty("lamp"))

    assert held(cart) == {"lamp": 2, "rug": 1}


def test_a_change_is_checked_against_what_is_available() -> None:
    with pytest.raises(OutOfStock):
        change(cart_of(lamp=5), "lamp", 4, plenty("lamp", available=3))


def test_a_change_to_what_is_there_keeps_the_version() -> None:
    cart = cart_of(lamp=5)

    assert change(cart, "lamp", 5, plenty("lamp")) is cart


@pytest.mark.parametrize("line_id", ["rug", "", "LAMP", "lamp "])
def test_a_line_that_is_not_there_is_not_found(line_id: str) -> None:
    cart = cart_of(lamp=1)

    with pytest.raises(LineNotFound):
        change(cart, line_id, 1, plenty("rug"))
    with pytest.raises(LineNotFound):
        remove(cart, line_id)


def test_emptying_an_empty_cart_changes_nothing() -> None:
    cart = Cart(id="ann")

    assert empty(cart) is cart


def test_a_stale_version_is_refused_with_the_one_that_is() -> None:
    with pytest.raises(CartChanged) as refused:
        checked(cart_of(lamp=1), 0)

    assert refused.value.details == {"version": 1}


@pytest.mark.parametrize("expected", [None, 1])
def test_the_version_seen_or_none_may_change_the_cart(expected: int | None) -> None:
    cart = cart_of(lamp=1)

    assert checked(cart, expected) is cart


def test_a_cart_that_an_order_emptied_stands_for_what_was_bought() -> None:
    full_one = replace(cart_of(shirt_red=1), version=7)
    frozen = freeze(full_one, "ord_1", 7)
    emptied = take_bought(frozen, "ord_1", {"shirt-red": 1})

    orders = [order_of(each) for each in (full_one, frozen, emptied)]
    assert orders == [None, "ord_1", "ord_1"]


def test_a_cart_with_anything_left_or_new_stands_for_itself() -> None:
    cart = freeze(replace(cart_of(shirt_red=2), version=7), "ord_1", 7)
    left = take_bought(cart, "ord_1", {"shirt-red": 1})
    emptied = take_bought(cart, "ord_1", {"shirt-red": 2})
    filled = add(emptied, "sku-1", 1, plenty("sku-1"))

    assert [order_of(each) for each in (left, filled)] == [None, None]


def test_a_parked_order_stands_for_its_cart_until_its_attempt_ends() -> None:
    frozen = freeze(replace(cart_of(shirt_red=1), version=7), "ord_1", 7)
    parked = unfreeze(frozen, "ord_1", ended=False)
    ended = unfreeze(parked, "ord_1", ended=True)

    assert (order_of(parked), order_of(ended)) == ("ord_1", None)


def test_the_end_of_another_order_does_not_end_its_attempt() -> None:
    frozen = freeze(replace(cart_of(shirt_red=1), version=7), "ord_1", 7)

    other_ended = unfreeze(frozen, "ord_2", ended=True)

    assert order_of(other_ended) == "ord_1"


def test_a_parked_order_that_is_paid_late_leaves_the_cart_to_who_froze_it() -> None:
    frozen = freeze(replace(cart_of(shirt_red=1), version=7), "ord_2", 7)

    cart = take_bought(frozen, "ord_1", {"shirt-red": 1})

    assert (cart.frozen_by, order_of(cart)) == ("ord_2", "ord_2")


def test_who_has_frozen_a_cart_has_it_frozen_whatever_moved_in_meanwhile() -> None:
    frozen = freeze(replace(cart_of(shirt_red=1), version=7), "ord_1", 7)
    moved_in = replace(frozen, version=8)

    assert freeze(moved_in, "ord_1", 7) is moved_in


def test_a_second_click_is_no_second_purchase_of_what_waits_to_be_paid() -> None:
    frozen = freeze(replace(cart_of(shirt_red=1), version=7), "ord_1", 7)
    parked = unfreeze(frozen, "ord_1", ended=False)

    with pytest.raises(CheckoutInProgress) as caught:
        freeze(parked, "ord_2", 7, alone=True)

    assert caught.value.details["order_id"] == "ord_1"
    session = replace(parked, checkout="ord_2")
    ended = unfreeze(parked, "ord_1", ended=True)
    for cart, alone in ((parked, False), (session, True), (ended, True)):
        assert freeze(cart, "ord_2", 7, alone=alone).frozen_by == "ord_2"
    assert freeze(parked, "ord_1", 7, alone=True).frozen_by == "ord_1"
