"""What operators do to stock: look, adjust, count, move."""

from collections.abc import Mapping
from typing import Annotated

from aiohttp import web
from msgspec import Struct
from pydantic import Field, StringConstraints

from commerce.stock import MAX_ON_HAND, VARIANT_LOW, Stock, by_warehouse
from commerce.warehouse import Warehouse, sendable
from handlers.errors import Body, body, query, rendered
from handlers.etag import expected_version, version_tag
from handlers.keys import CATALOGUE, PORT
from handlers.openapi import documented
from handlers.page import DIGITS, Id, PageQuery, page_headers, path_id
from handlers.security import identity, operator
from messages.base import Command
from messages.stock import AdjustStock, GetStock, SetStock, TransferStock
from store.catalogue import Catalogue

routes = web.RouteTableDef()

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]
Units = Annotated[int, Field(ge=0, le=MAX_ON_HAND)]


class AdjustBody(Body):
    """So many more, or fewer, in one warehouse, and why."""

    warehouse: Id
    delta: Annotated[int, Field(ge=-MAX_ON_HAND, le=MAX_ON_HAND)]
    reason: Reason


class CountBody(Body):
    """What was counted in one warehouse, and why it was."""

    warehouse: Id
    on_hand: Units
    reason: Reason


class TransferBody(Body):
    """So many from one warehouse to another."""

    source: Id = Field(alias="from")
    target: Id = Field(alias="to")
    quantity: Annotated[int, Field(ge=1, le=MAX_ON_HAND)]


class LowQuery(PageQuery):
    """Below how many available units a variant is low."""

    threshold: Annotated[int, Field(ge=1, le=MAX_ON_HAND), DIGITS] = VARIANT_LOW


class StockView(Struct, frozen=True, kw_only=True):
    """One variant's stock; the maps are by warehouse, `available` is never below 0."""

    sku: str
    product_id: str
    on_hand: Mapping[str, int]
    held: Mapping[str, int]
    committed: Mapping[str, int]
    available: Mapping[str, int]
    total_available: int
    version: int


@routes.get("/api/admin/warehouses")
@documented(answer=list[Warehouse])
@operator
async def list_warehouses(request: web.Request) -> web.Response:
    """List the warehouses, the first choice first."""
    return rendered(request.app[CATALOGUE].warehouses)


@routes.get("/api/admin/inventory/low")
@documented(answer=list[StockView], query=LowQuery)
@operator
async def list_low(request: web.Request) -> web.Response:
    """List the variants on sale that run low, the emptiest first."""
    asked = query(request, LowQuery)
    low = below(request.app[CATALOGUE], asked.threshold)
    page = low[asked.offset : asked.offset + asked.limit]
    headers = page_headers(request, asked, len(low))
    return rendered([_view(request, each) for each in page], headers=headers)


@routes.get("/api/admin/inventory/{sku}")
@documented(answer=StockView, statuses=(404, 422))
@operator
async def show_stock(request: web.Request) -> web.Response:
    """Show one variant's stock as its owner knows it."""
    return await _answer(request, GetStock())


@routes.post("/api/admin/inventory/{sku}")
@documented(answer=StockView, body=AdjustBody, statuses=(400, 404, 409))
@operator
async def adjust_stock(request: web.Request) -> web.Response:
    """Add to what one warehouse has on hand, or take from it."""
    wanted = await body(request, AdjustBody)
    expected = expected_version(request)
    adjusted = AdjustStock(
        wanted.warehouse, wanted.delta, wanted.reason, expected_version=expected
    )
    return await _answer(request, adjusted)


@routes.put("/api/admin/inventory/{sku}")
@documented(answer=StockView, body=CountBody, statuses=(400, 404, 409))
@operator
async def count_stock(request: web.Request) -> web.Response:
    """Set what one warehouse has on hand, after a count."""
    counted = await body(request, CountBody)
    expected = expected_version(request)
    command = SetStock(
        counted.warehouse, counted.on_hand, counted.reason, expected_version=expected
    )
    return await _answer(request, command)


@routes.post("/api/admin/inventory/{sku}/transfer")
@documented(answer=StockView, body=TransferBody, statuses=(400, 404, 409))
@operator
async def transfer_stock(request: web.Request) -> web.Response:
    """Move units from one warehouse to another."""
    wanted = await body(request, TransferBody)
    expected = expected_version(request)
    moved = TransferStock(
        wanted.source, wanted.target, wanted.quantity, expected_version=expected
    )
    return await _answer(request, moved)


async def _answer(request: web.Request, command: Command[Stock]) -> web.Response:
    sender = identity(request).user_id
    port = request.app[PORT]
    stock = await port.ask(path_id(request, "sku"), command, sender=sender)
    headers = {**version_tag(stock.version), "Cache-Control": "no-store"}
    return rendered(_view(request, stock), headers=headers)


def below(catalogue: Catalogue, threshold: int) -> list[Stock]:
    """Return the stock on sale of which fewer are available, the emptiest first."""
    found = [
        stock
        for product in catalogue.products()
        if not product.retired
        for variant in product.variants
        if (stock := catalogue.stock(variant.sku)).free < threshold
    ]
    return sorted(found, key=lambda each: (each.free, each.sku))


def _view(request: web.Request, stock: Stock) -> StockView:
    there = sendable(stock, request.app[CATALOGUE].warehouses)
    return StockView(
        sku=stock.sku,
        product_id=stock.product_id,
        on_hand=stock.on_hand,
        held=stock.held,
        committed=stock.committed,
        available=by_warehouse(there),
        total_available=there.free,
        version=stock.version,
    )
