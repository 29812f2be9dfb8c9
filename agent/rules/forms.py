"""Errands that need to be told several things: what fills them, message by message.

A form is nothing but the messages about it, the newest first: what is asked of them
(which order, what reason) is the newest answer that any of them gives.
"""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from agent.rules.errands import errand
from agent.rules.order_errands import ABOUT_ORDERS
from agent.rules.reading import Reading, read
from agent.rules.reasons import reason
from agent.rules.recall import Memory, Pending

T = TypeVar("T")

# Somebody who says one of these does not answer our question.
DIGRESSIONS = (
    "remove", "clear", "cart", "compare", "recommend", "pair",
    "offtopic", "undo", "price",
    "details", "repeat", "help", "show", "cheaper", "cheapest", "dearer", "best",
    "newest", "about", "stock",
)  # fmt: skip

FORMS = frozenset(
    {"return", "cancel_order", "order", "track", "refund", "checkout",
     "redeem", "coupon", "uncoupon", "waitlist", "policy"}
)  # fmt: skip


def filled(reading: Reading, memory: Memory, pending: Pending) -> str | None:  # noqa: PLR0911 - the first rule that fits
    """Return the intent of an answer to our question about an errand, if it is one."""
    intent = pending.intent
    plain = not (reading.rest or reading.ordinals or reading.order or reading.numbers)
    more = reason(reading) if intent == "return" else _tells(reading, pending)
    if reading.has("no", "cancel") and plain and not more:
        return "decline" if memory.quote is not None else "cancel"
    if intent == "return" and reason(reading) and not reading.has("show", "add"):
        return intent
    if intent == "checkout" and _chooses(reading, pending):
        return intent
    other = errand(reading, memory)
    if other is not None:
        same = other == intent or {other, intent} <= ABOUT_ORDERS
        asks = other in {"cancel_order", "return", "track"}
        return other if asks or not same else intent
    if reading.has("yes") and not reading.rest:
        return intent
    if reading.has(*DIGRESSIONS) or reading.question:
        return None
    return intent if _tells(reading, pending) else None


def _chooses(reading: Reading, pending: Pending) -> bool:
    """Tell whether this says how to send or to pay, and asks nothing about it."""
    asks = reading.question or reading.opening & {"how", "what", "is", "does", "when"}
    puts = reading.has("add") and bool(reading.rest)
    elsewhere = puts or reading.has("return", "track", "cancel", "show", "remove")
    return not (asks or elsewhere) and _tells(reading, pending)


def _tells(reading: Reading, pending: Pending) -> bool:  # noqa: PLR0911 - one case a line
    """Tell whether this says something that the form asks for."""
    intent = pending.intent
    if reading.order or reading.ordinals:
        return intent in ABOUT_ORDERS or intent in {"checkout", "coupon"}
    match intent:
        case "return":
            return True  # whatever is said now is why
        case "cancel_order" | "order" | "track" | "refund":
            return bool(reading.rest or reading.refers or reading.colour)
        case "checkout":
            return bool(reading.card or WAYS.search(" ".join(reading.words)))
        case "redeem":
            return bool(reading.numbers or reading.quantity or reading.has("all"))
        case "coupon" | "uncoupon":
            return bool(reading.coupon or reading.refers or reading.has("all"))
        case "waitlist":
            # Words name another product, unless we asked which one of this.
            named = bool(reading.rest and pending.said)
            return named or bool(reading.colour or reading.size)
        case "policy":
            return bool(reading.rest)
        case _:
            return False


# What says where to or with what, besides the digits of a card.
WAYS = re.compile(
    r"\b(?:home|office|work|ghar|card|upi|visa|mastercard|amex|rupay|gift|express|"
    r"standard|fast|faster|fastest|default|saved|same|usual|address|other)\b"
)


def messages(reading: Reading, memory: Memory, intent: str) -> list[Reading]:
    """Return what was said about the errand, the newest first."""
    pending = memory.pending
    before = pending.said if pending and pending.intent == intent else ()
    return [reading, *map(read, reversed(before))]


def newest(said: list[Reading], told: Callable[[Reading], T | None]) -> T | None:
    """Return the newest of what the messages tell; None if none tells anything."""
    return next(_all(said, told), None)


def _all(said: list[Reading], told: Callable[[Reading], T | None]) -> Iterator[T]:
    for each in said:
        answer = told(each)
        if answer:
            yield answer
