"""Asks loyalty and coupons on what terms a shopper buys, at each look at a cart.

Guests have no account: they buy under everybody's terms, and put no coupons on.
"""

from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from commerce.cart import Cart, is_guest
from commerce.cart_terms import CartTerms
from commerce.coupon import is_code
from commerce.coupon_check import Shopper
from commerce.pricing import Tariff
from commerce.tier import Program, terms
from messages.base import Command, R
from messages.clock import Clock
from messages.coupon import GetCoupon
from messages.loyalty import GetMembership, Membership


class Asking(Protocol):
    """The actor that asks."""

    @property
    def clock(self) -> Clock:
        """The time it lives by."""
        ...

    async def ask(self, key: str, command: Command[R], *, once: Any = None) -> R:
        """Return the answer of another actor."""
        ...


class Till(Struct, frozen=True):
    """What the shop asks and gives: its loyalty program, its tariff."""

    program: Program
    tariff: Tariff


async def terms_of(
    actor: Asking, till: Till, cart: Cart, *, code: str = "", email: str = ""
) -> CartTerms:
    """Return the terms of who owns `cart`, with its coupons, and the coupon `code`.

    What its own checkout has set aside does not stand in its way.
    """
    if is_guest(cart.id):
        lowest = till.program.tiers[0].id
        return _terms(actor, till, Membership(user_id=cart.id, tier=lowest), email)
    besides = cart.frozen_by or cart.checkout or ""
    member = await actor.ask(cart.id, GetMembership(besides))
    told = _terms(actor, till, member, email)
    wanted = dict.fromkeys((*cart.coupons, code))
    offered = [
        await actor.ask(each, GetCoupon(cart.id, besides))
        for each in wanted
        if is_code(each)
    ]
    return replace(told, offered=tuple(offered))


def _terms(actor: Asking, till: Till, member: Membership, email: str) -> CartTerms:
    return CartTerms(
        at=actor.clock.now(),
        shopper=Shopper(
            user_id=member.user_id,
            email=email,
            tier=member.tier,
            orders=member.orders,
        ),
        tier=terms(till.program, member.tier),
        ladder=tuple(each.id for each in till.program.tiers),
        points=member.points,
        tariff=till.tariff,
    )
