"""Questions about what products are and have, told from wishes for such products."""

from agent.rules.goods import GOODS_WORDS
from agent.rules.reading import Reading
from agent.rules.recall import Memory
from agent.spelling import each_word

_DEGREES = frozenset(
    each_word("""
    heavy big long loud tall warm wide thick deep large small strong fast noisy soft
    comfortable comfy good light hot durable accurate sharp bright
    """)
)


# What opens a question about the thing that is spoken of.
_OPENINGS = frozenset(
    each_word("how what is are does do will can has kitna kitni kitne kya")
)


def asks_of_it(reading: Reading, memory: Memory) -> bool:
    """Tell whether this asks something of the product just spoken of.

    It names no goods: `how many people fit in`, `isme kitna storage hai`.
    """
    if memory.focus is None or not reading.rest or reading.most is not None:
        return False
    named = set(reading.rest) & GOODS_WORDS
    if named or reading.ordinals or reading.code or reading.cues - {"price", "details"}:
        return False
    return bool(reading.question or _OPENINGS & reading.opening)


def asks_property(reading: Reading, memory: Memory) -> bool:
    """Tell whether this asks if a product is or has something: `is it waterproof?`."""
    if not reading.rest or reading.has("stock", "gone", "show", "price", "compare"):
        return False
    if reading.has("ask") and (reading.colour or reading.size):
        return False
    if reading.has("details") and "tell" in reading.words and not reading.refers:
        return False  # "what can you tell me about the air fryer?"
    asks = bool({"is", "are", "does", "do", "has", "can", "will"} & reading.opening)
    asks = asks or (
        "how" in reading.opening and not _DEGREES.isdisjoint(reading.opening)
    )
    asks = asks or (reading.refers and "hai" in reading.words)
    seen = reading.refers and bool(memory.focus or memory.listing)
    return asks and "you" not in reading.opening and (seen or reading.definite)


def either(reading: Reading) -> bool:
    """Tell whether it asks for one of two: `what's cheaper, this or that mat?`."""
    asks = {"which", "what"} & reading.opening
    # "Would you recommend the M75 or the M104?"
    advised = {"would", "should", "shall"} & reading.opening and reading.definite
    if "or" not in reading.words or not (asks or advised):
        return False
    at = reading.words.index("or")
    named = set(reading.rest)
    return bool(named & {*reading.words[:at]} and named & {*reading.words[at:]})


def asks_which(reading: Reading, memory: Memory) -> bool:
    """Tell whether this asks which of those shown have it: `which are waterproof?`."""
    told = {"which", "kaunse", "konse", "kaunsa"} & reading.opening
    has = {"is", "are", "has", "have", "hai", "hain"} & set(reading.words)
    seen = reading.refers and len(memory.listing) > 1
    return bool(told and has and seen and reading.rest)
