"""The one hand that writes in the ledger: compare-and-set, again until it holds.

Whoever opens a page first brings it up to date: what was due happens, what a crash
left half done is finished. So no page is ever seen in between.
"""

from collections.abc import Callable
from datetime import datetime

from commerce.errors import CommerceError
from gateway import gift_cards
from gateway.book import Book
from gateway.entry import Entry
from gateway.errors import GatewayKeyReused, GatewayTimeout, PaymentNotFound
from gateway.gift_cards import GiftCard
from gateway.happening import passed
from gateway.ledger import Ledger
from gateway.steps import closed
from messages.clock import Clock

# Each failed try means that somebody else got on; this many means a broken ledger.
TRIES = 1_000
# So many pages just opened are kept at hand: most payments are captured at once.
_AT_HAND = 1_000
# Tabs without worth are swept off a gift card beyond this many, so that trying one
# again and again does not grow it.
_IDLE_TABS = 64


class Till:
    """Pages of the ledger, brought up to date and changed one at a time."""

    def __init__(self, ledger: Ledger, book: Book, clock: Clock) -> None:
        self._ledger = ledger
        self._book = book
        self._clock = clock
        # Perhaps behind the ledger: a change made of one must win its save.
        self._opened: dict[str, Entry] = {}

    def now(self) -> datetime:
        """Return the time in whole milliseconds, as ledgers keep it."""
        return to_ms(self._clock.now())

    async def add(self, entry: Entry) -> Entry | None:
        """Save a new page and return it up to date; None if its key is there."""
        if not await self._ledger.save(entry, seen=0):
            return None
        entry = await self._current(entry, self.now())
        if entry.payment.state == "authorized":
            self._opened[entry.id] = entry
            if len(self._opened) > _AT_HAND:
                del self._opened[next(iter(self._opened))]
        return entry

    async def of_key(self, key: str) -> Entry | None:
        """Return the page with a call of this key, up to date, or None."""
        entry = await self._ledger.of_key(key)
        return None if entry is None else await self._current(entry, self.now())

    async def of_id(self, payment_id: str) -> Entry:
        """Return the page, up to date. Raises PaymentNotFound."""
        return await self._current(await self._read(payment_id), self.now())

    async def change(
        self,
        payment_id: str,
        change: Callable[[Entry, datetime], Entry],
        *,
        now: datetime | None = None,
        key: str = "",
    ) -> Entry:
        """Save what `change` makes of the page and return it up to date.

        `change` is asked again whenever somebody else was faster; what it raises
        passes, and what it returns unchanged is not saved. `key` is the new call's:
        raises GatewayKeyReused if it stands on another page. Raises PaymentNotFound.
        """
        now = now or self.now()
        if (opened := self._opened.pop(payment_id, None)) is not None:
            fresh = await self._turned(opened, change, now)
            if fresh is not None:
                return fresh
        for _ in range(TRIES):
            entry = await self._current(await self._read(payment_id), now)
            fresh = change(entry, now)
            if fresh is entry:
                return entry
            if await self._ledger.save(fresh, seen=entry.rev):
                return await self._current(fresh, now)
            if key:
                await self._check_key(key, payment_id)
        raise _worn_out()

    async def _turned(
        self, opened: Entry, change: Callable[[Entry, datetime], Entry], now: datetime
    ) -> Entry | None:
        """Return what became of a page at hand; None: it has to be read."""
        try:
            entry = await self._current(opened, now)
            fresh = change(entry, now)
        except CommerceError:
            return None
        if fresh is entry or not await self._ledger.save(fresh, seen=entry.rev):
            return None
        return await self._current(fresh, now)

    async def gift_card(self, token: str) -> GiftCard:
        """Return the gift card; one never used has rev 0. Raises UnknownInstrument."""
        unused = gift_cards.unused(self._book.gift(token))
        return await self._ledger.gift_card(token) or unused

    async def _read(self, payment_id: str) -> Entry:
        entry = await self._ledger.of_id(payment_id)
        if entry is None:
            raise PaymentNotFound("no such payment")
        return entry

    async def _current(self, entry: Entry, now: datetime) -> Entry:
        for _ in range(TRIES):
            if entry.open is not None:
                entry = await self._finished(entry, now)
                continue
            fresh = passed(entry, now)
            if fresh is entry:
                return entry
            if await self._ledger.save(fresh, seen=entry.rev):
                return fresh
            entry = await self._read(entry.id)
        raise _worn_out()

    async def _finished(self, entry: Entry, now: datetime) -> Entry:
        """Do the open step on the gift card, then close it on the page.

        Any number may do this at once, and any of them may be a late comer. The gift
        card is read before the page: if the step is then still open, either the card
        shows that it was done, or the card has changed since and the write loses.
        """
        step, number = entry.open, len(entry.steps)
        for _ in range(TRIES):
            card = await self.gift_card(entry.payment.instrument.token)
            current = await self._read(entry.id)
            if step is None or current.open != step:
                return current
            after = gift_cards.done(card, entry.id, number, step, now)
            if after is not card:
                after = await self._swept(after)
                if not await self._ledger.save_gift_card(after, seen=card.rev):
                    continue
            refusal = after.tabs[entry.id].refusal
            no = gift_cards.declined(refusal) if refusal else None
            fresh = closed(current, step, now, no)
            if await self._ledger.save(fresh, seen=current.rev):
                return fresh
        raise _worn_out()

    async def _swept(self, card: GiftCard) -> GiftCard:
        """Return the card without idle tabs, but those of payments with open steps."""
        idle = gift_cards.idle(card)
        if len(idle) <= _IDLE_TABS:
            return card
        pages = [await self._ledger.of_id(payment_id) for payment_id in idle]
        closed_ids = {page.id for page in pages if page and page.open is None}
        return gift_cards.without(card, closed_ids)

    async def _check_key(self, key: str, payment_id: str) -> None:
        holder = await self._ledger.of_key(key)
        if holder is not None and holder.id != payment_id:
            raise GatewayKeyReused(f"{key} stands for another call")


def to_ms(at: datetime) -> datetime:
    """Return `at` cut to whole milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _worn_out() -> GatewayTimeout:
    return GatewayTimeout("too many wrote at once")
