"""Whether a message changes the cart, and whether it would buy what is in it."""

from agent.rules import edits
from agent.rules.reading import Reading
from agent.rules.recall import Memory
from agent.rules.shares import shares
from agent.rules.words import FILLERS


def points(reading: Reading) -> bool:
    """Tell whether something already seen is pointed at."""
    return bool(reading.ordinals or reading.both or reading.refers or reading.code)


def change(reading: Reading, memory: Memory) -> str | None:  # noqa: C901, PLR0911 - the first rule that fits
    """Return how a message changes what is in the cart; None if it does not."""
    if edits.keeps_only(reading):
        return "remove"
    if reading.has("remove") or (memory.removed and edits.goes_on(reading)):
        return "remove"
    names = bool(reading.rest or points(reading) or reading.colour or reading.size)
    if memory.added and names and reading.has("no", "mean") and not reading.quantity:
        return "correct"
    if memory.added and reading.has("more") and not reading.rest:
        look = reading.colour or reading.size
        return "add" if look else "quantity" if reading.quantity else None
    if _looks_other(reading, memory):
        return "correct"
    if reading.has("double", "half") and (reading.rest or memory.line):
        return "quantity"
    if reading.quantity is None:
        return "quantity" if _sets_quantity(reading, memory, named=names) else None
    bare = not (reading.rest or reading.ordinals or reading.code or reading.colour)
    if reading.has("change") or edits.says_how_many(reading):
        return "quantity"
    # "Another speaker" is one more of it only where it is put somewhere.
    other = "another" in reading.words and not reading.has("add")
    placed = reading.ordinals or reading.code
    if reading.has("more", "less") and not (placed or other):
        return "quantity"
    held = memory.line is not None and memory.focus in {None, _product_of(memory)}
    if bare and held and not reading.has("add", "show") and memory.added:
        return "quantity"
    return None


def _looks_other(reading: Reading, memory: Memory) -> bool:
    """Tell whether it shall look other: `hmm, actually M`, `make it red`."""
    if not (reading.colour or reading.size):
        return False
    other = {"actually", "rather"} & set(reading.words) and not reading.has("add")
    if memory.added:
        denies = "not" in reading.words and not reading.question
        return bool(other or denies or reading.has("change"))
    words = set(reading.words)
    if "wrong" in words and words & {"picked", "chose", "added", "selected", "put"}:
        return True
    past = {"tha", "thi", "wanted"} & words
    meant = reading.has("mean") and (past or (reading.rest and "not" in words))
    if meant and not (memory.search or memory.listing):
        return True  # "I meant size L for the T-shirt, not M"
    seen = reading.rest or memory.focus or memory.listing
    return reading.has("change") and not seen


def _sets_quantity(reading: Reading, memory: Memory, *, named: bool) -> bool:
    """Tell whether a number without a sign of what it counts is a quantity."""
    if reading.has("change"):
        ends = reading.rest[-1:] == reading.numbers[-1:] != ()
        return ends or not {"quantity", "qty"}.isdisjoint(reading.words)
    if not (reading.numbers and memory.added) or reading.has("show"):
        return False
    first = next((each for each in reading.words if each not in FILLERS), "")
    return not named or (first.isdecimal() and not reading.rest)


def _product_of(memory: Memory) -> str | None:
    for line in memory.lines:
        if line["sku"] == memory.line:
            return str(line.get("product_id"))
    return None


def buying(reading: Reading, memory: Memory) -> str | None:  # noqa: PLR0911 - the first rule that fits
    """Return whether a message puts something into the cart, or buys the cart."""
    if _buys_cart(reading, memory):
        # Said to an open quote it is a yes, and that only asks for the tap again.
        return "buy" if memory.quote is None else "checkout"
    if reading.has("recommend", "pair") or (
        reading.has("compare") and not reading.code
    ):
        return None
    if shares(reading) and not reading.question:
        return "add"  # "3 notebooks, 2 black 1 sage"
    if (
        edits.same_again(reading)
        or _orders_so_many(reading)
        or (memory.added and _another_look(reading))
        or reading.has("add")
        or (memory.added and edits.goes_on(reading))
    ):
        return "add"
    if reading.has("ask") and reading.quantity and (reading.rest or points(reading)):
        return "add"  # "could I get two of the sticky notes"
    if reading.has("ask") or (reading.question and reading.has("show")):
        return None
    if not reading.has("want") or reading.has("cheaper", "dearer", "more", "cart"):
        return None
    certain = points(reading) or reading.quantity or (reading.definite and reading.rest)
    bare = not reading.rest and bool(reading.colour or reading.size)
    return "add" if certain or (bare and memory.focus) else None


def _another_look(reading: Reading) -> bool:
    """Tell whether one more is wanted, but looking different: `another one in grey`."""
    look = reading.colour or reading.size
    return bool("another" in reading.words and look and not reading.rest)


def _orders_so_many(reading: Reading) -> bool:
    """Tell whether nothing but a count of goods is said: `2 yoga mats in plum`."""
    told = [each for each in reading.words if each not in FILLERS]
    return (
        bool(reading.rest)
        and told[:1] == [str(reading.quantity)]
        and not (reading.question or reading.has("show", "price", "remove", "change"))
    )


def _buys_cart(reading: Reading, memory: Memory) -> bool:
    """Tell whether "buy it" means what is in the cart: nothing else is spoken of."""
    details = reading.rest or reading.colour or reading.size or reading.quantity
    if details or reading.ordinals or reading.code or not reading.has("add"):
        return False
    spoken_of = (memory.focus or memory.listing) and not memory.added
    spoken_of = spoken_of and memory.quote is None
    return not {"buy", "purchase", "kharidna"}.isdisjoint(reading.words) and not (
        spoken_of
    )
