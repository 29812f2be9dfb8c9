"""The shop window: lists, search and single products, all from memory."""

from datetime import datetime
from functools import partial
from typing import Annotated

from aiohttp import web
from msgspec import UNSET, Struct, UnsetType
from pydantic import StringConstraints

from commerce.product import Product, Variant
from commerce.stock import PRODUCT_LOW, Stock, by_warehouse
from handlers.errors import Query, query
from handlers.etag import tagged
from handlers.keys import CATALOGUE
from handlers.openapi import documented
from handlers.page import Limit, PageQuery, Price, Words, page_headers, path_id
from handlers.security import public
from messages.base import encode_json
from messages.product import Facets, ProductPage, ProductQuery, ProductView, Sort

routes = web.RouteTableDef()


class ProductsQuery(PageQuery):
    """Which products; all parts narrow, prices include both ends."""

    category: Words | None = None
    brand: Words | None = None
    min_price: Price | None = None
    max_price: Price | None = None
    color: Words | None = None
    size: Words | None = None
    in_stock: bool = False
    search: Words | None = None
    sort: Sort = "relevance"


class SearchQuery(Query):
    """What to find: 1 to 200 characters besides spaces around them."""

    q: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
    ]
    limit: Limit = 20


class VariantInventory(Struct, frozen=True, kw_only=True):
    """One variant's stock; the units by warehouse add up to `available`."""

    sku: str
    color: str | None
    size: str | None
    available: int
    by_warehouse: dict[str, int]
    restock_eta: str | UnsetType = UNSET


class StoreStock(Struct, frozen=True, kw_only=True):
    """What stands in one store."""

    store_name: str
    location: str
    stock: int


class Inventory(Struct, frozen=True, kw_only=True):
    """A product's stock: in the warehouses, in stores (there are none), in all."""

    product_id: str
    warehouse_stock: int
    store_stock: tuple[StoreStock, ...] = ()
    total_available: int
    low_stock: bool
    last_updated: datetime
    variants: tuple[VariantInventory, ...]


@routes.get("/api/products")
@documented(answer=list[ProductView], query=ProductsQuery, statuses=(304,))
@public
async def list_products(request: web.Request) -> web.Response:
    """List products: filtered, sorted, one page of them."""
    # The same page is asked for again and again; its bytes change when a product does.
    catalogue = request.app[CATALOGUE]
    page = catalogue.remembered(request.path_qs, partial(_page, request))
    return tagged(request, *page)


def _page(request: web.Request) -> tuple[bytes, str, dict[str, str]]:
    """Return a page's JSON, its tag and its headers. Raises Refusal 422."""
    asked = query(request, ProductsQuery)
    catalogue = request.app[CATALOGUE]
    page = catalogue.query(ProductQuery(**asked.model_dump()))
    headers = page_headers(request, asked, page.total)
    return catalogue.encoded(page.ids), catalogue.etag_of(page), headers


@routes.get("/api/products/search")
@documented(answer=list[ProductView], query=SearchQuery, statuses=(304,))
@public
async def search_products(request: web.Request) -> web.Response:
    """Find products by words, forgiving typing errors and half words; best first."""
    asked = query(request, SearchQuery)
    catalogue = request.app[CATALOGUE]
    ids = tuple(each.id for each in catalogue.search(asked.q, asked.limit))
    tag = catalogue.etag_of(ProductPage(ids, len(ids)))
    return tagged(request, catalogue.encoded(ids), tag)


@routes.get("/api/products/facets")
@documented(answer=Facets, statuses=(304,))
@public
async def list_facets(request: web.Request) -> web.Response:
    """Count products per category, brand and price band."""
    return tagged(request, request.app[CATALOGUE].facets())


@routes.get("/api/products/inventory/{id}")
@documented(answer=Inventory, statuses=(304, 404, 422))
@public
async def show_inventory(request: web.Request) -> web.Response:
    """Show how much there is of a product, by variant and warehouse."""
    catalogue = request.app[CATALOGUE]
    product = catalogue.product(path_id(request))
    stocks = {each.sku: catalogue.stock(each.sku) for each in product.variants}
    return tagged(request, encode_json(_inventory(product, stocks)))


@routes.get("/api/products/{id}")
@documented(answer=ProductView, statuses=(304, 404, 422))
@public
async def show_product(request: web.Request) -> web.Response:
    """Show one product."""
    catalogue = request.app[CATALOGUE]
    product = catalogue.product(path_id(request))
    tag = catalogue.etag_of(ProductPage((product.id,), 1))
    return tagged(request, catalogue.encoded_one(product.id), tag)


def _inventory(product: Product, stocks: dict[str, Stock]) -> Inventory:
    total = sum(each.free for each in stocks.values())
    changes = [each.changed_at for each in stocks.values() if each.changed_at]
    return Inventory(
        product_id=product.id,
        warehouse_stock=total,
        total_available=total,
        low_stock=total < PRODUCT_LOW,
        last_updated=max([product.created_at, *changes]),
        variants=tuple(
            _variant_inventory(product, each, stocks[each.sku])
            for each in product.variants
        ),
    )


def _variant_inventory(
    product: Product, variant: Variant, stock: Stock
) -> VariantInventory:
    awaited = product.restock_eta if stock.free == 0 else None
    return VariantInventory(
        sku=variant.sku,
        color=variant.color,
        size=variant.size,
        available=stock.free,
        by_warehouse=by_warehouse(stock),
        restock_eta=awaited or UNSET,
    )
