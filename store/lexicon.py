"""How often each word occurs in the catalogue, and what that makes it worth."""

import math
from collections import Counter

from store.terms import Terms

# What a word weighs that is in no product as it is spelled.
_UNSEEN = 1.6


class Lexicon:
    """The words of all indexed products; products come and go."""

    def __init__(self) -> None:
        self._products = 0
        self._frequency: Counter[str] = Counter()
        self._telling: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()

    def add(self, terms: Terms) -> None:
        """Count the words of one more product."""
        self._products += 1
        self._telling.update(terms.spelt | terms.option)
        self._frequency.update(_all(terms))
        self._kinds.update(terms.head | terms.names)

    def remove(self, terms: Terms) -> None:
        """Forget the words of one product that was added before."""
        self._products -= 1
        self._telling.subtract(terms.spelt | terms.option)
        self._frequency.subtract(_all(terms))
        self._kinds.subtract(terms.head | terms.names)

    def tells(self, word: str) -> bool:
        """Whether `word`, as it is spelled, says what some product is or has."""
        return self._telling[word] > 0

    def mentions(self, word: str) -> bool:
        """Whether `word`, as it is spelled, is said of any product at all."""
        return self._frequency[word] > 0

    def is_kind(self, word: str) -> bool:
        """Whether `word` alone names a kind of product."""
        return self._kinds[word] > 0

    def weight(self, word: str) -> float:
        """Return 1 for a word of every product, up to 2 for a word of one."""
        count = self._frequency[word]
        if count <= 0:
            return _UNSEEN
        rare = math.log(max(1, self._products) / count) if self._products > 1 else 0
        return 1 + max(0.0, rare / math.log(self._products + 1))


def _all(terms: Terms) -> frozenset[str]:
    return terms.spelt | terms.option | terms.weak | terms.passing
