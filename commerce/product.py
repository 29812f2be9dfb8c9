"""What is sold: products and their variants. Stock is elsewhere, in `stock.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from commerce.errors import Malformed, ProductNotFound, VariantRequired

# What the database can count to.
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Variant(Struct, frozen=True):
    """The thing that is counted, put in carts and sold."""

    sku: str
    color: str | None = None
    size: str | None = None
    limited: bool = False


class Product(Struct, frozen=True, kw_only=True):
    """One product as the catalogue tells it; `price` in cents, `rating` of 5."""

    id: str
    name: str
    description: str
    category: str
    brand: str
    price: Count
    currency: str
    images: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    max_per_order: int = 10
    rating: Annotated[float, Meta(ge=0, le=5)] = 0.0
    reviews_count: Count = 0
    variants: tuple[Variant, ...]
    restock_eta: str | None = None
    created_at: Annotated[datetime, Meta(tz=True)]
    version: Count = 1
    retired: bool = False


def variant(product: Product, sku: str) -> Variant:
    """Return the variant `sku` of `product`. Raises ProductNotFound."""
    for each in product.variants:
        if each.sku == sku:
            return each
    raise ProductNotFound(f"{product.id} has no variant {sku}", sku=sku)


def chosen(product: Product, *, color: str | None, size: str | None) -> Variant:
    """Return the one variant of `product` in `color` and `size`.

    Compares without regard to case. Raises VariantRequired, naming what there is to
    choose from, unless exactly one variant fits.
    """
    fitting = [
        each
        for each in product.variants
        if _fits(each.color, color) and _fits(each.size, size)
    ]
    if len(fitting) == 1:
        return fitting[0]
    raise VariantRequired(
        f"{product.id}: choose a colour or size that exists",
        product_id=product.id,
        colors=product.colors,
        sizes=product.sizes,
    )


def checked(product: Product) -> Product:
    """Return `product` if each variant can be told from the others and chosen.

    Raises Malformed for a sku, or a colour and size, that occurs twice, and for a
    variant in a colour or size that the product does not name.
    """
    _refuse_twice("sku", [each.sku for each in product.variants])
    looks = [
        ((each.color or "").casefold(), (each.size or "").casefold())
        for each in product.variants
    ]
    _refuse_twice("colour and size", looks)
    for each in product.variants:
        if each.color is not None and each.color not in product.colors:
            raise Malformed(f"{each.sku}: {each.color} is no colour of {product.id}")
        if each.size is not None and each.size not in product.sizes:
            raise Malformed(f"{each.sku}: {each.size} is no size of {product.id}")
    return product


def _refuse_twice(what: str, values: Sequence[object]) -> None:
    if len(set(values)) < len(values):
        raise Malformed(f"two variants have the same {what}")


def _fits(have: str | None, want: str | None) -> bool:
    return want is None or (have or "").casefold() == want.strip().casefold()
