"""Every ledger is compared with its balance, whatever one of them looks like."""

from actors.runtime.testing import ManualClock
from scheduler.loyalty import audit_loyalty
from store.client import Database
from store.loyalty import LoyaltyRepository
from tests.scheduler.post import Post


async def test_a_ledger_that_nobody_can_read_differs_and_hides_no_other(
    database: Database,
) -> None:
    await database["loyalty"].insert_many(
        [
            {"_id": "ann", "balance": 5, "tail": [{"points": "many"}]},
            {"_id": "bob", "balance": 5},
            {"_id": "eve", "balance": 0},
        ]
    )

    told = await audit_loyalty(ManualClock(), LoyaltyRepository(database), Post())

    assert (told["accounts"], told["shown"]) == (3, ["ann", "bob"])
