"""A job: work that time asks for, its schedule as kept, and when it is tried again.

Nothing here knows what a job does. Only one runner at a time holds its lease; who runs
it, and what it is about, is the scheduler's.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct, field

from commerce.errors import Conflict, NotFound

Outcome = Literal["done", "failed", "timed_out", "cancelled", "skipped"]

RETRY_FIRST = timedelta(seconds=10)
RETRY_AT_MOST = timedelta(hours=1)
"""What failed is tried again so soon, then each time twice as late, but no later."""


class JobNotFound(NotFound):
    """There is no job of this name."""

    code = "job_not_found"


class JobRunning(Conflict):
    """The job is being run at this moment."""

    code = "job_running"


class JobState(Struct, frozen=True, kw_only=True):
    """What is kept of one job; the `last_` fields are of the run that ended last.

    `report` is what that run found, `failures` how often it failed in a row, `runner`
    who runs it now.
    """

    name: str
    schedule: str = ""
    next_run: datetime
    runner: str | None = None
    asked_by: str | None = None
    last_run: datetime | None = None
    last_outcome: Outcome | None = None
    last_error: str | None = None
    last_took_ms: int | None = None
    runs: int = 0
    failures: int = 0
    report: Mapping[str, Any] = field(default_factory=dict)


def retry_at(now: datetime, failures: int) -> datetime:
    """Return when a job that failed `failures` times in a row is tried again."""
    # Doubled more often than that it is above the most anyway.
    doubled = RETRY_FIRST * (1 << min(failures - 1, 10))
    return now + min(doubled, RETRY_AT_MOST)
