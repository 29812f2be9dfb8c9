"""When a job is due: at an interval, or at times of the day as cron writes them (UTC).

Pure: time comes in. A schedule is known by its text, which is kept beside the job, so
that a changed one takes effect at the next start.
"""

from datetime import datetime, timedelta

from cronsim import CronSim
from msgspec import Struct


class Every(Struct, frozen=True):
    """So many seconds after the last run ended."""

    seconds: float

    def next(self, after: datetime) -> datetime:
        """Return when it is due, `after` that."""
        return after + timedelta(seconds=self.seconds)

    def __str__(self) -> str:
        return f"every {self.seconds:g} s"


class At(Struct, frozen=True):
    """At the minutes of a cron expression, such as `15 3 * * *`, in UTC."""

    cron: str

    def next(self, after: datetime) -> datetime:
        """Return the first such minute later than `after`."""
        found: datetime = next(CronSim(self.cron, after))
        return found

    def __str__(self) -> str:
        return f"at {self.cron}"


When = Every | At
