"""What the shopper wants that is no errand among the shelves: orders, money, help.

The first rule that fits wins, as in `intent.py`, which asks here before it thinks of
goods.
"""

from collections.abc import Callable

from agent.rules.reading import Reading
from agent.rules.reasons import reason
from agent.rules.recall import Memory
from agent.spelling import each_word

Rule = Callable[[Reading, Memory], str | None]

# Intents that make an order what "it" means in the next message.
ABOUT_ORDERS = frozenset(
    {"orders", "order", "track", "cancel_order", "return", "refund"}
)

_OWN = frozenset(each_word("my mine mera mere meri i me this it them that they apna"))
_THE_ORDER = frozenset(
    each_word("""
    my the last latest recent previous this that past an any mera mere meri these
    those of no number apna wo yeh
    """)
)
_ASKING = frozenset(
    each_word("do does what whats which how is are can could kya kitne kitna if when")
)
_REDEEMING = frozenset(
    each_word("redeem use spend apply burn using laga lagao lagado cash convert")
)
_RULES_OF_POINTS = frozenset(
    each_word("""
    last lasts long earned expire expires expiry lose worth tiers happens
    happen earn earning
    if work works program programme upgrade benefits value valid calculated convert
    keep run drop mean perks mil milte milenge mila
    """)
)
_WAYS = frozenset({"express", "standard", "opened", "used", "worn", "sale"})
_CAME = frozenset(
    each_word("delivery delivered arrived came received parcel package sent got")
)
_FAULTS = frozenset(
    each_word("damaged defective wrong_item not_as_described does_not_fit")
)
_FOLLOWING = frozenset(each_word("when where has did was kab kahan is have"))
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


def _cancelling(reading: Reading, memory: Memory) -> str | None:
    if not reading.has("cancel") or reading.has("return"):
        return None
    if reading.coupon or reading.has("coupon"):
        return "uncoupon"
    if _order_meant(reading, memory) or memory.placed:
        return "cancel_order"
    if memory.added and not reading.rest:
        return "undo"
    return "cancel_order" if reading.rest else "cancel"


def _returning(reading: Reading, memory: Memory) -> str | None:
    text = " ".join(reading.words)
    if reading.has("points") or "return gift" in text:
        return None
    if not reading.has("return"):
        return "return" if _came_wrong(reading, memory) else None
    words = set(reading.words)
    own = not _OWN.isdisjoint(words) or reading.has("bought", "order")
    asks = not _ASKING.isdisjoint(reading.opening)
    if words & {"policy", "days", "din", "dino", "long", "who"} or (
        asks and not own and not reading.order
    ):
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
    return (came or worn) and not reading.question and reason(reading) in _FAULTS


def _following(reading: Reading, memory: Memory) -> str | None:
    if not reading.has("track") or reading.has("waitlist", "show", "stock"):
        return None
    own = not _OWN.isdisjoint(reading.words)
    asks = {"where", "kahan", "kab", "when", "kidhar"} & set(reading.words)
    if {"express", "standard"} & set(reading.words) and not reading.order:
        return None if {"my", "mera", "meri"} & set(reading.words) else "policy"
    asks = asks or {"tracking", "shipped", "dispatched", "news", "update"} & set(
        reading.words
    )
    named = own or reading.order or not reading.rest or asks
    return "track" if named or _order_meant(reading, memory) else None


def _readdressing(reading: Reading, _: Memory) -> str | None:
    other = reading.has("change") or "wrong" in reading.words
    placed = reading.order or _names_order(reading)
    return "readdress" if reading.has("address") and other and placed else None


def _ordered(reading: Reading, memory: Memory) -> str | None:
    if reading.has("policy"):
        return None
    late = {"when", "where", "kab", "kahan", "late", "did", "has"} & set(reading.words)
    mine = not {"my", "mera", "mere", "meri", "it"}.isdisjoint(reading.words)
    if reading.has("shipping") and late and mine:
        return "track"
    if reading.order or (about_orders(memory) and _points(reading)):
        return "order"
    if reading.has("bought"):
        return "order" if reading.rest else "orders"
    if _names_order(reading) and not reading.has("add", "checkout"):
        plural = "orders" in reading.words
        single = not plural and {"last", "latest", "recent", "previous"} & set(
            reading.words
        )
        return "order" if single or reading.rest else "orders"
    return None


def _points(reading: Reading) -> bool:
    return bool(reading.ordinals) and not reading.rest and not reading.has("add")


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


def _pointing(reading: Reading, memory: Memory) -> str | None:
    words = set(reading.words)
    if not reading.has("points"):
        goes_on = memory.intent in {"loyalty", "redeem"} and not reading.rest
        some = words & _REDEEMING or reading.numbers or reading.quantity
        return "redeem" if goes_on and some and not reading.question else None
    if _takes_off(reading):
        return "unredeem" if reading.most is None else "redeem"
    own = words & {"my", "mere", "mera", "have", "got", "many"}
    own = own and words & {"worth", "value", "many"}
    if (words & _RULES_OF_POINTS and not own) or reading.has("policy", "return"):
        return "policy"
    asks = _ASKING & reading.opening and not {"can", "could"} & words
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


def _paying(reading: Reading, memory: Memory) -> str | None:
    words = set(reading.words)
    asks = not _ASKING.isdisjoint(reading.opening)
    if reading.card and memory.intent == "instruments" and not asks:
        return "checkout"
    if reading.has("payments") and words & {"saved", "mine"}:
        return "instruments"
    if reading.has("payments") or (reading.has("checkout") and asks and words & _TYPES):
        return "policy" if asks or not reading.has("checkout") else "checkout"
    if reading.has("checkout") and not (reading.has("add") and reading.rest):
        return "checkout"
    return None


def _asking_rules(reading: Reading, memory: Memory) -> str | None:
    if reading.has("waitlist"):
        return "waitlist"
    asks = not _ASKING.isdisjoint(reading.opening) or reading.has("policy")
    further = reason(reading) or not _WAYS.isdisjoint(reading.words)
    if memory.intent in {"policy", "return"} and asks and further:
        return "policy"
    total = reading.has("total") and {"my", "with", "including"} & set(reading.words)
    if total or (reading.has("show", "add") and reading.rest and not asks):
        return None
    topics = ("policy", "shipping", "privacy", "warranty")
    if reading.has(*topics) and not reading.has("stock"):
        return "policy"
    if reading.has("instrument"):
        return "instruments"
    return "addresses" if reading.has("address") else None


def _offtopic(reading: Reading, _: Memory) -> str | None:
    wants = reading.has("show", "add", "want", "stock", "price")
    return "offtopic" if reading.has("offtopic") and not wants else None


_RULES: tuple[Rule, ...] = (
    _cancelling,
    _returning,
    _coupons,
    _pointing,
    _following,
    _readdressing,
    _ordered,
    _paying,
    _asking_rules,
    _offtopic,
)
