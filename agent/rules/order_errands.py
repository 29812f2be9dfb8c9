"""What the shopper wants with an order: follow it, cancel it, send it back, see it."""

import re

from agent.rules.reading import Reading
from agent.rules.reasons import reason
from agent.rules.recall import Memory
from agent.spelling import each_word

# Intents that make an order what "it" means in the next message.
ABOUT_ORDERS = frozenset(
    {"orders", "order", "track", "cancel_order", "return", "refund"}
)
_OWN = frozenset(each_word("my mine mera mere meri i me this it them that they apna"))
_THE_ORDER = frozenset(
    each_word("""
    my the ka wala wale last latest recent previous this that past an any mera mere
    meri these
    those of no number apna wo yeh
    """)
)
_CAME = frozenset(
    each_word("delivery delivered arrived came received parcel package sent got")
)
_FAULTS = frozenset(
    each_word("damaged defective wrong_item not_as_described does_not_fit")
)
_TOLD_FIRST = re.compile(r"\w[.!,;] +\w")
_NEWEST = frozenset(each_word("last latest recent previous pichla pichle pichli"))
_OFTEN = frozenset(each_word("keeps getting gets always often easily"))
_FEES = frozenset(each_word("fee fees cost costs charge charges much free"))
_FOLLOWING = frozenset(each_word("when where has did was kab kahan is have"))
ASKING = frozenset(
    each_word("do does what whats which how is are can could kya kitne kitna if when")
)


def about_orders(memory: Memory) -> bool:
    """Tell whether the talk is about an order."""
    return memory.intent in ABOUT_ORDERS and memory.order is not None


def _order_meant(reading: Reading, memory: Memory) -> bool:
    named = reading.order or reading.has("bought") or _names_order(reading)
    return bool(named) or about_orders(memory)


def _names_order(reading: Reading) -> bool:
    """Tell whether "order" is a thing here, and not "order me two of these"."""
    if not reading.has("order"):
        return False
    words = reading.words
    if "order" not in words:
        return True
    before = words[words.index("order") - 1] if words.index("order") else ""
    buys = reading.rest or reading.quantity or reading.ordinals
    return before in _THE_ORDER or not buys


def cancelling(reading: Reading, memory: Memory) -> str | None:
    """Return what is called off: an order, a coupon, the last change."""
    if not reading.has("cancel") or reading.has("return"):
        return None
    if reading.has("policy"):
        return "policy"
    if reading.coupon or reading.has("coupon"):
        return "uncoupon"
    meant = _order_meant(reading, memory) or "order" in reading.words
    if meant or memory.placed:
        return "cancel_order"
    if memory.added and not reading.rest:
        return "undo"
    return "cancel_order" if reading.rest else "cancel"


def returning(reading: Reading, memory: Memory) -> str | None:
    """Return whether something comes back, or only the terms are asked for."""
    text = " ".join(reading.words)
    if reading.has("points") or "return gift" in text:
        return None
    if not reading.has("return"):
        return "return" if _came_wrong(reading, memory) else None
    words = set(reading.words)
    own = not _OWN.isdisjoint(words) or reading.has("bought", "order")
    asks = not ASKING.isdisjoint(reading.opening)
    how_soon = "how" in words and words & {"soon", "quickly", "fast", "quick"}
    asked = words & {"policy", "days", "din", "dino", "long", "who", "happens"}
    if asked or how_soon or (asks and not own and not reading.order):
        return "policy"
    if reason(reading):
        return "return"
    money = words & {"refund", "refunded", "money", "paise"}
    follows = money and (_FOLLOWING & reading.opening or words & {"kab", "when"})
    return "refund" if follows or "status" in words else "return"


def _came_wrong(reading: Reading, memory: Memory) -> bool:
    """Tell whether something that came is no good, whatever shall be done about it."""
    words = set(reading.words)
    came = reading.has("bought", "order") or not _CAME.isdisjoint(words)
    # "These shoes are too small", of somebody who looks at none.
    looks = memory.focus or memory.listing or memory.added
    wishes = looks or reading.has("show", "want", "add", "remove")
    worn = not wishes and bool({"these", "this", "my", "mine"} & words)
    # "It came broken, what can I do?" tells more than it asks.
    asks = reading.question and not _TOLD_FIRST.search(reading.text)
    if _OFTEN & words:
        return False  # "my screen keeps getting scratched" is a need
    return (came or worn) and not asks and reason(reading) in _FAULTS


def following(reading: Reading, memory: Memory) -> str | None:
    """Return whether an order is looked for on its way."""
    if not reading.has("track") or reading.has("waitlist", "show", "stock", "checkout"):
        return None
    own = not _OWN.isdisjoint(reading.words)
    asks = {"where", "kahan", "kab", "when", "kidhar"} & set(reading.words)
    if {"express", "standard"} & set(reading.words) and not reading.order:
        return None if {"my", "mera", "meri"} & set(reading.words) else "policy"
    asks = asks or {"did", "has", "have", "kya"} & reading.opening
    asks = asks or {"tracking", "shipped", "dispatched", "news", "update"} & set(
        reading.words
    )
    named = own or reading.order or not reading.rest or asks
    return "track" if named or _order_meant(reading, memory) else None


def readdressing(reading: Reading, _: Memory) -> str | None:
    """Return whether an order shall go elsewhere than it was placed for."""
    other = reading.has("change") or "wrong" in reading.words
    placed = reading.order or _names_order(reading)
    return "readdress" if reading.has("address") and other and placed else None


def ordered(reading: Reading, memory: Memory) -> str | None:  # noqa: PLR0911 - the first rule that fits
    """Return whether orders are to be seen: one of them, or all."""
    fees = reading.has("shipping") and _FEES & set(reading.words)
    place = reading.has("address") and not reading.order
    if reading.has("policy", "recommend") or fees or place:
        return None
    late = {"when", "where", "kab", "kahan", "kidhar", "late", "did", "has"} & set(
        reading.words
    )
    mine = not {"my", "mera", "mere", "meri", "it"}.isdisjoint(reading.words)
    if reading.has("shipping") and (reading.order or (late and mine)):
        return "track"
    if reading.has("order") and late & {"where", "kahan", "kidhar"}:
        return "track"  # "my parcel where"
    listed = memory.intent in ABOUT_ORDERS and bool(memory.order or memory.orders)
    if reading.order or (listed and _points(reading)):
        return "order"
    if "gift card" in " ".join(reading.words) and ASKING & {*reading.words}:
        return "policy"
    if reading.has("bought") and not {"anyone", "anybody", "people"} & {*reading.words}:
        return "order" if reading.rest else "orders"
    if _names_order(reading) and not reading.has("add", "checkout"):
        plural = "orders" in reading.words
        single = not plural and _NEWEST & set(reading.words)
        return "order" if single or reading.rest else "orders"
    return None


def _points(reading: Reading) -> bool:
    return bool(reading.ordinals) and not reading.rest and not reading.has("add")
