"""With what a purchase by conversation is paid: gift cards first, then one way more.

How much each of them pays is worked out by the rule that the order itself is paid by
(`commerce.payment.plan`), so that the shopper is shown what will be charged to what.
"""

from collections.abc import Sequence

from msgspec import Struct

from agent.visit import Visit
from commerce.belongings import PaymentMethod
from commerce.instrument import unusable
from commerce.payment import Means, Tender, plan
from commerce.quote import Quote, QuotedGift
from messages.order import GiftCardUsed, Pay


class Paying(Struct, frozen=True):
    """What pays: the gift cards in their order, then `primary` what is left."""

    gifts: tuple[PaymentMethod, ...]
    primary: PaymentMethod | None


async def chosen(
    visit: Visit, method_id: str | None, gift_ids: Sequence[str]
) -> Paying:
    """Return the shopper's own means of these ids; without one, the default.

    Raises PaymentMethodNotFound, for anybody else's too.
    """
    named = [await _saved(visit, each) for each in gift_ids]
    primary: PaymentMethod | None
    if method_id:
        primary = await _saved(visit, method_id)
    else:
        primary = _default(await visit.shop.desk.instruments.of_user(visit.account()))
    if primary is not None and primary.type == "gift_card":
        if method_id or not named:
            named.append(primary)
        primary = None
    return Paying(tuple(named), primary)


async def tenders(visit: Visit, paying: Paying, total: int) -> tuple[Tender, ...]:
    """Return how `total` is split; nothing is charged or held.

    Raises PaymentMethodRequired, TooManyGiftCards, and why a gift card is no good.
    """
    cards = [await _gift(visit, each) for each in paying.gifts]
    primary = paying.primary
    return plan(total, cards, None if primary is None else _means(primary))


def gifts(paying: Paying, parts: Sequence[Tender]) -> tuple[QuotedGift, ...]:
    """Return what of `parts` the gift cards pay, as a quote shows it."""
    ids = {each.token: each.id for each in paying.gifts}
    return tuple(
        QuotedGift(ids[each.id], each.last_four, each.amount)
        for each in parts
        if each.kind == "gift_card"
    )


async def granted(visit: Visit, quote: Quote) -> Paying:
    """Return what the shopper agreed to pay with, and nothing besides.

    Raises PaymentMethodNotFound.
    """
    ids = [each.payment_method_id for each in quote.gift_cards]
    if not quote.payment_method_id:
        # Nothing was to be left for the default one: it must not be charged.
        own = [await _saved(visit, each) for each in ids]
        return Paying(tuple(own), None)
    return await chosen(visit, quote.payment_method_id, ids)


def pay(paying: Paying) -> Pay:
    """Return how an order is told to be paid."""
    cards = tuple(GiftCardUsed(each.token, each.last_four) for each in paying.gifts)
    primary = paying.primary
    if primary is None:
        return Pay(gift_cards=cards)
    return Pay(
        token=primary.token,
        kind=primary.type,
        brand=primary.brand,
        last_four=primary.last_four,
        gift_cards=cards,
    )


async def _saved(visit: Visit, method_id: str) -> PaymentMethod:
    return await visit.shop.desk.instruments.get(visit.account(), method_id)


async def _gift(visit: Visit, method: PaymentMethod) -> Means:
    if method.type != "gift_card":
        return _means(method)
    balance = await visit.shop.desk.gift_cards.balance(method.token)
    if balance.refusal:
        raise unusable(balance.refusal, method.last_four)
    return _means(method, balance.available)


def _means(method: PaymentMethod, balance: int = 0) -> Means:
    return Means(method.token, method.type, balance, method.brand, method.last_four)


def _default(kept: Sequence[PaymentMethod]) -> PaymentMethod | None:
    return next((each for each in kept if each.is_default), None)
