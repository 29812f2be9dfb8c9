"""Accounts, one document each in `users`; mail and name are unique without case."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from commerce.errors import EmailTaken, UsernameTaken
from commerce.user import (
    ADDRESSES_REMEMBERED,
    AccountRole,
    LastOperator,
    User,
    UserNotFound,
    email_key,
    username_key,
)
from store.client import Database, reaching


class UserRepository:
    """Knows how an account is stored; knows BSON so that nobody else must."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]

    async def prepare(self) -> None:
        """Make the indexes; a second time changes nothing."""
        with reaching():
            await self._users.create_index("email_key", unique=True, name="email")
            await self._users.create_index("username_key", unique=True, name="username")
            await self._users.create_index(_NEWEST_FIRST, name="newest")
            await self._users.create_index(
                "role",
                name="operators",
                partialFilterExpression={"role": "operator"},
            )

    async def add(self, user: User) -> None:
        """Save a new account. Raises EmailTaken or UsernameTaken."""
        with reaching():
            try:
                await self._users.insert_one(_document(user))
            except DuplicateKeyError as error:
                raise _taken(error, user) from None

    async def of_id(self, user_id: str) -> User:
        """Return the account. Raises UserNotFound."""
        with reaching():
            found = await self._users.find_one({"_id": user_id})
        if found is None:
            raise UserNotFound("no such account")
        return _user(found)

    async def of_email(self, email: str) -> User | None:
        """Return the account with this mail address, or None: asking is no fault."""
        with reaching():
            found = await self._users.find_one({"email_key": email_key(email)})
        return _user(found) if found else None

    async def of_username(self, username: str) -> User | None:
        """Return the account with this name, or None."""
        with reaching():
            found = await self._users.find_one({"username_key": username_key(username)})
        return _user(found) if found else None

    async def remember_address(self, user_id: str, address: str) -> None:
        """Note that somebody signed in from `address` (hashed); the newest 16 stay."""
        with reaching():
            await self._users.update_one(
                {"_id": user_id, "known_addresses": {"$ne": address}},
                {
                    "$push": {
                        "known_addresses": {
                            "$each": [address],
                            "$slice": -ADDRESSES_REMEMBERED,
                        }
                    }
                },
            )

    async def harden(self, user_id: str, was: str, hashed: str) -> None:
        """Keep `hashed` in place of the password's hash `was`, if it still is that."""
        with reaching():
            await self._users.update_one(
                {"_id": user_id, "password_hash": was},
                {"$set": {"password_hash": hashed}},
            )

    async def expect_guest(self, user_id: str, guest_id: str) -> None:
        """Note that `guest_id` became this account, until `settle_guest`."""
        with reaching():
            await self._users.update_one(
                {"_id": user_id}, {"$addToSet": {"guests_to_merge": guest_id}}
            )

    async def settle_guest(self, user_id: str, guest_id: str) -> None:
        """Note that all that was the guest's has moved."""
        with reaching():
            await self._users.update_one(
                {"_id": user_id}, {"$pull": {"guests_to_merge": guest_id}}
            )

    async def change_profile(
        self, user_id: str, fields: Mapping[str, str | None]
    ) -> User:
        """Change `full_name` and `phone`, as named. Raises UserNotFound."""
        if fields:
            with reaching():
                await self._users.update_one({"_id": user_id}, {"$set": dict(fields)})
        return await self.of_id(user_id)

    async def page(
        self, text: str = "", *, limit: int, offset: int = 0
    ) -> tuple[Sequence[User], int]:
        """Return one page of accounts, the newest first, and how many there are.

        `text` is the beginning of a mail address or a name, or a whole id.
        """
        wanted = _matching(text) if text else {}
        with reaching():
            total = await self._users.count_documents(wanted)
            found = self._users.find(wanted).sort(_NEWEST_FIRST)
            documents = await found.skip(offset).limit(limit).to_list(None)
        return [_user(document) for document in documents], total

    async def give_role(self, user_id: str, role: AccountRole) -> User:
        """Make the account a customer or an operator, and return it.

        Raises UserNotFound, LastOperator.
        """
        return await self._change_standing(user_id, {"role": role})

    async def set_active(self, user_id: str, *, is_active: bool) -> User:
        """Close the account or open it again, and return it.

        Raises UserNotFound, LastOperator.
        """
        return await self._change_standing(user_id, {"is_active": is_active})

    async def _change_standing(self, user_id: str, change: Mapping[str, Any]) -> User:
        now = await self.of_id(user_id)
        ends = _operates(now) and not _operates(replace(now, **change))
        with reaching():
            # Looked for before, so that trouble on the way leaves one in any case.
            others = {**_OPERATORS, "_id": {"$ne": user_id}}
            if ends and not await self._users.find_one(others):
                raise _last()
            found = await self._users.find_one_and_update(
                {"_id": user_id}, {"$set": change}
            )
            if found is None:
                raise UserNotFound("no such account")
            before = _user(found)
            # And afterwards: of two operators who shut each other out at the same
            # moment, both find nobody left, and both are put back.
            if _operates(before) and not await self._users.find_one(_OPERATORS):
                back = {name: getattr(before, name) for name in change}
                await self._users.update_one({"_id": user_id}, {"$set": back})
                raise _last()
        return replace(before, **change)


_NEWEST_FIRST = [("created_at", DESCENDING), ("_id", ASCENDING)]
_OPERATORS = {"role": "operator", "is_active": True}


def _last() -> LastOperator:
    return LastOperator("the shop keeps one operator: make another first")


def _operates(user: User) -> bool:
    return user.role == "operator" and user.is_active


def _matching(text: str) -> dict[str, Any]:
    return {
        "$or": [
            {"_id": text},
            {"email_key": {"$regex": f"^{re.escape(email_key(text))}"}},
            {"username_key": {"$regex": f"^{re.escape(username_key(text))}"}},
        ]
    }


def _taken(error: DuplicateKeyError, user: User) -> EmailTaken | UsernameTaken:
    pattern = (error.details or {}).get("keyPattern", {})
    if "username_key" in pattern:
        return UsernameTaken(f"the name {user.username} is taken")
    if "email_key" in pattern:
        return EmailTaken("an account with this mail address exists")
    raise error  # an id twice: a bug, not a refusal


def _document(user: User) -> dict[str, Any]:
    fields = msgspec.structs.asdict(user)
    fields["_id"] = fields.pop("id")
    fields["email_key"] = email_key(user.email)
    fields["username_key"] = username_key(user.username)
    return fields


def _user(document: Mapping[str, Any]) -> User:
    # Unknown fields are passed over: people add their own to documents.
    return msgspec.convert({**document, "id": document["_id"]}, User)
