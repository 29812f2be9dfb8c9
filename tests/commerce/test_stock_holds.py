"""Holds: units are set aside, sold, shipped and given back, and none is ever lost."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from commerce.errors import (
    CommerceError,
    HoldLapsed,
    IllegalTransition,
    Malformed,
    OutOfStock,
    ProductNotFound,
    Uncounted,
)
from commerce.hold import (
    commit_hold,
    free_besides,
    hold,
    in_places,
    lapse,
    next_expiry,
    release,
    ship,
    summed,
    uncommit,
)
from commerce.stock import (
    Stock,
    counted,
    recount,
    restock,
    scrap,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOON = NOON + timedelta(seconds=900)
PLACES = ["east", "central", "west"]


def lamp(**on_hand: int) -> Stock:
    return counted(Stock(sku="lamp", product_id="lamp", on_hand=on_hand, version=1))


def held(stock: Stock, hold_id: str, units: int, *prefer: str) -> Stock:
    return hold(stock, hold_id, units, now=NOON, expires_at=SOON, prefer=prefer)[0]


def sold(stock: Stock, hold_id: str, units: int) -> Stock:
    return commit_hold(held(stock, hold_id, units), hold_id, NOON)


def test_a_hold_takes_its_units_from_what_can_be_bought() -> None:
    stock = held(lamp(east=5), "ann", 3)

    assert (stock.held, stock.free, stock.version) == ({"east": 3}, 2, 2)


def test_a_hold_takes_from_the_preferred_warehouse() -> None:
    stock = held(lamp(east=9, west=5), "ann", 3, "west", "east")

    assert stock.holds["ann"].places == {"west": 3}


def test_a_hold_is_whole_in_the_second_choice_rather_than_split() -> None:
    stock = held(lamp(east=9, west=2), "ann", 3, "west", "east")

    assert stock.holds["ann"].places == {"east": 3}


def test_a_hold_is_split_in_the_preferred_order_where_no_place_has_it_whole() -> None:
    stock = held(lamp(east=4, central=2, west=3), "ann", 6, "west", "central")

    assert stock.holds["ann"].places == {"west": 3, "central": 2, "east": 1}


def test_a_hold_of_more_than_there_is_is_refused_with_its_numbers() -> None:
    with pytest.raises(OutOfStock) as refused:
        held(lamp(east=2, west=3), "ann", 6)

    assert refused.value.details == {"sku": "lamp", "asked": 6, "available": 5}


def test_the_same_hold_again_changes_nothing() -> None:
    stock = held(lamp(east=5), "ann", 3)

    again, found = hold(stock, "ann", 1, now=NOON, expires_at=SOON)

    assert again is stock
    assert found.units == 3


def test_a_hold_that_is_over_is_not_handed_out_again() -> None:
    stock = held(lamp(east=5), "ann", 3)

    with pytest.raises(HoldLapsed):
        hold(stock, "ann", 3, now=SOON, expires_at=SOON)


def test_a_checkout_takes_over_what_the_cart_holds() -> None:
    stock = held(lamp(east=1), "cart-ann", 1)

    stock, made = hold(
        stock, "order", 1, now=NOON, expires_at=SOON, instead_of=["cart-ann"]
    )

    assert stock.holds == {"order": made}
    assert stock.version == 3


def test_taking_over_twice_changes_nothing_more() -> None:
    stock = held(held(lamp(east=2), "order", 1), "cart-bob", 1)

    again, _ = hold(
        stock, "order", 1, now=NOON, expires_at=SOON, instead_of=["cart-ann"]
    )

    assert again is stock


def test_a_hold_that_grows_too_large_stays_as_it_was() -> None:
    stock = held(lamp(east=5), "ann", 3)

    with pytest.raises(OutOfStock) as refused:
        hold(stock, "ann", 6, now=NOON, expires_at=SOON, instead_of=["ann"])

    assert refused.value.details["available"] == 5


def test_a_hold_can_be_given_more_time_where_it_stands() -> None:
    stock = held(lamp(east=5, west=9), "ann", 3, "east")
    later = SOON + timedelta(seconds=900)

    stock, made = hold(stock, "ann", 3, now=NOON, expires_at=later, instead_of=["ann"])

    assert (made.places, next_expiry(stock)) == ({"east": 3}, later)


def test_what_is_sold_cannot_be_held_instead() -> None:
    with pytest.raises(IllegalTransition):
        hold(
            sold(lamp(east=5), "ann", 3),
            "bob",
            3,
            now=NOON,
            expires_at=SOON,
            instead_of=["ann"],
        )


def test_a_hold_whose_time_is_over_is_not_sold() -> None:
    with pytest.raises(HoldLapsed):
        commit_hold(held(lamp(east=5), "ann", 3), "ann", SOON)


def test_a_hold_that_never_was_is_not_sold() -> None:
    with pytest.raises(HoldLapsed):
        commit_hold(lamp(east=5), "ann", NOON)


def test_what_is_sold_stays_sold_however_late_it_is() -> None:
    stock = sold(lamp(east=5), "ann", 3)

    assert commit_hold(stock, "ann", SOON) is stock
    assert lapse(stock, SOON) == (stock, ())
    assert next_expiry(stock) is None


def test_what_is_sold_is_not_released_by_a_late_message() -> None:
    with pytest.raises(IllegalTransition) as refused:
        release(sold(lamp(east=5), "ann", 3), "ann")

    assert refused.value.details == {
        "from": "committed", "to": "released", "allowed": ["free", "shipped"],
    }  # fmt: skip


def test_a_cancelled_sale_is_free_again() -> None:
    stock = uncommit(sold(lamp(east=5), "ann", 3), "ann")

    assert (stock.free, stock.committed, stock.holds) == (5, {}, {})


def test_what_lapses_is_named_and_free_for_others() -> None:
    stock = held(held(lamp(east=5), "bob", 2), "ann", 3)

    stock, over = lapse(stock, SOON)

    assert (over, stock.free, stock.held) == (("ann", "bob"), 5, {})


def test_what_is_shipped_leaves_the_shelf_and_what_can_be_bought_stays() -> None:
    stock = ship(sold(lamp(east=5), "ann", 3), "ann")

    assert (stock.on_hand, stock.committed, stock.free) == ({"east": 2}, {}, 2)


def test_shipping_twice_takes_the_units_once() -> None:
    stock = ship(sold(lamp(east=5), "ann", 3), "ann")

    assert ship(stock, "ann") is stock


def test_what_is_not_paid_is_not_shipped() -> None:
    with pytest.raises(IllegalTransition):
        ship(held(lamp(east=5), "ann", 3), "ann")


@pytest.mark.parametrize(("on_hand", "wrong"), [(1, OutOfStock), (-1, Uncounted)])
def test_nothing_ships_from_a_shelf_that_a_hand_emptied(
    on_hand: int, wrong: type[CommerceError]
) -> None:
    stock = counted(replace(sold(lamp(east=5), "ann", 3), on_hand={"east": on_hand}))

    with pytest.raises(wrong):
        ship(stock, "ann")


def test_a_count_below_what_is_held_is_still_refused() -> None:
    with pytest.raises(CommerceError) as refused:
        recount(held(lamp(east=5), "ann", 3), "east", 2)

    assert refused.value.code == "below_committed"


def test_what_comes_back_broken_is_counted_and_never_sold() -> None:
    stock = scrap(scrap(lamp(east=5), "east", 2), "east", 1)

    assert (stock.scrapped, stock.free) == ({"east": 3}, 5)


def test_what_comes_back_sound_can_be_bought_where_it_arrived() -> None:
    assert restock(lamp(east=5), "west", 2).free == 7


@pytest.mark.parametrize("units", [0, -1])
def test_nothing_is_no_hold(units: int) -> None:
    with pytest.raises(Malformed):
        held(lamp(east=5), "ann", units)


def test_nothing_is_held_of_what_is_not_sold_here() -> None:
    with pytest.raises(ProductNotFound):
        held(Stock(sku="dragon"), "ann", 1)


def test_what_somebody_holds_unsold_is_free_for_them() -> None:
    stock = sold(held(lamp(east=9), "ann", 2), "bob", 3)

    assert free_besides(stock, ["ann", "bob", "nobody"]) == 6


def test_the_holds_in_a_warehouse_can_be_named() -> None:
    stock = held(held(lamp(east=2, west=2), "ann", 2, "east"), "bob", 1, "west")

    assert in_places(stock, ["west"]) == ("bob",)


def test_sums_that_are_not_those_of_the_holds_are_made_so() -> None:
    stock = held(lamp(east=5), "ann", 2)

    mended = summed(replace(stock, held={"west": 7}, committed={"east": 1}))

    assert (mended.held, mended.committed, mended.free) == ({"east": 2}, {}, 3)
    assert mended.version == stock.version


def test_only_the_hold_that_ends_then_is_given_back() -> None:
    stock = held(lamp(east=5), "ann", 2)

    assert uncommit(stock, "ann", NOON) is stock
    assert uncommit(stock, "ann", SOON).free == 5


def test_several_holds_are_exchanged_for_one_as_one_change() -> None:
    stock = held(held(lamp(east=5), "ann", 2), "guest", 3)

    merged, made = hold(
        stock, "ann", 5, now=NOON, expires_at=SOON, instead_of=["ann", "guest"]
    )

    assert (made.places, merged.free, set(merged.holds)) == ({"east": 5}, 0, {"ann"})
    assert merged.version == stock.version + 1
