"""Which words a product is found by, sorted by how much each says about it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from commerce.product import Product
from store.synonyms import Synonyms
from store.words import joined, plural


class Terms(Struct, frozen=True):
    """A product's words, the most telling first; a word may stand in several."""

    head: frozenset[str]
    """What it is: its first tag."""
    strong: frozenset[str]
    """Its other tags, whole, other names of the first, the words of its name."""
    alias: frozenset[str]
    """Parts of tags, and other names for what is said above."""
    option: frozenset[str]
    """Colours and sizes of its variants."""
    weak: frozenset[str]
    """Its category, what it is a substitute for, parts of other names."""
    passing: frozenset[str]
    """The words of its description; by them alone nothing is found."""
    names: frozenset[str]
    """Whole tags and whole other names: each of them alone names a kind of thing."""

    @property
    def spelt(self) -> frozenset[str]:
        """The words that typing errors and beginnings are looked for in."""
        return self.head | self.strong | self.alias

    def written(self) -> Iterator[tuple[str, str]]:
        """Yield each field of the index and its words, a space between them."""
        told = {
            "head": self.head,
            "strong": self.strong,
            "alias": self.alias,
            "option": self.option,
            "weak": self.weak,
            "passing": self.passing,
            "spelt": _numbers(self.spelt),
            "anchored_head": map(anchored, _numbers(self.head)),
            "anchored": map(anchored, _numbers(self.spelt)),
            "slipped": chain.from_iterable(map(slipped, _numbers(self.spelt))),
        }
        for field, found in told.items():
            yield field, " ".join(found)


# The fields of the index, as `Terms.written` fills them.
FIELDS = (
    "head", "strong", "alias", "option", "weak", "passing", "spelt",
    "anchored_head", "anchored", "slipped",
)  # fmt: skip


def anchored(word: str) -> str:
    """Return `word` so written that another first letter is three slips away."""
    return word[0] * 3 + word[1:]


def slipped(word: str) -> tuple[str, ...]:
    """Return what `word` becomes when its first letter is missed or comes second."""
    return (word[1:], word[1] + word[0] + word[2:]) if len(word) > 3 else ()


def _numbers(found: Iterable[str]) -> set[str]:
    """The words and, where they can have one, their plurals."""
    return {form for each in found for form in (each, plural(each)) if len(each) > 2}


def terms(product: Product, synonyms: Synonyms) -> Terms:
    """Return the words that `product` is found by."""
    name = synonyms.phrase(product.name)
    brand = synonyms.phrase(product.brand)
    category = synonyms.phrase(product.category)
    tags = [synonyms.phrase(each) for each in product.tags]
    called = [each for one in tags[:1] for each in synonyms.called(one)]
    other = [each for one in (name, *tags) for each in synonyms.names(one)]
    near = [each for one in (name, *tags) for each in synonyms.near(one)]
    near.extend(synonyms.names(category))
    parts = (each for one in tags for each in one)
    pairs = (each for one in (name, *tags) for each in joined(one))
    loose = (word for one in (*other, *near) for word in one)
    return Terms(
        head=frozenset(map(_whole, tags[:1])),
        strong=frozenset({*map(_whole, (*tags[1:], *called)), *name, *brand}),
        alias=frozenset({*map(_whole, other), *parts, *pairs}),
        option=frozenset(_options(product, synonyms)),
        weak=frozenset({*category, *loose, *map(_whole, near)}),
        passing=frozenset(synonyms.phrase(product.description)),
        names=frozenset(map(_whole, (*tags, *other, *near))),
    )


def _whole(phrase: Sequence[str]) -> str:
    return "".join(phrase)


def _options(product: Product, synonyms: Synonyms) -> Iterator[str]:
    for variant in product.variants:
        for told in (variant.color, variant.size):
            said = synonyms.phrase(told) if told else ()
            yield from said
            yield from joined(said)
            for word in said:
                yield from synonyms.options(word)
