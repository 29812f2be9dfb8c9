"""Several kinds of goods in one search: `a mug and a lamp, both under 30`."""

from collections.abc import Sequence

from agent.fit import named_kinds
from agent.rules import say
from agent.rules.plan import Part, Use
from agent.rules.reading import Reading, parted, read
from agent.rules.recall import Data
from agent.rules.refer import is_named
from agent.spelling import each_word, parts

_BETWEEN = frozenset(each_word("and aur plus also as or"))
_ONE = frozenset(each_word("a an some any"))
# As many of a kind as are shown, where several are asked for.
_OF_EACH = 2


def several_kinds(reading: Reading, asked: Data) -> Part[str | None]:
    """Search for each kind by itself; None if only one is named."""
    groups = _groups(reading)
    if len(groups) < 2:
        return None
    queries = [" ".join(each) for each in groups]
    # What "cheaper" goes on from is the search made last: the one for the first kind.
    uses = [
        Use("search_products", {**asked, "query": each})
        for each in (" ".join(reading.rest), *queries[::-1])
    ]
    whole, *results = yield tuple(uses)
    results.reverse()
    if any(is_named(each["name"], reading.rest) for each in whole.get("products", ())):
        return None
    sold = [_sells(each, group) for each, group in zip(results, groups, strict=True)]
    articles = len(_ONE & set(reading.words)) and _counted(reading) >= len(groups)
    if not any(sold) or not (all(sold) or articles):
        return None
    return _listed(queries, results, sold)


def _groups(reading: Reading) -> list[list[str]]:
    """Return the words for goods, parted where the message parts them."""
    out = {*reading.purpose, *reading.without}
    named = {*reading.rest} - out
    groups = [
        [each for each in read(" ".join(text)).rest if each in named]
        for text in parted(reading.words, _BETWEEN)
    ]
    return [each for each in groups if each][:3]


def _counted(reading: Reading) -> int:
    return sum(each in _ONE for each in reading.words)


def _sells(result: Data, group: Sequence[str]) -> bool:
    """Tell whether what was found is what the last word of `group` names."""
    kind = parts(group[-1])[-1:]
    found = [*result.get("products", ())]
    found += (result.get("relax") or {}).get("products", ())
    told = [named_kinds(each["name"], each["tags"]) for each in found]
    return bool(kind) and any(kind[0] in each for each in told)


def _listed(
    queries: Sequence[str], results: Sequence[Data], sold: Sequence[bool]
) -> str:
    texts, first = [], 1
    for query, result, there in zip(queries, results, sold, strict=True):
        hits = list(result.get("products", ()))[:_OF_EACH] if there else []
        near = list((result.get("relax") or {}).get("products", ()))[:1]
        if hits:
            texts.append(f"For {query}:\n{say.lines(hits, first)}")
            first += len(hits)
        elif near and there:
            texts.append(f"No {query} just like that; the nearest:")
            texts.append(say.lines(near, first))
            first += 1
        else:
            texts.append(f"I found no {query} in this shop.")
    return "{}\nWhich one do you like?".format("\n".join(texts))
