"""What a basket costs: one breakdown for cart, checkout quote and order.

What is shown is what is charged. In order: tier discount on merchandise, one order
coupon on what is left of the lines it covers, points, shipping, one shipping coupon,
tax on net merchandise. All amounts are cents; every discount and the tax are split
over the lines so that nothing is lost.
"""

from collections.abc import Collection, Sequence
from typing import Literal

from msgspec import Struct

from commerce.errors import Malformed
from commerce.money import basis_points, percent, split

ShippingMethod = Literal["standard", "express"]


class Tariff(Struct, frozen=True):
    """The shop's one currency, its shipping and its tax (`tax_rate`: basis points)."""

    currency: str = "USD"
    standard: int = 599
    express: int = 1499
    # Standard is free strictly above this undiscounted subtotal.
    free_above: int = 5000
    tax_rate: int = 800


class Tier(Struct, frozen=True):
    """What a loyalty tier gives; `earn_rate_x10` is points per 10 units of currency."""

    discount_percent: int = 0
    earn_rate_x10: int = 10
    free_shipping: bool = False


class Item(Struct, frozen=True):
    """So many of one variant at the catalogue's price each."""

    sku: str
    quantity: int
    price: int


class OrderCoupon(Struct, frozen=True, kw_only=True):
    """Takes `percent`, at most `cap`, or a fixed `amount` off the lines it covers."""

    percent: int = 0
    cap: int | None = None
    amount: int = 0
    covers: Collection[str] | None = None
    """The skus it covers; None covers all."""


class ShippingCoupon(Struct, frozen=True, kw_only=True):
    """Takes `amount` off shipping; `free` covers standard shipping only."""

    amount: int = 0
    free: bool = False


class ItemPrice(Struct, frozen=True, kw_only=True):
    """One item's share: `base` undiscounted, `net` of all discounts, its `tax`."""

    sku: str
    quantity: int
    price: int
    base: int
    net: int
    tax: int


class Breakdown(Struct, frozen=True, kw_only=True):
    """The whole sum: `merchandise` + `shipping` + `tax` = `total`.

    `merchandise` is `subtotal` less all three discounts; `shipping` is net of
    `shipping_discount`.
    """

    subtotal: int
    loyalty_discount: int
    discount: int
    points_discount: int
    merchandise: int
    shipping: int
    shipping_discount: int
    tax: int
    total: int
    points_to_earn: int
    items: tuple[ItemPrice, ...]


class Terms(Struct, frozen=True, kw_only=True):
    """All that bears on the sum besides the items; `points` are the ones offered."""

    tariff: Tariff = Tariff()
    tier: Tier = Tier()
    order_coupon: OrderCoupon | None = None
    shipping_coupon: ShippingCoupon | None = None
    points: int = 0
    shipping_method: ShippingMethod = "standard"


def breakdown(items: Sequence[Item], terms: Terms) -> Breakdown:
    """Return what `items` cost under `terms`. An empty basket costs nothing."""
    _check(items, terms)
    bases = tuple(each.price * each.quantity for each in items)
    subtotal = sum(bases)
    loyalty = percent(subtotal, terms.tier.discount_percent)
    left = _less(bases, split(loyalty, bases))
    coupon = _coupon_shares(items, left, terms.order_coupon)
    left = _less(left, coupon)
    points = min(terms.points, sum(left))
    nets = _less(left, split(points, left))
    merchandise = sum(nets)
    shipping = _shipping(subtotal, terms) if items else 0
    shipping_discount = _shipping_discount(shipping, terms)
    tax = basis_points(merchandise, terms.tariff.tax_rate)
    taxes = split(tax, nets)
    return Breakdown(
        subtotal=subtotal,
        loyalty_discount=loyalty,
        discount=sum(coupon),
        points_discount=points,
        merchandise=merchandise,
        shipping=shipping - shipping_discount,
        shipping_discount=shipping_discount,
        tax=tax,
        total=merchandise + shipping - shipping_discount + tax,
        points_to_earn=merchandise * terms.tier.earn_rate_x10 // 1000,
        items=tuple(
            ItemPrice(
                sku=each.sku,
                quantity=each.quantity,
                price=each.price,
                base=base,
                net=net,
                tax=share,
            )
            for each, base, net, share in zip(items, bases, nets, taxes, strict=True)
        ),
    )


def _check(items: Sequence[Item], terms: Terms) -> None:
    negative = [each.sku for each in items if each.price < 0 or each.quantity < 0]
    if negative or terms.points < 0:
        raise Malformed("prices, quantities and points are never below 0")


def _coupon_shares(
    items: Sequence[Item], left: Sequence[int], coupon: OrderCoupon | None
) -> tuple[int, ...]:
    """Return what `coupon` takes off each item."""
    if coupon is None:
        return tuple(0 for _ in items)
    covered = tuple(
        cents if coupon.covers is None or each.sku in coupon.covers else 0
        for each, cents in zip(items, left, strict=True)
    )
    whole = sum(covered)
    taken = percent(whole, coupon.percent) + coupon.amount
    if coupon.cap is not None:
        taken = min(taken, coupon.cap)
    return split(min(taken, whole), covered)


def _shipping(subtotal: int, terms: Terms) -> int:
    if terms.shipping_method == "express":
        return terms.tariff.express
    free = subtotal > terms.tariff.free_above or terms.tier.free_shipping
    return 0 if free else terms.tariff.standard


def _shipping_discount(shipping: int, terms: Terms) -> int:
    coupon = terms.shipping_coupon
    if coupon is None:
        return 0
    if coupon.free:
        return shipping if terms.shipping_method == "standard" else 0
    return min(coupon.amount, shipping)


def _less(amounts: Sequence[int], shares: Sequence[int]) -> tuple[int, ...]:
    return tuple(have - take for have, take in zip(amounts, shares, strict=True))
