"""Coupons: what they are, what they are for, and what they take off.

RULES.md sections 2 and 3: an order coupon takes percent or a fixed amount off the lines
it covers, a shipping coupon takes something off shipping. Whether somebody may use one
is in `commerce/coupon_check.py`, how often it was used in `commerce/coupon_use.py`.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from commerce.errors import Malformed
from commerce.pricing import (
    Item,
    OrderCoupon,
    ShippingCoupon,
    Terms,
    breakdown,
)

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}")


class Coupon(Struct, frozen=True, kw_only=True):
    """One coupon, with the fields of `data/coupons.json`.

    `discount_value` is percent, or cents where it is fixed. Empty `include_*` cover
    everything; `*_skus` name products or variants; `user_ids`, if any, are the ids or
    mail addresses of the only ones who may use it.
    """

    code: str
    description: str = ""
    discount_type: Literal["percentage", "fixed", "free_shipping"]
    discount_value: int | None = None
    min_purchase_cents: int = 0
    max_discount_cents: int | None = None
    valid_from: datetime
    valid_until: datetime
    is_active: bool = True
    min_tier: str | None = None
    first_order_only: bool = False
    per_user_limit: int | None = None
    total_limit: int | None = None
    used_count: int = 0
    include_categories: tuple[str, ...] = ()
    include_skus: tuple[str, ...] = ()
    exclude_skus: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    group: Literal["order", "shipping"] = "order"
    exclusive: bool = False
    listed: bool = False


class Goods(Struct, frozen=True):
    """So many of one variant, with what a coupon may ask of it; `price` is of one."""

    sku: str
    product_id: str
    category: str
    quantity: int
    price: int


def normalised(code: str) -> str:
    """Return `code` as it is kept: trimmed, in upper case."""
    return code.strip().upper()


def is_code(text: str) -> bool:
    """Tell whether `text`, normalised, can be a code."""
    return _CODE.fullmatch(text) is not None


def checked(coupon: Coupon) -> Coupon:
    """Return `coupon` if it is one that can take something off. Raises Malformed."""
    value = coupon.discount_value
    is_whole = {
        "percentage": coupon.group == "order" and value in range(1, 101),
        "fixed": value is not None and value > 0,
        "free_shipping": coupon.group == "shipping" and value is None,
    }
    if not is_whole[coupon.discount_type]:
        raise Malformed(
            "a coupon takes 1 to 100 percent or an amount off an order, or an amount "
            "or all off shipping",
            field="discount_value",
        )
    if not is_code(coupon.code):
        raise Malformed(
            "a code is 1 to 40 of A-Z 0-9 _ -, beginning with a letter or a digit",
            field="code",
        )
    if coupon.valid_from > coupon.valid_until:
        raise Malformed("it would end before it begins", field="valid_until")
    return coupon


def covered(coupon: Coupon, goods: Sequence[Goods]) -> frozenset[str]:
    """Return the skus of `goods` that `coupon` is for."""
    return frozenset(each.sku for each in goods if _covers(coupon, each))


def terms_with(
    terms: Terms, coupons: Sequence[Coupon], goods: Sequence[Goods]
) -> Terms:
    """Return `terms` with what `coupons` take off, for `pricing.breakdown`."""
    for each in coupons:
        if each.group == "order":
            terms = replace(terms, order_coupon=_order_coupon(each, goods))
        else:
            terms = replace(terms, shipping_coupon=_shipping_coupon(each))
    return terms


def effect(coupon: Coupon, goods: Sequence[Goods], terms: Terms) -> int:
    """Return the cents that `coupon` takes off `goods`; `terms` hold the others."""
    found = breakdown(items(goods), terms_with(terms, [coupon], goods))
    return found.discount if coupon.group == "order" else found.shipping_discount


def items(goods: Sequence[Goods]) -> list[Item]:
    """Return `goods` as `pricing.breakdown` takes them."""
    return [Item(each.sku, each.quantity, each.price) for each in goods]


def _covers(coupon: Coupon, goods: Goods) -> bool:
    names = {goods.sku, goods.product_id}
    if names & set(coupon.exclude_skus):
        return False
    if not coupon.include_categories and not coupon.include_skus:
        return True
    return goods.category in coupon.include_categories or bool(
        names & set(coupon.include_skus)
    )


def _order_coupon(coupon: Coupon, goods: Sequence[Goods]) -> OrderCoupon:
    value = coupon.discount_value or 0
    is_percent = coupon.discount_type == "percentage"
    return OrderCoupon(
        percent=value if is_percent else 0,
        amount=0 if is_percent else value,
        cap=coupon.max_discount_cents,
        covers=covered(coupon, goods),
    )


def _shipping_coupon(coupon: Coupon) -> ShippingCoupon:
    if coupon.discount_type == "free_shipping":
        return ShippingCoupon(free=True)
    return ShippingCoupon(amount=coupon.discount_value or 0)
