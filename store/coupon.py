"""Coupons as stored: one document a code, written by the commits of its actor.

Here they are only read, and put in where there are none yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from msgspec import ValidationError, convert, to_builtins
from msgspec.json import decode
from msgspec.structs import replace
from pymongo import ASCENDING

from commerce.coupon import Coupon, checked
from commerce.coupon_check import Offered
from commerce.coupon_use import CouponUse, lapse, standing
from messages.coupon import CouponAccount
from store.client import Database, prepare_actor_collection, reaching
from store.missing import insert_missing
from store.statement import stored

COLLECTION = "coupons"
FILE = "coupons.json"

_log = structlog.get_logger(__name__)


class CouponRepository:
    """Reads coupons. Everything here raises Away when the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._coupons = database[COLLECTION]

    async def prepare(self) -> None:
        """Make the collection and its indexes; a second time changes nothing."""
        await prepare_actor_collection(self._database, COLLECTION, reminds=True)
        with reaching():
            await self._coupons.create_index(
                "coupon.listed",
                name="listed",
                partialFilterExpression={"coupon.listed": True},
            )

    async def listed(self, user_id: str, now: datetime) -> Sequence[Offered]:
        """Return the coupons that shoppers are told of, by code.

        Each with how often it is taken, by anybody and by `user_id`.
        """
        with reaching():
            found = self._coupons.find({"coupon.listed": True}).sort("_id", ASCENDING)
            documents = await found.to_list(None)
        return offered(documents, user_id, now)

    async def page(
        self, now: datetime, *, limit: int, offset: int = 0
    ) -> tuple[Sequence[CouponAccount], int]:
        """Return one page of all coupons, by code, and how many there are."""
        there = {"coupon": {"$type": "object"}}
        with reaching():
            found = self._coupons.find(there).sort("_id", ASCENDING)
            documents = await found.skip(offset).limit(limit).to_list(None)
            total = await self._coupons.count_documents(there)
        return accounts(documents, now), total

    async def add_missing(self, coupons: Sequence[Coupon], *, born: datetime) -> int:
        """Save those whose code is not there yet; return how many that were.

        The documents have no owner and no rev: their actors adopt them.
        """
        documents = [{**_document(each), "born": born} for each in coupons]
        return await insert_missing(self._coupons, documents)


def read_coupons(data_dir: Path) -> Sequence[Coupon]:
    """Return the demo's coupons. Raises msgspec.ValidationError, Malformed."""
    told = decode((data_dir / FILE).read_bytes())["coupons"]
    return [checked(convert(each, Coupon)) for each in told]


def offered(
    documents: Sequence[Mapping[str, Any]], user_id: str, now: datetime
) -> Sequence[Offered]:
    """Return the coupons of `documents`, with how often each is taken."""
    return [
        Offered(code, coupon, standing(use, user_id, now))
        for code, coupon, use, _ in _read(documents)
    ]


def accounts(
    documents: Sequence[Mapping[str, Any]], now: datetime
) -> Sequence[CouponAccount]:
    """Return the coupons of `documents` as operators see them."""
    return [
        CouponAccount(
            coupon=coupon,
            version=version,
            used=use.used,
            reserved=len(lapse(use, now).reserved),
        )
        for _, coupon, use, version in _read(documents)
    ]


def _document(coupon: Coupon) -> dict[str, Any]:
    # Uses are counted in one place; what the file tells is where it begins.
    plain = replace(coupon, used_count=0)
    fields = {
        "_id": coupon.code,
        "code": coupon.code,
        "coupon": to_builtins(plain, builtin_types=(datetime,)),
        "version": 1,
        "used": coupon.used_count,
    }
    document: dict[str, Any] = stored(fields)
    return document


def _read(
    documents: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[str, Coupon, CouponUse, int]]:
    """Give code, coupon, uses and version; what a hand broke is left out."""
    for each in documents:
        # Ids in the keys of maps are escaped; those of users and orders hold nothing
        # that would be.
        try:
            coupon = convert(each["coupon"], Coupon)
            use = convert({**each, "code": each["_id"]}, CouponUse)
        except ValidationError as error:
            _log.error("coupon.unreadable", code=each["_id"], error=str(error))
            continue
        yield each["_id"], coupon, use, each.get("version", 0)
