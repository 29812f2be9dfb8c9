"""Checks each ledger against its balance, and that points and tiers end in time.

The account's own reminder lets points expire and reviews the tier; who was missed by it
is reviewed here.
"""

from datetime import timedelta

import structlog
from msgspec import ValidationError

from messages.base import Port
from messages.clock import Clock
from messages.loyalty import ReviewLoyalty
from scheduler.runner import Report
from store.loyalty import LoyaltyRepository

log = structlog.get_logger()

LATE_AFTER = timedelta(hours=1)
PAGE = 500
SHOWN = 50


async def audit_loyalty(
    clock: Clock, accounts: LoyaltyRepository, port: Port
) -> Report:
    """Review who is overdue, compare every account, and tell who differs."""
    overdue = await accounts.overdue(clock.now() - LATE_AFTER)
    for user_id in overdue:
        port.tell(user_id, ReviewLoyalty())
    count, differing, last = 0, [], ""
    while page := await accounts.user_ids(after=last, limit=PAGE):
        differing += [each for each in page if not await _agrees(accounts, each)]
        count, last = count + len(page), page[-1]
    for each in differing[:SHOWN]:
        log.error("loyalty.differs", user_id=each)
    return {
        "accounts": count,
        "reviewed": len(overdue),
        "differing": len(differing),
        "shown": differing[:SHOWN],
    }


async def _agrees(accounts: LoyaltyRepository, user_id: str) -> bool:
    # Read in pages: somebody may have booked in between, so what differs is read again.
    try:
        first = await accounts.audit(user_id)
        return first.agrees or (await accounts.audit(user_id)).agrees
    except ValidationError:
        # What cannot be read adds up to nothing, and hides no other account.
        return False
