"""Waiting for what is sold out, over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from handlers.keys import WAITLIST
from store.client import Database
from store.waitlist import WaitlistRepository
from tests.handlers.shop import ANN, BOB, GUEST, Shop, open_shop

SOLD_OUT = {"sku": "shirt-blue-m"}


@pytest.fixture
async def shop(aiohttp_client: Any, database: Database) -> AsyncIterator[Shop]:
    async with open_shop(
        aiohttp_client, {WAITLIST: WaitlistRepository(database)}
    ) as opened:
        yield opened


async def test_one_waits_once_and_sees_it(shop: Shop) -> None:
    first = await shop.json("POST", "/api/waitlist", json=SOLD_OUT, headers=ANN)
    second = await shop.json("POST", "/api/waitlist", json=SOLD_OUT, headers=ANN)

    waiting = {
        **SOLD_OUT,
        "status": "waiting",
        "since": "2026-01-01T12:00:00Z",
        "told_at": None,
    }
    assert (first, second) == ((201, waiting), (200, waiting))
    assert await shop.json("GET", "/api/waitlist", headers=ANN) == (200, [waiting])
    assert await shop.json("GET", "/api/waitlist", headers=BOB) == (200, [])


async def test_one_leaves_as_often_as_one_likes(shop: Shop) -> None:
    await shop.json("POST", "/api/waitlist", json=SOLD_OUT, headers=ANN)

    left = [
        (await shop.json("DELETE", "/api/waitlist", json=SOLD_OUT, headers=ANN))[0]
        for _ in range(2)
    ]

    assert left == [200, 200]
    assert await shop.json("GET", "/api/waitlist", headers=ANN) == (200, [])


async def test_who_leaves_in_another_tab_meanwhile_has_waited(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    join = WaitlistRepository.join

    async def join_and_leave(self: WaitlistRepository, *told: Any) -> bool:
        joined = await join(self, *told)
        await self.leave("ann", SOLD_OUT["sku"])
        return joined

    monkeypatch.setattr(WaitlistRepository, "join", join_and_leave)

    status, told = await shop.json("POST", "/api/waitlist", json=SOLD_OUT, headers=ANN)

    assert (status, told["status"]) == (201, "waiting")


@pytest.mark.parametrize(
    ("who", "sku", "answer"),
    [
        (ANN, "lamp", (400, "in_stock")),
        (ANN, "nothing", (404, "product_not_found")),
        (ANN, "not a sku", (422, "malformed")),
        (GUEST, "shirt-blue-m", (403, "forbidden")),
    ],
)
async def test_there_must_be_something_and_somebody_to_wait(
    shop: Shop, who: dict[str, str], sku: str, answer: tuple[int, str]
) -> None:
    told = await shop.code("POST", "/api/waitlist", json={"sku": sku}, headers=who)

    assert told == answer


async def test_what_is_not_sold_any_more_never_comes_back(shop: Shop) -> None:
    product = await shop.repository.retire("shirt")
    shop.catalogue.put_product(product)

    told = await shop.code("POST", "/api/waitlist", json=SOLD_OUT, headers=ANN)

    assert told == (404, "product_not_found")
