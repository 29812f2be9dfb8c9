"""The tools that buy: a quote, which is a read, and an order, which takes a grant.

A quote holds nothing. It stops the run until the shopper's own frame or request
confirms it; the run that this starts places the order, named by the quote, so that
however often it is confirmed or run again there is one order.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from msgspec import Meta, Struct

from agent.cards import NAME_LIMIT, Data
from agent.clean import plain
from agent.order_cards import outcome, quote_card, quoted_lines
from agent.order_tools import WITHIN_S
from agent.paying import Paying, chosen, gifts, granted, pay, tenders
from agent.searching import Name
from agent.visit import Visit
from commerce import quote as rules
from commerce.belongings import KnownAddress
from commerce.cart import Cart
from commerce.cart_checkout import check_free
from commerce.cart_costs import costs
from commerce.errors import (
    CartEmpty,
    OrderNotFound,
    OutOfStock,
)
from commerce.order import Address, ordered, totals
from commerce.payment import MAX_GIFT_CARDS
from commerce.pricing import ShippingMethod
from commerce.quote import QUOTED_FOR, AddressRequired, NotConfirmed, Quote
from messages.cart import GetCart
from messages.cart_view import goods
from messages.order import CloseCheckout, GetOrder, Pay, PlaceOrder


class QuoteCheckout(Struct, frozen=True, forbid_unknown_fields=True):
    """Price the cart for buying; stops for the shopper to confirm the purchase.

    Without an address or a means to pay the shopper's default one is meant. Saved gift
    cards named in `gift_card_ids` pay first, `payment_method_id` pays what is left.
    """

    address_id: Name | None = None
    payment_method_id: Name | None = None
    gift_card_ids: Annotated[tuple[Name, ...], Meta(max_length=MAX_GIFT_CARDS)] = ()
    shipping_method: ShippingMethod = "standard"


class PlaceIt(Struct, frozen=True, forbid_unknown_fields=True):
    """Buy what the shopper has confirmed. Without their own confirmation: refused."""

    quote_id: Name


async def quote_checkout(visit: Visit, asked: QuoteCheckout, call_id: str) -> Data:
    """Return the whole breakdown of what is to be confirmed."""
    desk, user_id = visit.shop.desk, visit.account()
    if asked.address_id is None:
        address = _default(await desk.addresses.of_user(user_id))
        if address is None:
            raise AddressRequired("save an address in your profile first")
    else:
        address = await desk.addresses.get(user_id, asked.address_id)
    paying = await chosen(visit, asked.payment_method_id, asked.gift_card_ids)
    effect = visit.effect(call_id)
    quote = await _quote(visit, effect, address, paying, asked.shipping_method)
    visit.propose(quote)
    return quote_card(quote, visit.now())


async def place_order(visit: Visit, asked: PlaceIt, _: str) -> Data:
    """Return what became of the order: confirmed, waiting for the bank, or refused."""
    quote = visit.confirmed
    if quote is None or quote.id != asked.quote_id or quote.kind != "confirm_purchase":
        raise NotConfirmed("only the shopper's own confirmation buys")
    order_id = rules.order_id(quote)
    # Asked again, an order goes on where it stopped, and its cart is not the one that
    # was quoted any more.
    paid = Pay()
    if not await _is_known(visit, order_id):
        paid = pay(await _same(visit, quote))
        await _close_checkout(visit)
    assert quote.address is not None, "a purchase has an address"
    command = PlaceOrder(
        visit.account(),
        quote.address,
        paid,
        quote.shipping_method,
        expected_total=quote.total,
        cart_version=quote.cart_version,
    )
    return outcome(
        await visit.shop.port.ask(
            order_id, command, within_s=WITHIN_S, sender=visit.user_id
        )
    )


async def _is_known(visit: Visit, order_id: str) -> bool:
    with suppress(OrderNotFound):
        await visit.shop.port.ask(order_id, GetOrder(visit.user_id))
        return True
    return False


async def _close_checkout(visit: Visit) -> None:
    """Give back what the shopper left open elsewhere: it may hold the last unit."""
    port, user_id = visit.shop.port, visit.account()
    cart = await port.ask(user_id, GetCart(terms=False))
    if cart.checkout is not None:
        close = CloseCheckout(user_id)
        await port.ask(cart.checkout, close, within_s=WITHIN_S)


async def _same(visit: Visit, quote: Quote) -> Paying:
    """Return with what it is paid if all is as the shopper agreed to it.

    Raises QuoteVoid, and what has become of an address or a means to pay.
    """
    desk, user_id = visit.shop.desk, visit.account()
    address = await desk.addresses.get(user_id, quote.address_id)
    paying = await granted(visit, quote)
    now = await _quote(visit, quote.id, address, paying, quote.shipping_method)
    rules.check_same(quote, now)
    return paying


async def _quote(
    visit: Visit,
    effect: str,
    address: KnownAddress,
    paying: Paying,
    shipping: ShippingMethod,
) -> Quote:
    """Return what the cart costs now, so sent and so paid.

    Raises CartEmpty, CheckoutInProgress, OutOfStock, and what speaks against `paying`.
    """
    cart = await visit.shop.port.ask(visit.account(), GetCart())
    check_free(cart)
    if not cart.lines:
        raise CartEmpty("there is nothing in the cart")
    _check_there(visit, cart)
    by_sku = visit.shop.catalogue.by_sku
    found = costs(cart, goods(cart, by_sku), shipping)
    whole = totals(found.breakdown, found.terms.tariff.currency)
    parts = await tenders(visit, paying, whole.total)
    last = parts[-1] if parts else None
    rest = paying.primary if last and last.kind != "gift_card" else None
    return Quote(
        id=rules.quote_id(effect, visit.now()),
        kind="confirm_purchase",
        expires_at=visit.now() + QUOTED_FOR,
        lines=quoted_lines(ordered(cart.lines, found.breakdown.items, by_sku)),
        total=whole.total,
        currency=whole.currency,
        sums=whole,
        coupons=tuple(
            each.code for each in found.coupons if each.inactive_reason is None
        ),
        cart_version=cart.version,
        shipping_method=shipping,
        address_id=address.id,
        address=Address(
            street=address.street,
            city=address.city,
            state=address.state,
            zip_code=address.zip_code,
            country=address.country,
        ),
        payment_method_id=rest.id if rest else "",
        payment_type=last.kind if last else None,
        payment_brand=last.brand if last else "",
        payment_last_four=last.last_four if last else "",
        gift_cards=gifts(paying, parts),
    )


def _default(kept: Sequence[KnownAddress]) -> KnownAddress | None:
    return next((each for each in kept if each.is_default), None)


def _check_there(visit: Visit, cart: Cart) -> None:
    """Raise OutOfStock, naming the lines, if not all of it can be bought."""
    short = []
    for line in cart.lines:
        product, _ = visit.shop.catalogue.by_sku(line.sku)
        # Held for this very cart, by itself or by its checkout session.
        own = line.sku in cart.holds or cart.checkout is not None
        held = line.quantity if own else 0
        there = visit.shop.catalogue.available(line.sku) + held
        there = 0 if product.retired else there
        if there < line.quantity:
            told = {"sku": line.sku, "asked": line.quantity, "available": there}
            short.append({**told, "name": plain(product.name, NAME_LIMIT)})
    if short:
        first = short[0]
        raise OutOfStock(
            f"{first['sku']}: {first['asked']} asked, {first['available']} available",
            lines=short,
        )
