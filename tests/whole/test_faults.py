"""Real processes die under real buyers, and the books add up; `bench faults` does more.

One shop and one crowd meet trouble after trouble: what one left behind, the next finds.

Thirty-two buyers want twenty-four units and ask again until they know. Then each order
that was acknowledged is there once and paid, nobody else is charged, every unit is
sold, set aside or free, and the carts hold what was not bought.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from bench.faults import at_the_line, dying, lives
from bench.outage import outage
from bench.relay import relayed
from bench.repeats import repeated
from bench.stage import Stage
from bench.standing import Standing
from bench.stopping import stopped
from tests.nursery import bear

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Born(Standing):
    """The same server, born grown up."""

    async def _begun(
        self, environment: Mapping[str, str]
    ) -> asyncio.subprocess.Process:
        _, *arguments = self._program()
        born = await bear(*arguments, environment=dict(environment))
        # All that a server standing here asks of its process, this one can as well.
        return cast("asyncio.subprocess.Process", born)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage(tmp_path_factory.mktemp("faults") / "shop", Born) as stage:
        yield stage


async def test_a_server_killed_in_the_midst_of_paying_loses_nothing(
    stage: Stage,
) -> None:
    stop_at = "after paying 8"

    assert await stage.sale(dying(stop_at), stop_at) == []


async def test_a_database_killed_in_the_midst_of_paying_loses_nothing(
    stage: Stage,
) -> None:
    assert await stage.sale(lives, "before paying 8 mongod") == []


async def test_what_is_sent_twenty_times_is_done_once(stage: Stage) -> None:
    wrong = await repeated(stage)

    assert [f"{name}: {each}" for name, found in wrong.items() for each in found] == []


async def test_a_stop_under_load_keeps_orders_and_chat_lines(stage: Stage) -> None:
    seen = await stopped(stage)

    assert seen.wrong == []
    assert seen.acknowledged
    assert seen.took_s < 15


async def test_a_database_away_stops_writes_alone_and_only_for_so_long(
    tmp_path: Path,
) -> None:
    async with (
        relayed(tmp_path / "database") as (relay, _),
        Stage(tmp_path / "shop", Born, MONGODB_URL=relay.url) as stage,
    ):
        swallowed = at_the_line(relay)["answers swallowed for 5 s"]
        assert await stage.sale(swallowed) == []

        async def cut() -> None:
            relay.how = "away"
            relay.cut()

        async def mend() -> None:
            relay.how = "passes"

        seen = await outage(stage.crowd[0], cut, mend)

    assert seen.wrong() == []
    assert seen.slowest_s < 3
    assert seen.back_after_s < 5
