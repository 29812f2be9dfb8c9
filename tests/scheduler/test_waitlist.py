"""Those who wait are told once, whoever listens at that moment."""

from datetime import UTC, datetime

import pytest

from actors.runtime.testing import ManualClock
from commerce.errors import ProductNotFound
from commerce.product import Product, Variant
from messages.stock import BackInStock
from scheduler.waitlist import tell_waiting
from store.client import Database
from store.waitlist import WaitlistRepository
from tests.scheduler.post import Post

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Shelf:
    """Three lamps of one product; `left` says what can be bought."""

    def __init__(self) -> None:
        self.left = {"lamp": 0, "rug": 0}
        self.retired = False

    def by_sku(self, sku: str) -> tuple[Product, Variant]:
        if sku not in self.left:
            raise ProductNotFound(sku)
        product = Product(
            id=f"{sku}-1",
            name=sku,
            description="",
            category="Home",
            brand="Lux",
            price=1,
            currency="USD",
            variants=(Variant(sku),),
            created_at=NOON,
            retired=self.retired,
        )
        return product, Variant(sku)

    def available(self, sku: str) -> int:
        return self.left[sku]


class Round:
    """The job, as often as a test wants."""

    def __init__(self, database: Database) -> None:
        self.waitlist = WaitlistRepository(database)
        self.shelf = Shelf()
        self.post = Post()

    async def run(self) -> int:
        told = await tell_waiting(ManualClock(), self.waitlist, self.shelf, self.post)
        count: int = told["told"]
        return count


@pytest.fixture
def round_(database: Database) -> Round:
    return Round(database)


async def test_nobody_is_told_while_it_is_sold_out(round_: Round) -> None:
    await round_.waitlist.join("ann", "lamp", NOON)

    assert await round_.run() == 0
    assert round_.post.published == []


async def test_everybody_who_waits_is_told_once(round_: Round) -> None:
    for user_id in ("ann", "bob"):
        await round_.waitlist.join(user_id, "lamp", NOON)
    await round_.waitlist.join("ann", "rug", NOON)
    round_.shelf.left["lamp"] = 4

    told = await round_.run()
    again = await round_.run()

    assert (told, again) == (2, 0)
    assert round_.post.published == [
        ("user/ann", BackInStock("lamp", "lamp-1", 4)),
        ("user/bob", BackInStock("lamp", "lamp-1", 4)),
    ]


async def test_the_notice_is_there_for_who_had_no_socket(round_: Round) -> None:
    await round_.waitlist.join("ann", "lamp", NOON)
    round_.shelf.left["lamp"] = 1

    await round_.run()

    [entry] = await round_.waitlist.of_user("ann")
    assert (entry.status, entry.told_at) == ("back_in_stock", ManualClock().now())


async def test_what_is_not_sold_any_more_is_waited_for_in_vain(round_: Round) -> None:
    await round_.waitlist.join("ann", "gone", NOON)
    await round_.waitlist.join("ann", "lamp", NOON)
    round_.shelf.left["lamp"] = 4
    round_.shelf.retired = True

    assert await round_.run() == 0
