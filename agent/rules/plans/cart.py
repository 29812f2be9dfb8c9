"""Plans that show the cart and change what is in it."""

import re
from collections.abc import Sequence

from agent.rules import orders as which
from agent.rules import say
from agent.rules.edits import keeps_only
from agent.rules.lines import meant
from agent.rules.plan import Part, Plan, use
from agent.rules.plans.add import add, added, refused
from agent.rules.plans.order import cancel
from agent.rules.reading import Reading, read
from agent.rules.reasons import reason
from agent.rules.recall import Data, Memory

EMPTY = "Your cart is empty."


def cart(_: Reading, __: Memory) -> Plan:
    """Show what is in the cart."""
    result = yield from use("get_cart")
    return say.error(result) or _shown(result["cart"])


def quantity(reading: Reading, memory: Memory) -> Plan:  # noqa: PLR0911 - the first rule that fits
    """Set, raise or lower how many of a line the cart holds."""
    pending = memory.pending
    units = reading.quantity
    if units is None and reading.numbers:
        units = int(reading.numbers[-1][:9])
    if pending and pending.intent == "quantity" and units is None:
        return (yield from _set(pending.sku or "", pending.quantity or 1))
    if units is None and not reading.has("double", "half"):
        return "How many would you like?"
    other = reading.rest or reading.ordinals or "each" in reading.words
    sku = None if other else memory.line
    if units is not None and sku is not None and not reading.has("less"):
        if reading.has("more"):
            return (yield from added(sku, units, None, reading))
        return (yield from _set(sku, units))
    result = yield from use("get_cart")
    if error := say.error(result):
        return error
    lines = meant(result["cart"]["lines"], reading, memory)
    if "each" in reading.words and reading.has("more", "less"):
        return (yield from _each_counted(result["cart"]["lines"], units, reading))
    if not lines and reading.has("more", "want", "add"):
        return (yield from add(reading, memory))
    if len(lines) != 1:
        return which_line(result["cart"], lines)
    return (yield from _counted(lines[0], units, reading))


def _each_counted(
    lines: Sequence[Data], units: int | None, reading: Reading
) -> Part[str]:
    texts = []
    for each in lines:
        texts += [(yield from _counted(each, units, reading))]
    return "\n".join(texts) or EMPTY


def _counted(held: Data, units: int | None, reading: Reading) -> Part[str]:
    """Set a line to `units`, or by as many more or less; None: to twice or half."""
    if units is None:
        many = held["quantity"]
        twice = 2 * many if reading.has("double") else max(1, many // 2)
        return (yield from _set(held["sku"], twice))
    if reading.has("more"):
        return (yield from added(held["sku"], units, held, reading))
    left = max(0, held["quantity"] - units) if reading.has("less") else units
    return (yield from _set(held["sku"], left))


def _set(sku: str, units: int) -> Part[str]:
    result = yield from use("update_cart_item", sku=sku, quantity=units)
    if "error" in result:
        return refused(result, None)
    for each in result["cart"]["lines"]:
        if each["sku"] == sku:
            return (
                f"Done: your cart has {say.cart_line(each)}. "
                f"{say.subtotal(result['cart'])}"
            )
    return f"Done, it is out of your cart. {_left(result['cart'])}"


def _ordered(reading: Reading, memory: Memory) -> Part[str]:
    """Cancel what is not wanted any more, where it is no cart's but an order's."""
    words = " ".join(reading.words)
    if reason(reading) != "changed_mind" and "longer" not in words:
        return ""
    found = yield from which.the_orders([reading], memory)
    if isinstance(found, str) or not found.lines:
        return ""
    return (yield from cancel(reading, memory))


_STAYS = re.compile(
    r"[,.;]? \b(?:just|only|but keep|keep)\b(?= the| my)", re.IGNORECASE
)


def remove(reading: Reading, memory: Memory) -> Plan:  # noqa: PLR0911 - the first rule that fits
    """Take the lines that are meant out of the cart."""
    result = yield from use("get_cart")
    if error := say.error(result):
        return error
    lines = result["cart"]["lines"]
    if not (lines and meant(lines, reading, memory)) and reading.rest:
        ordered = yield from _ordered(reading, memory)
        if ordered:
            return ordered
    if not lines:
        return EMPTY
    # "Not the lamp, just the candles" tells what stays as well.
    apart = "" if keeps_only(reading) else _STAYS.split(reading.text, maxsplit=1)[0]
    gone = meant(lines, read(apart) if apart.strip() else reading, memory)
    if not gone or (len(gone) > 1 and not _plural(reading, len(gone))):
        return which_line(result["cart"], gone)
    texts, cart = [], result["cart"]
    for each in gone:
        units = reading.quantity or each["quantity"]
        name = say.variant(each["name"], each)
        if units < each["quantity"]:
            return (yield from _set(each["sku"], each["quantity"] - units))
        changed = yield from use("remove_cart_item", sku=each["sku"])
        if error := say.error(changed):
            return error
        cart = changed["cart"]
        texts.append(f"Removed the {name}.")
    return f"{' '.join(texts)} {_left(cart)}"


def clear(_: Reading, __: Memory) -> Plan:
    """Ask whether really everything shall go."""
    result = yield from use("get_cart")
    if error := say.error(result):
        return error
    if not result["cart"]["lines"]:
        return EMPTY
    return f"{_shown(result['cart'])}\nShall I really empty your cart?"


def clear_sure(_: Reading, __: Memory) -> Plan:
    """Empty the cart."""
    result = yield from use("clear_cart")
    return say.error(result) or "Done: your cart is empty now."


def undo(reading: Reading, memory: Memory) -> Plan:
    """Take back what the last turn did to the cart."""
    texts = []
    for put in memory.added:
        held = [each for each in memory.lines if each["sku"] == put.sku]
        left = held[0]["quantity"] - put.quantity if held else 0
        if left > 0:
            texts.append((yield from _set(put.sku, left)))
            continue
        result = yield from use("remove_cart_item", sku=put.sku)
        texts.append(say.error(result) or f"Taken out again. {_left(result['cart'])}")
    for gone in memory.removed:
        texts += [(yield from added(gone.sku, gone.quantity, None, reading))]
    return " ".join(texts) or "There is nothing of mine to take back."


def _plural(reading: Reading, many: int) -> bool:
    # "Cable and candle": as many as are named, each by itself.
    strung = len({"and", "aur", "plus"} & {*reading.words}) and not reading.colour
    if strung and many == len(reading.rest):
        return True
    everything = {"all", "everything"} & set(reading.words)
    return (
        reading.both
        or reading.has("all")
        or bool(everything)
        or keeps_only(reading)
        or len(reading.ordinals) > 1
    )


def which_line(cart: Data, fitting: Sequence[Data]) -> str:
    """Ask which line is meant, of those that fit or of all."""
    if not cart["lines"]:
        return EMPTY
    shown = fitting or cart["lines"]
    names = "\n".join(
        f"{at}. {say.cart_line(each)}" for at, each in enumerate(shown, 1)
    )
    lead = "" if fitting else "I don't see that in your cart. "
    return f"{lead}Your cart has:\n{names}\nWhich one do you mean?"


def _shown(cart: Data) -> str:
    if not cart["lines"]:
        return f"{EMPTY} What are you looking for?"
    names = "\n".join(
        f"{at}. {say.cart_line(each)}" for at, each in enumerate(cart["lines"], 1)
    )
    return f"In your cart:\n{names}\n{say.sums(cart)}"


def _left(cart: Data) -> str:
    return say.subtotal(cart) if cart["lines"] else "Your cart is empty now."
