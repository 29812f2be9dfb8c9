"""A mock provider with all its parts in reach, and the instruments to pay it with."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import msgspec

from actors.runtime.manual_clock import ManualClock
from gateway.book import Book
from gateway.instrument import CardDetails, Details, GiftCode, UpiAddress
from gateway.ledger import Ledger
from gateway.mock import MockGateway, Settings
from gateway.payment import Charge, Payment, PaymentEvent
from messages.base import Unavailable
from tests.gateway.memory_ledger import MemoryLedger

T = TypeVar("T")

RAW = (Path(__file__).parents[2] / "data" / "coupons.json").read_bytes()
INSTRUMENTS: dict[str, list[dict[str, Any]]] = msgspec.json.decode(RAW)[
    "payment_instruments"
]
BOOK = Book(RAW)

GOOD = "4242424242424242"
AMEX = "378282246310005"
DECLINED = "4000000000000002"
THREE_DS = "4000002760003184"
SLOW = "4000000000000077"
CHARGED_UNHEARD = "4999000000000013"
UNHEARD = "4999000000000021"
CAPTURE_FAILS = "4999000000000039"
REFUND_PENDING = "4000000000007726"
REFUND_FLIPS = "4000000000005126"
DISPUTED = "4000000000000259"


def card(number: str = GOOD, **changes: Any) -> CardDetails:
    cvc = "1234" if number.startswith("37") else "123"
    fields = {"exp_month": 12, "exp_year": 2030, "cvc": cvc, **changes}
    return CardDetails(number, **fields)


class Bank:
    """The gateway under test; `heard` is what its follower was told."""

    def __init__(
        self,
        ledger: Ledger | None = None,
        *,
        settings: Settings | None = None,
        deaf: bool = False,
    ) -> None:
        self.clock = ManualClock()
        self.ledger = MemoryLedger()
        self.kept = ledger or self.ledger
        self.book = BOOK
        self.random = Random(7)
        self.settings = settings
        self.heard: list[PaymentEvent] = []
        self.deaf = deaf
        self.gateway = self.start()

    def start(self) -> MockGateway:
        """Start the provider (again) on the same ledger."""
        gateway = MockGateway(self.kept, BOOK, self.clock, self.random, self.settings)
        self.leave = gateway.follow(self.hear)
        self.gateway = gateway
        return gateway

    def crash_after(self, writes: int) -> None:
        """Let the ledger take so many more writes, then no other."""
        last = self.ledger.writes + writes
        self.ledger.fault = lambda: "before" if self.ledger.writes > last else None

    def mend(self) -> None:
        """Let the ledger work."""
        self.ledger.fault = lambda: None

    async def token(self, details: str | Details) -> str:
        """Return the token of a card number, a UPI id or a gift card's code."""
        typed = _typed(details) if isinstance(details, str) else details
        return (await self.gateway.tokenise(typed)).token

    async def charge(self, details: str | Details, **changes: Any) -> Charge:
        fields = {
            "amount": 1000,
            "currency": "USD",
            "token": await self.token(details),
            "order_id": "ord_1",
            "user_id": "ada",
            **changes,
        }
        return Charge(**fields)

    async def pay(
        self, details: str | Details, key: str = "pay", **changes: Any
    ) -> Payment:
        charge = await self.charge(details, **changes)
        return await self.gateway.authorise(key, charge)

    async def captured(
        self, details: str | Details, key: str = "pay", **changes: Any
    ) -> Payment:
        paid = await self.pay(details, key, **changes)
        return await self.gateway.capture(f"{key}/take", paid.id, paid.amount)

    async def later(self, seconds: float) -> None:
        """Turn the clock and let the gateway do what is due."""
        self.clock.advance(seconds)
        await self.gateway.wake(self.clock.now())

    def in_s(self, seconds: float) -> Any:
        return self.clock.now() + timedelta(seconds=seconds)

    async def turning(self, call: Coroutine[Any, Any, T], seconds: float) -> T:
        """Return what `call` returns once the clock was turned while it waits."""
        task = asyncio.ensure_future(call)
        await self._settled(task)
        self.clock.advance(seconds)
        return await task

    async def given_up(self, call: Coroutine[Any, Any, Any]) -> bool:
        """Begin `call` and give it up where it waits; False if it came to an end."""
        task = asyncio.ensure_future(call)
        await self._settled(task)
        return task.cancel()

    async def _settled(self, task: asyncio.Future[Any]) -> None:
        """Return when `task` is done or waits for the clock."""
        while not task.done() and self.clock.next_timer() is None:
            turn = asyncio.get_running_loop().create_future()
            turn.get_loop().call_soon(turn.set_result, None)
            await turn

    @property
    def kinds(self) -> Sequence[str]:
        return [event.kind for event in self.heard]

    async def hear(self, event: PaymentEvent) -> None:
        if self.deaf:
            raise Unavailable("nobody is at home")
        self.heard.append(event)


def _typed(details: str) -> Details:
    if "@" in details:
        return UpiAddress(details)
    if details.startswith("GIFT"):
        return GiftCode(details)
    return card(details)
