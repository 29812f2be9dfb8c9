"""Sign-in sessions in `sign_ins`, and tickets already used in `spent_tickets`.

A sign-in session knows the generation of refresh tokens that is good now. Handing in
any other that we once signed means that a token was copied, whoever holds the copy; but
for a moment the one spent last may come again, for its answer may have been lost.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from pymongo.errors import DuplicateKeyError

from store.client import Database, reaching


class SignIn(Struct, frozen=True, kw_only=True):
    """One sign-in from first token to end; `refresh` is the good generation."""

    sid: str
    user_id: str
    role: Literal["guest", "customer", "operator"]
    refresh: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    merged_into: str | None = None
    """For a guest: the account it became."""
    spent: str | None = None
    """The jti of the refresh token that gave way to this generation, by what, when."""
    spent_by: str | None = None
    spent_at: datetime | None = None


def generation_of(jti: str) -> str:
    """Return the generation of the refresh token `jti`.

    The first of a generation has its name; those given to repeats add one of their own.
    """
    return jti.partition(".")[0]


class TokenRepository:
    """Knows how sign-in sessions are stored."""

    def __init__(self, database: Database) -> None:
        self._sign_ins = database["sign_ins"]
        self._spent = database["spent_tickets"]

    async def prepare(self) -> None:
        """Make the indexes; MongoDB itself removes what has expired."""
        with reaching():
            await self._sign_ins.create_index("user_id", name="user")
            await self._sign_ins.create_index("revoked_at", sparse=True, name="revoked")
            for each in (self._sign_ins, self._spent):
                await each.create_index(
                    "expires_at", expireAfterSeconds=0, name="expired"
                )

    async def open(self, sign_in: SignIn) -> None:
        """Save a new sign-in session."""
        with reaching():
            await self._sign_ins.insert_one(_document(sign_in))

    async def of_sid(self, sid: str) -> SignIn | None:
        """Return the sign-in session, or None where it expired or never was."""
        with reaching():
            found = await self._sign_ins.find_one({"_id": sid})
        return _sign_in(found) if found else None

    async def rotate(
        self,
        sid: str,
        *,
        spent: str,
        by: str | None,
        fresh: str,
        role: str,
        at: datetime,
        expires_at: datetime,
    ) -> bool:
        """Spend a token of the good generation for that named `fresh`: one winner.

        `by` stands for who asked, so that a repeat of theirs is known as theirs.
        False where `spent` is of another generation, or the session is over.
        """
        change = {
            "refresh": fresh,
            "spent": spent,
            "spent_by": by,
            "spent_at": at,
            "role": role,
            "expires_at": expires_at,
        }
        good = generation_of(spent)
        with reaching():
            result = await self._sign_ins.update_one(
                {"_id": sid, "refresh": good, "revoked_at": None}, {"$set": change}
            )
        return bool(result.modified_count)

    async def revoke(self, sid: str, at: datetime) -> None:
        """End one sign-in session; a second time changes nothing."""
        with reaching():
            await self._sign_ins.update_one(
                {"_id": sid, "revoked_at": None}, {"$set": {"revoked_at": at}}
            )

    async def revoke_all_of(
        self, user_id: str, at: datetime, *, merged_into: str | None = None
    ) -> Sequence[str]:
        """End every sign-in session of a shopper and return their ids."""
        with reaching():
            live = self._sign_ins.find({"user_id": user_id, "revoked_at": None})
            sids = [found["_id"] async for found in live]
            await self._sign_ins.update_many(
                {"_id": {"$in": sids}},
                {"$set": {"revoked_at": at, "merged_into": merged_into}},
            )
        return sids

    async def revoked_since(self, since: datetime) -> Sequence[str]:
        """Return the ids of sessions that ended at or after `since`."""
        with reaching():
            found = self._sign_ins.find({"revoked_at": {"$gte": since}}, {"_id": 1})
            return [each["_id"] async for each in found]

    async def purge(self, now: datetime) -> int:
        """Remove what ended before `now`; return how much that was.

        The database does so by itself, within a minute where it runs as it should.
        """
        over = {"expires_at": {"$lt": now}}
        with reaching():
            gone = [
                await each.delete_many(over) for each in (self._sign_ins, self._spent)
            ]
        return sum(each.deleted_count for each in gone)

    async def spend_ticket(self, jti: str, expires_at: datetime) -> bool:
        """Use up a ticket: True for exactly one caller, whichever node asks."""
        with reaching():
            try:
                await self._spent.insert_one({"_id": jti, "expires_at": expires_at})
            except DuplicateKeyError:
                return False
        return True


def _document(sign_in: SignIn) -> dict[str, Any]:
    # What is not set is left out: the index on `revoked_at` is sparse.
    fields = msgspec.structs.asdict(sign_in)
    fields["_id"] = fields.pop("sid")
    return {name: value for name, value in fields.items() if value is not None}


def _sign_in(document: Mapping[str, Any]) -> SignIn:
    return msgspec.convert({**document, "sid": document["_id"]}, SignIn)
