"""One payment's page in the mock's ledger, and how a page is turned.

Pure. A page holds the payment, every call that touched it, what is going to happen by
itself (timers) and what happened and is still to be told (news).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from commerce.payment import PAYMENT, PaymentStatus
from gateway.case import Case
from gateway.payment import Decline, EventKind, Payment, PaymentEvent

# An unheard event, or a step that a crash left open, is tried again after this long,
# then twice as long each time, an hour at most.
_AGAIN = timedelta(seconds=10)
_AGAIN_AT_MOST = timedelta(hours=1)

StepName = Literal["authorise", "capture", "void", "refund"]
Happening = Literal[
    "authorized",
    "captured",
    "failed",
    "expired",
    "refund_succeeded",
    "refund_failed",
    "disputed",
]


class Step(Struct, frozen=True, kw_only=True):
    """One call that may move money; the same key and body is the same call."""

    key: str
    name: StepName
    amount: int = 0
    about: str = ""
    """For authorise: all else that the money depends on."""


class Timer(Struct, frozen=True, kw_only=True):
    """What happens by itself at `at`."""

    at: datetime
    what: Happening
    decline: Decline | None = None
    refund_id: str = ""


class News(Struct, frozen=True, kw_only=True):
    """What happened and is told to followers; `number` counts from 1."""

    number: int
    kind: EventKind
    at: datetime
    refund_id: str = ""


class Entry(Struct, frozen=True, kw_only=True):
    """A page of the ledger; `rev` grows by 1 with each save."""

    id: str
    rev: int = 1
    payment: Payment
    case: Case
    steps: tuple[Step, ...]
    """All calls, authorise first."""
    open: Step | None = None
    """A step of a gift card's payment, between this page and the gift card's."""
    answered: str = ""
    """What the customer did at the bank."""
    timers: tuple[Timer, ...] = ()
    news: tuple[News, ...] = ()
    happened: int = 0
    """How many news there ever were."""
    tries: int = 0
    again_at: datetime | None = None
    due: datetime | None = None
    """When somebody has to look at this page: set by `turned` alone."""

    def step(self, key: str) -> Step | None:
        """Return the call with this key, or None."""
        return next((step for step in self.steps if step.key == key), None)

    def events(self) -> Iterator[PaymentEvent]:
        """Give what is still to be told, the oldest first."""
        refunds = {refund.id: refund for refund in self.payment.refunds}
        for news in self.news:
            yield PaymentEvent(
                id=f"{self.id}/{news.number}",
                kind=news.kind,
                at=news.at,
                payment=self.payment,
                refund=refunds.get(news.refund_id),
            )


def turned(entry: Entry, **changes: Any) -> Entry:
    """Return `entry` with `changes`, one rev on and due when it has to be."""
    fresh: Entry = replace(entry, **changes)
    again_at = fresh.again_at if fresh.news or fresh.open else None
    times = [timer.at for timer in fresh.timers]
    if again_at is not None:
        times.append(again_at)
    return replace(
        fresh,
        rev=entry.rev + 1,
        again_at=again_at,
        tries=fresh.tries if again_at else 0,
        due=min(times, default=None),
    )


def moved(entry: Entry, state: PaymentStatus, now: datetime, **changes: Any) -> Entry:
    """Return `entry` with its payment in `state` and `changes` to the payment.

    Timers that moved an earlier state are gone; those of refunds stay.
    """
    before = entry.payment.state
    assert state in PAYMENT[before], f"{before} -> {state}"
    payment = replace(entry.payment, state=state, updated_at=now, **changes)
    if state not in {"requires_action", "processing"}:
        payment = replace(payment, next_action=None)
    timers = tuple(timer for timer in entry.timers if _outlives(timer))
    return turned(entry, payment=payment, timers=timers)


def armed(entry: Entry, timer: Timer) -> Entry:
    """Return `entry` with one more thing going to happen."""
    return turned(entry, timers=(*entry.timers, timer))


def announced(
    entry: Entry, kind: EventKind, now: datetime, refund_id: str = ""
) -> Entry:
    """Return `entry` with one more thing to tell, at once."""
    number = entry.happened + 1
    news = News(number=number, kind=kind, at=now, refund_id=refund_id)
    return turned(
        entry, news=(*entry.news, news), happened=number, again_at=now, tries=0
    )


def claimed(entry: Entry, now: datetime) -> Entry:
    """Return `entry` left to one teller; others try again later."""
    pause = min(_AGAIN * 2**entry.tries, _AGAIN_AT_MOST)
    tries = min(entry.tries + 1, 12)
    return turned(entry, again_at=now + pause, tries=tries)


def told(entry: Entry, number: int) -> Entry:
    """Return `entry` without the news up to `number`."""
    if not any(news.number <= number for news in entry.news):
        return entry
    return turned(entry, news=tuple(n for n in entry.news if n.number > number))


def _outlives(timer: Timer) -> bool:
    return timer.what in {"refund_succeeded", "refund_failed", "disputed"}
