"""A second opinion on what the rules only guessed: what the sentence is like."""

from agent.rules.likeness import goods_named, like
from agent.rules.reading import Reading
from agent.rules.recall import Memory
from agent.rules.refer import named_before
from agent.rules.wishes import wished

# What is taken for goods, or for nothing, because no rule knew the words.
_GUESSES = frozenset(
    {"unknown", "search_what", "search", "price", "stock", "details", "property",
     "add", "pick", "recommend"}
)  # fmt: skip


def weighed(intent: str, reading: Reading, memory: Memory) -> str:
    """Return what a sentence is like, where the rules only guessed."""
    if intent not in _GUESSES or named_before(reading, memory) or wished(reading):
        return intent
    if memory.focus is not None and intent in {"property", "details", "stock"}:
        return intent  # something is asked of what is spoken of
    blank = intent in {"unknown", "search_what"}
    if goods_named(reading) and (
        intent not in {"search", "pick"} or len(reading.words) < _SENTENCE
    ):
        return intent
    if not blank and not reading.rest:
        return intent
    said = like(reading)
    return said if said and (blank or said != "search") else intent


# Shorter, and goods are named: then they are looked for.
_SENTENCE = 5
