"""The mock provider's books: `payments`, a page each, and the `gift_cards` in use.

What a page looks like inside is its owner's affair: the types come from outside, so
that this folder need not know the provider. Money is stored as int64.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from pymongo import ASCENDING, DESCENDING

from messages.base import Unavailable
from store.client import Database, reaching
from store.gathered import Gathered
from store.port import Away
from store.statement import stored


class Page(Protocol):
    """What is written whole, by compare-and-set on `rev`.

    A payment's page also has `due` (or None), `steps` with a `key` each, unique over
    all pages, and a `payment` with `order_id`, `user_id` and `created_at`.
    """

    @property
    def id(self) -> str:
        """Under which it is kept."""
        ...

    @property
    def rev(self) -> int:
        """Grows with each save."""
        ...


P = TypeVar("P", bound=Page)
G = TypeVar("G", bound=Page)


class PaymentRepository(Generic[P, G]):
    """Keeps pages of type `P` and gift cards of type `G`.

    Everything raises Unavailable where the database does not answer: whether a write
    happened is then unknown.
    """

    def __init__(self, database: Database, page: type[P], gift_card: type[G]) -> None:
        self._payments = database["payments"]
        self._pages = Gathered(database, "payments")
        self._gift_cards = Gathered(database, "gift_cards")
        self._page = page
        self._gift_card = gift_card

    async def prepare(self) -> None:
        """Make the indexes; a second time changes nothing. Raises Away."""
        newest = [("payment.created_at", DESCENDING), ("_id", DESCENDING)]
        order = ("payment.order_id", ASCENDING)
        with reaching():
            await self._payments.create_index("steps.key", unique=True, name="key")
            await self._payments.create_index([order, *newest], name="order")
            await self._payments.create_index(newest, name="newest")
            await self._payments.create_index("due", sparse=True, name="due")

    async def save(self, entry: P, *, seen: int) -> bool:
        """Save `entry` if its rev is still `seen` (0: a new page).

        False if it is not, or if one of its keys stands on another page. A page that
        somebody removed is written anew.
        """
        return await _saved(self._pages, entry, seen)

    async def of_id(self, payment_id: str) -> P | None:
        """Return the page, or None."""
        return await _one(self._pages, payment_id, self._page)

    async def of_key(self, key: str) -> P | None:
        """Return the page with a step of this key, or None."""
        with _answering():
            found = await self._payments.find_one({"steps.key": key})
        return _kept(found, self._page) if found else None

    async def due(self, now: datetime, limit: int) -> Sequence[P]:
        """Return pages whose `due` is at or before `now`, the oldest first."""
        with _answering():
            found = self._payments.find({"due": {"$lte": now}}).sort("due", ASCENDING)
            documents = await found.limit(limit).to_list(None)
        return [_kept(document, self._page) for document in documents]

    async def newest(
        self, order_id: str | None, limit: int, offset: int
    ) -> tuple[Sequence[P], int]:
        """Return pages, the newest first, and how many there are in all."""
        wanted = {} if order_id is None else {"payment.order_id": order_id}
        newest = [("payment.created_at", DESCENDING), ("_id", DESCENDING)]
        with _answering():
            total = await self._payments.count_documents(wanted)
            found = self._payments.find(wanted).sort(newest).skip(offset).limit(limit)
            documents = await found.to_list(None)
        return [_kept(document, self._page) for document in documents], total

    async def gift_card(self, token: str) -> G | None:
        """Return the gift card, or None if it was never used."""
        return await _one(self._gift_cards, token, self._gift_card)

    async def save_gift_card(self, card: G, *, seen: int) -> bool:
        """Save `card` if its rev is still `seen` (0: never used); else False."""
        return await _saved(self._gift_cards, card, seen)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        with reaching():
            yield
    except Away as away:
        raise Unavailable("the payments' ledger does not answer") from away


async def _one(pages: Gathered, key: str, kind: type[P]) -> P | None:
    with _answering():
        found = await pages.one(key)
    return _kept(found, kind) if found else None


async def _saved(pages: Gathered, page: Page, seen: int) -> bool:
    document = _document(page)
    with _answering():
        if not seen:
            return await pages.add(document)
        return await pages.put({"_id": page.id, "rev": seen}, document)


def _document(page: Page) -> dict[str, Any]:
    fields = msgspec.to_builtins(page, builtin_types=(datetime,))
    fields["_id"] = fields.pop("id")
    # What is not due is left out: the index on `due` is sparse.
    if fields.get("due", ...) is None:
        del fields["due"]
    document: dict[str, Any] = stored(fields)
    return document


def _kept(document: Mapping[str, Any], kind: type[P]) -> P:
    return msgspec.convert({**document, "id": document["_id"]}, kind)
