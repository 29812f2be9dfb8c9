"""What the shopper wants that is no errand among the shelves: orders, money, help.

The first rule that fits wins, as in `intent.py`, which asks here before it thinks of
goods.
"""

import re
from collections.abc import Callable

from agent.rules.likeness import goods_named
from agent.rules.order_errands import (
    ASKING,
    cancelling,
    following,
    ordered,
    readdressing,
    returning,
)
from agent.rules.reading import Reading
from agent.rules.reasons import reason
from agent.rules.recall import Memory
from agent.spelling import each_word

Rule = Callable[[Reading, Memory], str | None]


_REDEEMING = frozenset(
    each_word("redeem use spend apply burn using laga lagao lagado cash convert")
)
_RULES_OF_POINTS = frozenset(
    each_word("""
    last lasts long earned expire expires expiry lose worth tiers happens
    happen earn earning members benefits perks
    kaise kamate kamaye kamau khatam khatm kab
    if work works program programme upgrade benefits value valid calculated convert
    keep run drop mean perks mil milte milenge mila
    """)
)
_WAYS = frozenset({"express", "standard", "opened", "used", "worn", "sale"})
_TYPES = frozenset(
    each_word("""
    upi cash cod card cards credit debit paypal emi instalments installments amex
    mastercard visa gpay phonepe paytm crypto bitcoin cheque bank gift
    """)
)


def errand(reading: Reading, memory: Memory) -> str | None:
    """Return the intent of an errand; None if this is about goods or the cart."""
    for rule in _RULES:
        intent = rule(reading, memory)
        if intent is not None:
            return intent
    return None


def _coupons(reading: Reading, memory: Memory) -> str | None:
    off = reading.has("remove") or {"without", "off"} & set(reading.words)
    if reading.coupon:
        return "uncoupon" if off else "coupon"
    if reading.has("coupon"):
        if off:
            return "uncoupon"
        return "coupon" if _applies(reading) else "coupons"
    told = memory.intent in {"coupons", "coupon", "haggle"}
    pointed = memory.codes or (off and reading.refers)
    if told and pointed and not reading.rest and not reading.has("cart"):
        if off:
            return "uncoupon"
        return "coupon" if _applies(reading) else None
    return None


def _applies(reading: Reading) -> bool:
    asks = reading.opening & {
        "can", "which", "any", "what", "kaun", "kaunsa", "konsa", "is", "are", "got",
        "have", "does", "there",
    }  # fmt: skip
    verbs = {"apply", "use", "laga", "lagao", "lagado", "try", "add", "put"}
    return bool(verbs & set(reading.words)) and not asks


_PASSED_ON = re.compile(
    r"\b(?:transfer|donate|share|gift)\b.*\bpoints?\b|"
    r"\b(?:give|send|move)\b.*\bpoints? (?:to|2)\b(?! (?:use|this|work|me|my))"
)


def _pointing(reading: Reading, memory: Memory) -> str | None:  # noqa: PLR0911 - the first rule that fits
    words = set(reading.words)
    if not reading.has("points"):
        goes_on = memory.intent in {"loyalty", "redeem"} and not reading.rest
        some = words & _REDEEMING or reading.numbers or reading.quantity
        return "redeem" if goes_on and some and not reading.question else None
    if "if" in words and words & _RULES_OF_POINTS and not reading.has("total"):
        return "policy"  # "if I return something, do I lose my points?"
    asks = ASKING & {*reading.words} or "free" in words
    if reading.has("shipping") and asks and not (reading.numbers or reading.quantity):
        return "policy"  # "do I get free shipping as a silver member?"
    if _PASSED_ON.search(" ".join(reading.words)):
        return "unsaid"
    if reading.has("total") and "if" in words:
        return "cart"
    if _takes_off(reading) and not {"how", "what", "which"} & reading.opening:
        return "unredeem" if reading.most is None else "redeem"
    own = words & {"my", "mere", "mera", "have", "got", "many"}
    own = own and words & {"worth", "value", "many"}
    if (words & _RULES_OF_POINTS and not own) or reading.has("policy", "return"):
        return "policy"
    asks = ASKING & reading.opening and not {"can", "could"} & words
    if reading.numbers and not (asks or "have" in words):
        return "redeem"
    # "Put 200 points on this": a number of them is more than a question.
    if words & {"put", "add", "knock"} and (reading.numbers or reading.quantity):
        return "redeem"
    return "redeem" if words & _REDEEMING and not asks else "loyalty"


