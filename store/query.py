"""From what somebody typed to a query of the index.

A word that no product spells so is tried as a beginning and as a typing error; one
that is spelled right is left alone, so that "bat" never means "mat".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import tantivy
from msgspec import Struct

from store.lexicon import Lexicon
from store.synonyms import Synonyms
from store.terms import anchored

Query = tantivy.Query

Occurs = Callable[[Query], bool]
Worths = Mapping[str, float]

# How well a product has a word, by where it has it: 1 is a plain hit.
EXACT: Worths = {
    "head": 1.25,
    "strong": 1.0,
    "alias": 0.8,
    "option": 0.7,
    "weak": 0.4,
    "passing": 0.3,
}
BEGINNING: Worths = {"head": 0.8, "spelt": 0.6}
# Neighbours that begin one name: "sleeping b".
WHOLE_BEGINNING: Worths = {"head": 1.0, "spelt": 0.8}
# A complete word may be the beginning of another, but is rarely meant so.
ALSO_BEGINNING: Worths = {"head": 0.35, "spelt": 0.3}
ONE_SLIP: Worths = {"head": 0.7, "spelt": 0.5}
# The first letter missed, or come second: such forms are indexed as they are.
SLIPPED: Worths = {"slipped": 0.5}
TWO_SLIPS: Worths = {"head": 0.5, "spelt": 0.35}
# Of short words nearly everybody gets the first letter right, and without it they are
# all neighbours of each other: chair, hair.
ONE_SLIP_ANCHORED: Worths = {"anchored_head": 0.7, "anchored": 0.5}
TWO_SLIPS_ANCHORED: Worths = {"anchored_head": 0.5, "anchored": 0.35}

SLIPS_FROM = 4
SLIPS_ANYWHERE_FROM = 6
TWO_SLIPS_FROM = 7
TWO_SLIPS_ANYWHERE_FROM = 8
# Longer ones are no words, and looking for their neighbours is dear.
SLIPS_UP_TO = 20
# In the middle of a query words are complete more often than not.
BEGINNING_FROM = 3

MOST_WORDS = 12

BEST = 1 + EXACT["head"]
"""What the best hit scores for a word of weight 1: having it at all counts 1."""

LEAST_PART = 0.6
"""Of the best score there could be: fewer words or lesser hits are noise.

