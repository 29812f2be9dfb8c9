"""Which question of ours a turn left open, and what its answer would complete."""

from collections.abc import Sequence

from msgspec.structs import replace

from agent.conversation import Used
from agent.rules.forms import FORMS
from agent.rules.reading import Reading
from agent.rules.recall import Memory, Pending

# What an offer at the end of a reply begins, if it is taken.
_OFFERS = {
    "a person of our team?": "person",
    "a person of our team to look into it?": "person",
    "start a return?": "return",
    "cancel it instead?": "cancel_order",
    "on your cart?": "coupon",
    "prepare the order?": "checkout",
    "when it is back?": "waitlist",
    "a fresh quote?": "checkout",
    "different payment method?": "checkout",
    "how it stands?": "track",
}
# A question stays open while the shopper looks at something else, for so many turns.
DIGRESSIONS = 2

_LOOKS = frozenset(
    {
        "stock",
        "price",
        "details",
        "property",
        "cart",
        "repeat",
        "thanks",
        "greet",
        "policy",
        "loyalty",
        "track",
        "orders",
        "addresses",
        "instruments",
        "offtopic",
        "smalltalk",
    }
)


def left_open(
    memory: Memory, intent: str, reading: Reading, used: Sequence[Used], said: str
) -> Pending | None:
    """Return the question that stands open after a turn, if any."""
    asks = said.rstrip().endswith("?")
    if errand := _errand(memory, intent, reading, said):
        return errand
    if asks and memory.added and intent == "add" and (left := _not_added(used)):
        return Pending(intent="add", product_id=left, words=reading.words)
    if asks and not (memory.added or memory.removed):
        asked = _asked(memory, intent, reading, used, said)
        if asked is not None:
            return asked
    before = memory.pending
    if before is not None and intent in _LOOKS and before.age < DIGRESSIONS:
        return replace(before, age=before.age + 1)
    return None


def _errand(memory: Memory, intent: str, reading: Reading, said: str) -> Pending | None:
    """Return the errand that a question, an offer or a quote of ours leaves open."""
    for offer, begins in _OFFERS.items():
        if said.endswith(offer):
            return Pending(intent=begins, product_id=memory.focus, sku=memory.sku)
    before = memory.pending
    same = before is not None and before.intent == intent
    if intent in FORMS and (said.endswith("?") or memory.quote is not None):
        told = before.said if before and same else ()
        return Pending(
            intent=intent,
            words=_heard(before, intent, reading),
            said=(*told, reading.text),
        )
    return None


def _asked(
    memory: Memory, intent: str, reading: Reading, used: Sequence[Used], said: str
) -> Pending | None:
    """Return what the question at the end of `said` is about."""
    if intent in {"clear", "remove"}:
        return Pending(intent=intent)
    if refused := _refused(used):
        return refused
    if intent in {"add", "correct"}:
        return _incomplete(memory, intent, reading, used)
    if memory.focus and said.endswith(" do?"):
        words = _heard(memory.pending, "stock", reading)
        return Pending(intent="stock", product_id=memory.focus, words=words)
    if memory.focus and "cart?" in said:
        return Pending(
            intent="add",
            product_id=memory.focus,
            sku=memory.sku,
            words=reading.words,
        )
    return None


def _incomplete(
    memory: Memory, intent: str, reading: Reading, used: Sequence[Used]
) -> Pending:
    before = memory.pending
    looked = any(each.tool == "get_product" for each in used)
    return Pending(
        intent=intent,
        product_id=memory.focus if looked else None,
        quantity=reading.quantity or (before.quantity if before else None),
        words=_heard(before, intent, reading),
    )


def _heard(before: Pending | None, intent: str, reading: Reading) -> tuple[str, ...]:
    """Return what was said of the variant, over all answers to the same question."""
    same = before is not None and before.intent == intent
    return (*before.words, *reading.words) if before and same else reading.words


def _not_added(used: Sequence[Used]) -> str | None:
    """Return the product that was looked up and, unlike others, not added."""
    added = {
        each.content["added"]["product_id"]
        for each in used
        if each.tool == "add_to_cart" and "error" not in each.content
    }
    looked = [each for each in used if each.tool == "get_product"]
    pages = [each.content.get("product") for each in looked]
    left = [each["product_id"] for each in pages if each]
    return next((each for each in reversed(left) if each not in added), None)


def _refused(used: Sequence[Used]) -> Pending | None:
    """Return the smaller quantity offered where the one asked for was too much."""
    for each in used:
        content = each.content
        if each.tool not in {"add_to_cart", "update_cart_item"}:
            continue
        limit = content.get("details", {}) if "error" in content else {}
        room = limit.get("available", limit.get("max_per_order"))
        if room:
            intent = "add" if each.tool == "add_to_cart" else "quantity"
            return Pending(intent=intent, sku=content["asked"]["sku"], quantity=room)
    return None
