"""Purses of points made for tests, by the rules themselves."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from commerce.ledger import Cause
from commerce.loyalty import (
    activate,
    earn_pending,
    hold,
    spend,
)
from commerce.purse import (
    Purse,
)
from commerce.tier import (
    Program,
    Tier,
)

TOLD = json.loads((Path(__file__).parents[2] / "data" / "coupons.json").read_text())
PROGRAM = Program(tiers=msgspec.convert(TOLD["tiers"], tuple[Tier, ...]))
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = Purse(user_id="ann")


def cause(key: str, at: datetime = NOON, order: str = "first") -> Cause:
    return Cause(f"{key}/{order}", at, order)


def earned(points: int, at: datetime = NOON, order: str = "first") -> Purse:
    return more(NEW, points, at, order)


def more(purse: Purse, points: int, at: datetime, order: str) -> Purse:
    purse, _ = earn_pending(purse, points, cause("earn", at, order))
    return activate(purse, cause("activate", at, order), PROGRAM)[0]


def spent(purse: Purse, points: int, order: str, at: datetime = NOON) -> Purse:
    purse, _ = hold(purse, points, cause("hold", at, order))
    return spend(purse, cause("spend", at, order))[0]
