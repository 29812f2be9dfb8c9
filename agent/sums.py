"""Money as tool results state it: whole cents for programs, a text ready to be said."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from commerce.coupon_check import Reviewed
from commerce.order import Totals

# As they are asked for in results; `Totals` has the shop's own words for them.
_NAMES = {
    "subtotal": "subtotal",
    "loyalty_discount": "loyalty_discount",
    "coupon_discount": "discount",
    "points_discount": "points_discount",
    "shipping_discount": "shipping_discount",
    "tax": "tax",
    "total": "total",
}


def money(cents: int, currency: str = "USD") -> str:
    """Return an amount as it is said: 129999 -> $1,299.99."""
    figure = f"{cents // 100:,}.{cents % 100:02d}"
    return f"${figure}" if currency == "USD" else f"{currency} {figure}"


def amount(name: str, cents: int, currency: str) -> dict[str, Any]:
    """Return one amount under `name`, in both ways."""
    return {f"{name}_cents": cents, name: money(cents, currency)}


def sums(found: Totals) -> dict[str, Any]:
    """Return a whole sum; `shipping` is before what a shipping coupon takes off."""
    told: dict[str, Any] = {}
    for name, field in _NAMES.items():
        told |= amount(name, getattr(found, field), found.currency)
    told |= amount("shipping", found.shipping + found.shipping_discount, found.currency)
    return told | {"points_to_earn": found.points_to_earn, "currency": found.currency}


def reviewed(found: Reviewed, currency: str) -> dict[str, Any]:
    """Return what a coupon on the cart takes off, or why it takes nothing."""
    told: dict[str, Any] = {
        "code": found.code,
        "inactive_reason": found.inactive_reason,
    }
    return told | amount("discount", found.discount, currency)


def in_cents(details: Mapping[str, Any]) -> dict[str, int]:
    """Return the amounts among a refusal's details as cents, under names of theirs."""
    return {
        f"{name}_cents": int(each * 100)
        for name, each in details.items()
        if isinstance(each, Decimal)
    }