One word that is only said in passing has 1.3 / 2.25 of it, just too little.
"""

LEAST_KIND = 1.8
"""Whoever is of a kind that was asked for is worth showing, whatever else it lacks."""


class Asked(Struct, frozen=True):
    """A query of the index, and the least score that is worth showing."""

    query: Query
    least: float


class Unit(Struct, frozen=True):
    """One word, or neighbours that the catalogue also knows as one word."""

    words: tuple[str, ...]
    typed: tuple[str, ...]
    """The words as they stand in the query: what its typing errors are seen in."""
    last: bool

    @property
    def whole(self) -> str:
        """The unit written as one word."""
        return "".join(self.words)


class Asking:
    """Builds queries over one index; `occurs` tells whether any product fits one."""

    def __init__(
        self,
        schema: tantivy.Schema,
        lexicon: Lexicon,
        synonyms: Synonyms,
        occurs: Occurs,
    ) -> None:
        self._schema = schema
        self._lexicon = lexicon
        self._ignored = synonyms.ignored
        self._strangers = synonyms.strangers
        self._occurs = occurs

    def asked(self, words: Sequence[str], typed: Sequence[str]) -> Asked | None:
        """Return what is asked of the index; None if it means nothing here.

        `words` are those of `typed`, each in the form that stands for all its forms.
        """
        units = self._units(words, typed)
        known: dict[Unit, Query] = {}
        for each in units:
            clause = self._clause(each)
            if self._lexicon.mentions(each.whole) or self._occurs(clause):
                known[each] = clause
        kinds = [self._weight(each) for each in known if self._names_a_kind(each)]
        strangers = len(units) - len(known)
        if not known or (strangers and (not kinds or strangers > len(known))):
            return None
        least = sum(map(self._weight, known)) * BEST * LEAST_PART
        if kinds:
            least = min(least, min(kinds) * LEAST_KIND)
        return Asked(_any(list(known.values())), least)

    def _units(self, words: Sequence[str], typed: Sequence[str]) -> list[Unit]:
        units = list(self._segments(words, typed))
        told = [each for each in units if each.whole not in self._ignored]
        return (told or units)[:MOST_WORDS]

    def _segments(self, words: Sequence[str], typed: Sequence[str]) -> Iterator[Unit]:
        start = 0
        while start < len(words):
            ends = (start + 3, start + 2)
            end = next(
                (each for each in ends if self._is_one(words, start, each)), start + 1
            )
            last = end == len(words)
            yield Unit(tuple(words[start:end]), tuple(typed[start:end]), last)
            start = end

    def _is_one(self, words: Sequence[str], start: int, end: int) -> bool:
        if end > len(words):
            return False
        whole = "".join(words[start:end])
        if self._lexicon.tells(whole):
            return True
        begun = self._near(whole, WHOLE_BEGINNING, 1, prefix=True)
        return end == len(words) and self._occurs(_any(begun))

    def _names_a_kind(self, unit: Unit) -> bool:
        is_kind = self._lexicon.is_kind
        return is_kind(unit.whole) or any(map(is_kind, unit.words))

    def _weight(self, unit: Unit) -> float:
        return sum(map(self._lexicon.weight, unit.words))

    def _clause(self, unit: Unit) -> Query:
        single = [
            self._word(word, typed, last=unit.last and at == len(unit.words))
            for at, (word, typed) in enumerate(
                zip(unit.words, unit.typed, strict=True), 1
            )
        ]
        if len(single) == 1:
            return single[0]
        weight = self._weight(unit)
        whole = self._exact(unit.whole, weight)
        if unit.last:
            whole += self._near(unit.whole, WHOLE_BEGINNING, weight, prefix=True)
        return Query.disjunction_max_query([*whole, _any(single)])

    def _word(self, word: str, typed: str, *, last: bool) -> Query:
        weight = self._lexicon.weight(word)
        right = self._lexicon.tells(word)
        ways = self._exact(word, weight)
        if word in self._strangers and not right:
            return _best(ways)
        if last:
            begins = ALSO_BEGINNING if right else BEGINNING
            ways += self._near(typed, begins, weight, prefix=True)
        elif not right and len(word) >= BEGINNING_FROM:
            ways += self._near(typed, BEGINNING, weight, prefix=True)
        spelled = right or self._lexicon.mentions(word)
        of_size = len(word) >= SLIPS_FROM and len(typed) <= SLIPS_UP_TO
        if not spelled and of_size and typed.isalpha():
            ways += self._exact(typed, weight, SLIPPED)
            ways += self._slips(typed, len(word), weight)
        return _best(ways)

    def _slips(self, typed: str, length: int, weight: float) -> list[Query]:
        """How many slips are forgiven goes by the word, not by its being many."""
        anywhere = length >= SLIPS_ANYWHERE_FROM
        worths = ONE_SLIP if anywhere else ONE_SLIP_ANCHORED
        slip = self._near(typed, worths, weight, slips=1)
        if length < TWO_SLIPS_FROM or self._occurs(_any(slip)):
            return slip
        anywhere = length >= TWO_SLIPS_ANYWHERE_FROM
        worths = TWO_SLIPS if anywhere else TWO_SLIPS_ANCHORED
        return self._near(typed, worths, weight, slips=2)

    def _exact(self, word: str, weight: float, worths: Worths = EXACT) -> list[Query]:
        return [
            Query.const_score_query(
                Query.term_query(self._schema, field, word, index_option="basic"),
                weight * (1 + worth),
            )
            for field, worth in worths.items()
        ]

    def _near(
        self,
        word: str,
        worths: Worths,
        weight: float,
        *,
        slips: int = 0,
        prefix: bool = False,
    ) -> list[Query]:
        return [
            Query.const_score_query(
                Query.fuzzy_term_query(
                    self._schema,
                    field,
                    anchored(word) if field.startswith("anchored") else word,
                    distance=slips,
                    prefix=prefix,
                ),
                weight * (1 + worth),
            )
            for field, worth in worths.items()
        ]


def _best(queries: Sequence[Query]) -> Query:
    # The other ways of having the word settle ties.
    return Query.disjunction_max_query(list(queries), tie_breaker=0.005)


def _any(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(tantivy.Occur.Should, each) for each in queries])
