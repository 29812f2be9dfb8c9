"""Loyalty accounts as stored, and the program as `data/coupons.json` tells it.

The loyalty actor alone writes them: the account is one document in `loyalty`, the
ledger is its log: `tail`, and sealed chunks in `loyalty_log`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, convert
from msgspec.json import decode

from commerce.ledger import Entry, Sums, add_up
from commerce.lots import Lots, units
from commerce.pricing import Tariff
from commerce.tier import Program, Tier
from store import chunk
from store.client import Database, prepare_actor_collection, reaching

COLLECTION = "loyalty"
FILE = "coupons.json"

# Entries read at once when a ledger is added up.
_PAGE = 500


class Audit(Struct, frozen=True):
    """What an account says it has, and what its ledger adds up to."""

    told: Sums
    ledger: Sums

    @property
    def agrees(self) -> bool:
        """Whether the one is the other."""
        return self.told == self.ledger


class LoyaltyRepository:
    """Reads accounts. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accounts = database[COLLECTION]

    async def prepare(self) -> None:
        """Make the collections and their indexes; a second time changes nothing."""
        await prepare_actor_collection(
            self._database, COLLECTION, reminds=True, log=True
        )

    async def user_ids(self, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """Return the next ids of those who have an account, in order."""
        with reaching():
            found = self._accounts.find({"_id": {"$gt": after}}, {"_id": True})
            page = await found.sort("_id", 1).limit(limit).to_list(None)
        return [each["_id"] for each in page]

    async def overdue(self, before: datetime, *, limit: int = 500) -> Sequence[str]:
        """Return who should have been reviewed before `before`."""
        with reaching():
            found = self._accounts.find({"due": {"$lt": before}}, {"_id": True})
            return [each["_id"] for each in await found.to_list(limit)]

    async def audit(self, user_id: str) -> Audit:
        """Return what the account says, and what its whole ledger adds up to.

        Read in pages: ask while nobody books, or ask again where they differ.
        """
        with reaching():
            document = await self._accounts.find_one({"_id": user_id})
        sums, first = Sums(), 0
        while page := await chunk.read(
            self._database, COLLECTION, user_id, first, first + _PAGE - 1
        ):
            sums = add_up(convert(page, list[Entry]), sums)
            first += len(page)
        return Audit(_told(document or {}), sums)


def read_program(data_dir: Path) -> Program:
    """Return the loyalty program. Raises msgspec.ValidationError where it is none."""
    told = decode((data_dir / FILE).read_bytes())
    points = told["rules"]["points"]
    return Program(
        tiers=tuple(convert(told["tiers"], list[Tier])),
        min_redeem=points["min_redeem"],
        expire_days=points["expire_days"],
        expiry_warning_days=points["expiry_warning_days"],
        tier_window_days=points["tier_window_days"],
        tier_hold_days=points["tier_hold_days"],
        tier_grace_days=points["tier_grace_days"],
    )


def read_tariff(data_dir: Path) -> Tariff:
    """Return the shop's currency, shipping and tax."""
    rules = decode((data_dir / FILE).read_bytes())["rules"]
    return Tariff(
        currency=rules["currency"],
        standard=rules["shipping"]["standard_cents"],
        express=rules["shipping"]["express_cents"],
        free_above=rules["shipping"]["free_over_cents"],
        tax_rate=rules["tax"]["rate_basis_points"],
    )


def _told(document: Mapping[str, Any]) -> Sums:
    orders = document.get("orders", {}).values()
    held = sum(units(convert(each.get("held", {}), Lots)) for each in orders)
    return Sums(document.get("balance", 0), document.get("pending", 0), held)