def _takes_off(reading: Reading) -> bool:
    """Tell whether points shall come off the cart: "take 500 off" puts them on it."""
    off = {"off", "back"} & set(reading.words) and {"take", "get"} & set(reading.words)
    away = reading.has("remove", "no", "undo", "cancel") or off
    away = away or {"without", "keep", "save"} & set(reading.words)
    return bool(away) and not (reading.numbers or reading.quantity)


def _by_means(reading: Reading, memory: Memory) -> bool:
    """Tell whether nothing is said but by what it is paid: `buy it with my visa`."""
    words = set(reading.words)
    if reading.card and memory.intent == "instruments":
        return True
    by = words & {"se", "with", "use", "using", "try", "by", "pay", "via", "instead"}
    named = reading.card or words & _MEANS
    return bool(by and named and set(reading.rest) <= _MEANS | {"card", "cards"})


_MEANS = frozenset(each_word("upi visa mastercard amex rupay gpay phonepe paytm"))


def _paying(reading: Reading, memory: Memory) -> str | None:
    words = set(reading.words)
    asks = not ASKING.isdisjoint(reading.opening)
    if reading.has("total") and {"much", "what", "kitna", "kitne"} & words:
        return None  # what it comes to is no wish to pay it
    if not asks and _by_means(reading, memory):
        return "checkout"
    saved = words & {"saved", "mine"}
    if saved and (reading.has("payments") or ("my" in words and words & _MEANS)):
        return "instruments"
    if reading.has("payments") or (reading.has("checkout") and asks and words & _TYPES):
        return "policy" if asks or not reading.has("checkout") else "checkout"
    if reading.has("checkout") and not (reading.has("add") and reading.rest):
        return "checkout"
    return None


_MINE = frozenset(each_word("my mere mera meri mine kaunsa"))
_MY_TOTAL = frozenset(each_word("my with including kitna kitne mila banega"))


def _asking_rules(reading: Reading, memory: Memory) -> str | None:  # noqa: PLR0911 - the first rule that fits
    words = set(reading.words)
    if reading.has("waitlist", "own_data"):
        return "waitlist" if reading.has("waitlist") else "own_data"
    asks = not ASKING.isdisjoint(reading.opening) or reading.has("policy")
    further = reason(reading) or not _WAYS.isdisjoint(reading.words)
    if memory.intent in {"policy", "return"} and asks and further:
        return "policy"
    total = reading.has("total") and _MY_TOTAL & set(reading.words)
    if total or (reading.has("show", "add") and reading.rest and not asks):
        return None
    if reading.has("unsaid"):
        return "unsaid"
    if reading.has("address") and _MINE & {*reading.words}:
        return "addresses"
    if "express" in words and reading.has("price") and {*reading.rest} <= {"express"}:
        return "policy"
    topics = ("policy", "shipping", "privacy")
    if reading.has(*topics) and not reading.has("stock"):
        return "policy"
    if reading.has("instrument"):
        return "instruments"
    return "addresses" if reading.has("address") else None


def _offtopic(reading: Reading, _: Memory) -> str | None:
    wants = reading.has("show", "add", "want", "stock", "price")
    wants = wants and (goods_named(reading) or not reading.rest)
    return "offtopic" if reading.has("offtopic") and not wants else None


_RULES: tuple[Rule, ...] = (
    cancelling,
    returning,
    _coupons,
    _pointing,
    following,
    readdressing,
    ordered,
    _paying,
    _asking_rules,
    _offtopic,
)
