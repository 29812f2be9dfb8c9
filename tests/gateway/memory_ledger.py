"""A ledger in memory that passes the conformance suite and fails on demand."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from gateway.entry import Entry
from gateway.gift_cards import GiftCard
from messages.base import Unavailable

Fault = Literal["before", "after"]


class MemoryLedger:
    """Fulfils `gateway.ledger.Ledger`; `fault` is asked before each write."""

    def __init__(self) -> None:
        self.pages: dict[str, Entry] = {}
        self.gift_cards: dict[str, GiftCard] = {}
        self.reads = 0
        self.writes = 0
        self.away = False
        self.fault: Callable[[], Fault | None] = lambda: None
        self.turns: Callable[[], int] = lambda: 1
        """How often others get their turn on the way there, and on the way back."""

    async def save(self, entry: Entry, *, seen: int) -> bool:
        return await self._write(lambda: self._save(entry, seen))

    async def of_id(self, payment_id: str) -> Entry | None:
        self.reads += 1
        await self._read()
        return self.pages.get(payment_id)

    async def of_key(self, key: str) -> Entry | None:
        await self._read()
        return next((e for e in self.pages.values() if e.step(key)), None)

    async def due(self, now: datetime, limit: int) -> Sequence[Entry]:
        await self._read()
        due = [(e.due, e) for e in self.pages.values() if e.due and e.due <= now]
        return [entry for _, entry in sorted(due, key=lambda each: each[0])[:limit]]

    async def newest(
        self, order_id: str | None, limit: int, offset: int
    ) -> tuple[Sequence[Entry], int]:
        await self._read()
        found = [
            entry
            for entry in self.pages.values()
            if order_id in {None, entry.payment.order_id}
        ]
        found.sort(key=lambda e: (e.payment.created_at, e.id), reverse=True)
        return found[offset : offset + limit], len(found)

    async def gift_card(self, token: str) -> GiftCard | None:
        await self._read()
        return self.gift_cards.get(token)

    async def save_gift_card(self, card: GiftCard, *, seen: int) -> bool:
        return await self._write(lambda: self._save_gift_card(card, seen))

    async def _read(self) -> None:
        await self._travel()
        if self.away:
            raise Unavailable("the ledger is away")

    async def _write(self, write: Callable[[], bool]) -> bool:
        await self._read()
        self.writes += 1
        fault = self.fault()
        if fault == "before":
            raise Unavailable("the write was lost")
        done = write()
        await self._travel()
        if fault == "after":
            raise Unavailable("the answer was lost")
        return done

    async def _travel(self) -> None:
        for _ in range(self.turns()):
            turn = asyncio.get_running_loop().create_future()
            turn.get_loop().call_soon(_taken, turn)
            await turn

    def _save(self, entry: Entry, seen: int) -> bool:
        found = self.pages.get(entry.id)
        moved_on = found is not None and found.rev != seen
        if moved_on or self._key_is_elsewhere(entry):
            return False
        self.pages[entry.id] = entry
        return True

    def _save_gift_card(self, card: GiftCard, seen: int) -> bool:
        found = self.gift_cards.get(card.id)
        if found is not None and found.rev != seen:
            return False
        self.gift_cards[card.id] = card
        return True

    def _key_is_elsewhere(self, entry: Entry) -> bool:
        keys = {step.key for step in entry.steps}
        return any(
            other.id != entry.id and keys & {step.key for step in other.steps}
            for other in self.pages.values()
        )


def _taken(turn: "asyncio.Future[None]") -> None:
    # Whoever waited for it may have died meanwhile.
    if not turn.done():
        turn.set_result(None)
