"""The mock provider: behaves like a real one, decides by the instrument alone.

Every change of a payment is one compare-and-set in the ledger, and answered after it.
Nothing is remembered here but requests that were "lost" on the way and pages that have
to win their next save, so any number of processes may share one ledger and any of them
may crash.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from random import Random

from msgspec import Struct

from commerce.payment import PaymentStatus
from gateway import gift_cards, opening
from gateway.book import Book
from gateway.case import Case
from gateway.entry import Entry, Step, claimed, told
from gateway.errors import (
    Declined,
    GatewayKeyReused,
    GatewayTimeout,
    reading,
    writing,
)
from gateway.followers import Followers
from gateway.happening import answered
from gateway.instrument import Details, Instrument
from gateway.ledger import Ledger
from gateway.payment import (
    Balance,
    Challenged,
    Charge,
    Payment,
    PaymentPage,
    Refund,
    Simulated,
)
from gateway.port import Listener
from gateway.steps import check_amount, taken
from gateway.till import Till, to_ms
from messages.base import Unavailable
from messages.clock import Clock

# Pages looked after in one call of `wake`; the next call takes the next.
_AT_ONCE = 200


class Settings(Struct, frozen=True, kw_only=True):
    """How good the mock's line is, and who is paid."""

    latency_s: float = 0.0
    decline_rate: float = 0.0
    """Share of charges that are declined without a cause, 0..1."""
    payee: str = "souk@mock"
    """The shop's own UPI id."""


