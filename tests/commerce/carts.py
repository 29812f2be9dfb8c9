"""Carts made in one line."""

from commerce.cart import MAX_LINES, Cart, Offer, add


def product_of(sku: str) -> str:
    return sku.partition("-")[0] if sku.startswith("shirt") else sku


def plenty(sku: str, available: int = 100, limit: int = 100) -> Offer:
    return Offer(product_of(sku), available, limit)


def cart_of(user_id: str = "ann", /, **quantities: int) -> Cart:
    cart = Cart(id=user_id)
    for name, quantity in quantities.items():
        sku = name.replace("_", "-")
        cart = add(cart, sku, quantity, plenty(sku))
    return cart


def held(cart: Cart) -> dict[str, int]:
    return {line.sku: line.quantity for line in cart.lines}


def full() -> Cart:
    return cart_of(**{f"sku_{number}": 1 for number in range(MAX_LINES)})
