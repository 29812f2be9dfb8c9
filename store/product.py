"""Products as stored: one document each, the price in cents, edited with care.

A price lives here and nowhere else. `version` grows by one with each change through
this repository; whoever edits a document by hand need not touch it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from bson import Int64
from msgspec import ValidationError, convert, to_builtins
from msgspec.structs import replace
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from commerce.errors import Conflict, ProductNotFound
from commerce.product import Product
from store.client import Database, reaching
from store.missing import insert_missing

log = structlog.get_logger()

COLLECTION = "products"


class ProductRepository:
    """Keeps products. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._products = database[COLLECTION]

    async def prepare(self) -> None:
        """Make the index that lets a variant's sku exist once only."""
        with reaching():
            await self._products.create_index(
                [("variants.sku", ASCENDING)],
                unique=True,
                # A product without variants has no sku to be unique.
                partialFilterExpression={"variants.sku": {"$exists": True}},
            )

    async def load_all(self) -> list[Product]:
        """Return every readable product, retired ones too, by id.

        One that somebody made unreadable by hand is left out and logged: the others
        must still be sold.
        """
        found = map(_readable, await self._documents())
        return [each for each in found if each is not None]

    async def every(self) -> list[Product]:
        """Return every product, retired ones too, by id.

        Raises Conflict, naming it, where a hand made one unreadable.
        """
        return [_read(each) for each in await self._documents()]

    async def get(self, product_id: str) -> Product:
        """Return one product, retired or not. Raises ProductNotFound.

        Raises Conflict where a hand made it unreadable.
        """
        with reaching():
            document = await self._products.find_one({"_id": product_id})
        if document is None:
            raise ProductNotFound(f"{product_id} is not sold here", id=product_id)
        return _read(document)

    async def add(self, product: Product) -> Product:
        """Save a new product and return it. Raises Conflict if id or sku is taken."""
        with reaching(), _unique(product):
            await self._products.insert_one(_document(product))
        return product

    async def add_missing(self, products: Sequence[Product]) -> int:
        """Save those whose id is not there yet; return how many that were."""
        documents = [_document(each) for each in products]
        return await insert_missing(self._products, documents)

    async def put(self, product: Product) -> Product:
        """Save `product` over the version it was read at; return it one version on.

        Raises Conflict if the stored one moved on since, or a sku is taken by another
        product, and ProductNotFound.
        """
        saved = replace(product, version=product.version + 1)
        seen = {"_id": product.id, "version": product.version}
        with reaching(), _unique(product):
            result = await self._products.replace_one(seen, _document(saved))
        if result.matched_count == 0:
            stored = await self.get(product.id)
            raise Conflict(
                f"{product.id} is at version {stored.version}, not {product.version}",
                id=product.id,
                version=stored.version,
            )
        return saved

    async def retire(self, product_id: str) -> Product:
        """Take a product off sale and return it; a second time changes nothing.

        Raises ProductNotFound.
        """
        with reaching():
            await self._products.update_one(
                {"_id": product_id, "retired": {"$ne": True}},
                {"$set": {"retired": True}, "$inc": {"version": 1}},
            )
        return await self.get(product_id)

    async def _documents(self) -> list[Mapping[str, Any]]:
        with reaching():
            found = self._products.find().sort("_id", ASCENDING)
            documents: list[Mapping[str, Any]] = await found.to_list(None)
        return documents


@contextmanager
def _unique(product: Product) -> Iterator[None]:
    try:
        yield
    except DuplicateKeyError:
        skus = [each.sku for each in product.variants]
        raise Conflict(
            f"{product.id}: this id or one of its skus is taken",
            id=product.id,
            skus=skus,
        ) from None


def _readable(document: Mapping[str, Any]) -> Product | None:
    try:
        return _read(document)
    except Conflict as wrong:
        log.warning("product.unreadable", id=document["_id"], why=wrong.message)
        return None


def _read(document: Mapping[str, Any]) -> Product:
    try:
        return _product(document)
    except ValidationError as wrong:
        name = document["_id"]
        raise Conflict(f"{name} cannot be read as stored: {wrong}", id=name) from None


def _document(product: Product) -> dict[str, Any]:
    fields = to_builtins(product, builtin_types=(datetime,))
    return {"_id": fields.pop("id"), **fields, "price": Int64(product.price)}


def _product(document: Mapping[str, Any]) -> Product:
    # The shell writes whole numbers as doubles where one forgets NumberInt.
    whole = {
        name: int(value)
        for name in ("price", "max_per_order", "reviews_count", "version")
        if isinstance(value := document.get(name), float) and value.is_integer()
    }
    return convert({**document, **whole, "id": document["_id"]}, Product)
