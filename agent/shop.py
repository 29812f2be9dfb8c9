"""What the agent needs of the shop; fulfilled by the composition, faked by tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from commerce.product import Product, Variant
from commerce.stock import Stock
from messages.base import Port
from messages.product import ProductPage, ProductQuery


class Catalogue(Protocol):
    """Reads of products and stock, from memory; `store.catalogue` fulfils it."""

    def product(self, id: str, /) -> Product:
        """Return the product. Raises ProductNotFound."""
        ...

    def by_sku(self, sku: str, /) -> tuple[Product, Variant]:
        """Return a variant and its product. Raises ProductNotFound."""
        ...

    def available(self, sku: str, /) -> int:
        """Return how many of the variant can be bought now."""
        ...

    def stock(self, sku: str, /) -> Stock:
        """Return all that is known of the variant's stock."""
        ...

    def query(self, query: ProductQuery, /) -> ProductPage:
        """Return the ids of the products that `query` asks for, in its order."""
        ...

    def search(self, text: str, limit: int, /) -> Sequence[Product]:
        """Return products that fit the words, best first; forgives typing errors."""
        ...


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop as the agent's tools see it: shelves to read, a port to carts.

    The tools take the shopper from the session, so nothing here names one.
    """

    catalogue: Catalogue
    port: Port
