"""The plan that prepares a purchase: where to, with what, then the own confirmation."""

import re
from collections.abc import Sequence
from typing import Any

from agent.rules import say
from agent.rules.forms import messages
from agent.rules.plan import Plan, Use, use
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.spelling import each_word, parts
from agent.sums import money
from commerce.payment import MAX_GIFT_CARDS

_EXPRESS = frozenset(
    each_word("express fast faster fastest urgent urgently quick asap jaldi tez soon")
)
_KINDS = {
    "card": "card", "credit": "card", "debit": "card", "visa": "card",
    "mastercard": "card", "amex": "card", "rupay": "card", "upi": "upi",
    "gpay": "upi", "phonepe": "upi", "paytm": "upi", "gift": "gift_card",
}  # fmt: skip
_OTHER = frozenset({"other", "another", "different", "doosra", "dusra", "second"})
_GIFT_CARD = re.compile(r"\bgift ?cards?\b|\bgift vouchers?\b")
# What people call the place that is meant unless they say another.
_DEFAULT = frozenset({"home", "ghar", "default", "saved", "usual", "same", "my"})


def buy(_: Reading, __: Memory) -> Plan:
    """Ask whether the cart shall be bought: a yes alone never buys anything."""
    result = yield from use("get_cart")
    if error := say.error(result):
        return error
    cart = result["cart"]
    if not cart["lines"]:
        return "Your cart is empty: what shall I put into it?"
    lines = "\n".join(
        f"{at}. {say.cart_line(each)}" for at, each in enumerate(cart["lines"], 1)
    )
    return (
        f"In your cart:\n{lines}\nNothing is bought before you confirm it yourself. "
        "Shall I prepare the order?"
    )


def checkout(reading: Reading, memory: Memory) -> Plan:
    """Quote the cart for buying; the shopper's own confirmation buys it."""
    said = messages(reading, memory, "checkout")
    kept, methods = yield (Use("list_addresses", {}), Use("list_payment_methods", {}))
    if error := say.error(kept) or say.error(methods):
        return error
    where = _where(kept["addresses"], said)
    if isinstance(where, str):
        return where
    saved = methods["payment_methods"]
    gifts = _gifts(saved, said)
    others = [each for each in saved if each not in gifts]
    paid = (
        _paid(others, said, {each["type"] for each in gifts})
        if others or not gifts
        else None
    )
    if isinstance(paid, str):
        return paid
    asked: dict[str, Any] = {"address_id": where["address_id"]}
    if paid is not None:
        asked["payment_method_id"] = paid["payment_method_id"]
    if gifts:
        asked["gift_card_ids"] = [each["payment_method_id"] for each in gifts]
    asked["shipping_method"] = _shipping(said)
    result = yield from use("quote_checkout", **asked)
    if "error" in result:
        return refused(result)
    return say.CONFIRM


def _where(kept: Sequence[Data], said: list[Reading]) -> Data | str:
    if not kept:
        return (
            "You have no address saved yet. Please add one in your account; then say "
            "“checkout” again."
        )
    for each in said:
        words = set(parts(" ".join(each.words))) - _DEFAULT
        named = [one for one in kept if words & set(parts(_place(one)))]
        if len(named) == 1:
            return named[0]
    default = next((each for each in kept if each["is_default"]), None)
    if default is not None or len(kept) == 1:
        return default or kept[0]
    told = "\n".join(f"{at}. {say.address(each)}" for at, each in enumerate(kept, 1))
    return f"To which address shall it go?\n{told}\nWhich one?"


def _place(one: Data) -> str:
    return f"{one['street']} {one['city']} {one['state']}"


def _gifts(methods: Sequence[Data], said: list[Reading]) -> Sequence[Data]:
    """Return the saved gift cards that shall pay first, if any are named."""
    kept = [each for each in methods if each["type"] == "gift_card"]
    for each in said:
        if "gift_card" in _kinds(each):
            named = [one for one in kept if one["last4"].casefold() in each.words]
            return (named or kept)[:MAX_GIFT_CARDS]
    return ()


def _kinds(reading: Reading) -> set[str]:
    """Return the kinds of means that a message names; a gift card is no card."""
    words = _GIFT_CARD.sub("gift", " ".join(reading.words)).split()
    return {_KINDS[word] for word in words if word in _KINDS}


def _paid(
    methods: Sequence[Data], said: list[Reading], besides: set[str]
) -> Data | str:
    if not methods:
        return (
            "You have no way to pay saved yet. Please add a card or UPI in your "
            "account; then say “checkout” again."
        )
    for each in said:
        named = _named(methods, each, besides)
        if len(named) == 1:
            return named[0]
        if named is not methods:
            lead = "These would fit:" if named else "I don't see that one. There is:"
            return _choose(named or methods, lead)
    default = next((each for each in methods if each["is_default"]), None)
    if default is not None or len(methods) == 1:
        return default or methods[0]
    return _choose(methods, "You can pay with:")


def _named(
    methods: Sequence[Data], reading: Reading, besides: set[str]
) -> Sequence[Data]:
    """Return the means that a message names, `besides` kinds that are settled.

    All of them if it names none.
    """
    figures = {reading.card, *reading.numbers}
    ending = [each for each in methods if each["last4"] in figures - {None}]
    if reading.card or ending:
        return ending
    default = [each for each in methods if each["is_default"]]
    brands = [each for each in methods if each["brand"].casefold() in reading.words]
    kinds = _kinds(reading) - besides
    if _OTHER & set(reading.words) and kinds | {"pay"} & set(reading.words):
        others = [each for each in methods if not each["is_default"]]
        return [each for each in others if not kinds or each["type"] in kinds]
    if len(brands) == 1 or not kinds:
        return brands if len(brands) == 1 else methods
    fitting = [each for each in methods if each["type"] in kinds]
    preferred = [each for each in default if each in fitting]
    return preferred or fitting


def _choose(methods: Sequence[Data], lead: str) -> str:
    told = "\n".join(f"{at}. {say.means(each)}" for at, each in enumerate(methods, 1))
    return f"{lead}\n{told}\nWhich one shall it be?"


def _shipping(said: list[Reading]) -> str:
    for each in said:
        if "standard" in each.words:
            return "standard"
        if _EXPRESS & set(each.words):
            return "express"
    return "standard"


def refused(result: Data) -> str:
    """Say why a cart can't be bought now."""
    match result["error"]:
        case "cart_empty":
            return "Your cart is empty: what shall I put into it?"
        case "insufficient_stock":
            return _short(result["details"])
        case "payment_method_required":
            missing = money(result["details"]["missing_cents"])
            return (
                f"Your gift card does not cover it: {missing} is missing. Please add "
                "another way to pay in your account; then say “checkout” again."
            )
        case code if code in _NO_GOOD:
            last = result["details"]["last_four"]
            return (
                f"Your gift card ending {last} {_NO_GOOD[code]}. Would you like to try "
                "a different payment method?"
            )
        case _:
            return say.error(result) or ""


_NO_GOOD = {
    "gift_card_empty": "is empty",
    "gift_card_expired": "has expired",
    "gift_card_disabled": "is switched off",
}


def _short(details: Data) -> str:
    lines = [f"{each['name']}{_left(each)}" for each in details.get("lines", ())]
    there = f": {say.listed(lines)}" if lines else ""
    return (
        f"There is not enough in stock any more{there}. "
        "Tell me what to take out, then say “checkout” again."
    )


def _left(short: Data) -> str:
    return f" ({short['available']} left)" if short["available"] else ""
