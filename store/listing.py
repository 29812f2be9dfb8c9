"""Which products a query means and in what order: filters, sorting, facets.

Pure over products held in memory. A match is computed once per question and kept
until the shelf changes, so that a page costs a look-up and a slice. What a stock change
can alter (`in_stock`) is kept apart, because stock changes all day and products seldom.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from commerce.money import major
from commerce.product import Product, Variant
from messages.product import FacetCount, Facets, PriceBand, ProductPage, ProductQuery

Find = Callable[[str], Sequence[str]]

# Where shoppers' budgets end, in cents; the last band is open.
BAND_STARTS = (0, 25_00, 50_00, 100_00, 200_00)

# Questions come from strangers: more kept ones than this are forgotten together.
KEPT_QUESTIONS = 2_000

_SPELLINGS = {
    "gray": "grey",
    "multicolor": "multicolour",
    "multicolored": "multicolour",
}
_WORDS = re.compile(r"[^\W_]+")
# 10.5 is not 105.
_SIZES = re.compile(r"[^\W_]+|(?<=\d)[.,](?=\d)")


class Listing:
    """Answers product queries over one unchanging set of products."""

    def __init__(self, products: Iterable[Product], find: Find) -> None:
        self._products = {each.id: each for each in products}
        self._find = find
        self._orders: dict[str, tuple[str, ...]] = {}
        self._answers: dict[ProductQuery, tuple[str, ...]] = {}
        self._buyable_answers: dict[ProductQuery, tuple[str, ...]] = {}

    def page(self, query: ProductQuery, free: Mapping[str, int]) -> ProductPage:
        """Return the page that `query` asks for; `free`: what can be bought, by sku."""
        ids = self._matching(replace(query, limit=0, offset=0), free)
        return ProductPage(ids[query.offset : query.offset + query.limit], len(ids))

    def forget_buyable(self) -> None:
        """Something sold out or came back: answers about that are no longer true."""
        self._buyable_answers.clear()

    def facets(self) -> Facets:
        """Count the products per category, brand and price band."""
        products = self._products.values()
        return Facets(
            categories=_counted(each.category for each in products),
            brands=_counted(each.brand for each in products),
            price_bands=_bands([each.price for each in products]),
        )

    def _matching(
        self, question: ProductQuery, free: Mapping[str, int]
    ) -> tuple[str, ...]:
        kept = self._buyable_answers if question.in_stock else self._answers
        known = kept.get(question)
        if known is None:
            known = self._match(question, free)
            if len(kept) >= KEPT_QUESTIONS:
                kept.clear()
            kept[question] = known
        return known

    def _match(
        self, question: ProductQuery, free: Mapping[str, int]
    ) -> tuple[str, ...]:
        fits = _filter(question, free)
        order: Sequence[str] = self._order(question.sort)
        if question.search is not None:
            found = self._find(question.search)
            wanted = set(found)
            by_words = question.sort == "relevance"
            order = found if by_words else [each for each in order if each in wanted]
        on_sale = self._products
        return tuple(each for each in order if fits(on_sale[each]))

    def _order(self, sort: str) -> tuple[str, ...]:
        if sort not in self._orders:
            ranked = sorted(self._products.values(), key=_RANKS[sort])
            self._orders[sort] = tuple(each.id for each in ranked)
        return self._orders[sort]


def popularity(product: Product) -> float:
    """Return how well liked a product is, 0 to 1: its rating, trusted by its count."""
    trust = min(1.0, math.log10(1 + product.reviews_count) / 4)
    return product.rating / 5 * trust


# The id at the end makes every order total, so that pages never overlap.
_RANKS: Mapping[str, Callable[[Product], Any]] = {
    "relevance": lambda each: (-popularity(each), each.id),
    "price_asc": lambda each: (each.price, each.id),
    "price_desc": lambda each: (-each.price, each.id),
    "rating": lambda each: (-each.rating, -each.reviews_count, each.id),
    "newest": lambda each: (-each.created_at.timestamp(), each.id),
    "name": lambda each: (each.name.casefold(), each.id),
}


def _filter(
    question: ProductQuery, free: Mapping[str, int]
) -> Callable[[Product], bool]:
    tests: list[Callable[[Product], bool]] = []
    if question.category is not None:
        category = _folded(question.category)
        tests.append(lambda each: _folded(each.category) == category)
    if question.brand is not None:
        brand = _folded(question.brand)
        tests.append(lambda each: _folded(each.brand) == brand)
    if (lowest := question.min_price) is not None:
        tests.append(lambda each: each.price >= lowest)
    if (highest := question.max_price) is not None:
        tests.append(lambda each: each.price <= highest)
    if (fits := _variant_filter(question, free)) is not None:
        tests.append(lambda each: any(map(fits, each.variants)))
    return lambda each: all(test(each) for test in tests)


def _variant_filter(
    question: ProductQuery, free: Mapping[str, int]
) -> Callable[[Variant], bool] | None:
    tests: list[Callable[[Variant], bool]] = []
    if question.color is not None:
        color = question.color
        tests.append(lambda each: is_color(each.color, color))
    if question.size is not None:
        size = question.size
        tests.append(lambda each: is_size(each.size, size))
    if question.in_stock:
        tests.append(lambda each: free.get(each.sku, 0) > 0)
    return (lambda each: all(test(each) for test in tests)) if tests else None


def is_color(have: str | None, want: str) -> bool:
    """Whether `have` is in the family `want`: Brick Red is red, and is brick."""
    wanted = _color_words(want)
    return bool(wanted) and wanted <= _color_words(have or "")


def is_size(have: str | None, want: str) -> bool:
    """Whether `have` is or includes the size `want`: S/M is S, 8 kg is 8kg."""
    wanted = _bare_size(want)
    if have is None or not wanted:
        return False
    return wanted in {_bare_size(have), *map(_bare_size, have.split("/"))}


def _color_words(text: str) -> frozenset[str]:
    words = _WORDS.findall(text.casefold())
    return frozenset(_SPELLINGS.get(word, word) for word in words)


def _bare_size(text: str) -> str:
    return "".join(_SIZES.findall(text.casefold())).removeprefix("size")


def _folded(text: str) -> str:
    return text.strip().casefold()


def _counted(values: Iterable[str]) -> tuple[FacetCount, ...]:
    """Count as the filter finds: one value however it is written, most often so."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for value, count in sorted(Counter(values).items(), key=_fullest):
        name = names.setdefault(_folded(value), value)
        counts[name] = counts.get(name, 0) + count
    return tuple(FacetCount(*each) for each in sorted(counts.items(), key=_fullest))


def _fullest(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _bands(prices: Sequence[int]) -> tuple[PriceBand, ...]:
    ends = (*(start - 1 for start in BAND_STARTS[1:]), None)
    return tuple(
        PriceBand(
            major(start),
            None if end is None else major(end),
            sum(start <= price and (end is None or price <= end) for price in prices),
        )
        for start, end in zip(BAND_STARTS, ends, strict=True)
    )
