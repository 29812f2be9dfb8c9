"""Requests that must not be done twice: what each began, and how it was answered.

RULES.md section 10, RUNTIME.md section 7. Whoever claims a record works for a while
(its lease); a crash leaves it claimable again, with the same order id, so that the
repeat goes on instead of beginning anew: at once where the dead process is known to be
dead, else when its lease is over. Records are gone after 24 hours.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count
from secrets import token_hex
from typing import Any

from msgspec import Struct, convert

from store.client import Database, reaching
from store.gathered import Gathered
from store.holder import here, is_gone

COLLECTION = "idempotency"
KEPT_FOR = timedelta(hours=24)


class Answered(Struct, frozen=True):
    """How a request was answered."""

    status: int
    body: bytes
    content_type: str
    location: str = ""


class Claim(Struct, frozen=True, kw_only=True):
    """What a claim came to: it is `mine` to do, was `answered`, or is under way.

    `body` is the hash of the request that began it, `begun` the id of what it began,
    `by` names the claim: a process, and which of its claims.
    """

    name: str
    body: str
    begun: str
    mine: bool = False
    answered: Answered | None = None
    by: str = ""


class IdempotencyRepository:
    """Keeps who does what. Everything here raises Away when the database is."""

    def __init__(self, database: Database, holder: str | None = None) -> None:
        """`holder` names the process that claims: this one, if it is not said."""
        # Not urandom for each claim: the process and a number are name enough.
        self._holder = f"{holder or here()}#{token_hex(4)}"
        self._claims = count()
        # What this process works on; a claim whose answer was lost is not among it.
        self._working: set[str] = set()
        self._records = database[COLLECTION]
        self._gathered = Gathered(database, COLLECTION)

    async def prepare(self) -> None:
        """Make the index; a second time changes nothing."""
        with reaching():
            await self._records.create_index(
                "at", name="kept", expireAfterSeconds=int(KEPT_FOR.total_seconds())
            )

    async def is_known(self, name: str) -> bool:
        """Tell whether there is a record `name`."""
        return await self._gathered.one(name) is not None

    async def claim(self, wanted: Claim, now: datetime, lease: timedelta) -> Claim:
        """Claim the record `wanted.name`.

        The answer has what stands there: another's `begun` and `body`, perhaps.
        """
        by = f"{self._holder}.{next(self._claims)}"
        fresh = {
            "_id": wanted.name,
            "at": now,
            "body": wanted.body,
            "begun": wanted.begun,
            "by": by,
            "until": now + lease,
        }
        self._working.add(by)
        mine = False
        try:
            claim = await self._claimed(fresh, now)
            mine = claim.mine
        finally:
            if not mine:
                self._working.discard(by)
        return claim

    async def answer(self, claim: Claim, answered: Answered) -> None:
        """Keep how it was answered, unless somebody else has taken it over."""
        told = {
            "status": answered.status,
            "body": answered.body,
            "content_type": answered.content_type,
            "location": answered.location,
        }
        await self._gathered.change(_held_by(claim), {"answer": told})
        self._working.discard(claim.by)

    async def forget(self, claim: Claim) -> None:
        """Nothing was begun: a repeat is a first."""
        self._working.discard(claim.by)
        with reaching():
            await self._records.delete_one(_held_by(claim))

    async def let_go(self, claim: Claim, now: datetime) -> None:
        """Trouble stopped it: whoever comes next goes on at once."""
        self._working.discard(claim.by)
        await self._gathered.change(_held_by(claim), {"until": now})

    async def _claimed(self, fresh: Mapping[str, Any], now: datetime) -> Claim:
        if await self._gathered.add(fresh):
            return _claim(fresh, mine=True)
        with reaching():
            return await self._second(fresh, now)

    def _is_at_work(self, by: str) -> bool:
        holder, _, _ = by.partition("#")
        if by.startswith(f"{self._holder}."):
            return by in self._working
        return not is_gone(holder)

    async def _second(self, fresh: Mapping[str, Any], now: datetime) -> Claim:
        found = await self._gathered.one(fresh["_id"])
        if found is None:
            # Forgotten in between: the next try is a first one.
            return _claim(fresh, mine=False)
        seen = {"_id": fresh["_id"], "by": found["by"]}
        if found["at"] <= now - KEPT_FOR:
            # The database removes what is old within a minute; it is over already.
            replaced = await self._records.replace_one(seen, dict(fresh))
            return _claim(fresh, mine=bool(replaced.modified_count))
        if found.get("answer") or found["body"] != fresh["body"]:
            return _claim(found, mine=False)
        if found["until"] > now and self._is_at_work(found["by"]):
            return _claim(found, mine=False)
        taken = {each: fresh[each] for each in ("by", "until")}
        result = await self._records.update_one(
            {**seen, "answer": None}, {"$set": taken}
        )
        return _claim({**found, **taken}, mine=bool(result.modified_count))


def record_name(user_id: str, method: str, path: str, key: str) -> str:
    """Return the one name of these four, whatever they are made of."""
    hashed = blake2b(digest_size=24)
    for part in (user_id, method, path, key):
        encoded = part.encode()
        hashed.update(len(encoded).to_bytes(4) + encoded)
    return hashed.hexdigest()


def _held_by(claim: Claim) -> Mapping[str, Any]:
    return {"_id": claim.name, "by": claim.by}


def _claim(document: Mapping[str, Any], *, mine: bool) -> Claim:
    answer = document.get("answer")
    return Claim(
        name=document["_id"],
        body=document["body"],
        begun=document["begun"],
        by=document["by"],
        mine=mine,
        answered=convert(answer, Answered) if answer else None,
    )
