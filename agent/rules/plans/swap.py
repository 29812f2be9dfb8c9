"""Plans that put one thing into the place of another in the cart."""

from collections.abc import Sequence

from msgspec.structs import replace

from agent.rules import edits, say
from agent.rules.likeness import goods_named
from agent.rules.lines import meant
from agent.rules.plan import Part, Plan, use
from agent.rules.plans.add import refused, the_variant
from agent.rules.plans.cart import which_line
from agent.rules.plans.look import page_of
from agent.rules.plans.returns import send_back
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.rules.refer import One, the_product, unsure
from agent.rules.variants import choose
from agent.spelling import parts


def swap(reading: Reading, memory: Memory) -> Plan:
    """Put what is named second into the place of what is named first."""
    halves = edits.swap(reading)
    assert halves is not None, "the intent found both"
    old, new = halves
    result = yield from use("get_cart")
    if error := say.error(result):
        return error
    lines = meant(result["cart"]["lines"], old, memory)
    if not lines and reading.has("return"):
        return (yield from send_back(reading, memory))
    if len(lines) != 1:
        return which_line(result["cart"], lines)
    page = yield from page_of(One(lines[0]["product_id"]))
    if not isinstance(page, str) and not _is_a_look(new, page):
        page = yield from page_of((yield from the_product(new, Memory())))
    if isinstance(page, str):
        return page
    return (yield from _in_its_place(lines[0], page, new))


def _is_a_look(new: Reading, page: Data) -> bool:
    """Tell whether the words name this very product, in another look."""
    texts = (page["name"], *page["colors"], *page["sizes"], *page["tags"])
    own = {word for each in texts for word in parts(each)}
    return own.issuperset(parts(" ".join(new.rest)))


def _in_its_place(old: Data, page: Data, new: Reading) -> Part[str]:
    said = _look_words([old]) if page["product_id"] == old["product_id"] else ()
    one = yield from the_variant(page, choose(page, said, new))
    if isinstance(one, str):
        return one
    units = new.quantity or old["quantity"]
    return (yield from _swapped(old["sku"], one["sku"], units, [old], page))


def correct(reading: Reading, memory: Memory) -> Plan:
    """Put another variant or product in the place of what was just added."""
    if not memory.added:
        return (yield from _correct_line(reading, memory))
    old = memory.added[-1]
    meant = yield from the_product(reading, memory)
    look = reading.colour or reading.size
    if look and not goods_named(reading) and not reading.ordinals and memory.focus:
        meant = One(memory.focus)
    if not isinstance(meant, One):
        return unsure(meant)
    result = yield from use("get_product", product_id=meant.id)
    if error := say.error(result):
        return error
    page = result["product"]
    before = [each for each in memory.lines if each["sku"] == old.sku]
    said = _look_words(before) if meant.id == memory.focus else ()
    if memory.pending is not None and memory.pending.intent == "correct":
        said = (*said, *memory.pending.words)
    one = yield from the_variant(page, choose(page, said, reading))
    if isinstance(one, str):
        return one
    return (yield from _swapped(old.sku, one["sku"], old.quantity, before, page))


def _correct_line(reading: Reading, memory: Memory) -> Plan:
    """Give the one line of the cart that is meant another look."""
    result = yield from use("get_cart")
    if error := say.error(result):
        return error
    plain = replace(reading, colour=None, size=None)
    lines = meant(result["cart"]["lines"], plain, memory)
    if len(lines) != 1:
        return which_line(result["cart"], lines)
    page = yield from page_of(One(lines[0]["product_id"]))
    if isinstance(page, str):
        return page
    return (yield from _in_its_place(lines[0], page, reading))


def _swapped(
    old: str, new: str, units: int, before: Sequence[Data], page: Data
) -> Part[str]:
    if old == new:
        return f"That is what your cart has: {say.cart_line(before[0])}."
    # First in, then out: if the new one is refused, the old one is still there.
    put = yield from use("add_to_cart", sku=new, quantity=units)
    if "error" in put:
        return f"{refused(put, page)} What you had stays in your cart."
    taken = yield from use("remove_cart_item", sku=old)
    if error := say.error(taken):
        return error
    told = put["added"]
    new_line = say.times(told["quantity"], say.variant(told["name"], told))
    return (
        f"Swapped: your cart has {new_line} at {told['price']} instead. "
        f"{say.subtotal(taken['cart'])}"
    )


def _look_words(lines: Sequence[Data]) -> tuple[str, ...]:
    """Return the words for the size and colour of a line, so that they carry over."""
    return tuple(
        word
        for each in lines
        for told in (each.get("size"), each.get("color"))
        if told
        for word in str(told).casefold().split()
    )
