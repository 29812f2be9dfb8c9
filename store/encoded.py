"""Products as JSON, each encoded once and tagged by its content."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import blake2b

from messages.base import encode_json
from messages.product import ProductPage, ProductView

Answer = tuple[bytes, str, Mapping[str, str]]
"""A page's JSON, its tag and its headers."""

TAG_BYTES = 16
# Pages that people ask for again; strangers' odd queries must not fill the memory.
MOST_ANSWERS = 512
MOST_BYTES = 16 * 2**20

Look = Callable[[str], tuple[ProductView, datetime]]


class Encoded:
    """Keeps the JSON of each product until that product is put or removed.

    `look` gives a product as it is to be seen now, and when it was born; it raises
    ProductNotFound, and so does whoever asks here for what is not there.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._pieces: dict[str, bytes] = {}
        self._tags: dict[str, int] = {}
        # The exclusive or of all tags: each product goes in and out in one step.
        self._whole = 0
        self._stale: set[str] = set()
        self._answers: dict[str, Answer] = {}
        self._weight = 0

    def put(self, product_id: str) -> None:
        """Encode this product afresh when it is next asked for."""
        self.remove(product_id)
        self._stale.add(product_id)

    def remove(self, product_id: str) -> None:
        """Forget this product; an unknown one is fine."""
        self.forget_answers()
        self._pieces.pop(product_id, None)
        self._whole ^= self._tags.pop(product_id, 0)
        self._stale.discard(product_id)

    def forget_answers(self) -> None:
        """Remember nothing of what was made of products."""
        self._answers.clear()
        self._weight = 0

    def remembered(self, name: str, make: Callable[[], Answer]) -> Answer:
        """Return what `make` gives, the same for `name` until any product changes."""
        answer = self._answers.get(name)
        if answer is None:
            answer = make()
            weight = len(name) + len(answer[0])
            full = self._weight + weight > MOST_BYTES
            if full or len(self._answers) >= MOST_ANSWERS:
                self.forget_answers()
            self._answers[name] = answer
            self._weight += weight
        return answer

    def one(self, product_id: str) -> bytes:
        """Return one product's JSON."""
        known = self._pieces.get(product_id)
        return known if known is not None else self._encode(product_id)

    def many(self, product_ids: Iterable[str]) -> bytes:
        """Return the JSON array of these products, in this order."""
        one = self.one
        return b"[" + b",".join([one(each) for each in product_ids]) + b"]"

    def tag(self) -> str:
        """Return the tag of everything: the same content has the same tag."""
        for product_id in tuple(self._stale):
            self._encode(product_id)
        return f"{self._whole:0{2 * TAG_BYTES}x}"

    def tag_of(self, page: ProductPage) -> str:
        """Return the tag of one page, unmoved by what happens to other products."""
        for product_id in self._stale.intersection(page.ids):
            self._encode(product_id)
        tags = b"".join([self._tags[each].to_bytes(TAG_BYTES) for each in page.ids])
        return _digest(tags + b"%d" % page.total).hex()

    def _encode(self, product_id: str) -> bytes:
        view, born = self._look(product_id)
        piece = encode_json(view)
        # The time of birth is not shown, yet it decides an order that is.
        tag = int.from_bytes(_digest(piece + born.isoformat().encode()))
        self._pieces[product_id] = piece
        self._tags[product_id] = tag
        self._whole ^= tag
        self._stale.discard(product_id)
        return piece


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=TAG_BYTES).digest()
