"""What is refused whatever else is said: other rules, others' things, other prices."""

import re
from functools import lru_cache

from agent.rules.mending import is_known
from agent.rules.reading import Reading
from agent.rules.recall import Memory

_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_WHOSE = re.compile(
    r"(?<!my )\b(?!today|yesterday|what|that|it|let|here|there|who|where|how|last|week|"
    r"month|order|shop|store|everyone)([a-z]+)['\u2019]s "
    r"(?:last |past |previous |recent |latest |old |saved )*"
    r"(?:orders?|cart|address(?:es)?|cards?|account|points|details|history|phone|email)\b"
    r"|\borders? (?:of|by|placed by) (?!me\b|mine\b|my\b|the\b|this\b|last\b|a\b|\d)",
    re.IGNORECASE,
)
# "What did Ravi buy": whoever it is, it is not the one who asks.
_BOUGHT = re.compile(
    r"\b(?:did|has|have) (?!(?:i|we|you|u|people|others|shoppers|customers|it|my|they|"
    r"the|this|that|anyone|not|just|already|ever)\b)[a-z]+ "
    r"(?:buy|bought|order|ordered|purchased?|place)\b",
    re.IGNORECASE,
)
_DID = re.compile(
    r"\bwhat (?!(?:i|we|you|u|people|others|they|it|is|was|has|have|had)\b)[a-z]+"
    r"(?: [a-z]+)? (?:ordered|bought|purchased)\b",
    re.IGNORECASE,
)
# The same without its apostrophe, where the word is none that we know.
_OF_SOMEBODY = re.compile(
    r"\b(?!\w+ss\b)([a-z]{3,20})s (?:home |email |saved )?"
    r"(?:address(?:es)?|phone|number|password|cards?|account)\b",
    re.IGNORECASE,
)
# Somebody who writes as if it were the shop's own instructions to us.
_FORGED = re.compile(
    r"^\W*(?:system|assistant|developer|admin(?:istrator)?|root)\b\s*(?:message|prompt|"
    r"note|override)?\s*[:>\]]|<\s*/?\s*system|\[/?inst\]|#{2,}\s*(?:system|instruction)",
    re.IGNORECASE,
)
# How we are set up, whatever they call it.
_SETUP = re.compile(
    r"\b(?:your|initial|first|original|hidden|secret|internal)\b(?: \w+){0,2} "
    r"(?:instructions?|prompts?|guidelines|directives|configuration|programming)\b|"
    r"\binstructions? (?:were|was|have|did|do) (?:you|they)\b|"
    r"\byou(?: are|'re) (?:now )?\w*(?:gpt|dan|root|admin)\b",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b(?:secret|hidden|private|internal|unlisted|staff|employee)\b", re.IGNORECASE
)
# A price of one's own: "can you do it for 25 bucks".
_BID = re.compile(
    r"\b(?:do|sell|give|make|have|take|get|let)\b[^.?!]{0,24}\b(?:it|that|this|them|"
    r"these|those)(?: to me)? for (?:just |only |like )?"
    r"(?:[$\u20b9]\s?\d+|\d+ ?(?:\$|dollars?|bucks|usd|rupees|rs)\b)",
    re.IGNORECASE,
)
_OFFERED = re.compile(
    r"\b(?:i will|i'?ll|i can|i could) (?:pay|offer|give)(?: you)? \d+ for\b|"
    r"\b(?:(?:i will|i'?ll|i can|i could|let me)(?: only)? (?:give|pay|offer)|"
    r"(?:would|will|can) you (?:take|accept|do)|my offer is)"
    r"(?: you)?(?: just| only)? (?:[$\u20b9]\s?\d+|"
    r"\d+ ?(?:\$|dollars?|bucks|usd|rs)\b)",
    re.IGNORECASE,
)
_MONEY_OFF = re.compile(
    r"(?:[$\u20b9]\s?\d+|\d+ ?(?:\$|dollars?|bucks|usd|rs))(?: \w+)? off\b",
    re.IGNORECASE,
)
_OFF = re.compile(
    r"\b\d+ ?(?:%|percent)? (?:off|discount|reduction|cut)\b|"
    r"\b(?:\d{2,}|\d+ ?(?:%|percent|dollars?|rs)) kam\b"
)


def guarded(reading: Reading, _: Memory) -> str | None:
    """What is refused, whatever else is said, and the wish for a person."""
    return _guarded(reading)


# Messages of a conversation are weighed again at every turn, as they are read.
@lru_cache(maxsize=2048)
def _guarded(reading: Reading) -> str | None:
    if (
        reading.has("guard")
        or _SETUP.search(reading.text)
        or _FORGED.search(reading.text)
    ):
        return "refuse"
    text = reading.text
    if reading.has("coupon") and _SECRET.search(text):
        return "refuse"
    if reading.has("others") or any(
        each.search(text) for each in (_MAIL, _WHOSE, _BOUGHT, _DID)
    ):
        return "not_yours"
    if (of := _OF_SOMEBODY.search(text)) and not is_known(of[1].lower()):
        return "not_yours"
    if reading.has("person"):
        return "person"
    dear = reading.has("haggle") or bool(_BID.search(text) or _OFFERED.search(text))
    dear = dear or bool(_MONEY_OFF.search(text))
    dear = dear or bool(_OFF.search(" ".join(reading.words)))
    # "I'll pay 50 for it": a price of one's own.
    dear = dear or (reading.has("checkout") and reading.most is not None)
    # "Knock off 500 points" spends what is theirs.
    own = reading.coupon or reading.has("points", "cancel", "return", "shipping")
    return "haggle" if dear and not own else None
