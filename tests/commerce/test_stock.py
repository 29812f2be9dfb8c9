"""Units per warehouse: never below zero, never lost on the way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commerce.errors import (
    BelowCommitted,
    CommerceError,
    Malformed,
    OutOfStock,
    ProductNotFound,
    Uncounted,
)
from commerce.stock import (
    MAX_ON_HAND,
    Stock,
    adjust,
    available,
    begin,
    by_warehouse,
    counted,
    known,
    oversubscribed,
    product_status,
    recount,
    transfer,
    uncounted,
    variant_status,
    watched,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

warehouses = st.sampled_from(["east", "central", "west"])
units = st.dictionaries(warehouses, st.integers(0, 200))
# Anything may stand in the database after a hand edit, below what is held or zero.
stocks = st.builds(
    lambda on_hand, held, committed: counted(
        Stock(
            sku="lamp",
            product_id="lamp",
            on_hand=on_hand,
            held=held,
            committed=committed,
        )
    ),
    st.dictionaries(warehouses, st.integers(-5, 200)),
    units,
    units,
)
sound = st.builds(
    lambda on_hand: counted(Stock(sku="lamp", product_id="lamp", on_hand=on_hand)),
    st.dictionaries(warehouses, st.integers(0, 200), min_size=1),
)


def lamp(held: int = 0, committed: int = 0, **on_hand: int) -> Stock:
    return counted(
        Stock(
            sku="lamp",
            product_id="lamp",
            on_hand=on_hand,
            held={"east": held} if held else {},
            committed={"east": committed} if committed else {},
            version=1,
        )
    )


@given(stocks)
def test_available_is_never_negative(stock: Stock) -> None:
    assert min([stock.free, *by_warehouse(stock).values()]) >= 0


@given(stocks)
def test_free_is_the_sum_over_the_warehouses(stock: Stock) -> None:
    assert stock.free == sum(by_warehouse(stock).values())


@given(sound, warehouses, warehouses, st.integers(-1, 250))
def test_a_transfer_conserves_units(
    stock: Stock, source: str, target: str, quantity: int
) -> None:
    try:
        moved = transfer(stock, source, target, quantity)
    except CommerceError:
        return

    assert sum(moved.on_hand.values()) == sum(stock.on_hand.values())
    assert moved.free == stock.free


@given(stocks, warehouses, st.integers(-300, 300))
def test_an_adjustment_adds_exactly_its_delta_or_nothing(
    stock: Stock, warehouse: str, delta: int
) -> None:
    try:
        adjusted = adjust(stock, warehouse, delta)
    except CommerceError:
        return

    before = stock.on_hand.get(warehouse, 0)
    assert adjusted.on_hand.get(warehouse, 0) == before + delta
    assert adjusted.version == stock.version + (delta != 0)


@given(sound, st.lists(st.tuples(warehouses, st.integers(-300, 300)), max_size=20))
def test_no_run_of_adjustments_leaves_less_than_nothing(
    stock: Stock, deltas: list[tuple[str, int]]
) -> None:
    for warehouse, delta in deltas:
        try:
            stock = adjust(stock, warehouse, delta)
        except CommerceError:
            continue

    assert all(left >= 0 for left in stock.on_hand.values())
    assert stock == counted(stock)


def test_available_is_what_is_neither_held_nor_sold() -> None:
    assert available(lamp(east=10, held=3, committed=2), "east") == 5


def test_one_warehouses_debt_is_not_paid_by_another() -> None:
    stock = lamp(east=1, held=5, west=4)

    assert (stock.free, oversubscribed(stock)) == (4, ("east",))


def test_while_one_count_is_unreadable_nothing_can_be_bought() -> None:
    stock = lamp(east=-1, west=4)

    assert (stock.free, uncounted(stock)) == (0, ("east",))


def test_an_adjustment_below_what_is_held_and_sold_is_refused_with_its_numbers() -> (
    None
):
    with pytest.raises(BelowCommitted) as refused:
        adjust(lamp(east=10, held=3, committed=2), "east", -6)

    assert refused.value.details == {
        "sku": "lamp", "warehouse": "east", "on_hand": 4, "held": 3, "committed": 2,
    }  # fmt: skip


def test_a_raise_is_welcome_even_if_it_does_not_cover_what_is_held() -> None:
    assert adjust(lamp(east=1, held=5), "east", 2).on_hand["east"] == 3


def test_an_unreadable_count_cannot_be_added_to() -> None:
    with pytest.raises(Uncounted):
        adjust(lamp(east=-1), "east", 5)


def test_a_count_mends_an_unreadable_one() -> None:
    assert recount(lamp(east=-1, west=4), "east", 6).free == 10


def test_a_count_below_what_is_held_is_refused() -> None:
    with pytest.raises(BelowCommitted):
        recount(lamp(east=10, held=3), "east", 2)


def test_the_same_count_again_changes_nothing() -> None:
    stock = lamp(east=10)

    assert recount(stock, "east", 10) is stock


def test_a_count_of_nothing_in_a_new_warehouse_is_a_change() -> None:
    assert recount(lamp(east=10), "west", 0).on_hand == {"east": 10, "west": 0}


@pytest.mark.parametrize("count", [-1, MAX_ON_HAND + 1])
def test_a_count_out_of_bounds_is_refused(count: int) -> None:
    with pytest.raises(CommerceError):
        recount(lamp(east=10), "east", count)


def test_an_adjustment_cannot_exceed_the_bound() -> None:
    with pytest.raises(Malformed):
        adjust(lamp(east=MAX_ON_HAND), "east", 1)


def test_only_available_units_are_transferred() -> None:
    with pytest.raises(OutOfStock) as refused:
        transfer(lamp(east=10, held=3), "east", "west", 8)

    assert refused.value.details["available"] == 7


@pytest.mark.parametrize(
    ("target", "quantity"), [("east", 1), ("west", 0), ("west", -1)]
)
def test_a_transfer_that_moves_nothing_is_malformed(target: str, quantity: int) -> None:
    with pytest.raises(Malformed):
        transfer(lamp(east=10), "east", target, quantity)


def test_a_variant_that_is_not_sold_is_unknown() -> None:
    with pytest.raises(ProductNotFound):
        known(Stock(sku="dragon"))


@pytest.mark.parametrize(
    "change",
    [
        lambda stock: adjust(stock, "east", 1),
        lambda stock: recount(stock, "east", 1),
        lambda stock: transfer(stock, "east", "west", 1),
    ],
)
def test_nothing_is_counted_of_what_is_not_sold(
    change: Callable[[Stock], Stock],
) -> None:
    with pytest.raises(ProductNotFound):
        change(Stock(sku="dragon"))


def test_a_new_variant_begins_with_its_counts() -> None:
    stock = begin(Stock(sku="lamp"), "lamp", {"east": 4, "west": 0})

    assert (stock.product_id, stock.free, stock.version) == ("lamp", 4, 1)


def test_beginning_twice_changes_nothing() -> None:
    stock = lamp(east=4)

    assert begin(stock, "lamp", {"east": 9}) is stock


def test_nobody_begins_with_less_than_nothing() -> None:
    with pytest.raises(Malformed):
        begin(Stock(sku="lamp"), "lamp", {"east": -1})


@pytest.mark.parametrize(
    ("units", "variant", "product"),
    [
        (0, "out_of_stock", "out_of_stock"),
        (2, "low_stock", "low_stock"),
        (3, "in_stock", "low_stock"),
        (9, "in_stock", "low_stock"),
        (10, "in_stock", "in_stock"),
    ],
)
def test_units_have_their_words(units: int, variant: str, product: str) -> None:
    assert (variant_status(units), product_status(units)) == (variant, product)


def warnings(levels: list[int], every: timedelta) -> list[int]:
    """Walk through `levels` and return those at which a warning was given."""
    stock, now, given = lamp(east=levels[0]), NOON, []
    for level in levels[1:]:
        after = recount(stock, "east", level)
        stock, warn = watched(stock, after, now)
        given += [level] if warn else []
        now += every
    return given


@pytest.mark.parametrize(
    ("levels", "given"),
    [
        ([5, 3], []),
        ([5, 2], [2]),
        ([5, 0], [0]),
        ([5, 2, 1, 0], [2]),
        ([5, 2, 3, 2], [2]),  # 3 is not clearly above
        ([5, 2, 4, 2], [2]),
        ([5, 2, 5, 1], [2, 1]),  # armed again at 3 + 2
        ([2, 1], []),  # it did not cross
        ([0, 2, 0], []),
    ],
)
def test_a_warning_is_given_once_when_crossing_down(
    levels: list[int], given: list[int]
) -> None:
    assert warnings(levels, timedelta(hours=2)) == given


def test_a_warning_is_given_at_most_once_an_hour() -> None:
    assert warnings([5, 2, 5, 1, 5, 0], timedelta(minutes=10)) == [2]


def test_a_warning_is_given_again_after_an_hour() -> None:
    assert warnings([5, 2, 5, 1, 5, 0], timedelta(minutes=30)) == [2, 1, 0]


@given(stocks, stocks)
def test_watching_changes_no_units(before: Stock, after: Stock) -> None:
    kept, _ = watched(before, after, NOON)

    assert replace(kept, warned=False, warned_at=None) == after
