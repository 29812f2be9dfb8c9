"""What a text is about, by static embeddings: for wishes that name no product's words.

The weights come with the package `wordllama` (extra `semantic`), which is never
imported: its loader wants a network, its two files do not. A text's vector is the mean
of its tokens' vectors; nearness is the cosine. Without the package nothing is near.
"""

import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commerce.product import Product

if TYPE_CHECKING:
    import numpy as np

    Vector = np.ndarray[Any, np.dtype[np.float32]]

_WEIGHTS = Path("weights") / "l2_supercat_256.safetensors"
_TOKENS = Path("tokenizers") / "l2_supercat_tokenizer_config.json"

# Whoever types more is read up to here: the mean says no more by then.
MOST_CHARACTERS = 200


class Meaning:
    """Knows what every product is about, once its weights are there."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, str]] = {}
        self._vectors: dict[str, Vector] = {}
        self._shelf: tuple[list[str], Vector] | None = None
        self._tokens: Any = None
        self._weights: Any = None

    @property
    def ready(self) -> bool:
        """Tell whether the weights are there."""
        return self._weights is not None

    def load(self) -> bool:
        """Read the weights, on whatever thread; False if they are not installed."""
        spec = find_spec("wordllama")
        folder = Path(((spec and spec.submodule_search_locations) or ["."])[0])
        if not ((folder / _WEIGHTS).exists() and (folder / _TOKENS).exists()):
            return False
        self._tokens, self._weights = _read(folder)
        for product_id, told in list(self._texts.items()):
            vector = self._mean(told)
            # Meanwhile the loop may have changed it, or taken it off sale.
            if self._texts.get(product_id) is told:
                self._vectors[product_id] = vector
        return True

    def put(self, product: Product) -> None:
        """Know `product` from now on, as it is now."""
        tags = " ".join(product.tags)
        short = f"{product.name} {tags}"
        whole = f"{product.name}. {tags}. {product.category}. {product.description}"
        self._texts[product.id] = (_plain(short), _plain(whole))
        self._forget(product.id)

    def remove(self, product_id: str) -> None:
        """Know the product no longer; an unknown one is fine."""
        self._texts.pop(product_id, None)
        self._forget(product_id)

    def near(self, text: str, least: float, most: int) -> list[str]:
        """Return the products `least` as near or nearer, the nearest first."""
        if not self.ready or not self._texts:
            return []
        ids, vectors = self._shelf or self._put_up()
        nearness = vectors @ self._vector(_plain(text[:MOST_CHARACTERS]))
        ranked = nearness.argsort()[::-1][:most]
        return [ids[at] for at in ranked if nearness[at] >= least]

    def _put_up(self) -> "tuple[list[str], Vector]":
        import numpy as np

        ids = list(self._texts)
        self._shelf = ids, np.stack([self._vector_of(each) for each in ids])
        return self._shelf

    def _vector_of(self, product_id: str) -> "Vector":
        known = self._vectors.get(product_id)
        if known is None:
            known = self._vectors[product_id] = self._mean(self._texts[product_id])
        return known

    def _mean(self, told: tuple[str, str]) -> "Vector":
        # What it is called says as much as everything that is told of it.
        short, whole = told
        both = (self._vector(short) + self._vector(whole)) / 2
        mean: Vector = both.astype("float32")
        return mean

    def _vector(self, text: str) -> "Vector":
        """Return where `text` points to, of length 1; nowhere for one without words."""
        import numpy as np

        ids = self._tokens.encode(text, add_special_tokens=False).ids
        rows: Vector = self._weights[ids].astype(np.float32)
        total: Vector = rows.sum(axis=0)
        length = float(np.linalg.norm(total))
        return total / length if length else total

    def _forget(self, product_id: str) -> None:
        self._vectors.pop(product_id, None)
        self._shelf = None


@cache
def _read(folder: Path) -> tuple[Any, Any]:
    """Return the tokens and the weights; they are as they came for all who ask."""
    import numpy as np
    from tokenizers import Tokenizer

    tokens = Tokenizer.from_file(str(folder / _TOKENS))
    tokens.no_padding()
    tokens.no_truncation()
    path = folder / _WEIGHTS
    with path.open("rb") as file:
        (header,) = struct.unpack("<Q", file.read(8))
    width = 256
    rows = (path.stat().st_size - 8 - header) // (2 * width)
    # Mapped, not read: a query needs a handful of the 32,000 rows.
    shape = (rows, width)
    return tokens, np.memmap(path, np.float16, "r", offset=8 + header, shape=shape)


def _plain(text: str) -> str:
    return text.replace("-", " ").casefold()
