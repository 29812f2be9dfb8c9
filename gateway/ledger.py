"""Where the mock keeps its books; `store/payment.py` fulfils it, and a fake in tests.

Two sorts of pages: an `Entry` for each payment and a `GiftCard` for each gift card in
use. Each is written whole, by compare-and-set on `rev`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.entry import Entry
from gateway.gift_cards import GiftCard


class Ledger(Protocol):
    """The mock's memory. Reads see every write answered before.

    All raise `messages.base.Unavailable` if the books cannot be reached; whether a
    write happened is then unknown.
    """

    async def save(self, entry: Entry, *, seen: int) -> bool:
        """Save `entry` if its rev is still `seen`; 0: if there is none yet.

        False if it moved on, or if a key of its steps stands in another entry. One
        that somebody removed from the books is written anew.
        """
        ...

    async def of_id(self, payment_id: str) -> Entry | None:
        """Return the entry, or None."""
        ...

    async def of_key(self, key: str) -> Entry | None:
        """Return the entry one of whose steps has this key, or None."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Entry]:
        """Return entries whose `due` is at or before `now`, the oldest first."""
        ...

    async def newest(
        self, order_id: str | None, limit: int, offset: int
    ) -> tuple[Sequence[Entry], int]:
        """Return a page of entries, the newest first, and how many there are."""
        ...

    async def gift_card(self, token: str) -> GiftCard | None:
        """Return the gift card, or None if it was never used."""
        ...

    async def save_gift_card(self, card: GiftCard, *, seen: int) -> bool:
        """Save `card` if its rev is still `seen` (0: never used); else False."""
        ...