class MockGateway:
    """Fulfils `gateway.port.Gateway` with the instruments of `book`."""

    def __init__(
        self,
        ledger: Ledger,
        book: Book,
        clock: Clock,
        random: Random,
        settings: Settings | None = None,
    ) -> None:
        """`random` makes ids, which stand in the bank page's address: a secret one."""
        self._ledger = ledger
        self._book = book
        self._clock = clock
        self._random = random
        self._settings = settings or Settings()
        self._till = Till(ledger, book, clock)
        self._followers = Followers()
        self._lost: set[str] = set()

    async def tokenise(self, details: Details) -> Instrument:
        """Return what may be kept of `details`; see `Gateway`."""
        return self._book.instrument(details, self._clock.now())

    async def balance(self, token: str) -> Balance:
        """Return what a gift card is good for; see `Gateway`."""
        with reading():
            card = await self._till.gift_card(token)
        return gift_cards.balance(card, self._clock.now())

    async def authorise(self, key: str, charge: Charge) -> Payment:
        """Set money aside; see `Gateway`."""
        check_amount(charge.amount)
        case = self._book.case(charge.token)
        await self._travel()
        with writing():
            await self._lose(key, case)
            made = await self._till.add(self._page(key, charge, case))
            entry = made or await self._again(opening.authorise_step(key, charge))
            entry = await self._awaited(entry)
        self._lost.discard(key)
        if made and case.outcome == "gateway_timeout_charged":
            raise GatewayTimeout("the bank did not answer")
        return _accepted(entry, "failed")

    async def capture(self, key: str, payment_id: str, amount: int) -> Payment:
        """Take what is set aside; see `Gateway`."""
        step = Step(key=key, name="capture", amount=amount)
        entry = await self._take(payment_id, step)
        return _accepted(entry, "capture_failed")

    async def void(self, key: str, payment_id: str) -> Payment:
        """Let go; see `Gateway`."""
        entry = await self._take(payment_id, Step(key=key, name="void"))
        return entry.payment

    async def refund(self, key: str, payment_id: str, amount: int) -> Refund:
        """Give back; see `Gateway`."""
        step = Step(key=key, name="refund", amount=amount)
        entry = await self._take(payment_id, step)
        return next(each for each in entry.payment.refunds if each.key == key)

    async def look_up(self, key: str) -> Payment | None:
        """Return what the call with this key came to; see `Gateway`."""
        await self._travel()
        with reading():
            entry = await self._till.of_key(key)
        return None if entry is None else entry.payment

    async def payment(self, payment_id: str) -> Payment:
        """Return the payment as it stands; see `Gateway`."""
        with reading():
            return (await self._till.of_id(payment_id)).payment

    async def payments(
        self, *, order_id: str | None = None, limit: int = 20, offset: int = 0
    ) -> PaymentPage:
        """Return payments, the newest first; see `Gateway`."""
        with reading():
            entries, total = await self._ledger.newest(order_id, limit, offset)
        return PaymentPage(tuple(entry.payment for entry in entries), total)

    async def answer_challenge(self, payment_id: str, result: Challenged) -> Payment:
        """Do what the customer did on the bank's page; see `Gateway`."""
        return await self._happen(payment_id, result, at_the_bank=True)

    async def simulate(self, payment_id: str, event: Simulated) -> Payment:
        """Let something happen; see `Gateway`."""
        return await self._happen(payment_id, event)

    def follow(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` every event at least once; see `Gateway`."""
        return self._followers.add(listener)

    async def wake(self, now: datetime) -> None:
        """Do what is due; see `Gateway`.

        One page's trouble stops no other; bugs are raised together at the end.
        """
        now = to_ms(now)
        with reading():
            due = await self._ledger.due(now, _AT_ONCE)
        ends = await asyncio.gather(
            *(self._look_after(entry.id, now) for entry in due), return_exceptions=True
        )
        bugs = [end for end in ends if isinstance(end, Exception)]
        bugs = [bug for bug in bugs if not isinstance(bug, Unavailable)]
        if bugs:
            raise ExceptionGroup("payments that could not be looked after", bugs)

    def _page(self, key: str, charge: Charge, case: Case) -> Entry:
        now = self._till.now()
        payment_id = f"pay_{self._random.getrandbits(96):024x}"
        page = opening.blank(payment_id, key, charge, case, now)
        if self._random.random() < self._settings.decline_rate:
            return opening.refused(page, now)
        return opening.begun(page, charge, self._settings.payee, now)

    async def _take(self, payment_id: str, step: Step) -> Entry:
        def take(entry: Entry, now: datetime) -> Entry:
            known = entry.step(step.key)
            if known is None:
                return taken(entry, step, now)
            return _same(entry, step)

        await self._travel()
        with writing():
            return await self._till.change(payment_id, take, key=step.key)

    async def _again(self, step: Step) -> Entry:
        entry = await self._till.of_key(step.key)
        if entry is None:
            raise GatewayTimeout("the payment is gone")
        return _same(entry, step)

    async def _awaited(self, entry: Entry) -> Entry:
        """Wait for a slow bank; whoever gives up waiting finds the answer by key."""
        while entry.payment.state == "created" and entry.due is not None:
            wait = entry.due - self._clock.now()
            await self._clock.sleep(max(wait.total_seconds(), 0.001))
            entry = await self._till.of_id(entry.id)
        return entry

    async def _lose(self, key: str, case: Case) -> None:
        """Let the first request of an unlucky card never arrive; its repeat does."""
        if case.outcome != "gateway_timeout_not_charged" or key in self._lost:
            return
        if await self._ledger.of_key(key) is None:
            self._lost.add(key)
            raise GatewayTimeout("the bank did not answer")

    async def _happen(
        self, payment_id: str, event: Simulated, *, at_the_bank: bool = False
    ) -> Payment:
        def happen(entry: Entry, now: datetime) -> Entry:
            fresh = answered(entry, event, now, at_the_bank=at_the_bank)
            return entry if fresh is entry else claimed(fresh, now)

        with writing():
            entry = await self._till.change(payment_id, happen)
        await self._tell(entry)
        return entry.payment

    async def _look_after(self, payment_id: str, now: datetime) -> None:
        mine = False

        def claim(entry: Entry, at: datetime) -> Entry:
            nonlocal mine
            mine = entry.again_at is not None and entry.again_at <= at
            return claimed(entry, at) if mine else entry

        entry = await self._till.change(payment_id, claim, now=now)
        if mine:
            await self._tell(entry)

    async def _tell(self, entry: Entry) -> None:
        """Tell what happened; what nobody could hear now is told again by `wake`."""
        try:
            number = await self._followers.tell(entry)
            if number:
                await self._till.change(entry.id, lambda page, _: told(page, number))
        except Unavailable:
            return

    async def _travel(self) -> None:
        if self._settings.latency_s:
            await self._clock.sleep(self._settings.latency_s)


def _same(entry: Entry, step: Step) -> Entry:
    if entry.step(step.key) != step:
        raise GatewayKeyReused(f"{step.key} stands for another call")
    return entry


def _accepted(entry: Entry, refusal: PaymentStatus) -> Payment:
    payment = entry.payment
    if payment.state == refusal and payment.decline is not None:
        raise Declined(payment.decline, payment)
    return payment
