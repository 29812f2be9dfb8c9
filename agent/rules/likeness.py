"""What a sentence is most like, for those that no rule is sure of.

Each known sentence (`heard`) and the one asked about is a bag of its words, of pairs of
neighbours and of beginnings; rare ones weigh more. The few most alike vote, each by how
alike it is (the cosine), and only a clear majority is an answer.
"""

from collections import Counter, defaultdict
from functools import lru_cache
from math import log, sqrt

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
    # In one order always: sums of the same numbers are to be the same.
    asked = {mark: _rarity(mark) for mark in sorted(_marks(reading))}
    length = sqrt(sum(each**2 for each in asked.values()))
    alike: defaultdict[int, float] = defaultdict(float)
    for mark, weight in asked.items():
        for at, told in _FOUND.get(mark, ()):
            alike[at] += weight * told
    nearest = sorted(alike, key=lambda at: (-alike[at], at))[:VOTERS]
    votes: defaultdict[str, float] = defaultdict(float)
    for rank, at in enumerate(nearest):
        votes[_SAID[at][0]] += alike[at] / length / (rank + 1)
    return sorted(votes.items(), key=lambda each: -each[1])


def _marks(reading: Reading) -> set[str]:
    """Return what a sentence is told by."""
    told = [_told(each) for each in reading.words]
    pairs = zip(["^", *told], [*told, "$"], strict=True)
    found = {f"{one} {other}" for one, other in pairs}
    found |= {each for each in told if each != "WORD"}
    found |= {f"={each}" for each in reading.cues}
    # What is misspelled still begins alike.
    return found | {f"{each[:4]}-" for each in told if len(each) > 5}


def _told(word: str) -> str:
    if word in _PLACES:
        return _PLACES[word]
    if word.isdecimal():
        return "#"
    if word in _OWN:
        return word
    if stem(word) in _GOODS or word in _GOODS:
        return "GOODS"
    return word if word in words.STOP else "WORD"


_GOODS = frozenset(
    {*GOODS, *GOODS_WORDS, *map(stem, GOODS_WORDS)}.difference(words.STOP)
)
_LEARNT = [
    (intent, read(line)) for intent, lines in LINES.items() for line in lines.split("|")
]
_OWN = frozenset(word for _, reading in _LEARNT for word in reading.words)
_SAID = [(intent, _marks(reading)) for intent, reading in _LEARNT]
_HAVING = Counter(mark for _, marks in _SAID for mark in marks)


def _rarity(mark: str) -> float:
    return log((len(_SAID) + 1) / (_HAVING.get(mark, 0) + 1))


def _indexed() -> dict[str, list[tuple[int, float]]]:
    found: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for at, (_, marks) in enumerate(_SAID):
        weights = {mark: _rarity(mark) for mark in sorted(marks)}
        length = sqrt(sum(each**2 for each in weights.values()))
        for mark, weight in weights.items():
            found[mark].append((at, weight / length))
    return dict(found)


_FOUND = _indexed()
