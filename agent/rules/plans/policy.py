"""The plan that answers by the shop's own terms."""

from collections.abc import Sequence

from agent.rules import say
from agent.rules.errand_words import TOPICS
from agent.rules.forms import messages
from agent.rules.plan import Plan, use
from agent.rules.reading import Reading
from agent.rules.reasons import reason
from agent.rules.recall import Memory
from agent.spelling import each_word, parts

# What may be asked in other words than the terms have.
_SAME = {
    "long": "day",  "cost": "cost", "fee": "cost", "charge": "cost", "price": "cost",
    "much": "cost", "kitna": "cost", "money": "refund", "back": "refund",
    "lose": "lower", "spend": "spending", "last": "expire", "worth": "worth",
    "value": "worth", "keep": "kept",
    "run": "expire", "stored": "kept", "saved": "kept", "info": "kept",
    "store": "kept", "save": "kept", "data": "sees", "international": "standard",
    "fast": "express", "quick": "express", "next": "express", "same": "express",
    "cosmetics": "beauty", "makeup": "beauty", "lipstick": "beauty", "cream": "beauty",
    "opened": "beauty", "broken": "damaged", "cod": "upi", "cash": "upi",
    "accept": "take", "expiry": "expire", "valid": "expire", "din": "day",
    "cancellation": "cancelled", "cancel": "cancelled", "window": "day",
    "deadline": "day",
}  # fmt: skip
_LITTLE = frozenset(
    each_word("""
    the a an of is are it to be by with on in for and or what do does you your my i
    can how when if at will we that this have there me order dollar
    """)
)
_YES_NO = frozenset({"do", "does", "is", "are", "can", "will", "if", "would", "kya"})
_MOST = 2


def policy(reading: Reading, memory: Memory) -> Plan:
    """Tell what the shop's terms say about what is asked."""
    said = messages(reading, memory, "policy")
    topic = next((found for each in said if (found := _topic(each))), None)
    if topic is None:
        return "About what: shipping, returns, points, payments or privacy?"
    result = yield from use("get_policy", topic=topic)
    if error := say.error(result):
        return error
    fitting = _fitting(result["points"], reading)
    return " ".join(_denied(each, reading) for each in fitting)


def unsaid(_: Reading, __: Memory) -> Plan:
    """Own that the shop's terms are silent about it."""
    yield from ()
    return (
        "I have no policy on that, so I can't tell: what I know are the shop's terms "
        "on shipping, returns, points, payments and privacy. Shall I ask a person of "
        "our team?"
    )


def _topic(reading: Reading) -> str | None:
    topic = next((topic for cue, topic in TOPICS.items() if reading.has(cue)), None)
    if topic is None and reason(reading):
        return "returns"
    if topic is None:
        return next((_WORDS[each] for each in reading.words if each in _WORDS), None)
    return topic


# What a topic is known by where no cue of it was given.
_WORDS = {
    "express": "shipping", "post": "shipping", "parcel": "shipping",
    "upi": "payments", "card": "payments", "cash": "payments", "visa": "payments",
    "wallet": "payments", "gift": "payments", "debit": "payments", "credit": "payments",
    "level": "loyalty", "tier": "loyalty", "fit": "returns", "wapas": "returns",
    "info": "privacy", "chat": "privacy", "information": "privacy",
    "legit": "privacy", "scam": "privacy", "trust": "privacy",
}  # fmt: skip


def _fitting(points: Sequence[str], reading: Reading) -> list[str]:
    """Return the sentences that speak most of what was asked, in their order.

    A word that few sentences have tells more than one that most of them have.
    """
    told = [f"{each.rstrip('.')}." for point in points for each in point.split(". ")]
    stems = [_stems(each) for each in told]
    asked = {
        part
        for word in reading.words
        for part in parts(_SAME.get(word, word))
        if part not in _LITTLE
    }
    scores = [
        sum(1 / sum(word in other for other in stems) for word in asked & each)
        for each in stems
    ]
    best = sorted(range(len(told)), key=lambda at: (-scores[at], at))[:_MOST]
    kept = [at for at in best if scores[at] > scores[best[0]] * 0.6] or best
    return [told[at] for at in sorted(kept)]


def _stems(sentence: str) -> set[str]:
    own = set(parts(sentence))
    return own | {_SAME[each] for each in own if each in _SAME}


def _denied(sentence: str, reading: Reading) -> str:
    """Put a plain no before a sentence that says so, where yes or no was asked."""
    asks = reading.words and not _YES_NO.isdisjoint(reading.words)
    if asks and {"never", "not"} & set(sentence.split()):
        return f"No: {sentence[0].lower()}{sentence[1:]}"
    return sentence
