"""What a search of the catalogue costs, against going through every product."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from bench.figure import Figure, at_most
from commerce.product import Product
from store.search import ProductIndex
from store.seed import read
from store.synonyms import SYNONYMS, Synonyms

DATA = Path(__file__).parents[1] / "data"
ROUNDS = 9


def run() -> list[Figure]:
    """Measure the median query over the demo catalogue."""
    index = ProductIndex(Synonyms(DATA / SYNONYMS))
    products = read(DATA).products
    for product in products:
        index.put(product)
    queries = [
        each["q"] for each in json.loads((DATA / "search_queries.json").read_text())
    ]
    plain, found = [], []
    for at in range(ROUNDS):
        # Answers are remembered: a filler word makes each round's question new.
        asked = [f"{query} {'the ' * at}".strip() for query in queries]
        plain.append(_ms(lambda query: _scanned(products, query), asked))
        found.append(_ms(index.find, asked))
    return [
        at_most(
            f"search over {len(products)} products, median query",
            median(found),
            "ms",
            goal=1,
            beside=f"{median(plain):.2f} ms to look for the words in every product, "
            "without typing errors, half words or order",
        )
    ]


def _scanned(products: Sequence[Product], query: str) -> list[str]:
    words = query.split()
    return [
        each.id
        for each in products
        if all(word in f"{each.name} {each.description}".lower() for word in words)
    ]


def _ms(find: Callable[[str], object], queries: Sequence[str]) -> float:
    taken = []
    for query in queries:
        begun = time.perf_counter()
        find(query)
        taken.append(time.perf_counter() - begun)
    return median(taken) * 1000
