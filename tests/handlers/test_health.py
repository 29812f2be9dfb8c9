import pytest
from pytest_aiohttp.plugin import AiohttpClient

from handlers.keys import METRICS_TOKEN, READINESS, STOPPING
from store.client import Database
from tests.handlers.house import House, code


async def test_a_server_that_answers_lives(house: House) -> None:
    answer = await house.get("/health/live")

    assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_a_server_is_ready_when_all_it_needs_is(house: House) -> None:
    async def yes() -> bool:
        return True

    async def no() -> bool:
        return False

    checks = house.app[READINESS]
    assert isinstance(checks, dict)
    checks["database"] = yes
    ready = await house.get("/health/ready")
    checks["database"] = no
    not_ready = await house.get("/health/ready")

    assert ready.status == 200
    assert await code(not_ready) == (503, "not_ready")
    assert not_ready.headers["Retry-After"] == "1"
    assert "database" in (await not_ready.json())["detail"]


async def test_a_server_that_goes_away_lives_but_is_not_ready(house: House) -> None:
    house.app[STOPPING].set()

    assert (await house.get("/health/live")).status == 200
    assert (await house.get("/health/ready")).status == 503


async def test_measures_are_shown_by_route(house: House) -> None:
    await house.get("/health/live")
    await house.get("/nowhere/1")

    answer = await house.get("/metrics")

    text = await answer.text()
    assert answer.content_type == "text/plain"
    assert (
        'souk_request_seconds_count{method="GET",route="/health/live",status="200"} 1'
        in text
    )
    assert 'route="unmatched",status="404"' in text


@pytest.mark.parametrize(
    ("wanted", "given", "status"),
    [
        ("", "", 200),
        ("a-token", "", 401),
        ("a-token", "other", 401),
        ("a-token", "a-token", 200),
        (None, "", 404),
        (None, "a-token", 404),
    ],
)
async def test_measures_are_for_those_who_may(
    aiohttp_client: AiohttpClient,
    database: Database,
    wanted: str | None,
    given: str,
    status: int,
) -> None:
    house = House(database)
    house.app[METRICS_TOKEN] = wanted
    house.client = await aiohttp_client(house.app)

    assert (await house.get("/metrics", given)).status == status

    house.passwords.close()
