"""What belongs to one customer: all of one kind in one document, changed as a whole.

So there is always exactly one default, however many changes come at once, and nobody
can reach what is somebody else's by its id. Where changes are followed, what was read
is known until it changes: every order needs an address and a card.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from msgspec import convert, to_builtins
from pymongo.errors import DuplicateKeyError

from commerce.belongings import Belonging, put, without
from commerce.errors import NotFound
from messages.base import Unavailable
from store.changes import Change, Changes
from store.client import Database, reaching
from store.gathered import Gathered
from store.statement import stored

B = TypeVar("B", bound=Belonging)

# Each round somebody else's change went in: that many at once are no customer.
_ROUNDS = 50

# Of so many customers it is known; some 20 MB, if each had a handful.
_KNOWN = 10_000


class Belongings(Generic[B]):
    """Keeps things of type `kind` by their owner. All of it may raise Away.

    `missing` is the refusal that tells that one is not there.
    """

    def __init__(
        self,
        database: Database,
        collection: str,
        kind: type[B],
        missing: Callable[[str], NotFound],
    ) -> None:
        self._collection = collection
        self._documents = database[collection]
        self._gathered = Gathered(database, collection)
        self._kind = kind
        self._missing = missing
        # What customers have, as it was read; empty where nobody tells of changes.
        self._known: dict[str, Sequence[B]] = {}
        self._is_told = False
        self._news = 0

    def follow(self, changes: Changes) -> None:
        """Know what was read until `changes` tells otherwise; before it starts.

        What another node has changed is known here as soon as the stream tells.
        """
        self._is_told = True
        changes.follow(self._collection, self._changed, on_lost=self._lost)

    async def of_user(self, user_id: str) -> Sequence[B]:
        """Return what the user has, in the order in which it came."""
        if (known := self._known.get(user_id)) is not None:
            return known
        news = self._news
        kept, _ = await self._read(user_id)
        if self._is_told and news == self._news:
            if len(self._known) >= _KNOWN:
                del self._known[next(iter(self._known))]
            self._known[user_id] = kept
        return kept

    async def get(self, user_id: str, belonging_id: str) -> B:
        """Return one thing of the user's. Raises what `missing` makes."""
        return self._found(await self.of_user(user_id), belonging_id)

    async def add(self, user_id: str, new: B) -> B:
        """Keep one thing more; the first is the default. Raises TooManyKept."""
        return await self._put(user_id, new)

    async def replace(self, user_id: str, changed: B) -> B:
        """Keep `changed` in place of what has its id. Raises what `missing` makes."""
        return await self._put(user_id, changed, must_exist=True)

    async def remove(self, user_id: str, belonging_id: str) -> None:
        """Keep it no more. Raises what `missing` makes."""

        def removed(kept: tuple[B, ...]) -> tuple[B, ...]:
            self._found(kept, belonging_id)
            return without(kept, belonging_id)

        await self._change(user_id, removed)

    async def _put(self, user_id: str, new: B, *, must_exist: bool = False) -> B:
        def kept_with(kept: tuple[B, ...]) -> tuple[B, ...]:
            if must_exist:
                self._found(kept, new.id)
            return put(kept, new)

        return self._found(await self._change(user_id, kept_with), new.id)

    async def _change(
        self, user_id: str, rule: Callable[[tuple[B, ...]], tuple[B, ...]]
    ) -> Sequence[B]:
        for _ in range(_ROUNDS):
            kept, rev = await self._read(user_id)
            changed = rule(kept)
            if changed == kept or await self._written(user_id, rev, changed):
                return changed
        raise Unavailable("too many changes at once")

    async def _read(self, user_id: str) -> tuple[tuple[B, ...], int]:
        document = await self._gathered.one(user_id)
        if document is None:
            return (), 0
        kept = convert(document.get("kept", ()), list[self._kind])  # type: ignore[name-defined]
        return tuple(kept), int(document.get("rev", 0))

    async def _written(self, user_id: str, seen: int, kept: tuple[B, ...]) -> bool:
        """Save `kept` if nobody was faster."""
        told: list[Any] = to_builtins(kept)
        change = {"$set": stored({"kept": told, "rev": seen + 1})}
        # Without a rev it is a document that a hand made, or none yet.
        expected: Any = seen or None
        try:
            with reaching():
                done = await self._documents.update_one(
                    {"_id": user_id, "rev": expected}, change, upsert=True
                )
        except DuplicateKeyError:
            return False
        finally:
            # It may be written though no answer came.
            self._forget(user_id)
        return bool(done.matched_count or done.upserted_id)

    def _changed(self, change: Change) -> None:
        self._forget(change.key)

    def _forget(self, user_id: str) -> None:
        # What is being read now may be what it was before.
        self._news += 1
        self._known.pop(user_id, None)

    def _lost(self) -> None:
        self._news += 1
        self._known.clear()

    def _found(self, kept: Sequence[B], belonging_id: str) -> B:
        for each in kept:
            if each.id == belonging_id:
                return each
        raise self._missing(belonging_id)
