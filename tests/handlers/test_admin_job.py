"""What operators see of jobs over HTTP; nobody runs them here."""

from collections.abc import AsyncIterator

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from handlers import admin_job
from handlers.keys import JOBS
from store.client import Database
from store.job import JobRepository
from tests.handlers.house import House, code

JOB = "clean_up"


@pytest.fixture
async def house(
    aiohttp_client: AiohttpClient, database: Database
) -> AsyncIterator[House]:
    built = House(database, [admin_job.routes])
    jobs = built.app[JOBS] = JobRepository(database)
    await jobs.register(JOB, "at 20 3 * * *", built.clock.now().replace(hour=0))
    built.client = await aiohttp_client(built.app)
    yield built
    built.passwords.close()


async def test_the_schedule_is_shown(house: House) -> None:
    answer = await house.get("/api/admin/jobs", house.token("operator"))

    [job] = await answer.json()
    assert (answer.status, job["name"], job["schedule"]) == (200, JOB, "at 20 3 * * *")
    assert (job["runs"], job["runner"], job["last_outcome"]) == (0, None, None)


async def test_an_operator_has_a_job_run_now(house: House) -> None:
    answer = await house.post(
        f"/api/admin/jobs/{JOB}/run", token=house.token("operator", "olga")
    )

    job = await answer.json()
    assert (answer.status, job["asked_by"]) == (202, "olga")
    assert await house.app[JOBS].due(house.clock.now()) == [JOB]


async def test_what_is_no_job_is_not_found(house: House) -> None:
    answer = await house.post("/api/admin/jobs/nap/run", token=house.token("operator"))

    assert await code(answer) == (404, "job_not_found")


async def test_a_job_that_runs_cannot_be_run_twice(house: House) -> None:
    await house.app[JOBS].claim(JOB, "a", house.clock.now(), 60)

    answer = await house.post(
        f"/api/admin/jobs/{JOB}/run", token=house.token("operator")
    )

    assert await code(answer) == (409, "job_running")


async def test_jobs_are_none_of_a_customers_business(house: House) -> None:
    seen = await house.get("/api/admin/jobs", house.token("customer"))
    run = await house.post(f"/api/admin/jobs/{JOB}/run", token=house.token("guest"))

    assert await code(seen) == (403, "forbidden")
    assert await code(run) == (403, "forbidden")
