"""What the shopper wants, from what was said and what went before.

The first rule that fits wins, so they stand from the plainest to the vaguest.
"""

from collections.abc import Callable

from agent.colours import closest
from agent.rules import edits
from agent.rules.asking import asks_of_it, asks_property, asks_which, either
from agent.rules.carting import buying, change, points
from agent.rules.errands import errand
from agent.rules.forms import DIGRESSIONS, FORMS, filled
from agent.rules.guarding import guarded
from agent.rules.guessing import weighed
from agent.rules.reading import Reading
from agent.rules.recall import Memory, Pending
from agent.rules.refer import named_before
from agent.rules.shares import shares
from agent.rules.wishes import vague, wished
from agent.spelling import parts

_SORTS = ("cheapest", "dearest", "best", "newest")
_STEPS = ("cheaper", "dearer", "bigger", "smaller", *_SORTS)

Rule = Callable[[Reading, Memory], str | None]


def intended(reading: Reading, memory: Memory) -> str:
    """Return the intent: the name of a plan or of a fixed reply."""
    for rule in _RULES:
        intent = rule(reading, memory)
        if intent is not None:
            break
    else:
        intent = "unknown"
    return weighed(intent, reading, memory)


def _answer(reading: Reading, memory: Memory) -> str | None:  # noqa: PLR0911 - the first rule that fits
    """An open question comes first, if this answers it."""
    pending = memory.pending
    if pending is None:
        return None
    if pending.intent in FORMS:
        return filled(reading, memory, pending)
    plain = not (reading.rest or points(reading) or reading.colour or reading.size)
    if (
        reading.has("no", "cancel")
        and plain
        and not (reading.numbers or reading.has("remove"))
    ):
        return "cancel"
    if reading.has("waitlist"):
        return None
    details = reading.ordinals or reading.code or reading.colour or reading.size
    takes = pending.intent == "stock" and reading.has("add")
    if takes and details and not (reading.rest or reading.question):
        return "add"
    if (reading.has("yes") or takes) and not reading.rest and not reading.question:
        if pending.intent == "stock":
            return "add" if takes or (plain and not reading.numbers) else "stock"
        return "clear_sure" if pending.intent == "clear" else pending.intent
    if reading.has(*DIGRESSIONS) or reading.question or pending.intent == "clear":
        return None
    if errand(reading, memory) is not None:
        return None
    return pending.intent if _fills(reading, memory, pending) else None


def _fills(reading: Reading, memory: Memory, pending: Pending) -> bool:
    """Tell whether this says more of what our question was about."""
    if pending.intent == "remove":
        return bool(reading.rest or reading.colour or points(reading))
    if pending.product_id is None:
        return bool(
            reading.ordinals or reading.rest or reading.numbers or reading.refers
        ) or _one_painted(reading, memory)
    if reading.ordinals or reading.code:
        return False
    card = memory.cards.get(pending.product_id, {})
    own = parts(" ".join([*card.get("colors", ()), *card.get("sizes", ())]))
    if any(word not in own for word in parts(" ".join(reading.rest))):
        return False
    details = reading.colour, reading.size, reading.rest, reading.quantity
    return any(details) or bool(reading.numbers) or reading.has("anycolour", "add")


def _one_painted(reading: Reading, memory: Memory) -> bool:
    """Tell whether one product of those on the table comes in the colour said."""
    colour = reading.colour
    cards = [memory.cards[each] for each in memory.listing if each in memory.cards]
    return (
        colour is not None
        and sum(bool(closest(colour, each["colors"])) for each in cards) == 1
    )


_NO_UNDO = ("cancel", "return", "points", "coupon")


def _thanking(reading: Reading, _: Memory) -> str | None:
    """A word of thanks and nothing besides: `thx, you are the best`."""
    only = reading.cues <= {"thanks", "best", "greet", "bye", "yes", "no"}
    plain = not (reading.rest or reading.colour or reading.size or reading.numbers)
    return "thanks" if reading.has("thanks") and only and plain else None


def _cart_wide(reading: Reading, _: Memory) -> str | None:
    if reading.has("repeat") and not reading.rest:
        return "repeat"
    # "Three clear bottles into the cart": a colour, too.
    named = reading.rest or reading.quantity
    if reading.has("clear") and reading.has("cart") and not named:
        return "clear_sure"
    everything = reading.has("all") and not reading.rest and not reading.colour
    if everything and reading.has("clear", "remove"):
        return "clear"
    if reading.has("clear") and not reading.rest and not reading.has("add", "show"):
        return "clear"
    # "I changed my mind" with a thing named is about more than the last change.
    if reading.has("undo") and not (reading.rest or reading.has(*_NO_UNDO)):
        return "undo"
    return "undo" if reading.has("put_back") else None


def _several(reading: Reading, memory: Memory) -> str | None:
    if shares(reading) or not {"if", "otherwise"}.isdisjoint(reading.words):
        return None  # two of one thing, in two colours; or the one else the other
    told = edits.parted(reading.text)
    wishes = [intended(each, memory) for each in told]
    codes = {each.coupon for each in told}
    if any(
        wish == "cart" and each.rest for wish, each in zip(wishes, told, strict=True)
    ):
        return None  # "put a planner and a pen into my cart"
    if codes - {None} and any(each.has("add") and not each.rest for each in told):
        return None  # "my code is TAKE15, can you put it in?"
    many = set(wishes) == {"coupon"} and len(codes - {None}) > 1
    return "several" if many or edits.strung(wishes) else None


