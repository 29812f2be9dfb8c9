"""The tools for a shopper's own things, the shop's terms, and a wish for a person."""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from agent.cards import NAME_LIMIT, Data, awaited
from agent.clean import plain
from agent.searching import Name
from agent.visit import Visit
from commerce.belongings import KnownAddress, PaymentMethod
from commerce.errors import Refused
from commerce.order import Address
from commerce.stock import variant_status

Topic = Literal["shipping", "returns", "loyalty", "payments", "privacy"]


class ListAddresses(Struct, frozen=True, forbid_unknown_fields=True):
    """The shopper's saved addresses, masked; if none is said, the default is meant."""


class ListPaymentMethods(Struct, frozen=True, forbid_unknown_fields=True):
    """The shopper's saved means to pay: type, brand and last four digits only."""


class JoinWaitlist(Struct, frozen=True, forbid_unknown_fields=True):
    """Let the shopper hear when this sold-out variant can be bought again."""

    sku: Name


class GetPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """The shop's own terms on one topic, with their true numbers."""

    topic: Topic


class HandOff(Struct, frozen=True, forbid_unknown_fields=True):
    """Hand the conversation over to a person of the shop's team."""

    summary: Annotated[str, Meta(max_length=600)] = ""


async def list_addresses(visit: Visit, _: ListAddresses, __: str) -> Data:
    """Return what is enough to tell one's addresses apart."""
    found = await visit.shop.desk.addresses.of_user(visit.account())
    told = [_address(each) for each in found]
    return {"count": len(told), "addresses": told}


async def list_payment_methods(visit: Visit, _: ListPaymentMethods, __: str) -> Data:
    """Return what is enough to tell one's means to pay apart."""
    found = await visit.shop.desk.instruments.of_user(visit.account())
    told = [method(each) for each in found]
    return {"count": len(told), "payment_methods": told}


async def join_waitlist(visit: Visit, asked: JoinWaitlist, _: str) -> Data:
    """Return that the shopper waits, or that there is nothing to wait for."""
    product, variant = visit.shop.catalogue.by_sku(asked.sku)
    units = visit.shop.catalogue.available(asked.sku)
    waitlist = visit.shop.desk.waitlist
    if waitlist is None:
        raise Refused("this shop keeps no waiting list")
    if not units:
        await waitlist.join(visit.account(), asked.sku, visit.now())
    return {
        "sku": asked.sku,
        "product_id": product.id,
        "name": plain(product.name, NAME_LIMIT),
        "color": variant.color,
        "size": variant.size,
        "joined": not units,
        "available": units,
        "stock_status": variant_status(units),
        "restock_eta": awaited(product),
    }


async def get_policy(visit: Visit, asked: GetPolicy, _: str) -> Data:
    """Return the terms as sentences, and the numbers in them as data."""
    return {"topic": asked.topic, **visit.shop.desk.policies[asked.topic]}


async def handoff_to_human(visit: Visit, asked: HandOff, _: str) -> Data:
    """Return that a person was asked to take over."""
    visit.board.handed_off = asked.summary
    return {"handed_off": True, "summary": asked.summary}


def method(kept: PaymentMethod) -> Data:
    """Return a means to pay as it may be told."""
    return {
        "payment_method_id": kept.id,
        "type": kept.type,
        "brand": kept.brand,
        "last4": kept.last_four,
        "is_default": kept.is_default,
    }


def masked(address: Address) -> Data:
    """Return `address` so that its owner knows it again and nobody else finds it."""
    return {
        "street": re.sub(r"\d", "\N{BULLET}", address.street),
        "city": address.city,
        "state": address.state,
        "zip_code": "\N{BULLET}" * max(0, len(address.zip_code) - 2)
        + address.zip_code[-2:],
        "country": address.country,
    }


def _address(kept: KnownAddress) -> Data:
    told = masked(kept)
    return {"address_id": kept.id, **told, "is_default": kept.is_default}
