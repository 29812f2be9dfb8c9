"""Which product is meant: a place in a list, a name, a colour, "it", or new words."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from agent.colours import closest
from agent.rules import say
from agent.rules.fixed import REPLIES
from agent.rules.plan import Part, use
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.spelling import distance, parts, slips

# Words that pick one out of many, and the order in which it comes first.
RANKS = {
    "cheapest": "price_asc",
    "cheaper": "price_asc",
    "dearest": "price_desc",
    "dearer": "price_desc",
    "best": "rating",
}


class One(Struct, frozen=True):
    """This product."""

    id: str


class Many(Struct, frozen=True):
    """One of these; `new` if the shopper has not seen them yet."""

    cards: Sequence[Data]
    new: bool = True


class Nobody(Struct, frozen=True):
    """Nothing here goes by these words; without words, nothing was named."""

    words: str = ""


Meant = One | Many | Nobody


def the_product(reading: Reading, memory: Memory, *, asks: bool = False) -> Part[Meant]:
    """Return the product meant, looking for it in the shop if it is a new one.

    Of somebody who `asks` what it is like, the words that are in no name do not count.
    """
    if reading.code:
        return One(reading.code)
    seen = from_memory(reading, memory)
    if seen is not None:
        return seen
    if not reading.rest:
        return Nobody()
    asked: dict[str, Any] = {"query": " ".join(reading.rest)}
    sort = next((RANKS[cue] for cue in RANKS if reading.has(cue)), None)
    if sort is not None:
        asked["sort"] = sort
    limits = {"min_price_cents": reading.least, "max_price_cents": reading.most}
    asked |= {name: each for name, each in limits.items() if each is not None}
    found = yield from use("search_products", **asked)
    if asks and found.get("products"):
        return likeliest(Many(found["products"]), reading.rest)
    if sort is not None and found.get("products"):
        return One(found["products"][0]["product_id"])
    return among(_in_look(found.get("products", ()), reading), reading.rest)


def from_memory(reading: Reading, memory: Memory) -> Meant | None:  # noqa: PLR0911 - the first rule that fits
    """Return what was seen before and is meant now; None if it is something new."""
    listed = chosen(reading, memory)
    if listed:
        return One(listed[0]) if len(listed) == 1 else _many(listed, memory)
    if reading.ordinals:
        return Nobody()
    if reading.rest:
        return _by_name(reading, memory)
    if reading.refers and reading.has(*RANKS):
        return _by_rank(reading, memory)
    if reading.colour and (painted := _by_colour(reading, memory)):
        return painted
    if memory.focus is not None:
        return One(memory.focus)
    if memory.listing:
        return _many(memory.listing, memory)
    return None


def chosen(reading: Reading, memory: Memory) -> list[str]:
    """Return the products that ordinals or "both" pick from the last list."""
    listing = memory.listing
    if reading.both and len(listing) >= 2:
        return list(listing[:2])
    ids: list[str] = []
    for place in reading.ordinals:
        at = place - 1 if place > 0 else len(listing) + place
        if 0 <= at < len(listing):
            ids.append(listing[at])
    return ids if len(ids) == len(reading.ordinals) else []


def among(cards: Sequence[Data], words: Sequence[str]) -> Meant:
    """Return the one card whose name has all the words, or the only one, or all."""
    if not cards:
        return Nobody(" ".join(words))
    if len(cards) == 1:
        return One(cards[0]["product_id"])
    named = _plainest([each for each in cards if is_named(each["name"], words)], words)
    if len(named) == 1:
        return One(named[0]["product_id"])
    return _best_described(cards, words) or Many(cards)


# What a maker adds to a line's name for its sisters, the small ones and the large.
SMALL = frozenset({"mini", "lite", "nano", "pico", "slim", "compact", "small"})
LARGE = frozenset({"max", "plus", "pro", "xl", "full", "large", "grand"})


def _plainest(named: Sequence[Data], words: Sequence[str]) -> Sequence[Data]:
    """Return those that are no sister of what is named: Drift, and not Drift Lite."""
    said = set(parts(" ".join(words)))
    plain = [
        each
        for each in named
        if not ((SMALL | LARGE) - said).intersection(parts(each["name"]))
    ]
    lines = {tuple(str(each["name"]).split()[:2]) for each in named}
    return plain if len(plain) == 1 and len(lines) == 1 else named


def _best_described(cards: Sequence[Data], words: Sequence[str]) -> One | None:
    """Return the card that alone has several of the words, as name, tag or colour."""
    wanted = set(parts(" ".join(words)))
    scores = [len(wanted & _words_of(each)) for each in cards]
    most = max(scores)
    if most < 2 or scores.count(most) > 1:
        return None
    return One(cards[scores.index(most)]["product_id"])


def _words_of(card: Data) -> set[str]:
    texts = (card["name"], *card["tags"], *card["colors"])
    return {word for each in texts for word in parts(each)}


def _in_look(cards: Sequence[Data], reading: Reading) -> Sequence[Data]:
    """Return the cards that come in the colour and size said, if any does."""
    fitting = [
        each
        for each in cards
        if (not reading.colour or closest(reading.colour, each["colors"]))
        and (not reading.size or reading.size in each["sizes"])
    ]
    return fitting or cards


def likeliest(meant: Meant, words: Sequence[str]) -> Meant:
    """Return the one of many whose name has most of the words, if one has."""
    if not isinstance(meant, Many):
        return meant
    wanted = parts(" ".join(words))
    scores = [
        sum(word in parts(each["name"]) for word in wanted) for each in meant.cards
    ]
    most = max(scores)
    best = [
        each for each, score in zip(meant.cards, scores, strict=True) if score == most
    ]
    best = [*_plainest(best, words)] if most else best
    return One(best[0]["product_id"]) if len(best) == 1 else meant


def _by_name(reading: Reading, memory: Memory) -> Meant | None:
    told = [each for listing in memory.listings[::-1] for each in listing]
    ids = dict.fromkeys([*((memory.focus,) if memory.focus else ()), *told])
    cards = [memory.cards[each] for each in ids if each in memory.cards]
    named = [each for each in cards if is_named(each["name"], reading.rest)]
    if len(named) == 1:
        return One(named[0]["product_id"])
    if named:
        focused = [each for each in named if each["product_id"] == memory.focus]
        return One(focused[0]["product_id"]) if focused else Many(named, new=False)
    return None


def _by_rank(reading: Reading, memory: Memory) -> Meant | None:
    cards = _in_look([memory.cards[each] for each in memory.listing], reading)
    if not cards:
        return None
    if reading.has("best"):
        best = max(cards, key=lambda each: (each["rating"], each["reviews"]))
    else:
        dear = reading.has("dearest", "dearer")
        best = (max if dear else min)(cards, key=lambda each: each["price_cents"])
    return One(best["product_id"])


def _by_colour(reading: Reading, memory: Memory) -> Meant | None:
    colour = reading.colour or ""
    if memory.focus and closest(colour, memory.cards[memory.focus]["colors"]):
        return One(memory.focus)
    painted = [
        each for each in memory.listing if closest(colour, memory.cards[each]["colors"])
    ]
    # Ink is nearly black, but black is black.
    named = [
        each
        for each in painted
        if colour in " ".join(memory.cards[each]["colors"]).casefold().split()
    ]
    painted = named or painted
    return One(painted[0]) if len(painted) == 1 else None


def _many(ids: Sequence[str], memory: Memory) -> Many:
    return Many([memory.cards[each] for each in ids], new=False)


def is_named(name: str, words: Sequence[str]) -> bool:
    """Tell whether `name` has all the words, slips of the finger aside."""
    own = parts(name)
    return all(_has(own, word) for word in parts(" ".join(words)))


def _has(own: Sequence[str], word: str) -> bool:
    if word in own:
        return True
    most = slips(word)
    return (
        any(distance(word, each, most + 1) <= most for each in own) if most else False
    )


def named_before(reading: Reading, memory: Memory) -> bool:
    """Tell whether the words name one product that was told before."""
    if not reading.rest:
        return False
    return len(_named(reading.rest, memory)) == 1


def _named(rest: Sequence[str], memory: Memory) -> list[str]:
    told = dict.fromkeys(each for listing in memory.listings[-3:] for each in listing)
    ids = [*told, *((memory.focus,) if memory.focus else ())]
    wanted = set(parts(" ".join(rest)))
    return [
        each
        for each in dict.fromkeys(ids)
        if each in memory.cards and wanted <= set(parts(memory.named(each)))
    ]


def unsure(meant: Meant) -> str:
    """Say that a product could not be told, with the ones that it may be."""
    if isinstance(meant, Many):
        return f"Which one do you mean?\n{say.lines(meant.cards[: say.AT_ONCE])}"
    if isinstance(meant, Nobody) and meant.words:
        return (
            f"Sorry, I found nothing for “{meant.words}” in this shop. "
            "Shall I look for something else?"
        )
    return REPLIES["which"]
