"""Finds products by words, in process: typing errors, beginnings, synonyms.

Each word of a query scores by the best way in which a product has it: as what the
product is, as a tag or in the name, as a synonym, among colours and sizes, in passing;
and spelled out, by its beginning, or nearly. How many of the words a product has counts
most, rare words more than common ones; popularity decides what is left equal.

Where a query means nothing here, nothing is found: a word that is in no product makes
the others suspect, and they count only if one of them names a kind of product.
Then, and where the words fit next to nothing, a wish in words of one's own may still be
understood (`store.meaning`).
"""

from collections.abc import Sequence

import tantivy
from msgspec import Struct

from commerce.product import Product
from store.lexicon import Lexicon
from store.listing import popularity
from store.meaning import Meaning
from store.query import Asking
from store.synonyms import Synonyms
from store.terms import FIELDS, Terms, terms
from store.words import typed

# One search shows no more than this: nobody reads on.
MOST = 200

# Who scores less than this part of the best was found for a lesser reason.
KEPT_PART = 0.7

# Nobody types longer; what is pasted is cut.
MOST_CHARACTERS = 400

# With fewer finds than this, a wish that names none of them is thought about.
FEW = 3

# How near a product has to be to what is wished for: the more so, the less was said,
# and where others were found by their words. Below, all is near to everything.
NEAR = 0.31
NEAR_ONE_WORD = 0.40
NEAR_BESIDE = 0.42
MOST_NEAR = 5

KEPT_ANSWERS = 1_000

# The least that tantivy takes; 10,000 products need no more.
_HEAP_BYTES = 15_000_000

_POPULARITY = 0.3


class _Entry(Struct, frozen=True):
    number: int
    terms: Terms
    name: frozenset[str]
    popularity: float


class ProductIndex:
    """The words of all products on sale; changes take effect with the next search."""

    def __init__(self, synonyms: Synonyms, meaning: Meaning | None = None) -> None:
        self._synonyms = synonyms
        self._meaning = meaning or Meaning()
        self._lexicon = Lexicon()
        self._schema = _schema()
        self._index = tantivy.Index(self._schema)
        # By itself it would reload after a commit, and make ours wait 100 ms for it.
        self._index.config_reader("manual", 0)
        self._searcher = self._index.searcher()
        self._writer = self._index.writer(_HEAP_BYTES, 1)
        self._asking = Asking(self._schema, self._lexicon, synonyms, self._occurs)
        self._entries: dict[str, _Entry] = {}
        # By number: what tantivy gives back is a number.
        self._ids: list[str] = []
        self._changed: set[str] = set()
        self._answers: dict[str, tuple[str, ...]] = {}

    def put(self, product: Product) -> None:
        """Find `product` from now on, by its words as they are now."""
        before = self._entries.get(product.id)
        if before is None:
            number = len(self._ids)
            self._ids.append(product.id)
        else:
            number = before.number
            self._lexicon.remove(before.terms)
        entry = _Entry(
            number,
            terms(product, self._synonyms),
            frozenset(self._synonyms.phrase(product.name)),
            popularity(product),
        )
        self._lexicon.add(entry.terms)
        self._meaning.put(product)
        self._entries[product.id] = entry
        self._changed.add(product.id)

    def remove(self, product_id: str) -> None:
        """Find the product no longer; an unknown one is fine."""
        before = self._entries.pop(product_id, None)
        if before is not None:
            self._lexicon.remove(before.terms)
            self._meaning.remove(product_id)
            self._changed.add(product_id)

    def find(self, text: str) -> Sequence[str]:
        """Return the ids of the products meant by `text`, best first, at most MOST.

        Any text will do; one that means nothing here finds nothing.
        """
        if self._changed:
            self._take_over()
        said = typed(text[:MOST_CHARACTERS])
        key = " ".join(said)
        known = self._answers.get(key)
        if known is None:
            known = self._understood(said, self._find(said))
            if len(self._answers) >= KEPT_ANSWERS:
                self._answers.clear()
            # An answer from before the weights came would stay the poorer one.
            if self._meaning.ready or len(known) >= FEW:
                self._answers[key] = known
        return known

    def _understood(
        self, said: Sequence[str], found: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Return what was `found`, and what else a vague wish may mean."""
        forms = [*map(self._synonyms.form, said)]
        ignored = self._synonyms.ignored
        told = [
            word
            for word, form in zip(said, forms, strict=True)
            if form not in ignored and not form.isdecimal()
        ]
        named = any(not self._entries[each].name.isdisjoint(forms) for each in found)
        if len(found) >= FEW or not told or named:
            return found
        alone = NEAR if len(told) > 1 else NEAR_ONE_WORD
        least = NEAR_BESIDE if found else alone
        near = self._meaning.near(" ".join(told), least, MOST_NEAR)
        return tuple(dict.fromkeys((*found, *near)))

    def _find(self, said: Sequence[str]) -> tuple[str, ...]:
        asked = self._asking.asked([*map(self._synonyms.form, said)], said)
        if asked is None:
            return ()
        hits = self._searcher.search(asked.query, limit=MOST, count=False).hits
        if not hits:
            return ()
        least = max(asked.least, hits[0][0] * KEPT_PART)
        hits = [each for each in hits if each[0] >= least]
        places = [place for _, place in hits]
        numbers = self._searcher.fast_field_values("number", places)
        ranked = sorted(
            (-score - _POPULARITY * self._entries[found].popularity, found)
            for (score, _), number in zip(hits, numbers, strict=True)
            for found in [self._ids[int(number or 0)]]
        )
        return tuple(found for _, found in ranked)

    def _occurs(self, query: tantivy.Query) -> bool:
        return bool(self._searcher.search(query, limit=1, count=False).hits)

    def _take_over(self) -> None:
        writer = self._writer
        for product_id in self._changed:
            writer.delete_documents_by_term("id", product_id)
            entry = self._entries.get(product_id)
            if entry is not None:
                writer.add_document(_document(product_id, entry))
        writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._changed.clear()
        self._answers.clear()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for each in FIELDS:
        builder.add_text_field(each, tokenizer_name="whitespace", index_option="basic")
    # Signed: the writer panicked on unsigned numbers.
    builder.add_integer_field("number", fast=True)
    return builder.build()


def _document(product_id: str, entry: _Entry) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", product_id)
    document.add_integer("number", entry.number)
    for field, found in entry.terms.written():
        document.add_text(field, found)
    return document
