"""The fold of a conversation's frames into what is remembered of it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple
from weakref import finalize, ref

from agent.conversation import Asked, Conversation, Decided, Message, Told, Used
from agent.rules.intent import intended
from agent.rules.paper import is_done, see_order
from agent.rules.pending import left_open
from agent.rules.reading import Reading, read
from agent.rules.recall import Added, Data, Memory, Removed
from agent.rules.settle import settled
from agent.rules.wishes import wished
from agent.showcase import products


class Now(NamedTuple):
    """The turn to be answered: its words, what was used and said in it already.

    `decided`: the shopper tapped on what we had asked to be confirmed.
    """

    reading: Reading
    used: tuple[Used, ...]
    said: str
    decided: bool = False


# The tools whose results are about goods on the shelf, to be pointed at later.
_SHELF = frozenset(
    {"search_products", "get_product", "check_stock", "compare_products",
     "get_recommendations"}
)  # fmt: skip


class Past(NamedTuple):
    """What is remembered of so many messages, of which this is the first."""

    first: ref[Message]
    many: int
    memory: Memory


# By the last message of a past: every step of a turn has the same one, and that of the
# next turn begins with it. Forgotten with that message.
_pasts: dict[int, Past] = {}


def remember(conversation: Conversation) -> tuple[Memory, Now]:
    """Return what is remembered of the turns before the last one, and that one."""
    starts = [at for at, each in enumerate(conversation) if isinstance(each, Asked)]
    memory = _past(conversation, starts[-1])
    if memory is None:
        memory = _learnt(conversation, starts)
        _keep(conversation, starts[-1], memory)
    return memory, _turn(conversation[starts[-1] :])


def _learnt(conversation: Conversation, starts: Sequence[int]) -> Memory:
    """Return what is remembered, going on from the turn before if that is known."""
    memory = _past(conversation, starts[-2]) if len(starts) > 1 else None
    if memory is None:
        memory, unread = Memory(), starts
    else:
        # From now on it is this turn's: the one before is over.
        _pasts.pop(id(conversation[starts[-2] - 1]), None)
        unread = starts[-2:]
    for start, end in pairwise(unread):
        _learn(memory, _turn(conversation[start:end]))
    return memory


def _past(conversation: Conversation, end: int) -> Memory | None:
    """Return what is remembered of the first `end` messages, if that is known."""
    if not end:
        return Memory()
    past = _pasts.get(id(conversation[end - 1]))
    if past is None or past.first() is not conversation[0] or past.many != end:
        return None
    return past.memory


def _keep(conversation: Conversation, end: int, memory: Memory) -> None:
    last = conversation[end - 1]
    _pasts[id(last)] = Past(ref(conversation[0]), end, memory)
    finalize(last, _pasts.pop, id(last), None)


def _turn(messages: Sequence[Any]) -> Now:
    told = [each for each in messages if isinstance(each, Told)]
    return Now(
        read(messages[0].content),
        tuple(each for each in messages if isinstance(each, Used)),
        "".join(each.content for each in told),
        any(isinstance(each, Decided) for each in messages),
    )


def _learn(memory: Memory, turn: Now) -> None:
    turn = turn._replace(reading=settled(turn.reading, memory))
    intent = intended(turn.reading, memory)
    added = memory.added
    memory.added, memory.removed, memory.quote = (), (), None
    for each in turn.used:
        _see(memory, each)
    if turn.decided or any(is_done(each) for each in turn.used):
        memory.quote = None
    if any(each.tool == "search_products" for each in turn.used):
        kept = memory.wish if intent == "refine" else ()
        memory.wish = wished(turn.reading) if intent == "search" else kept
    if not (memory.added or memory.removed):
        _shown(memory, turn)
    memory.pending = left_open(memory, intent, turn.reading, turn.used, turn.said)
    if memory.pending is not None and intent == "correct":
        memory.added = added  # still to be swapped, once it is clear for what
    memory.told = turn.said or memory.told
    memory.intent = intent


def _see(memory: Memory, used: Used) -> None:
    content = used.content
    if not isinstance(content, dict):
        return
    for card in products(used):
        memory.cards[card["product_id"]] = card
    if "error" in content:
        return
    match used.tool:
        case "search_products":
            if _same(memory.search) != _same(content["asked"]):
                memory.seen = set()
            memory.search = content["asked"]
        case "get_product":
            page = content["product"]
            if memory.focus != page["product_id"]:
                memory.sku = None
            memory.focus = page["product_id"]
        case "check_stock":
            memory.focus = content["product_id"]
            items = content["items"]
            memory.sku = items[0]["sku"] if len(items) == 1 else None
        case _:
            see_order(memory, used.tool, content)
            _see_cart(memory, used.tool, content)


def _same(asked: Data | None) -> Data:
    """Return a search without how much of it was asked for."""
    return {key: each for key, each in (asked or {}).items() if key != "limit"}


def _see_cart(memory: Memory, tool: str, content: Data) -> None:
    if "cart" not in content:
        return
    quantities = {each["sku"]: each["quantity"] for each in memory.lines}
    memory.lines = tuple(content["cart"]["lines"])
    match tool:
        case "add_to_cart":
            added = content["added"]
            memory.line = memory.sku = added["sku"]
            memory.focus = added["product_id"]
            memory.added += (Added(added["sku"], added["quantity"]),)
        case "update_cart_item":
            sku = content["asked"].get("sku")
            memory.line = sku
            # "No, the black one" after "make it two" means all of that line.
            here = [each for each in memory.lines if each["sku"] == sku]
            memory.added += tuple(Added(sku, each["quantity"]) for each in here)
        case "remove_cart_item":
            sku = content["asked"].get("sku")
            memory.removed += (Removed(sku, quantities.get(sku, 1)),)
            memory.line = None if memory.line == sku else memory.line
        case "clear_cart":
            memory.line = None
        case _:
            pass


def _shown(memory: Memory, turn: Now) -> None:
    """Take over which products the reply told, in its order."""
    known = sorted(memory.cards.values(), key=lambda each: -len(each["name"]))
    text, places = turn.said, {}
    used = {each.tool for each in turn.used}
    if not used & _SHELF:
        return
    for card in known:
        at = text.find(card["name"])
        if at >= 0:
            places[card["product_id"]] = at
            text = text.replace(card["name"], "\0" * len(card["name"]))
    told = tuple(sorted(places, key=places.__getitem__))
    if not told:
        return
    memory.listings.append(told)
    memory.seen.update(told)
    memory.focus = told[0] if len(told) == 1 else None
    if memory.focus is None or "check_stock" not in used:
        memory.sku = None
