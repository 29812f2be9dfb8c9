"""Lists narrow, sort and page; what is remembered is forgotten when it goes stale."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commerce.stock import Stock
from messages.product import ProductQuery, Sort
from store.catalogue import Catalogue
from store.listing import is_color, is_size
from tests.fakes_product import demo_catalogue

CATALOGUE = demo_catalogue()
"""Only read here; tests that change one make their own."""

EVERYTHING = 1_000


def listed(**parts: Any) -> list[str]:
    page = CATALOGUE.query(ProductQuery(limit=EVERYTHING, **parts))
    assert len(page.ids) == page.total
    return list(page.ids)


def test_a_category_and_a_brand_are_named_in_any_case() -> None:
    assert len(listed(category="audio")) == 18
    assert listed(brand=" SONVARRA ") == listed(brand="Sonvarra")
    assert listed(category="Audio", brand="Stridorra") == []


def test_prices_include_both_ends() -> None:
    prices = [
        CATALOGUE.product(each).price
        for each in listed(min_price=4_999, max_price=5_999, sort="price_asc")
    ]

    assert prices[0] == 4_999
    assert prices[-1] == 5_999
    assert listed(min_price=5_000, max_price=4_000) == []


@pytest.mark.parametrize(
    ("have", "want", "fits"),
    [
        ("Brick Red", "red", True),
        ("Brick Red", "RED", True),
        ("Brick Red", "brick red", True),
        ("Brick Red", "brick", True),
        ("White/Green", "green", True),
        ("Heather Grey", "gray", True),
        ("Bored", "red", False),
        ("Red", "brick red", False),
        ("Red", "", False),
        (None, "red", False),
    ],
)
def test_a_colour_is_in_the_family_of_each_of_its_words(
    have: str | None, want: str, *, fits: bool
) -> None:
    assert is_color(have, want) is fits


@pytest.mark.parametrize(
    ("have", "want", "fits"),
    [
        ("M", "m", True),
        ("S/M", "s", True),
        ("S/M", "s/m", True),
        ("8 kg", "8kg", True),
        ("Size 6", "6", True),
        ("10", "1", False),
        ("105", "10.5", False),
        ("1.5 l", "15l", False),
        ("1.5 l", "1.5l", True),
        ("S/", "size", False),
        ("XL", "L", False),
        (None, "M", False),
    ],
)
def test_a_size_is_meant_whole(have: str | None, want: str, *, fits: bool) -> None:
    assert is_size(have, want) is fits


def test_red_finds_every_family_of_red() -> None:
    assert {"AUD-008", "FTW-001", "FTW-006"} <= set(listed(color="red"))


def test_colour_size_and_stock_must_hold_of_one_variant() -> None:
    catalogue = demo_catalogue()
    product = catalogue.product("FTW-001")
    red_nine = next(
        each
        for each in product.variants
        if (each.color, each.size) == ("Ember Red", "9")
    )
    query = ProductQuery(color="red", size="9", in_stock=True, brand="Stridorra")
    assert "FTW-001" in catalogue.query(query).ids

    version = catalogue.stock(red_nine.sku).version
    catalogue.put_stock(Stock(sku=red_nine.sku, version=version + 1))

    assert "FTW-001" not in catalogue.query(query).ids


def test_what_sold_out_leaves_the_list_and_comes_back() -> None:
    catalogue = demo_catalogue()
    query = ProductQuery(in_stock=True, limit=EVERYTHING)
    assert "AUD-017" not in catalogue.query(query).ids

    catalogue.put_stock(Stock(sku="AUD-017", free=1, version=2))
    assert "AUD-017" in catalogue.query(query).ids

    catalogue.put_stock(Stock(sku="AUD-017", free=0, version=3))
    assert "AUD-017" not in catalogue.query(query).ids


SORTS: dict[Sort, Callable[[str], Any]] = {
    "price_asc": lambda each: CATALOGUE.product(each).price,
    "price_desc": lambda each: -CATALOGUE.product(each).price,
    "rating": lambda each: -CATALOGUE.product(each).rating,
    "newest": lambda each: -CATALOGUE.product(each).created_at.timestamp(),
    "name": lambda each: CATALOGUE.product(each).name.casefold(),
}


@pytest.mark.parametrize("sort", SORTS)
def test_a_sorted_list_is_sorted_whole_and_narrowed(sort: Sort) -> None:
    narrowed: list[dict[str, str]] = [
        {},
        {"category": "Audio"},
        {"search": "headphones"},
    ]
    for parts in narrowed:
        found = listed(sort=sort, **parts)

        assert found == sorted(found, key=SORTS[sort])
        assert len(found) > 1


def test_relevance_follows_the_words() -> None:
    assert listed(search="headphones")[0] == "AUD-001"
    assert listed(search="headphones", category="Footwear") == []
    assert set(listed(search="headphones", sort="name")) == set(
        listed(search="headphones")
    )


def test_without_words_the_popular_ones_come_first() -> None:
    first, last = listed()[0], listed()[-1]

    assert CATALOGUE.product(first).reviews_count > 1_000
    assert CATALOGUE.product(last).reviews_count < 100


@given(
    size=st.integers(1, 60),
    sort=st.sampled_from(get_args(Sort)),
    category=st.sampled_from([None, "Audio", "Apparel"]),
)
def test_pages_put_together_are_the_list(
    size: int, sort: Sort, category: str | None
) -> None:
    whole = listed(sort=sort, category=category)
    pages = [
        CATALOGUE.query(
            ProductQuery(sort=sort, category=category, limit=size, offset=offset)
        )
        for offset in range(0, len(whole) + size, size)
    ]

    assert [each for page in pages for each in page.ids] == whole
    assert {page.total for page in pages} == {len(whole)}


def test_a_page_past_the_end_is_empty_and_knows_the_total() -> None:
    page = CATALOGUE.query(ProductQuery(offset=10_000))

    assert (page.ids, page.total) == ((), 200)


def test_questions_of_strangers_do_not_fill_the_memory() -> None:
    catalogue = demo_catalogue()

    for cents in range(5_000):
        catalogue.query(ProductQuery(max_price=cents, limit=1))

    assert catalogue._listing is not None
    assert len(catalogue._listing._answers) <= 2_000


def test_a_new_product_is_listed_at_once() -> None:
    catalogue: Catalogue = demo_catalogue()
    assert catalogue.query(ProductQuery()).total == 200

    catalogue.remove_product("AUD-001")

    assert catalogue.query(ProductQuery()).total == 199


def test_facets_count_what_the_filter_finds_however_it_is_written() -> None:
    catalogue = demo_catalogue()
    product = catalogue.product("AUD-009")
    other = replace(product, category="AUDIO", brand=" sonvarra", version=2)
    catalogue.put_product(other)
    facets = json.loads(catalogue.facets())

    for name, values in (("category", "categories"), ("brand", "brands")):
        for each in facets[values]:
            query = ProductQuery(limit=EVERYTHING, **{name: each["value"]})
            assert catalogue.query(query).total == each["count"], each
