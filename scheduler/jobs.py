"""What there is to do, and when: the table of all jobs.

Each job is a function of what it needs, in a file of its own; here it gets its times.
Times of the day are UTC, at night in most shops.
"""

from dataclasses import dataclass
from functools import partial

from messages.base import Port
from messages.clock import Clock
from scheduler.cleanup import clean_up
from scheduler.every import At, Every
from scheduler.runner import Job
from scheduler.waitlist import tell_waiting
from store.catalogue import Catalogue
from store.session import SessionRepository
from store.token import TokenRepository
from store.waitlist import WaitlistRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Everything that the jobs of a shop need."""

    clock: Clock
    port: Port
    catalogue: Catalogue
    sessions: SessionRepository
    tokens: TokenRepository
    waitlist: WaitlistRepository


def every(needs: Needs) -> tuple[Job, ...]:
    """Return the jobs of a shop."""
    return (
        Job(
            name="clean_up",
            when=At("20 3 * * *"),
            work=partial(clean_up, needs.clock, needs.sessions, needs.tokens),
            jitter_s=600,
        ),
        Job(
            name="waitlist",
            when=Every(5),
            work=partial(
                tell_waiting,
                needs.clock,
                needs.waitlist,
                needs.catalogue,
                needs.port,
            ),
        ),
    )
