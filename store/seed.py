"""The demo shop: what the files in `data/` tell, put into an empty database.

A second run changes nothing, and no run ever touches what is already there: an edited
price or a sold unit stays as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct, convert
from msgspec.json import decode

from commerce.product import Product
from commerce.stock import Stock, counted
from commerce.warehouse import Warehouse
from store.client import Database
from store.coupon import CouponRepository, read_coupons
from store.product import ProductRepository
from store.stock import StockRepository

CATALOG = "catalog.json"

# The demo's products came into the shop one after the other, in the order of the file.
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
BETWEEN = timedelta(hours=12)


class Demo(Struct, frozen=True):
    """A whole shop: what it sells, how much of it, and from where."""

    products: Sequence[Product]
    stocks: Sequence[Stock]
    warehouses: Sequence[Warehouse]


class Seeded(Struct, frozen=True):
    """How many of each were missing and are there now."""

    products: int
    stocks: int
    warehouses: int
    coupons: int


def read(data_dir: Path) -> Demo:
    """Return the demo shop. Raises msgspec.ValidationError if the file is no shop."""
    told = decode((data_dir / CATALOG).read_bytes())
    return Demo(
        [_product(each, place) for place, each in enumerate(told["products"])],
        [_stock(one, each) for each in told["products"] for one in each["variants"]],
        convert(told["warehouses"], list[Warehouse]),
    )


async def seed(database: Database, data_dir: Path) -> Seeded:
    """Insert what is missing of the demo shop and say how much that was.

    The products go in last: whoever sees a product finds its stock. Raises Away.
    """
    demo = read(data_dir)
    stocks = StockRepository(database)
    coupons = CouponRepository(database)
    return Seeded(
        warehouses=await stocks.add_missing_warehouses(demo.warehouses),
        coupons=await coupons.add_missing(read_coupons(data_dir), born=FIRST_DAY),
        stocks=await stocks.add_missing(demo.stocks, born=FIRST_DAY),
        products=await ProductRepository(database).add_missing(demo.products),
    )


def _product(told: Mapping[str, Any], place: int) -> Product:
    limited = told.get("limited", False)
    ours = {
        "id": told["sku"],
        "price": told["price_cents"],
        "variants": [{**each, "limited": limited} for each in told["variants"]],
        "created_at": FIRST_DAY + place * BETWEEN,
    }
    return convert({**told, **ours}, Product)


def _stock(told: Mapping[str, Any], product: Mapping[str, Any]) -> Stock:
    return counted(
        Stock(
            sku=told["sku"],
            product_id=product["sku"],
            on_hand=convert(told["stock"], dict[str, int]),
            version=1,
        )
    )
