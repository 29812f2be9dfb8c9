"""Colours as people name them: Brick Red is red, and Cranberry nearly is."""

import re
from collections.abc import Iterable

_WORDS = re.compile(r"[^\W_]+")

# A shopper's plain colour, then the names that makers give to shades of it. Names
# that hold the plain word themselves (Tidal Blue) need no entry.
_FAMILIES = {
    "red": "brick ember cranberry maroon burgundy wine oxblood ruby crimson",
    "black": "charcoal graphite ink gunmetal",
    "white": "ivory cream chalk pearl bone ecru frost oat",
    "blue": "navy sky indigo cobalt teal aqua ocean lagoon tidal",
    "green": "sage moss olive forest fern mint emerald lime",
    "grey": "gray graphite charcoal slate ash mist storm silver gunmetal stone",
    "pink": "blush rose coral rosewood",
    "purple": "plum lilac lavender violet",
    "brown": "tan walnut chestnut cognac camel tobacco copper",
    "orange": "tangerine coral rust ember sunset terracotta ochre amber",
    "yellow": "marigold ochre amber volt gold",
    "beige": "sand cream natural khaki oat dune stone ecru nude",
    "gold": "amber rose",
    "silver": "steel chrome titanium stainless",
}
PLAIN = {name: frozenset({name, *shades.split()}) for name, shades in _FAMILIES.items()}
PLAIN["gray"] = PLAIN["grey"]


def closest(wanted: str, among: Iterable[str]) -> tuple[str, ...]:
    """Return those of `among` that are `wanted`: by name, by a word, else by shade."""
    names = tuple(among)
    words = _words(wanted)
    exact = tuple(each for each in names if _words(each) == words)
    if exact or not words:
        return exact
    holding = tuple(each for each in names if words <= _words(each))
    if holding:
        return holding
    shades = frozenset[str]().union(*(PLAIN.get(word, frozenset()) for word in words))
    return tuple(each for each in names if shades & _words(each))


def _words(text: str) -> frozenset[str]:
    words = _WORDS.findall(text.casefold())
    return frozenset("grey" if word == "gray" else word for word in words)
