"""The jobs of the whole server, on its own database."""

from typing import Any

from pytest_aiohttp.plugin import AiohttpClient

from handlers.keys import CLOCK, JOBS
from server.app import build
from server.config import Config
from server.parts import DATABASE
from tests.server.conftest import Client


async def run_through(client: Client, name: str) -> dict[str, Any]:
    """Have a job run now and return how it is kept once it has ended."""
    ended = {"fullDocument.runs": {"$gte": 1}, "documentKey._id": name}
    async with client.app[DATABASE]["jobs"].watch(
        [{"$match": ended}], full_document="updateLookup"
    ) as changes:
        await client.app[JOBS].ask(name, "olga", client.app[CLOCK].now())
        change: dict[str, Any] = await changes.next()
    kept: dict[str, Any] = change["fullDocument"]
    return kept


async def test_a_job_that_is_asked_for_is_run(client: Client) -> None:
    kept = await run_through(client, "clean_up")

    assert (kept["last_outcome"], kept["last_error"]) == ("done", None)


async def test_a_node_without_jobs_leaves_them_to_others(
    config: Config, aiohttp_client: AiohttpClient
) -> None:
    off = config.jobs.model_copy(update={"enabled": False})
    quiet = config.model_copy(update={"jobs": off})

    client = await aiohttp_client(build(quiet))

    assert await client.app[JOBS].all() == []
