"""What one message says, before anybody asks what it means.

Normalised words, slips of the finger mended where a cue is plainly meant, then taken
apart: price limits, cues, ordinals, quantity, size, colour. What is left names goods.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

from msgspec import Struct
from msgspec.structs import replace

from agent.rules import goods, slots, words
from agent.rules.codes import codes
from agent.rules.denying import denied
from agent.rules.mending import PHRASES, normalised
from agent.rules.plain_words import HINDI_PLAIN, PLAIN_WORDS
from agent.rules.prices import limits
from agent.spelling import stem


class Reading(Struct, frozen=True, kw_only=True):
    """One message taken apart. Amounts are cents; `rest` are the words for goods.

    `purpose` are those of them that tell what for: a laptop for *college*; `without`
    are those that are ruled out. `card` are the last four digits of one, `code` is a
    sku.
    """

    words: tuple[str, ...]
    cues: frozenset[str] = frozenset()
    rest: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    quantity: int | None = None
    ordinals: tuple[int, ...] = ()
    both: bool = False
    colour: str | None = None
    size: str | None = None
    numbers: tuple[str, ...] = ()
    refers: bool = False
    definite: bool = False
    question: bool = False
    code: str | None = None
    order: str | None = None
    coupon: str | None = None
    card: str | None = None
    text: str = ""

    @property
    def opening(self) -> frozenset[str]:
        """The first two words that say something: is it, how do, when will."""
        told = [each for each in self.words if each not in words.FILLERS]
        if told[:3] == ["that", "is", "it"]:
            told = told[3:]  # "that's it, let us pay"
        return frozenset(told[:2])

    def has(self, *cues: str) -> bool:
        """Tell whether any of the cues was given."""
        return not self.cues.isdisjoint(cues)


# Where somebody takes back what was just said in the same breath.
_TURN = re.compile(
    r"[\s,.;:\u2026\u2013-]+(?:no wait|wait no|oh wait|wait|sorry,? i meant?|sorry no|"
    r"sorry|i meant?|scratch that|actually no|no,? actually|or rather|make that|"
    r"nahi nahi|mera matlab|matlab)[\s,.\u2026]+",
    re.IGNORECASE,
)
# "Send the old shoes back": a return with the goods in its middle.
_BACK = re.compile(r"\b(?:send|give|ship|bring)\b(?: \w+){1,6} back\b")
# "Take one of the bottles out", "take the candle off".
_OUT = re.compile(
    r"\b(?:take|kick|pull|get|throw)\b"
    r"(?: (?!(?:points?|money|something|some|discount)\b)[^\d\W]+|"
    r" \d+ of| \d{1,2}){1,6}"
    r" (?:out|off)\b(?! of (?!(?:my|the|this) (?:cart|basket|order|bag|trolley)))"
)
# "Pop it in", "chuck two of these in my basket".
_IN = re.compile(
    r"\b(?:chuck|throw|pop|stick|toss|bung|drop|put|add|whack)\b(?: \w+){1,5} in"
    r"(?: (?:there|too|also|as|my|the|please)\b|$)"
)
# "Drop one of the speakers": how many go, not what they are called.
_DROPS = re.compile(r"\b(?:drop|lose|ditch|bin) (?:one|\d+) (?:of )?")
# "I'll go with the second one" takes it; "what goes with it" does not.
_TAKES = re.compile(
    r"^(?:(?:ok|so|fine|and|then|well|think|let us|let me|i|will|am|would|could) )*"
    r"(?:go|going) (?:with|for) (?!it\b|that\b.*\?)"
)
# What is asked, with or without its mark: "do you have it in red", "got it in M".
_ASKS = re.compile(
    r"^(?:(?:and|but|so|ok|hi|oh) )*(?:got (?!it$|to\b)|"
    r"(?:do|does|is|are|has|have|did) (?:you|they|it|this|that|there|these|"
    r"those|the)\b)"
)
_SLOTS = (
    "rest", "purpose", "quantity", "ordinals", "colour", "size", "numbers", "code",
    "order", "coupon", "card",
)  # fmt: skip


# Messages of a conversation are read again at every turn: keep the latest readings.
@lru_cache(maxsize=2048)
def read(text: str) -> Reading:
    """Take `text` apart; of "red ones, I mean blue" what was said last counts."""
    whole = _read(text)
    turns = [each for each in _TURN.finditer(text) if _says(text[: each.start()])]
    if not turns or not text[turns[-1].end() :].strip():
        return whole
    before, after = text[: turns[-1].start()], text[turns[-1].end() :]
    return _amended(whole, _read(before), _read(after))


def parted(words: Sequence[str], between: Collection[str]) -> list[list[str]]:
    """Return the words that stand between those of `between`, part by part."""
    parts = groupby(words, lambda word: word in between)
    return [list(part) for is_between, part in parts if not is_between]


def _says(before: str) -> bool:
    """Tell whether something was said that can be taken back."""
    return not words.FILLERS.issuperset(normalised(before))


def _amended(whole: Reading, before: Reading, after: Reading) -> Reading:
    if after.cues - {"mean", "no", "yes", "change"}:
        return after if after.rest and not after.refers else whole
    told = {name: getattr(after, name) for name in _SLOTS if getattr(after, name)}
    if after.least is not None or after.most is not None:
        told |= {"least": after.least, "most": after.most}
    return replace(before, words=whole.words, text=whole.text, **told)


def _read(text: str) -> Reading:
    told = codes(text)
    found = limits(" ".join(normalised(told.text)))
    spoken = found.text.split()
    taken = [False] * len(spoken)
    cues = _cues(spoken, taken)
    if _BACK.search(found.text):
        cues.add("return")
    if _OUT.search(found.text):
        cues = {*cues, "remove"} - {"add"}
    if _IN.search(found.text):
        cues = {*cues, "add"} - {"remove"}
    if _DROPS.search(found.text):
        cues.add("remove")
    if _TAKES.search(found.text):
        cues = {*cues, "add"} - {"pair"}
    slots.ages(spoken, taken)
    ordinals = slots.ordinals(spoken, taken)
    quantity = slots.quantity(spoken, taken)
    if quantity is None and "less" in cues:
        quantity = slots.figure(spoken, taken)  # "2 bottles less"
    size = slots.size(spoken, taken)
    colour = slots.colour(spoken, taken)
    left = [word for at, word in enumerate(spoken) if not taken[at]]
    if cues & {"waitlist", "stock", "gone"}:
        left = [word for word in left if word != "back"]
    rest = _goods(left, (told.sku or "").lower())
    return Reading(
        words=tuple(spoken),
        cues=frozenset(cues),
        rest=rest,
        purpose=_purpose(spoken, rest),
        without=denied(found.text, rest),
        least=found.least,
        most=found.most,
        quantity=quantity,
        ordinals=ordinals,
        # "A mug and a lamp, both under 30" points at nothing.
        both=not {"both", "dono"}.isdisjoint(spoken)
        and not (len(rest) > 1 and {"and", "or", "ya", "aur"} & {*spoken}),
        colour=colour,
        size=size,
        numbers=tuple(word for word in left if word.isdecimal()),
        refers=not words.REFER.isdisjoint(spoken),
        definite=_definite(spoken),
        question=text.rstrip().endswith("?") or bool(_ASKS.search(found.text)),
        code=told.sku,
        order=told.order,
        coupon=told.coupon,
        card=told.card,
        text=text,
    )


def _cues(spoken: Sequence[str], taken: list[bool]) -> set[str]:
    found: set[str] = set()
    at = 0
    while at < len(spoken):
        for parts, cue in PHRASES.get(spoken[at], ()):
            end = at + len(parts)
            # "Please do not": no "please do".
            denied = parts[-1] == "do" and spoken[end : end + 1] == ["not"]
            if tuple(spoken[at:end]) == parts and not denied:
                found.add(cue)
                taken[at:end] = [True] * len(parts)
                at = end - 1
                break
        at += 1
    return found


def _goods(left: Sequence[str], code: str) -> tuple[str, ...]:
    named = [
        each
        for each in left
        if each not in words.STOP
        and each not in PLAIN_WORDS
        and each not in HINDI_PLAIN
        and each not in words.ORDINALS
        and each != code
        and not set(each) <= set("<>=+$")
    ]
    if all(each.isdecimal() for each in named):
        return ()
    called: list[str] = []
    for at, each in enumerate(named):
        head = at == len(named) - 1
        if (
            each in _OCCASIONS
            and named[at + 1 : at + 2]
            and stem(named[at + 1]) == "card"
        ):
            called.append("greeting")
            continue
        if each in goods.HEADS_ONLY and not head:
            called.append(each)
        else:
            called += goods.called(each)
    # Nobody names a product with more; what is pasted is cut.
    return tuple(each[:30] for each in dict.fromkeys(called))[:10]


_OCCASIONS = frozenset({"birthday", "anniversary", "christmas", "wedding", "xmas"})


def _purpose(spoken: Sequence[str], rest: Sequence[str]) -> tuple[str, ...]:
    """Return the words of `rest` that a "for" or a "ke liye" makes a purpose."""
    if "liye" in spoken:
        told = spoken[: spoken.index("liye")]
    elif "for" in spoken:
        told = spoken[spoken.index("for") + 1 :]
    else:
        return ()
    called = {name for each in told for name in goods.called(each)}
    return tuple(each for each in rest if each in called)


def _definite(spoken: Sequence[str]) -> bool:
    return any(
        word in {"the", "that", "this", "yeh", "ye", "woh", "wo"}
        and after not in words.STOP
        for word, after in pairwise(spoken)
    )
