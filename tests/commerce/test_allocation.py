"""Allocation: near, whole, in few parcels, and exactly what was asked."""

from collections.abc import Mapping
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.allocation import Destination, allocate, check_available, nearest
from commerce.errors import OutOfStock
from commerce.geography import STATES, distance_km
from commerce.warehouse import Warehouse


def warehouse(id: str, state: str, priority: int, country: str = "US") -> Warehouse:
    return Warehouse(
        id=id, name=id, city=id, state=state, country=country, priority=priority
    )


EAST = warehouse("east", "NJ", 1)
CENTRAL = warehouse("central", "TX", 2)
WEST = warehouse("west", "NV", 3)
ALL = [EAST, CENTRAL, WEST]
LOS_ANGELES = Destination("CA", "US")
BOSTON = Destination("MA", "US")

shelves = st.fixed_dictionaries(
    {
        sku: st.dictionaries(
            st.sampled_from(["east", "central", "west", "closed"]), st.integers(-2, 6)
        )
        for sku in ("lamp", "rug", "pen")
    }
)
wants = st.dictionaries(
    st.sampled_from(["lamp", "rug", "pen", "dragon"]), st.integers(1, 9), max_size=4
)
destinations = st.builds(
    Destination,
    st.sampled_from(["CA", "ny", "Texas", "Bavaria", ""]),
    st.sampled_from(["US", "usa", "DE"]),
)


def order_of(to: Destination, warehouses: list[Warehouse] = ALL) -> list[str]:
    return [each.id for each in nearest(warehouses, to, {}, {})]


@given(wants, shelves, destinations)
def test_exactly_what_is_asked_is_found_or_what_is_missing_is_told(
    wanted: dict[str, int], there: dict[str, dict[str, int]], to: Destination
) -> None:
    def left(sku: str) -> int:
        shelf = there.get(sku, {})
        return sum(max(0, n) for place, n in shelf.items() if place != "closed")

    short = {sku for sku, units in wanted.items() if left(sku) < units}
    if short:
        with pytest.raises(OutOfStock) as refused:
            allocate(wanted, there, ALL, to)
        assert {each["sku"] for each in refused.value.details["lines"]} == short
        return

    places = allocate(wanted, there, ALL, to)

    assert {sku: sum(each.values()) for sku, each in places.items()} == wanted
    for sku, taken in places.items():
        for place, units in taken.items():
            assert 0 < units <= there[sku][place]


@given(wants, shelves, destinations)
def test_a_line_is_split_only_where_no_warehouse_has_it_whole(
    wanted: dict[str, int], there: dict[str, dict[str, int]], to: Destination
) -> None:
    try:
        places = allocate(wanted, there, ALL, to)
    except OutOfStock:
        return

    for sku, taken in places.items():
        whole = [n for at, n in there[sku].items() if at != "closed"]
        assert (len(taken) > 1) == (max(whole) < wanted[sku])


@given(wants, shelves, destinations)
def test_one_parcel_is_sent_wherever_one_warehouse_has_everything(
    wanted: dict[str, int], there: dict[str, dict[str, int]], to: Destination
) -> None:
    able = [
        each
        for each in nearest(ALL, to, wanted, there)
        if all(there.get(k, {}).get(each.id, 0) >= n for k, n in wanted.items())
    ]
    if not able or not wanted:
        return

    places = allocate(wanted, there, ALL, to)

    senders = {place for each in places.values() for place in each}
    one_of_nearest = {
        each.id
        for each in able
        if distance_km(each.state, to.state) == distance_km(able[0].state, to.state)
    }
    assert len(senders) == 1
    assert senders <= one_of_nearest


@given(wants, shelves, destinations)
def test_the_order_in_which_things_are_told_does_not_matter(
    wanted: dict[str, int], there: dict[str, dict[str, int]], to: Destination
) -> None:
    def found(warehouses: list[Warehouse], told: Mapping[str, int]) -> object:
        try:
            return allocate(told, there, warehouses, to)
        except OutOfStock:
            return "short"

    assert {str(found(list(each), wanted)) for each in permutations(ALL)} == {
        str(found(ALL, wanted))
    }


