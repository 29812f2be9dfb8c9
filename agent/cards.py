"""Products, stock and carts as tool results: JSON builtins that a reply may quote.

Money stands twice: whole cents under a name ending in `_cents` for programs, and a text
ready to be said. Whatever a supplier wrote goes through `clean.plain`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agent.clean import plain
from agent.shop import Catalogue
from agent.sums import money, reviewed, sums
from commerce.cart import Cart, Line
from commerce.cart_costs import costs
from commerce.errors import ProductNotFound
from commerce.order import totals
from commerce.product import Product, Variant
from commerce.stock import product_status, variant_status
from messages.cart_view import goods

Data = dict[str, Any]

# A name is a title, not a text.
NAME_LIMIT = 120


def moment(at: datetime) -> str:
    """Return a time of day as results carry it: 2026-11-23T10:00:00Z."""
    return f"{at.isoformat()[:19]}Z"


def card(product: Product, catalogue: Catalogue) -> Data:
    """Return what a list says of `product`."""
    free = {each.sku: catalogue.available(each.sku) for each in product.variants}
    left = {each.color for each in product.variants if free[each.sku]}
    units = sum(free.values())
    return {
        "product_id": product.id,
        "name": plain(product.name, NAME_LIMIT),
        "brand": plain(product.brand, NAME_LIMIT),
        "category": plain(product.category, NAME_LIMIT),
        "price_cents": product.price,
        "price": money(product.price, product.currency),
        "currency": product.currency,
        "rating": product.rating,
        "reviews": product.reviews_count,
        "colors": list(product.colors),
        "colors_in_stock": [each for each in product.colors if each in left],
        "sizes": list(product.sizes),
        "tags": [plain(each, NAME_LIMIT) for each in product.tags],
        "image": product.images[0] if product.images else None,
        "available": units,
        "stock_status": product_status(units),
    }


def page(product: Product, catalogue: Catalogue) -> Data:
    """Return everything a shopper may know of `product`."""
    return {
        **card(product, catalogue),
        "description": plain(product.description),
        "max_per_order": product.max_per_order,
        "restock_eta": awaited(product),
        "variants": [each_variant(each, catalogue) for each in product.variants],
    }


def awaited(product: Product) -> str | None:
    """Return when there is more of `product`, as its supplier says."""
    eta = product.restock_eta
    return None if eta is None else plain(eta, NAME_LIMIT)


def each_variant(variant: Variant, catalogue: Catalogue) -> Data:
    """Return one variant with what can be bought of it now."""
    units = catalogue.available(variant.sku)
    told: Data = {
        "sku": variant.sku,
        "color": variant.color,
        "size": variant.size,
        "available": units,
        "stock_status": variant_status(units),
    }
    return {**told, "limited": True} if variant.limited else told


def basket(cart: Cart, catalogue: Catalogue) -> Data:
    """Return the cart at the catalogue's prices of the moment.

    Its `total` is without tax and shipping, that of its `breakdown` is all in.
    """
    found = costs(cart, goods(cart, catalogue.by_sku))
    lines = [_line(each, cart, catalogue) for each in cart.lines]
    whole, currency = found.breakdown, found.terms.tariff.currency
    return {
        "version": cart.version,
        "lines": lines,
        "lines_count": len(lines),
        "units": sum(each.quantity for each in cart.lines),
        "subtotal_cents": whole.subtotal,
        "subtotal": money(whole.subtotal, currency),
        "total_cents": whole.merchandise,
        "total": money(whole.merchandise, currency),
        "breakdown": sums(totals(whole, currency)),
        "coupons": [reviewed(each, currency) for each in found.coupons],
        "points_offered": cart.points,
    }


def variant_name(name: str, color: str | None, size: str | None) -> str:
    """Return how a variant is called: `Tempo Shoes (Black, size 10)`."""
    parts = [part for part in (color, f"size {size}" if size else None) if part]
    return f"{name} ({', '.join(parts)})" if parts else name


def _line(line: Line, cart: Cart, catalogue: Catalogue) -> Data:
    sku, quantity = line.sku, line.quantity
    told: Data = {"line_id": line.id, "sku": sku, "quantity": quantity}
    try:
        product, variant = catalogue.by_sku(sku)
    except ProductNotFound:
        return {**told, "name": sku, "price_cents": 0, "available": 0}
    until = cart.holds.get(sku)
    return {
        **told,
        "product_id": product.id,
        "name": plain(product.name, NAME_LIMIT),
        "color": variant.color,
        "size": variant.size,
        "price_cents": product.price,
        "price": money(product.price, product.currency),
        "subtotal_cents": product.price * quantity,
        "subtotal": money(product.price * quantity, product.currency),
        "tags": [plain(each, NAME_LIMIT) for each in product.tags],
        # What is held for this cart can be bought by its shopper.
        "available": catalogue.available(sku) + (quantity if until else 0),
        **({"hold_expires_at": moment(until)} if until else {}),
    }


def cards(products: Iterable[Product], catalogue: Catalogue) -> list[Data]:
    """Return a list's cards."""
    return [card(each, catalogue) for each in products]
