"""What operators do to the catalogue: add, change, retire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from aiohttp import web
from msgspec.structs import asdict, replace

from commerce.product import Product
from commerce.stock import check_places
from handlers.errors import body, query, rendered
from handlers.etag import expected_version, version_tag
from handlers.keys import CATALOGUE, CLOCK, PORT
from handlers.openapi import documented
from handlers.page import PageQuery, page_headers, path_id
from handlers.product_body import (
    NewProductBody,
    ProductBody,
    VariantBody,
    changed_product,
    new_product,
)
from handlers.security import operator
from messages.product import ProductView, seen
from messages.stock import StockItem
from store.catalogue import Catalogue

routes = web.RouteTableDef()


class Products(Protocol):
    """Where products are kept."""

    async def get(self, product_id: str) -> Product:
        """Return one product, retired or not. Raises ProductNotFound."""
        ...

    async def add(self, product: Product) -> Product:
        """Save a new product. Raises Conflict if its id or a sku is taken."""
        ...

    async def put(self, product: Product) -> Product:
        """Save `product` over the version it was read at. Raises Conflict."""
        ...

    async def retire(self, product_id: str) -> Product:
        """Take a product off sale. Raises ProductNotFound."""
        ...


PRODUCTS: web.AppKey[Products] = web.AppKey("products")


class ProductRecord(ProductView, frozen=True, kw_only=True):
    """A product as operators see it; `version` is for If-Match."""

    version: int
    retired: bool
    created_at: datetime


@routes.get("/api/admin/products")
@documented(answer=list[ProductRecord], query=PageQuery)
@operator
async def list_records(request: web.Request) -> web.Response:
    """List every product by id, retired ones too."""
    asked = query(request, PageQuery)
    catalogue = request.app[CATALOGUE]
    products = catalogue.products()
    page = products[asked.offset : asked.offset + asked.limit]
    headers = page_headers(request, asked, len(products))
    return rendered([_record(catalogue, each) for each in page], headers=headers)


@routes.post("/api/admin/products")
@documented(answer=ProductRecord, status=201, body=NewProductBody, statuses=(400, 409))
@operator
async def add_product(request: web.Request) -> web.Response:
    """Sell a new product and begin to count its variants."""
    told = await body(request, NewProductBody)
    product = new_product(told, request.app[CLOCK].now())
    _check_places(request, told.variants)
    saved = await request.app[PRODUCTS].add(product)
    return await _saved(request, saved, told.variants, 201)


@routes.put("/api/admin/products/{id}")
@documented(answer=ProductRecord, body=ProductBody, statuses=(400, 404, 409))
@operator
async def change_product(request: web.Request) -> web.Response:
    """Change what is named; the same again mends a change that was cut short."""
    product_id = path_id(request)
    told = await body(request, ProductBody)
    _check_places(request, told.variants or ())
    products = request.app[PRODUCTS]
    product = await products.get(product_id)
    version = expected_version(request)
    seen_at = product.version if version is None else version
    changed = changed_product(replace(product, version=seen_at), told)
    return await _saved(request, await products.put(changed), told.variants or ())


@routes.delete("/api/admin/products/{id}")
@documented(answer=ProductRecord, statuses=(404, 422))
@operator
async def retire_product(request: web.Request) -> web.Response:
    """Take a product off sale; carts that hold it show it as not available."""
    retired = await request.app[PRODUCTS].retire(path_id(request))
    return await _saved(request, retired, ())


async def _saved(
    request: web.Request,
    product: Product,
    variants: Sequence[VariantBody],
    status: int = 200,
) -> web.Response:
    for each in variants:
        # Its stock counts on from where it is, if it was ever counted.
        item = StockItem(product.id, each.stock)
        stock = await request.app[PORT].ask(each.sku, item)
        request.app[CATALOGUE].put_stock(stock)
    # The feed would bring both in a moment; whoever wrote may look at once.
    request.app[CATALOGUE].put_product(product)
    record = _record(request.app[CATALOGUE], product)
    headers = {**version_tag(product.version), "Cache-Control": "no-store"}
    return rendered(record, status, headers)


def _check_places(request: web.Request, variants: Sequence[VariantBody]) -> None:
    # Before anything is saved: a product without its stock would be half a product.
    there = {each.id for each in request.app[CATALOGUE].warehouses}
    for each in variants:
        check_places(each.stock, there)


def _record(catalogue: Catalogue, product: Product) -> ProductRecord:
    free = {
        each.sku: 0 if product.retired else catalogue.stock(each.sku).free
        for each in product.variants
    }
    return ProductRecord(
        **asdict(seen(product, free)),
        version=product.version,
        retired=product.retired,
        created_at=product.created_at,
    )
