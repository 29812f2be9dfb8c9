"""What the catalogue is read from, and what finds products in it by words."""

from collections.abc import Sequence
from typing import Protocol

from commerce.product import Product
from commerce.stock import Stock
from commerce.warehouse import Warehouse


class ProductSource(Protocol):
    """Where all products are read from."""

    async def load_all(self) -> Sequence[Product]:
        """Return every product, retired ones too."""
        ...


class StockSource(Protocol):
    """Where all stock is read from."""

    async def load_all(self) -> Sequence[Stock]:
        """Return the stock of every variant."""
        ...

    async def warehouses(self) -> Sequence[Warehouse]:
        """Return the warehouses, the first choice first."""
        ...


class Index(Protocol):
    """Finds products by words."""

    def put(self, product: Product) -> None:
        """Find `product` from now on, as it is now."""
        ...

    def remove(self, product_id: str) -> None:
        """Find the product no longer; an unknown one is fine."""
        ...

    def find(self, text: str) -> Sequence[str]:
        """Return the ids of the products meant by `text`, best first."""
        ...