def _wishing(reading: Reading, memory: Memory) -> str | None:
    """A need is told, and nothing that is on a shelf."""
    known = reading.has("add", "cart", "stock", "price", "compare") and not vague(
        reading
    )
    known = known or asks_property(reading, memory)
    return "search" if not known and wished(reading) else None


def _swap(reading: Reading, memory: Memory) -> str | None:
    halves = edits.swap(reading)
    if halves is None:
        return None
    # "Change it to white" is about what was just put in, wherever it stands.
    return "swap" if edits.names(halves[0]) or not memory.added else "correct"


def _looking(reading: Reading, memory: Memory) -> str | None:  # noqa: C901, PLR0911 - the first rule that fits
    if _about_cart(reading, memory):
        return "cart"
    if asks_which(reading, memory):
        return "property"
    if reading.has("compare") or either(reading):
        return "compare"
    if reading.has("recommend", "pair"):
        goods = reading.rest and not reading.has("pair", "bought", "order")
        return "search" if goods else "recommend"
    known = bool(points(reading) or memory.focus or memory.listing)
    if asks_property(reading, memory) or asks_of_it(reading, memory):
        return "property"
    variant = bool(reading.colour or reading.size)
    if reading.has("stock", "gone", "ask"):
        counts = {"how", "many"} <= set(reading.words)
        if reading.rest and reading.has("show") and not (reading.definite or counts):
            return "search"
        if reading.rest or known:
            return "stock"
    if reading.has("show") and reading.refers and variant and memory.focus:
        return "stock"
    if reading.has("price") and (reading.rest or known) and not reading.most:
        return "price"
    steps = reading.has(*_STEPS) or reading.has("more")
    if reading.has("details") and (reading.purpose or reading.most) and not known:
        return "search"
    if reading.has("details") and (reading.rest or known) and not steps:
        return "details"
    return None


def _about_cart(reading: Reading, memory: Memory) -> bool:
    """Tell whether the cart is to be shown, or what of it "is left"."""
    total = reading.has("total") and not reading.rest
    if (reading.has("cart") or total) and not reading.has("recommend", "pair"):
        return True
    changed = memory.intent in {"remove", "cart", "quantity", "several", "undo"}
    return changed and "left" in reading.words and not reading.rest


def _refining(reading: Reading, memory: Memory) -> str | None:  # noqa: PLR0911 - the first rule that fits
    if reading.has("about"):
        look = (reading.colour or reading.size) and not reading.rest
        if look and memory.focus and memory.intent in {"stock", "property", "add"}:
            return "stock"
        if reading.rest and not named_before(reading, memory):
            return "search"
        return "pick" if points(reading) or reading.rest else "refine"
    if (
        reading.rest
        and reading.has("bigger", "smaller")
        and _VERSION & {*reading.words}
    ):
        return "refine"  # "a smaller version of the Boulder"
    if reading.rest:
        return "refine" if _such_ones(reading, memory) else None
    context = memory.search is not None or memory.focus or memory.listing
    if reading.has(*_STEPS) and not reading.ordinals:
        ranked = reading.has(*_SORTS) or (reading.definite and len(memory.listing) > 1)
        if ranked and reading.refers and memory.listing:
            return "pick"
        return "refine" if context else "search"
    if reading.has("more") and not reading.ordinals and not reading.colour:
        return "more" if memory.search else "search_what"
    return None


_VERSION = frozenset({"version", "one", "model", "than"})


def _such_ones(reading: Reading, memory: Memory) -> bool:
    """Tell whether those shown are to be narrowed: `only waterproof ones`."""
    ones = {"ones", "wale", "wali"} & set(reading.words)
    shown = len(memory.listing) > 1 and memory.search and memory.search.get("query")
    return bool(ones and shown and not reading.ordinals) and not (
        named_before(reading, memory) or reading.question
    )


def _naming(reading: Reading, memory: Memory) -> str | None:
    variant = bool(reading.colour or reading.size)
    known = named_before(reading, memory) and not reading.has("show")
    if reading.ordinals or reading.both or reading.code or known:
        sure = variant or (reading.code and reading.quantity)
        sure = sure and not reading.question and not reading.has("show", "no")
        return "add" if sure else "pick"
    if reading.rest:
        return "search"
    if reading.refers and not reading.has("show"):
        return "pick" if memory.listing or memory.focus else None
    return None


def _narrowing(reading: Reading, memory: Memory) -> str | None:
    variant = bool(reading.colour or reading.size)
    if variant and memory.focus:
        return "stock"
    if variant or reading.least or reading.most or reading.has("stock"):
        return "refine" if memory.search else "search"
    if reading.numbers and memory.focus and not reading.cues:
        return "stock"
    return None


def _courtesy(reading: Reading, memory: Memory) -> str | None:
    if reading.has("yes") and memory.placed:
        return "placed"
    if reading.has("no", "cancel") and memory.quote is not None:
        return "decline"
    for cue in _COURTESIES:
        if reading.has(cue):
            return cue
    return "search_what" if reading.has("show", "want") else None


_COURTESIES = (
    "help", "thanks", "bye", "abuse", "smalltalk", "greet", "no", "yes", "offtopic",
)  # fmt: skip


_RULES: tuple[Rule, ...] = (
    guarded,
    _answer,
    _thanking,
    _several,
    _swap,
    _cart_wide,
    errand,
    _wishing,
    change,
    buying,
    _looking,
    _refining,
    _naming,
    _narrowing,
    _courtesy,
)
