"""When each job runs next, how it went last, and who runs it: `jobs`, one each.

A runner holds a job by a lease on the database's own clock, so that two nodes whose
clocks differ never both hold it. A runner that died is followed by another when its
lease is over. When a job is due, the runner says.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from pymongo import ASCENDING, ReturnDocument

from commerce.job import JobNotFound, JobRunning, JobState, Outcome
from store.client import Database, reaching

COLLECTION = "jobs"


class Finished(Struct, frozen=True, kw_only=True):
    """How one run of a job went, and when the next one is due."""

    next_run: datetime
    began: datetime
    outcome: Outcome
    error: str | None = None
    took_ms: int
    failures: int
    report: Mapping[str, Any]


class JobRepository:
    """Keeps the schedule. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs = database[COLLECTION]

    async def register(self, name: str, schedule: str, first: datetime) -> None:
        """Know the job; with a new or another schedule it is next due at `first`.

        With the same one not later than that: a clock may have been set back.
        """
        with reaching():
            await self._jobs.update_one(
                {"_id": name},
                [
                    {
                        "$set": {
                            "next_run": {
                                "$cond": [
                                    {
                                        "$and": [
                                            {"$eq": ["$schedule", schedule]},
                                            {"$eq": [{"$type": "$next_run"}, "date"]},
                                        ]
                                    },
                                    {"$min": ["$next_run", first]},
                                    first,
                                ]
                            },
                            "schedule": schedule,
                        }
                    }
                ],
                upsert=True,
            )

    async def forget_others(self, names: Collection[str]) -> None:
        """Know no jobs but `names`: one that was renamed would be overdue for ever."""
        with reaching():
            await self._jobs.delete_many({"_id": {"$nin": list(names)}})

    async def all(self) -> Sequence[JobState]:
        """Return every job, by name."""
        with reaching():
            now = await self._server_time()
            found = await self._jobs.find().sort("_id", ASCENDING).to_list(None)
        return [_job(each, now) for each in found]

    async def due(self, now: datetime) -> Sequence[str]:
        """Return the names of the jobs due at `now`, the most overdue first."""
        with reaching():
            found = self._jobs.find({"next_run": {"$lte": now}}, {"_id": True})
            ordered = found.sort("next_run", ASCENDING)
            return [each["_id"] for each in await ordered.to_list(None)]

    async def claim(
        self, name: str, runner: str, now: datetime, lease_s: float
    ) -> JobState | None:
        """Hold the job if it is due at `now` and free; None: it is not, any more."""
        with reaching():
            server_now = await self._server_time()
            found = await self._jobs.find_one_and_update(
                {"_id": name, "next_run": {"$lte": now}, **_free(server_now)},
                {"$set": {"lease": _lease(runner, server_now, lease_s)}},
                return_document=ReturnDocument.AFTER,
            )
        return _job(found, server_now) if found else None

    async def renew(self, name: str, runner: str, lease_s: float) -> bool:
        """Hold the job on; False: it was lost to another runner."""
        with reaching():
            server_now = await self._server_time()
            result = await self._jobs.update_one(
                {"_id": name, "lease.owner": runner},
                {"$set": {"lease": _lease(runner, server_now, lease_s)}},
            )
        return bool(result.matched_count)

    async def finish(self, name: str, runner: str, run: Finished) -> bool:
        """Keep how the run went and give the job back; False: it was lost before."""
        news = {
            "next_run": run.next_run,
            "last_run": run.began,
            "last_outcome": run.outcome,
            "last_error": run.error,
            "last_took_ms": run.took_ms,
            "failures": run.failures,
            "report": dict(run.report),
        }
        with reaching():
            result = await self._jobs.update_one(
                {"_id": name, "lease.owner": runner},
                {
                    "$set": news,
                    "$inc": {"runs": 1},
                    "$unset": {"lease": "", "asked_by": ""},
                },
            )
        return bool(result.matched_count)

    async def ask(self, name: str, by: str, now: datetime) -> JobState:
        """Have the job run next. Raises JobNotFound, JobRunning."""
        with reaching():
            server_now = await self._server_time()
            found = await self._jobs.find_one_and_update(
                {"_id": name, **_free(server_now)},
                {"$min": {"next_run": now}, "$set": {"asked_by": by}},
                return_document=ReturnDocument.AFTER,
            )
            if found is None and await self._jobs.find_one({"_id": name}):
                raise JobRunning(f"{name} is running", name=name)
        if found is None:
            raise JobNotFound(f"there is no job {name}", name=name)
        return _job(found, server_now)

    async def _server_time(self) -> datetime:
        """Return the database's time: as old as its answer, which errs to safety."""
        told = await self._database.command("hello")
        # Commands are read without the client's options: the time comes without UTC.
        now: datetime = told["localTime"].replace(tzinfo=UTC)
        return now


def _free(server_now: datetime) -> dict[str, Any]:
    # A lease that is over, or was given back, or never was; or that a hand broke.
    return {
        "$or": [
            {"lease.until": {"$not": {"$type": "date"}}},
            {"lease.until": {"$lte": server_now}},
        ]
    }


def _lease(runner: str, server_now: datetime, lease_s: float) -> Mapping[str, Any]:
    return {"owner": runner, "until": server_now + timedelta(seconds=lease_s)}


def _job(document: Mapping[str, Any], server_now: datetime) -> JobState:
    runner = _runner(document.get("lease"), server_now)
    told = {**document, "name": document["_id"], "runner": runner}
    try:
        job = msgspec.convert(told, JobState)
        # Anything may stand in a report, also what no answer can carry.
        msgspec.json.encode(job.report)
    except (msgspec.ValidationError, TypeError) as wrong:
        return _unreadable(document, server_now, runner, str(wrong))
    return job


def _runner(lease: Any, server_now: datetime) -> str | None:
    if not isinstance(lease, Mapping) or not isinstance(lease.get("until"), datetime):
        return None
    return str(lease.get("owner")) if lease["until"] > server_now else None


def _unreadable(
    document: Mapping[str, Any], server_now: datetime, runner: str | None, why: str
) -> JobState:
    """Return what is certain of a job that a hand edited; its next run mends it."""
    schedule, next_run = document.get("schedule"), document.get("next_run")
    return JobState(
        name=str(document["_id"]),
        schedule=schedule if isinstance(schedule, str) else "",
        next_run=next_run if isinstance(next_run, datetime) else server_now,
        runner=runner,
        last_outcome="failed",
        last_error=f"cannot be read as stored: {why}",
        failures=1,
    )
