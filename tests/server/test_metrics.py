"""What is measured has the names that the dashboard and the alerts ask for."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pytest_aiohttp.plugin import AiohttpClient

from server.app import build
from server.config import Config, load
from server.parts import MEASURED_JOBS
from tests.server.conftest import Client

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "docs" / "monitoring" / "dashboard.json"
ALERTS = ROOT / "docs" / "monitoring" / "alerts.yml"
ENDINGS = ("_total", "_count", "_sum", "_bucket", "")


def asked() -> set[str]:
    """Every metric of ours that the dashboard or an alert names."""
    text = DASHBOARD.read_text() + ALERTS.read_text()
    return set(re.findall(r"\b(?:souk_|process_)[a-z_]+", text))


async def measured(client: Client) -> dict[str, Any]:
    text = await (await client.get("/metrics")).text()
    return {each.name: each for each in text_string_to_metric_families(text)}


async def test_every_metric_that_is_asked_for_exists(client: Client) -> None:
    families = await measured(client)

    names = {f"{each}{end}" for each in families for end in ENDINGS}
    assert asked() - names == set()
    assert len(asked()) > 20


async def test_names_keep_the_conventions_of_prometheus(client: Client) -> None:
    for name, family in (await measured(client)).items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert family.documentation, name
        if name.startswith("souk_"):
            assert not name.endswith(("_total", "_count", "_ms", "_bucket")), name


def test_the_dashboard_draws_each_panel_from_a_source_of_ones_own() -> None:
    told = json.loads(DASHBOARD.read_text())

    assert len({each["title"] for each in told["panels"]}) == len(told["panels"])
    for panel in told["panels"]:
        assert panel["datasource"]["uid"] == "${source}"
        assert all(each["expr"] for each in panel["targets"])


def test_every_alert_says_what_to_do() -> None:
    text = ALERTS.read_text()

    count = text.count("- alert:")
    assert count >= 10
    assert text.count("          do: ") == count
    assert text.count("severity: ") == count


def sample(families: dict[str, Any], family: str, **labels: str) -> float:
    return sum(
        float(each.value)
        for each in families[family].samples
        if labels.items() <= each.labels.items()
        and not each.name.endswith(("_sum", "_created", "_bucket"))
    )


async def test_a_turn_its_tools_and_its_socket_are_counted(client: Client) -> None:
    guest = await (await client.post("/api/auth/guest")).json()
    socket = await client.ws_connect(f"/ws/chat/s?token={guest['access_token']}")
    await socket.send_json({"message": "waterproof speakers under 50"})
    while (await socket.receive_json())["type"] != "run_finished":
        pass

    families = await measured(client)

    assert sample(families, "souk_sockets") == 1
    assert sample(families, "souk_turns", status="done") == 1
    assert sample(families, "souk_tool_calls") >= 1
    assert sample(families, "souk_actors_awake", kind="session") == 1


async def test_a_socket_that_we_close_is_counted_by_its_code(client: Client) -> None:
    guest = await (await client.post("/api/auth/guest")).json()
    token = guest["access_token"]
    socket = await client.ws_connect(f"/ws/chat/s?token={token}")
    await socket.receive_json()

    bearer = {"Authorization": f"Bearer {token}"}
    await client.post("/api/auth/logout", headers=bearer)
    while not socket.closed:
        await socket.receive()

    families = await measured(client)
    assert sample(families, "souk_sockets_closed", code="4401") == 1


async def test_a_run_of_a_job_is_counted(client: Client) -> None:
    jobs = client.app[MEASURED_JOBS]
    jobs.runs["clean", "failed"] = 2
    jobs.runs["clean", "done"] = 1
    jobs.took_ms["clean"] = 1500
    jobs.failures["clean"] = 1

    families = await measured(client)

    assert sample(families, "souk_job_runs", job="clean", outcome="failed") == 2
    assert sample(families, "souk_job_seconds", job="clean") == 3
    assert sample(families, "souk_job_failures", job="clean") == 1


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        ("", "", 404),
        ("scrape", "", 401),
        ("scrape", "guess", 401),
        ("scrape",) * 2 + (200,),
    ],
)
async def test_production_shows_its_metrics_to_whoever_has_the_token(
    opened: Config, aiohttp_client: AiohttpClient, token: str, given: str, status: int
) -> None:
    told = load(
        {
            "APP_ENV": "production",
            "JWT_SECRET_KEY": "a-real-key-of-more-than-32-bytes-0123456789",
            "MONGODB_URL": opened.store.mongodb_url,
            "MONGODB_DB_NAME": opened.store.database,
            "SOUK__STORE__PATH": str(opened.store.path),
            "SOUK__SERVER__METRICS_TOKEN": token,
        },
        dotenv=opened.store.path / "none",
    )
    client = await aiohttp_client(build(told))

    headers = {"Authorization": f"Bearer {given}"} if given else {}
    answer = await client.get("/metrics", headers=headers)

    assert answer.status == status
