"""What shoppers say and the catalogue does not: `data/synonyms.json`, read once.

Synonyms are applied when a product is indexed, not when somebody asks: a product that
is called "Smartphone" is also found under "cell phone", with its typing errors and its
beginnings, at no cost to the query.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.json import decode

from store.words import form, typed, words

SYNONYMS = Path(__file__).parent.parent / "data" / "synonyms.json"

Phrase = tuple[str, ...]


class Said(Struct, frozen=True):
    """What shoppers say, for what the catalogue calls by other words."""

    say: Sequence[str]
    mean: Sequence[str]
    near: Sequence[str] = ()


class _File(Struct):
    """The shape of the file; its own `about` says what each part is for."""

    ignored: Sequence[str]
    spellings: Mapping[str, str]
    colours: Mapping[str, Sequence[str]]
    sizes: Mapping[str, str]
    phrases: Sequence[Said]
    strangers: Sequence[str] = ()


class Synonyms:
    """Gives the words a text stands for, and the other names of what it says."""

    def __init__(self, file: Path = SYNONYMS) -> None:
        told = decode(file.read_bytes(), type=_File)
        self._spellings = {
            form: words(right)[0]
            for wrong, right in told.spellings.items()
            for form in words(wrong)
        }
        self.ignored = frozenset(form for each in told.ignored for form in words(each))
        self.strangers = frozenset(
            form for one in told.strangers for form in words(one)
        )
        self._mean: dict[str, list[tuple[Phrase, Sequence[Phrase]]]] = {}
        self._near: dict[str, list[tuple[Phrase, Sequence[Phrase]]]] = {}
        for each in told.phrases:
            say = [self.phrase(one) for one in each.say]
            _file_under(self._mean, map(self.phrase, each.mean), say)
            _file_under(self._near, map(self.phrase, each.near), say)
        self._colours: dict[str, list[str]] = {}
        for family, members in told.colours.items():
            for member in members:
                self._colours.setdefault(member, []).append(family)
        self._sizes: dict[str, list[str]] = {}
        for said, size in told.sizes.items():
            self._sizes.setdefault(size, []).append(said)

    def phrase(self, text: str) -> Phrase:
        """Return the words of `text`, spelled as the catalogue spells them."""
        return tuple(map(self.form, typed(text)))

    def form(self, word: str) -> str:
        """Return the form of a typed word that stands for all its forms."""
        plain = form(word)
        return self._spellings.get(plain, plain)

    def called(self, phrase: Phrase) -> Iterable[Phrase]:
        """Return other names for what `phrase`, as a whole, is."""
        for meant, say in self._mean.get(phrase[0], ()) if phrase else ():
            if meant == phrase:
                yield from say

    def names(self, phrase: Sequence[str]) -> Iterable[Phrase]:
        """Return other names for the things that `phrase` mentions."""
        return _found(self._mean, phrase)

    def near(self, phrase: Sequence[str]) -> Iterable[Phrase]:
        """Return what else people want who might take what `phrase` mentions."""
        return _found(self._near, phrase)

    def options(self, word: str) -> Iterable[str]:
        """Return other words for a variant's colour or size."""
        yield from self._colours.get(word, ())
        yield from self._sizes.get(word, ())


def _file_under(
    shelf: dict[str, list[tuple[Phrase, Sequence[Phrase]]]],
    meant: Iterable[Phrase],
    say: Sequence[Phrase],
) -> None:
    for each in meant:
        shelf.setdefault(each[0], []).append((each, say))


def _found(
    shelf: Mapping[str, list[tuple[Phrase, Sequence[Phrase]]]], phrase: Sequence[str]
) -> Iterable[Phrase]:
    for at, word in enumerate(phrase):
        for meant, say in shelf.get(word, ()):
            if tuple(phrase[at : at + len(meant)]) == meant:
                yield from say
