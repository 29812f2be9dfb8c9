"""Changes of the cart that a sentence wraps up: this for that, and several at once."""

import re
from collections.abc import Sequence
from functools import lru_cache

from agent.facts import NUMBER_WORDS
from agent.rules.reading import Reading, read
from agent.rules.reasons import reason
from agent.spelling import each_word

# What one sentence may string together; more than these would be a story.
MOST = 3

_VERBS = r"(?:swap|switch|exchange|replace|trade|change|badal|badlo)"
_FOR = (
    re.compile(
        rf"\b{_VERBS}\b(?: out)? (?P<old>.+?) (?:for|with|to|into|by) (?P<new>.+)"
    ),
    re.compile(
        r"(?P<old>.+?) (?:should be|should have been|needs to be|has to be) (?P<new>.+)"
    ),
    re.compile(r"\bmake (?P<old>(?:the|my) .+?) (?:(?:a|an|in|into)\b ?)+(?P<new>.+)"),
    re.compile(rf"(?P<old>.+?) ko (?P<new>.+?) (?:me|mein|se) {_VERBS}\b"),
    re.compile(rf"(?P<old>.+?) (?P<new>\w+) (?:me|mein) {_VERBS}\b"),
    re.compile(r"(?P<new>.+?) (?:instead of|in place of|rather than) (?P<old>.+)"),
    re.compile(
        r"(?P<old>.+?) (?:ki jagah|ke badle|hata ke|hatakar|ke bajay) (?P<new>.+)"
    ),
)
_AND = re.compile(
    r"\s*(?:[,;]|\b(?:and|then|also|aur|plus|phir)\b|&)(?:\s*\b(?:and|then|also|aur)\b)*\s*",
    re.IGNORECASE,
)
# What is swapped elsewhere is no line of a cart.
_ELSEWHERE = (
    "order", "bought", "track", "coupon", "points", "address", "instrument", "payments",
    "shipping", "checkout", "show", "compare", "policy",
)  # fmt: skip


# Without one of these nothing is put in another's place, and most say none.
_HINTS = frozenset(
    each_word("""
    make swap switch exchange replace trade change badal badlo should needs has
    instead place
    rather jagah badle hata hatakar bajay
    """)
)


def swap(reading: Reading) -> tuple[Reading, Reading] | None:
    """Return what shall go and what shall come in its place, if both are said."""
    if _HINTS.isdisjoint(reading.words):
        return None
    if reading.has(*_ELSEWHERE) or reading.order:
        return None
    if reason(reading) not in {None, "changed_mind"}:
        return None
    for pattern in _FOR:
        if found := pattern.search(" ".join(reading.words)):
            if found["new"][0].isdecimal():
                return None  # "change notebooks to 4 and pens to 2"
            old, new = read(found["old"]), read(found["new"])
            if (names(old) or old.refers) and (new.rest or new.colour or new.size):
                return old, new
    return None


def names(reading: Reading) -> bool:
    """Tell whether something is named, and not just called "it"."""
    look = reading.colour or reading.size or reading.rest
    return bool(look or reading.ordinals)


@lru_cache(maxsize=2048)
def parted(text: str) -> Sequence[Reading]:
    """Return the parts of a message that are strung together; () if it is one."""
    texts = [each for each in _AND.split(text) if each]
    texts = [f"set {each}" if _TO_SO_MANY.fullmatch(each) else each for each in texts]
    return tuple(map(read, texts)) if 1 < len(texts) <= MOST else ()


_TO_SO_MANY = re.compile(
    r"(?!\w+ (?:it|them) )(?:\w+ ){1,3}to (?:\d+|" + "|".join(NUMBER_WORDS) + ")"
)


# What one message may ask for several of; the last two only at its end.
_EDITS = frozenset(
    {"add", "remove", "quantity", "correct", "swap", "coupon", "uncoupon", "redeem",
     "unredeem", "clear_sure"}
)  # fmt: skip
_LAST = _EDITS | {"checkout", "cart"}


def strung(intents: Sequence[str]) -> bool:
    """Tell whether these parts of a message are changes of different kinds."""
    kinds = set(intents)
    many = len(kinds) > 1 or kinds == {"quantity"}
    return many and kinds <= _LAST and _EDITS.issuperset(intents[:-1])


def goes_on(reading: Reading) -> bool:
    """Tell whether a message only names more: "and a pack of the black socks"."""
    more = reading.words[:1] and reading.words[0] in {"and", "plus", "also", "aur"}
    return bool(more and reading.rest and not (reading.cues or reading.question))


def same_again(reading: Reading) -> bool:
    """Tell whether another look of it is wanted too: `same in blue as well`."""
    further = {"too", "also", "well", "another", "bhi"} & set(reading.words)
    look = reading.colour or reading.size
    same = "same" in reading.words and not reading.question
    return bool(same and look and further)


_ONLY = frozenset(each_word("only just sirf bas"))
_KEEPS = frozenset(each_word("keep leave rakho rakh rakhna"))


def keeps_only(reading: Reading) -> bool:
    """Tell whether all but what is named shall go: `keep only the candle`."""
    told = set(reading.words)
    named = reading.rest and not (reading.quantity or reading.question)
    return bool(named and told & _ONLY and told & _KEEPS)


_NOT_SO_MANY = re.compile(
    r"\b(?:not|down to|instead of|rather than) (?:\d+|one)\b(?! \w+(?:ie|al))"
)


def says_how_many(reading: Reading) -> bool:
    """Tell whether this is how many of a thing are wanted in all, not how many more."""
    words = set(reading.words)
    enough = words & {"enough", "plenty", "kaafi", "total", "altogether"}
    wants = reading.has("want") or {"keep", "actually"} & words
    only = {"only", "just"} & words and wants
    if len(words & {"nahi", "nahin"}) and reading.quantity:
        return True  # "3 nahi 2 bottle"
    return bool(only or enough or _NOT_SO_MANY.search(" ".join(reading.words)))
