"""The tools that only look: search, one product, comparison, stock, recommendations."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from agent.cards import (
    NAME_LIMIT,
    Data,
    awaited,
    card,
    cards,
    each_variant,
    moment,
    page,
)
from agent.clean import plain
from agent.fit import kinds
from agent.searching import Name, Search, searched
from agent.sums import money
from agent.visit import Visit
from commerce.errors import ProductNotFound
from commerce.product import Product
from commerce.stock import by_warehouse, product_status
from messages.cart import GetCart
from messages.product import ProductQuery

Few = Annotated[int, Meta(ge=1, le=10)]


class SearchProducts(Search, frozen=True, forbid_unknown_fields=True):
    """Find products by words and filters. Prices are cents."""


class GetProduct(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything about one product, with the stock of each variant."""

    product_id: Name


class CompareProducts(Struct, frozen=True, forbid_unknown_fields=True):
    """Two to four products side by side."""

    product_ids: Annotated[tuple[Name, ...], Meta(min_length=2, max_length=4)]


class CheckStock(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What can be bought now, of one variant (sku) or all of a product."""

    sku: Name | None = None
    product_id: Name | None = None


class GetRecommendations(Struct, frozen=True, forbid_unknown_fields=True):
    """Products that go with the cart, or with a product named by its id."""

    based_on: Annotated[
        Name, Meta(description="'cart', 'history', or a product's id")
    ] = "cart"
    limit: Few = 3


async def search_products(visit: Visit, asked: SearchProducts, _: str) -> Data:
    """Return the products that fit, and on few hits which filter to relax."""
    return {**searched(visit.shop.catalogue, asked), "as_of": moment(visit.now())}


async def get_product(visit: Visit, asked: GetProduct, _: str) -> Data:
    """Return the product's page. A sku of one of its variants will do."""
    catalogue = visit.shop.catalogue
    product = _product(visit, asked.product_id)
    return {"product": page(product, catalogue), "as_of": moment(visit.now())}


async def compare_products(visit: Visit, asked: CompareProducts, _: str) -> Data:
    """Return the products with what tells them apart worked out."""
    catalogue = visit.shop.catalogue
    products = [_product(visit, each) for each in dict.fromkeys(asked.product_ids)]
    by_price = sorted(products, key=lambda each: each.price)
    apart = by_price[-1].price - by_price[0].price
    best = max(products, key=lambda each: (each.rating, each.reviews_count))
    return {
        "count": len(products),
        "products": [page(each, catalogue) for each in products],
        "cheapest": by_price[0].id,
        "best_rated": best.id,
        "price_difference_cents": apart,
        "price_difference": money(apart, products[0].currency),
        "as_of": moment(visit.now()),
    }


async def check_stock(visit: Visit, asked: CheckStock, _: str) -> Data:
    """Return the units per variant and warehouse, with the time they were seen."""
    catalogue = visit.shop.catalogue
    if asked.sku is not None:
        product, variant = catalogue.by_sku(asked.sku)
        variants: Sequence[str] = (variant.sku,)
    else:
        product = catalogue.product(asked.product_id or "")
        variants = tuple(each.sku for each in product.variants)
    items = [_counted(visit, product, sku) for sku in variants]
    units = sum(each["available"] for each in items)
    return {
        "product_id": product.id,
        "name": card(product, catalogue)["name"],
        "available": units,
        "stock_status": product_status(units),
        "low": units > 0 and all(each["low"] for each in items),
        "items": items,
        "restock_eta": awaited(product),
        "as_of": moment(visit.now()),
    }


async def get_recommendations(visit: Visit, asked: GetRecommendations, _: str) -> Data:
    """Return products that share tags with the ones chosen, but are another kind.

    With nothing to go by, the ones that shoppers rate best.
    """
    catalogue = visit.shop.catalogue
    chosen = await _chosen(visit, asked.based_on)
    fitting = _beside(visit, chosen) if chosen else _loved(visit)
    based_on: Literal["products", "ratings"] = "products" if chosen else "ratings"
    found = fitting[: asked.limit]
    return {
        "based_on": based_on,
        "because_of": [plain(each.name, NAME_LIMIT) for each in chosen],
        "count": len(found),
        "products": cards(found, catalogue),
    }


def _product(visit: Visit, id_or_sku: str) -> Product:
    catalogue = visit.shop.catalogue
    try:
        return catalogue.product(id_or_sku)
    except ProductNotFound:
        return catalogue.product(catalogue.by_sku(id_or_sku)[0].id)


def _counted(visit: Visit, product: Product, sku: str) -> Data:
    catalogue = visit.shop.catalogue
    variant = next(each for each in product.variants if each.sku == sku)
    told = each_variant(variant, catalogue)
    return {
        **told,
        "low": told["stock_status"] == "low_stock",
        "by_warehouse": by_warehouse(catalogue.stock(sku)),
    }


async def _chosen(visit: Visit, based_on: str) -> list[Product]:
    if based_on not in {"cart", "history"}:
        return [_product(visit, based_on)]
    if based_on == "history":
        orders, _ = await visit.shop.desk.orders.of_user(visit.user_id, limit=5)
        skus = [line.sku for order in orders for line in order.lines]
    else:
        cart = await visit.shop.port.ask(visit.user_id, GetCart())
        skus = [each.sku for each in cart.lines]
    return [visit.shop.catalogue.by_sku(each)[0] for each in dict.fromkeys(skus)]


def _beside(visit: Visit, chosen: Sequence[Product]) -> list[Product]:
    catalogue = visit.shop.catalogue
    taken = {each.id for each in chosen}
    same = frozenset[str]().union(*map(kinds, chosen))
    tags = {tag for each in chosen for tag in each.tags}
    shared: dict[str, tuple[int, Product]] = {}
    for tag in sorted(tags):
        for near in catalogue.search(tag.replace("-", " "), 20):
            if near.id not in taken and not same & kinds(near):
                shared[near.id] = (len(tags.intersection(near.tags)), near)
    ranked = sorted(shared.values(), key=lambda each: (-each[0], -each[1].rating))
    return [each for count, each in ranked if count and _buyable(visit, each)]


def _loved(visit: Visit) -> list[Product]:
    catalogue = visit.shop.catalogue
    query = ProductQuery(in_stock=True, sort="rating", limit=10)
    return [catalogue.product(each) for each in catalogue.query(query).ids]


def _buyable(visit: Visit, product: Product) -> bool:
    available = visit.shop.catalogue.available
    return any(available(each.sku) for each in product.variants)
