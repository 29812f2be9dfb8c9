"""Coupons on a real database: put in once, read as their actors left them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from actors.coupon import coupon_kind
from actors.runtime import System
from actors.runtime.testing import ManualClock
from commerce.coupon_check import Standing
from commerce.coupon_refusals import CouponLimitReached
from commerce.errors import CommerceError
from messages.coupon import (
    DefineCoupon,
    GetCoupon,
    RedeemCoupon,
    ReserveCoupon,
)
from store.client import Database
from store.commit import MongoStorage
from store.coupon import CouponRepository, read_coupons
from tests.actors.club import TENTH
from tests.fakes_product import DATA

BORN = datetime(2026, 1, 1, tzinfo=UTC)
COUPONS = read_coupons(DATA)


@pytest.fixture
async def coupons(database: Database) -> CouponRepository:
    repository = CouponRepository(database)
    await repository.prepare()
    await repository.add_missing(COUPONS, born=BORN)
    return repository


@pytest.fixture
async def system(
    database: Database, coupons: CouponRepository
) -> AsyncIterator[System]:
    assert coupons, "prepared before anybody asks"
    clock = ManualClock()
    storage = MongoStorage(database, clock=clock, owner="tests")
    running = System(
        [coupon_kind()], storage, clock, refusals=CommerceError, random=Random(0)
    )
    await running.start()
    yield running
    await running.stop()
    await storage.close()


async def reserve(system: System, code: str, order_id: str, user_id: str) -> None:
    until = system.clock.now() + timedelta(seconds=900)
    await system.ask(code, ReserveCoupon(order_id, user_id, until))


async def test_the_demos_coupons_go_in_once(coupons: CouponRepository) -> None:
    accounts, total = await coupons.page(BORN, limit=100)

    assert await coupons.add_missing(COUPONS, born=BORN) == 0
    assert total == len(accounts) == len(COUPONS) == 22
    used = next(each for each in accounts if each.coupon.code == "USEDUP")
    assert (used.used, used.coupon.used_count, used.version) == (100, 0, 1)


async def test_preparing_again_changes_nothing(coupons: CouponRepository) -> None:
    await coupons.prepare()

    assert (await coupons.page(BORN, limit=1))[1] == 22


async def test_an_edited_coupon_stays_as_it_is(
    coupons: CouponRepository, database: Database
) -> None:
    off = {"$set": {"coupon.is_active": False}}
    await database["coupons"].update_one({"_id": "SAVE5"}, off)

    await coupons.add_missing(COUPONS, born=BORN)

    found = await coupons.listed("ann", BORN)
    save = next(each for each in found if each.code == "SAVE5")
    assert save.coupon is not None
    assert not save.coupon.is_active


async def test_coupons_are_paged_by_code(coupons: CouponRepository) -> None:
    first, _ = await coupons.page(BORN, limit=2)
    second, _ = await coupons.page(BORN, limit=2, offset=2)

    codes = [each.coupon.code for each in (*first, *second)]
    assert codes == sorted(each.code for each in COUPONS)[:4]


async def test_only_listed_coupons_are_listed(coupons: CouponRepository) -> None:
    found = {each.code for each in await coupons.listed("ann", BORN)}

    assert found == {each.code for each in COUPONS if each.listed}


async def test_a_coupon_that_a_hand_broke_is_left_out(
    coupons: CouponRepository, database: Database
) -> None:
    broken = {"$set": {"coupon.discount_type": "everything"}}
    await database["coupons"].update_one({"_id": "SAVE5"}, broken)

    codes = {each.code for each in await coupons.listed("ann", BORN)}

    assert "SAVE5" not in codes
    assert "SUMMER25" in codes


async def test_the_actor_takes_over_what_was_put_in(system: System) -> None:
    offered = await system.ask("USEDUP", GetCoupon("ann"))

    assert offered.coupon is not None
    assert offered.standing == Standing(100, 0)
    with pytest.raises(CouponLimitReached):
        await reserve(system, "USEDUP", "first", "ann")


async def test_what_the_actor_counts_is_what_is_read(
    system: System, coupons: CouponRepository
) -> None:
    await reserve(system, "TAKE15", "first", "ann")
    await reserve(system, "TAKE15", "second", "ann")
    await system.ask("TAKE15", ReserveCoupon("first", "ann"))
    await system.ask("TAKE15", RedeemCoupon("first"))

    now = system.clock.now()
    listed = {e.code: e for e in await coupons.listed("ann", now)}
    later = {
        e.code: e for e in await coupons.listed("ann", now + timedelta(seconds=901))
    }
    assert listed["TAKE15"].standing == Standing(2, 2)
    assert later["TAKE15"].standing == Standing(1, 1)
    accounts, _ = await coupons.page(now, limit=100)
    take = next(each for each in accounts if each.coupon.code == "TAKE15")
    assert (take.used, take.reserved) == (1, 1)


async def test_fifty_at_once_redeem_the_one_that_is_left_once(
    system: System, coupons: CouponRepository
) -> None:
    async def buy(number: int) -> bool:
        try:
            await reserve(system, "ONELEFT", f"o{number}", f"u{number}")
        except CouponLimitReached:
            return False
        await system.ask("ONELEFT", RedeemCoupon(f"o{number}"))
        return True

    assert sum(await asyncio.gather(*(buy(each) for each in range(50)))) == 1

    accounts, _ = await coupons.page(system.clock.now(), limit=100)
    one = next(each for each in accounts if each.coupon.code == "ONELEFT")
    assert (one.used, one.reserved) == (1, 0)


async def test_a_new_coupon_is_found(system: System, coupons: CouponRepository) -> None:
    await system.ask("TENTH", DefineCoupon(TENTH))

    _, total = await coupons.page(BORN, limit=1)
    assert total == 23