@pytest.mark.parametrize(
    ("state", "found"),
    [("CA", "west"), ("NY", "east"), ("OK", "central"), ("california", "west")],
)
def test_the_nearest_warehouse_sends(state: str, found: str) -> None:
    there = {"lamp": {"east": 9, "central": 9, "west": 9}}

    places = allocate({"lamp": 2}, there, ALL, Destination(state, "United States"))

    assert places == {"lamp": {found: 2}}


def test_a_farther_warehouse_that_has_everything_beats_two_parcels() -> None:
    there = {"lamp": {"west": 5, "east": 5}, "rug": {"east": 5}}

    places = allocate({"lamp": 1, "rug": 1}, there, ALL, LOS_ANGELES)

    assert places == {"lamp": {"east": 1}, "rug": {"east": 1}}


def test_without_one_for_all_the_warehouse_with_most_lines_goes_first() -> None:
    there = {
        "lamp": {"west": 5, "east": 5},
        "rug": {"east": 5},
        "pen": {"west": 5, "central": 5},
        "mug": {"east": 5},
    }

    places = allocate(dict.fromkeys(there, 1), there, ALL, LOS_ANGELES)

    assert places == {
        "lamp": {"east": 1}, "rug": {"east": 1}, "pen": {"west": 1}, "mug": {"east": 1},
    }  # fmt: skip


def test_a_line_that_must_be_split_goes_with_the_parcels_there_are() -> None:
    there = {"lamp": {"central": 3, "east": 2, "west": 3}, "rug": {"east": 1}}

    places = allocate({"lamp": 4, "rug": 1}, there, ALL, BOSTON)

    assert places == {"lamp": {"east": 2, "central": 2}, "rug": {"east": 1}}


def test_a_split_line_makes_as_few_parcels_as_it_can() -> None:
    there = {"lamp": {"east": 1, "central": 2, "west": 3}}

    assert allocate({"lamp": 5}, there, ALL, BOSTON) == {
        "lamp": {"west": 3, "central": 2}
    }


def test_of_equally_near_warehouses_the_one_with_more_sends_then_the_first_id() -> None:
    twins = [warehouse("b", "NJ", 1), warehouse("a", "NJ", 2), warehouse("c", "NJ", 3)]
    there = {"lamp": {"a": 3, "b": 3, "c": 4}}

    found = nearest(twins, BOSTON, {"lamp": 1}, there)

    assert [each.id for each in found] == ["c", "a", "b"]


@pytest.mark.parametrize(
    "to", [Destination("Bavaria", "DE"), Destination("Atlantis", "US")]
)
def test_where_no_distance_is_known_the_shops_priority_decides(to: Destination) -> None:
    assert order_of(to) == ["east", "central", "west"]


def test_a_warehouse_in_the_same_country_goes_before_one_abroad() -> None:
    berlin = warehouse("berlin", "BE", 9, country="DE")

    assert order_of(Destination("Bavaria", "de"), [*ALL, berlin])[0] == "berlin"
    assert order_of(LOS_ANGELES, [berlin, *ALL])[-1] == "berlin"


def test_every_line_that_falls_short_is_named() -> None:
    with pytest.raises(OutOfStock) as refused:
        check_available(
            {"lamp": 3, "rug": 1, "pen": 2}, {"lamp": {"east": 2}, "rug": {"east": 1}}
        )

    assert refused.value.details["lines"] == [
        {"sku": "lamp", "asked": 3, "available": 2},
        {"sku": "pen", "asked": 2, "available": 0},
    ]
    assert refused.value.details["sku"] == "lamp"


def test_nothing_asked_is_nothing_taken() -> None:
    assert allocate({}, {}, ALL, BOSTON) == {}


def test_distances_are_those_of_the_map() -> None:
    assert distance_km("NJ", "new jersey") == 0
    assert distance_km("NY", "CA") == distance_km("CA", "NY")
    assert 3700 < (distance_km("NY", "CA") or 0) < 4100
    assert distance_km("NY", "Bavaria") is None
    assert len(STATES) == 52
