"""A message as words: normalised, slips of the finger mended where a cue is meant."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from agent.colours import PLAIN
from agent.facts import NUMBER_WORDS
from agent.rules import errand_words, goods, guard_words, shelf_words, words
from agent.rules.plain_words import HINDI_PLAIN, PLAIN_WORDS
from agent.rules.thumbs import written_out
from agent.spelling import distance, stem

_TOKEN = re.compile(
    # Marks of Indian scripts are no letters to `re`, but no ends of words either.
    r"(?:(?<!\S)-)?[$₹€]?\d+(?:,\d{3})*(?:\.\d+)?k?\$?(?![\w-])|"
    r"(?:[^\W_]|[\u0900-\u0dff])+(?:[-/&'][^\W_]+)*|[<>]=?|\+"
)
_LONG = (("can't", "can not"), ("won't", "will not"), ("n't", " not"))
_BARE_NOT = re.compile(
    r"\b(do|does|did|is|was|are|were|has|have|had|could|would|should)nt\b"
)
# What belongs together, however it is parted.
_PARTED = re.compile(
    r"\b(?!note packs?\b)(make|ear|head|lap|key|back|t|note|wrist|hair)[ -]"
    r"(up(?! your| my)|phones?|tops?|boards?|packs?|shirts?|books?|watch(?:es)?|"
    r"bands?)\b"
)
_METRES = re.compile(r"(?<=\d )(?:met(?:re|er)s?|mtrs?)\b")
_BIG = re.compile(r"\b(?:double|extra extra|xx|2x) ?(?:xl|large|l)\b")
_LARGE = re.compile(r"\b(?:extra|x)[ -]large\b")
_SMALL = re.compile(r"\b(?:extra|x)[ -]small\b")
_SECOND = re.compile(r"\ba (?:second|2nd|third|3rd) one\b")
_WISH = re.compile(r"\b(i|we)'?d (?=(?:\w+ )?(?:like|love|prefer|rather|fancy)\b)")
_SHORT = re.compile(r"'(?:s|re|m|d|ve)\b")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_IS = re.compile(r"\b(where|what|how|who|when|that|there|it)'?s\b")
PHRASES: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _cue, _phrases in (
    *shelf_words.CUES.items(), *errand_words.CUES.items(), *guard_words.CUES.items()
):  # fmt: skip
    for _phrase in _phrases.split("|"):
        _parts = tuple(_phrase.split())
        PHRASES.setdefault(_parts[0], []).append((_parts, _cue))
for _entries in PHRASES.values():
    _entries.sort(key=lambda each: -len(each[0]))
_CUE_WORDS = frozenset(
    word for entries in PHRASES.values() for parts, _ in entries for word in parts
)
_PLAIN = frozenset(
    {*words.COLOURS, *words.ORDINALS, "under", "below", "between", "which", "dollars",
     "budget"}
)  # fmt: skip
_INTENDED = _CUE_WORDS | _PLAIN
_ALONE = _PLAIN.union(
    parts[0] for each in PHRASES.values() for parts, _ in each if len(parts) == 1
)
# Long enough that a slip in one is plain.
_GOODS = frozenset(each for each in goods.GOODS_WORDS if len(each) > 5)
_KNOWN = frozenset().union(
    *PLAIN.values(),
    _INTENDED, PLAIN_WORDS, HINDI_PLAIN, words.STOP, words.REFER, words.COUNTED,
    words.COUNTING, words.SIZES, goods.GOODS, goods.GOODS_WORDS, words.HINDI_NUMBERS,
    NUMBER_WORDS,
)  # fmt: skip


def normalised(text: str) -> Iterable[str]:
    """Yield the words of `text`, in small letters, mended and written out."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = folded.replace("\u2019", "'")
    folded = written_out(folded)
    for short, long in _LONG:
        folded = folded.replace(short, long)
    folded = _BARE_NOT.sub(r"\1 not", folded)
    folded = _IS.sub(r"\1 is", folded)
    folded = _PARTED.sub(r"\1\2", folded)
    folded = _METRES.sub("m", folded)
    folded = _SMALL.sub("xs", _LARGE.sub("xl", _BIG.sub("xxl", folded)))
    folded = _SECOND.sub("another one", folded)
    folded = _WISH.sub(r"\1 would ", folded)
    folded = _SHORT.sub("", folded.replace("'ll", " will"))
    # 20-40 is a range; 3-in-1 is a word.
    folded = re.sub(r"(?<=\d)\s*[-\u2013]\s*(?=[$]?\d)", " to ", folded)
    for token in _TOKEN.findall(folded):
        yield _mended(token)


def is_known(word: str) -> bool:
    """Tell whether this is a word of ours, or the plural of one."""
    return not _KNOWN.isdisjoint({word, f"{word}s", stem(word), f"{word}'s"})


@lru_cache(maxsize=4096)
def _mended(token: str) -> str:
    """Return the word meant: number words as figures, slips in cues put right."""
    if _DRAWN_OUT.search(token):  # noooo, helloo, coool
        short = (_DRAWN_OUT.sub(each, token) for each in (r"\1\1", r"\1"))
        token = next((each for each in short if is_known(each)), token)
    if token in NUMBER_WORDS:
        return str(NUMBER_WORDS[token])
    if token.endswith("in") and f"{token}g" in _KNOWN:
        return f"{token}g"  # runnin, lookin
    known = token in _KNOWN or stem(token) in _KNOWN
    if known or not token.isalpha() or len(token) < 3:
        return token
    # A short word is close to too many others: it must mean something by itself.
    among = _INTENDED | _GOODS if len(token) > 4 else _ALONE
    near = (each for each in among if _slip(token, each))
    return min(near, key=lambda each: _farness(token, each), default=token)


def _farness(token: str, meant: str) -> tuple[int, bool, str]:
    """Return how far apart two words are; of equals the one that sounds alike first."""
    return distance(token, meant), _sound(token) != _sound(meant), meant


def _sound(word: str) -> str:
    """Return roughly how a word sounds: prise like price, fone like phone."""
    return word.replace("ph", "f").translate(_SOUNDS)


_SOUNDS = str.maketrans("czkqvy", "ssccwi")


def _slip(token: str, meant: str) -> bool:
    """Tell whether `token` is `meant`, slipped. Short words bear few kinds of slips."""
    if len(meant) < 3 or abs(len(token) - len(meant)) > 1:
        return False
    if sorted(token) == sorted(meant):  # swapped neighbours, the commonest slip
        return distance(token, meant) == 1
    if token[0] != meant[0]:  # people hit the first letter
        return False
    if len(token) < 5:
        return len(meant) == len(token) + 1 >= 5 and distance(token, meant) == 1
    return distance(token, meant) <= (2 if len(token) > 8 else 1)
