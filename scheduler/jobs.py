"""What there is to do, and when: the table of all jobs.

Each job is a function of what it needs, in a file of its own; here it gets its times.
Times of the day are UTC, at night in most shops.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from messages.base import Port
from messages.clock import Clock
from scheduler.alerts import Webhook, tell_of_low_stock
from scheduler.cleanup import clean_up, clean_up_after_guests
from scheduler.every import At, Every, When
from scheduler.fulfilment import Delays, fulfil
from scheduler.loyalty import audit_loyalty
from scheduler.reconciliation import reconcile
from scheduler.runner import Job, Report
from scheduler.sweep import sweep
from scheduler.waitlist import tell_waiting
from store.alert import AlertRepository
from store.catalogue import Catalogue
from store.guest import GuestRepository
from store.loyalty import LoyaltyRepository
from store.order import OrderRepository
from store.session import SessionRepository
from store.stock import StockRepository
from store.token import TokenRepository
from store.waitlist import WaitlistRepository

# Jobs of the night begin within so many seconds, lest every shop's begin at once.
NIGHT_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Everything that the jobs of a shop need."""

    clock: Clock
    port: Port
    catalogue: Catalogue
    alerts: AlertRepository
    guests: GuestRepository
    loyalty: LoyaltyRepository
    orders: OrderRepository
    sessions: SessionRepository
    stock: StockRepository
    tokens: TokenRepository
    waitlist: WaitlistRepository
    webhook: Webhook | None = None
    """Who is told of alerts; None: nobody outside."""
    fulfilment: Delays | None = None
    """How fast orders move on by themselves; None: they do not."""


def every(needs: Needs) -> tuple[Job, ...]:
    """Return the jobs of a shop."""
    n, clock, port = needs, needs.clock, needs.port
    jobs = [
        _often(
            "waitlist", 5, lambda: tell_waiting(clock, n.waitlist, n.catalogue, port)
        ),
        _often(
            "low_stock",
            10,
            lambda: tell_of_low_stock(clock, n.stock, n.alerts, n.webhook),
        ),
        _often("sweep", 60, lambda: sweep(clock, n.stock, n.orders, port)),
        _often("reconcile", 900, lambda: reconcile(clock, n.stock, n.orders, port)),
        _nightly("clean_up", "20 3", lambda: clean_up(clock, n.sessions, n.tokens)),
        _nightly(
            "guests", "40 3", lambda: clean_up_after_guests(clock, n.guests, port)
        ),
        _nightly("loyalty", "0 4", lambda: audit_loyalty(clock, n.loyalty, port)),
    ]
    if (delays := n.fulfilment) is not None:
        jobs.append(_often("fulfil", 5, lambda: fulfil(clock, n.orders, port, delays)))
    return tuple(jobs)


Work = Callable[[], Awaitable[Report]]


def _often(name: str, seconds: float, work: Work) -> Job:
    return Job(name=name, when=Every(seconds), work=work, jitter_s=seconds / 10)


def _nightly(name: str, minute_and_hour: str, work: Work) -> Job:
    when: When = At(f"{minute_and_hour} * * *")
    return Job(name=name, when=when, work=work, jitter_s=NIGHT_S, within_s=3600)
