"""Alerts as kept in `alerts`: what happened, and whether the webhook was told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo import ASCENDING, DESCENDING, UpdateOne

from commerce.alert import Alert
from store.client import Database, reaching

COLLECTION = "alerts"
KEPT_S = 30 * 24 * 3600


class AlertRepository:
    """Keeps alerts. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._alerts = database[COLLECTION]

    async def prepare(self) -> None:
        """Make the indexes; a second time changes nothing."""
        with reaching():
            await self._alerts.create_index(
                [("at", DESCENDING)], name="newest", expireAfterSeconds=KEPT_S
            )
            await self._alerts.create_index("next_try", name="to_send")

    async def add(self, alerts: Sequence[Alert], next_try: datetime | None) -> int:
        """Keep those that are new, to be sent at `next_try`; return how many."""
        if not alerts:
            return 0
        writes = [
            UpdateOne(
                {"_id": each.id},
                {"$setOnInsert": {**_document(each), "next_try": next_try}},
                upsert=True,
            )
            for each in alerts
        ]
        with reaching():
            result = await self._alerts.bulk_write(writes, ordered=False)
        return int(result.upserted_count)

    async def newest_at(self, now: datetime) -> datetime | None:
        """Return when the newest alert by `now` happened, if there is any.

        A later one is of a clock that was ahead: others will still come before it.
        """
        with reaching():
            found = self._alerts.find({"at": {"$lte": now}}, {"at": True})
            newest = await found.sort("at", DESCENDING).to_list(1)
        return newest[0]["at"] if newest else None

    async def newest(self, *, limit: int, offset: int = 0) -> Sequence[Alert]:
        """Return one page of alerts, the newest first."""
        with reaching():
            found = self._alerts.find().sort([("at", DESCENDING), ("_id", ASCENDING)])
            page = await found.skip(offset).limit(limit).to_list(None)
        return [_alert(each) for each in page]

    async def count(self) -> int:
        """Return how many there are."""
        with reaching():
            return int(await self._alerts.count_documents({}))

    async def to_send(self, now: datetime, *, limit: int) -> Sequence[Alert]:
        """Return what is to be sent by now, the oldest first."""
        with reaching():
            found = self._alerts.find({"next_try": {"$lte": now}})
            page = await found.sort("at", ASCENDING).limit(limit).to_list(None)
        return [_alert(each) for each in page]

    async def put(self, alert: Alert) -> None:
        """Keep what became of sending `alert`."""
        with reaching():
            await self._alerts.replace_one({"_id": alert.id}, _document(alert))


def _document(alert: Alert) -> dict[str, Any]:
    fields = msgspec.structs.asdict(alert)
    return {"_id": fields.pop("id"), **fields}


def _alert(document: Mapping[str, Any]) -> Alert:
    return msgspec.convert({**document, "id": document["_id"]}, Alert)
