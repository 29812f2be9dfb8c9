"""What a sentence is most like, for those that no rule is sure of.

Each known sentence (`heard`) and the one asked about is a bag of its words, of pairs of
neighbours and of beginnings; rare ones weigh more. The few most alike vote, each by how
alike it is (the cosine), and only a clear majority is an answer.

They are read once a process, at the first question or by `learnt`: it takes a third of
a second, which a command that answers nobody need not wait for.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from math import log, sqrt
from typing import NamedTuple

from agent.rules import words
from agent.rules.goods import GOODS, GOODS_WORDS
from agent.rules.heard import LINES
from agent.rules.reading import Reading, read
from agent.spelling import stem

# Below, a sentence is like none of ours; nearer than this, the like ones decide.
ALIKE = 0.5
# Where goods are named as well it has to be plainer still.
ALIKE_BESIDE_GOODS = 0.62
# So much more than the next best must the best have.
CLEAR = 1.5
# As many of the most alike have a vote.
VOTERS = 4

_PLACES = {"goods": "GOODS", "word": "WORD"}


@lru_cache(maxsize=2048)
def like(reading: Reading) -> str | None:
    """Return the intent of the known sentences that this one is clearly like."""
    votes = _votes(reading)
    (best, most), (_, next_most) = (*votes, ("", 0.0), ("", 0.0))[:2]
    least = ALIKE_BESIDE_GOODS if goods_named(reading) else ALIKE
    return best if most >= least and most >= CLEAR * next_most else None


def goods_named(reading: Reading) -> bool:
    """Tell whether one of the words for goods is one that we know."""
    return any(each in _GOODS or stem(each) in _GOODS for each in reading.rest)


def _votes(reading: Reading) -> list[tuple[str, float]]:
    """Return the intents with how alike their sentences are, the most alike first."""
    known = learnt()
    marks = _marks(reading, known.own)
    # In one order always: sums of the same numbers are to be the same.
    asked = {mark: known.rarity(mark) for mark in sorted(marks)}
    length = sqrt(sum(each**2 for each in asked.values()))
    alike: defaultdict[int, float] = defaultdict(float)
    for mark, weight in asked.items():
        for at, told in known.found.get(mark, ()):
            alike[at] += weight * told
    nearest = sorted(alike, key=lambda at: (-alike[at], at))[:VOTERS]
    votes: defaultdict[str, float] = defaultdict(float)
    for rank, at in enumerate(nearest):
        votes[known.intents[at]] += alike[at] / length / (rank + 1)
    return sorted(votes.items(), key=lambda each: -each[1])


class Learnt(NamedTuple):
    """What is known of our sentences, each by its place among them."""

    intents: Sequence[str]
    """What each is for."""
    own: frozenset[str]
    """Every word of theirs."""
    having: Mapping[str, int]
    """How many have a mark."""
    found: Mapping[str, Sequence[tuple[int, float]]]
    """Which have it, and how much of each it is."""

    def rarity(self, mark: str) -> float:
        """Return what a mark weighs."""
        return log((len(self.intents) + 1) / (self.having.get(mark, 0) + 1))


@cache
def learnt() -> Learnt:
    """Return what is known, read at the first call."""
    told = [
        (intent, read(line))
        for intent, lines in LINES.items()
        for line in lines.split("|")
    ]
    own = frozenset(word for _, reading in told for word in reading.words)
    marked = [_marks(reading, own) for _, reading in told]
    having = Counter(mark for marks in marked for mark in marks)
    found: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    known = Learnt([intent for intent, _ in told], own, having, found)
    for at, marks in enumerate(marked):
        weights = {mark: known.rarity(mark) for mark in sorted(marks)}
        length = sqrt(sum(each**2 for each in weights.values()))
        for mark, weight in weights.items():
            found[mark].append((at, weight / length))
    return known


def _marks(reading: Reading, own: frozenset[str]) -> set[str]:
    """Return what a sentence is told by; `own` words stand for themselves."""
    told = [_told(each, own) for each in reading.words]
    pairs = zip(["^", *told], [*told, "$"], strict=True)
    found = {f"{one} {other}" for one, other in pairs}
    found |= {each for each in told if each != "WORD"}
    found |= {f"={each}" for each in reading.cues}
    # What is misspelled still begins alike.
    return found | {f"{each[:4]}-" for each in told if len(each) > 5}


def _told(word: str, own: frozenset[str]) -> str:
    if word in _PLACES:
        return _PLACES[word]
    if word.isdecimal():
        return "#"
    if word in own:
        return word
    if stem(word) in _GOODS or word in _GOODS:
        return "GOODS"
    return word if word in words.STOP else "WORD"


_GOODS = frozenset(
    {*GOODS, *GOODS_WORDS, *map(stem, GOODS_WORDS)}.difference(words.STOP)
)
