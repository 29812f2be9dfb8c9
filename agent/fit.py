"""What kind of thing a product is, and which of many finds are the kind asked for.

A search forgives: asked for a laptop it also gives backpacks and stands for one, which
is right for a page of results and wrong for "the cheapest laptop". So where the words
name a kind of thing, only things of that kind are meant.
"""

import re
from collections.abc import Sequence

from agent.spelling import each_word, nearest, parts, slips
from commerce.product import Product

# What stands behind the noun in a name: `Yoga Mat 6 mm`, `Laptop 16 GB / 512 GB`.
_MEASURES = frozenset(
    each_word("""
    mm cm m km ml l kg g gb tb mah w inch spf size
""")
)


def meant(found: Sequence[Product], query: str) -> list[Product]:
    """Return those of `found` that are the kind of thing `query` names, in order.

    All of them, where it names no kind, or where fewer than two would be left: then
    the search knew better.
    """
    nouns = [each for each in parts(query) if not each.isdigit()]
    heads = {head for each in found if (head := name_head(each.name))}
    if not nouns:
        return list(found)
    # A laptop for a student: what stands last may be whom it is for.
    noun = next((each for each in reversed(nouns) if each in heads), nouns[-1])
    if not any(nouns[-1] in parts(each.name) for each in found):
        noun = nearest(nouns[-1], heads, slips(nouns[-1])) or noun
    of_kind = [each for each in found if noun in kinds(each)]
    return of_kind if noun in heads and len(of_kind) > 1 else list(found)


def kinds(product: Product) -> frozenset[str]:
    """Return the nouns for what `product` is: by its name, by its first tag."""
    return named_kinds(product.name, product.tags)


def named_kinds(name: str, tags: Sequence[str]) -> frozenset[str]:
    """Return the nouns for what goes by this name and these tags."""
    return frozenset((name_head(name), *(parts(tags[0])[-1:] if tags else ())))


def name_head(name: str) -> str:
    """Return the noun in a product's name: the last word that is no measure."""
    title = re.split(r"\(| for | with ", name, maxsplit=1)[0]
    for word in reversed(parts(title)):
        if not word[0].isdigit() and word not in _MEASURES:
            return word
    return ""


def is_beside(query: str, name: str, tags: Sequence[str]) -> bool:
    """Tell whether what goes by this name is only something for the one word asked.

    Asked for a television: the soundbar. A rain jacket is a raincoat all the same.
    """
    words, named = parts(query), parts(name)
    if len(words) != 1 or nearest(words[0], named, slips(words[0])):
        return False
    of_kind = [part for each in tags[:1] for part in parts(each)]
    return not any(len(each) > 2 and each in words[0] for each in (*named, *of_kind))
