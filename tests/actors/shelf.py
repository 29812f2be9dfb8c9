"""A small shop for actors: products in memory, their stock where actors find it."""

from datetime import UTC, datetime

from msgspec.structs import replace

from commerce.errors import ProductNotFound
from commerce.product import Product, Variant
from commerce.warehouse import Warehouse

WAREHOUSES = tuple(
    Warehouse(id=each, name=each, city="", state="", country="US")
    for each in ("east", "central", "west")
)


def product(
    product_id: str,
    *skus: str,
    limit: int = 10,
    price: int = 1999,
    limited: bool = False,
) -> Product:
    """Return a product whose variants, or whose only one, are `skus`."""
    return Product(
        id=product_id,
        name=product_id.title(),
        description="",
        category="Things",
        brand="Make",
        price=price,
        currency="USD",
        max_per_order=limit,
        variants=tuple(Variant(sku, limited=limited) for sku in skus or (product_id,)),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


class Shelf:
    """The catalogue as carts see it; tests put products on it and retire them."""

    warehouses = WAREHOUSES

    def __init__(self, *products: Product) -> None:
        self._homes: dict[str, tuple[Product, Variant]] = {}
        for each in products:
            self.put(each)

    def put(self, product: Product) -> None:
        for variant in product.variants:
            self._homes[variant.sku] = (product, variant)

    def retire(self, sku: str) -> None:
        self.put(replace(self._homes[sku][0], retired=True))

    def by_sku(self, sku: str) -> tuple[Product, Variant]:
        if sku not in self._homes:
            raise ProductNotFound(sku, sku=sku)
        return self._homes[sku]

    def available(self, sku: str) -> int:
        self.by_sku(sku)
        return 7
