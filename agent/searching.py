"""The search behind `search_products`: words, then filters, then what to relax.

Filters are applied here and not by the shop's query, because what falls out is wanted
too: with next to nothing left, the one filter is named that keeps the nearest products
out, and these are shown.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from agent.cards import Data, card, each_variant
from agent.colours import closest
from agent.fit import meant
from agent.shop import Catalogue
from agent.spelling import parts
from commerce.product import Product, Variant
from messages.product import ProductQuery

# As many as a search may bring before they are sifted.
FOUND_LIMIT = 60

# With fewer hits than this, the nearest ones beyond a filter are told too.
FEW = 2

# Whatever a model makes up has to fit into a recorded frame.
Cents = Annotated[int, Meta(ge=0, le=10**12)]
Name = Annotated[str, Meta(max_length=200)]
Test = Callable[[Product], bool]


class Search(Struct, frozen=True, kw_only=True):
    """What to look for; everything narrows."""

    query: Name | None = None
    category: Name | None = None
    brand: Name | None = None
    min_price_cents: Cents | None = None
    max_price_cents: Cents | None = None
    colour: Name | None = None
    size: Name | None = None
    without: Name | None = None
    in_stock: bool = False
    sort: Literal["relevance", "price_asc", "price_desc", "rating", "newest"] = (
        "relevance"
    )
    limit: Annotated[int, Meta(ge=1, le=10)] = 5


def searched(catalogue: Catalogue, asked: Search) -> Data:
    """Return how many products fit, the first of them, and what to relax, if any."""
    found = _found(catalogue, asked)
    tests = _tests(catalogue, asked)
    fit = [each for each in found if all(test(each) for test in tests.values())]
    hits = _sorted(fit, asked.sort)
    return {
        "count": len(hits),
        "products": _told(hits[: asked.limit], catalogue, asked),
        "relax": _relaxed(catalogue, found, tests) if len(hits) < FEW else None,
    }


def wanted_variants(product: Product, asked: Search) -> list[Variant]:
    """Return the variants of `product` in the colour and size that are asked for."""
    colors = product.colors if asked.colour is None else _colors(product, asked.colour)
    return [
        each
        for each in product.variants
        if (asked.colour is None or each.color in colors)
        and (asked.size is None or same_size(each.size, asked.size))
    ]


def same_size(have: str | None, wanted: str) -> bool:
    """Tell whether `have` is the size `wanted`: `10`, `8 kg`, M within `S/M`."""
    if have is None:
        return False
    bare = _bare(wanted)
    return bare in {_bare(have), *map(_bare, have.split("/"))}


def _found(catalogue: Catalogue, asked: Search) -> list[Product]:
    if asked.query:
        return meant(catalogue.search(asked.query, FOUND_LIMIT), asked.query)
    query = ProductQuery(
        category=asked.category, brand=asked.brand, limit=FOUND_LIMIT * 10
    )
    return [catalogue.product(each) for each in catalogue.query(query).ids]


def _tests(catalogue: Catalogue, asked: Search) -> dict[str, Test]:
    """Return the filters asked for; the one to relax first stands first."""
    tests: dict[str, Test] = {}
    if (most := asked.max_price_cents) is not None:
        tests["max_price_cents"] = lambda each: each.price <= most
    if (least := asked.min_price_cents) is not None:
        tests["min_price_cents"] = lambda each: each.price >= least
    if asked.in_stock:
        tests["in_stock"] = lambda each: any(
            catalogue.available(one.sku) for one in wanted_variants(each, asked)
        )
    if asked.size is not None:
        tests["size"] = lambda each: bool(wanted_variants(each, asked))
    if asked.colour is not None:
        tests["colour"] = lambda each: bool(_colors(each, asked.colour or ""))
    if asked.without:
        barred = frozenset(asked.without.casefold().split())
        tests["without"] = lambda each: not _is_of(each, barred)
    if (brand := asked.brand) is not None:
        tests["brand"] = lambda each: each.brand.casefold() == brand.casefold()
    if (category := asked.category) is not None:
        tests["category"] = lambda each: each.category.casefold() == category.casefold()
    return tests


def _is_of(product: Product, barred: frozenset[str]) -> bool:
    """Tell whether it goes by one of the words, or comes in these colours only."""
    told = f" {' '.join(parts(' '.join((product.name, *product.tags))))} "
    if any(f" {' '.join(parts(word))} " in told for word in barred):
        return True
    painted = [each for word in barred for each in _colors(product, word)]
    return bool(painted) and set(painted) == set(product.colors)


def _relaxed(
    catalogue: Catalogue,
    found: Sequence[Product],
    tests: Mapping[str, Test],
) -> Data | None:
    for name, test in tests.items():
        others = [each for key, each in tests.items() if key != name]
        beyond = [
            each
            for each in found
            if not test(each) and all(other(each) for other in others)
        ]
        if beyond:
            if name == "max_price_cents":
                beyond.sort(key=lambda each: each.price)
            near = [card(each, catalogue) for each in beyond[:FEW]]
            return {"filter": name, "count": len(beyond), "products": near}
    return None


def _told(
    products: Sequence[Product], catalogue: Catalogue, asked: Search
) -> list[Data]:
    told = [card(each, catalogue) for each in products]
    if asked.colour is not None or asked.size is not None:
        # Only the variants asked for: all of them would be most of the result.
        most = 12 if len(products) == 1 else 3
        for each, of_it in zip(told, products, strict=True):
            fit = wanted_variants(of_it, asked)[:most]
            each["variants"] = [each_variant(one, catalogue) for one in fit]
    return told


def _sorted(products: list[Product], sort: str) -> list[Product]:
    match sort:
        case "price_asc":
            return sorted(products, key=lambda each: each.price)
        case "price_desc":
            return sorted(products, key=lambda each: -each.price)
        case "rating":
            return sorted(
                products, key=lambda each: (-each.rating, -each.reviews_count)
            )
        case "newest":
            return sorted(products, key=lambda each: each.created_at, reverse=True)
        case _:
            return products


def _colors(product: Product, colour: str) -> tuple[str, ...]:
    return closest(colour, product.colors)


def _bare(size: str) -> str:
    # 10.5 is not 105.
    return re.sub(r"(?<!\d)\.|\.(?!\d)|[^\w.]|_", "", size.casefold()).removeprefix(
        "size"
    )
