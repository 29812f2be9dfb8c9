"""What may be asked of the catalogue, and how a client sees a product."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from commerce.money import major
from commerce.product import Product
from commerce.stock import StockStatus, product_status, variant_status
from messages.base import Money

Sort = Literal["relevance", "price_asc", "price_desc", "rating", "newest", "name"]


class ProductQuery(Struct, frozen=True, kw_only=True):
    """Which products, in which order, and which page of them; all parts narrow.

    Prices are cents, both ends included. `color`, `size` and `in_stock` must hold of
    one and the same variant. Without `search`, relevance means popularity.
    """

    category: str | None = None
    brand: str | None = None
    min_price: int | None = None
    max_price: int | None = None
    color: str | None = None
    size: str | None = None
    in_stock: bool = False
    """True: only what can be bought now. False asks nothing."""
    search: str | None = None
    sort: Sort = "relevance"
    limit: int = 20
    offset: int = 0


class ProductPage(Struct, frozen=True):
    """One page of a list: product ids in order, and how many there are in all."""

    ids: tuple[str, ...]
    total: int


class VariantView(Struct, frozen=True, kw_only=True):
    """One variant as a client sees it; `stock` is what can be bought now."""

    sku: str
    color: str | None
    size: str | None
    stock: int
    stock_status: StockStatus
    limited: bool


class ProductView(Struct, frozen=True, kw_only=True):
    """One product as a client sees it; `stock` adds up its variants."""

    id: str
    name: str
    description: str
    category: str
    brand: str
    price: Money
    currency: str
    images: tuple[str, ...]
    colors: tuple[str, ...]
    sizes: tuple[str, ...]
    tags: tuple[str, ...]
    stock: int
    stock_status: StockStatus
    max_per_order: int
    rating: float
    reviews_count: int
    variants: tuple[VariantView, ...]


class FacetCount(Struct, frozen=True):
    """So many products have this value; `value` is what the filter takes."""

    value: str
    count: int


class PriceBand(Struct, frozen=True):
    """So many products cost `min` to `max`, both included; the last has no end."""

    min: Money
    max: Money | None
    count: int


class Facets(Struct, frozen=True, kw_only=True):
    """What there is to narrow by, the fullest first; price bands in their order."""

    categories: tuple[FacetCount, ...]
    brands: tuple[FacetCount, ...]
    price_bands: tuple[PriceBand, ...]


def seen(product: Product, free: Mapping[str, int]) -> ProductView:
    """Return `product` as a client sees it; `free` says what can be bought, by sku."""
    variants = tuple(
        VariantView(
            sku=each.sku,
            color=each.color,
            size=each.size,
            stock=(units := free.get(each.sku, 0)),
            stock_status=variant_status(units),
            limited=each.limited,
        )
        for each in product.variants
    )
    stock = sum(each.stock for each in variants)
    return ProductView(
        id=product.id,
        name=product.name,
        description=product.description,
        category=product.category,
        brand=product.brand,
        price=major(product.price),
        currency=product.currency,
        images=product.images,
        colors=product.colors,
        sizes=product.sizes,
        tags=product.tags,
        stock=stock,
        stock_status=product_status(stock),
        max_per_order=product.max_per_order,
        rating=product.rating,
        reviews_count=product.reviews_count,
        variants=variants,
    )
