"""Real processes die under real buyers, and the books add up; `bench faults` does more.

Thirty-two buyers want twenty-four units and ask again until they know. Then each order
that was acknowledged is there once and paid, nobody else is charged, every unit is
sold, set aside or free, and the carts hold what was not bought.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.faults import Stage, dying, mongod_killed


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(tmp_path / "shop") as stage:
        yield stage


async def test_a_server_killed_in_the_midst_of_paying_loses_nothing(
    stage: Stage,
) -> None:
    stop_at = "after paying 8"

    assert await stage.sale(dying(stop_at), stop_at) == []


async def test_a_database_killed_under_its_buyers_loses_nothing(stage: Stage) -> None:
    assert await stage.sale(mongod_killed) == []


async def test_what_is_sent_twenty_times_is_done_once(stage: Stage) -> None:
    wrong = await stage.repeated()

    assert [f"{name}: {each}" for name, found in wrong.items() for each in found] == []
