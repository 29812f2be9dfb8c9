"""The jobs from the command line."""

import argparse
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from server.command_line import parser
from server.config import Config
from server.job_verbs import list_jobs, run_job
from store.client import Database, close, connect
from store.job import Finished, JobRepository

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOTHING = argparse.Namespace()
CLEAN = argparse.Namespace(name="clean")


@pytest.fixture
async def db(config: Config) -> AsyncIterator[Database]:
    opened = await connect(config.store.mongodb_url, config.store.database)
    yield opened
    await opened.client.drop_database(opened.name)
    close(opened)


@pytest.fixture
async def jobs(db: Database) -> JobRepository:
    repository = JobRepository(db)
    far = datetime.now(UTC) + timedelta(days=1)  # noqa: TID251 - of today, for real
    await repository.register("clean", "0 3 * * *", far)
    return repository


async def test_jobs_are_listed(
    config: Config, jobs: JobRepository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await list_jobs(config, NOTHING) == 0

    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("clean ")
    assert "0 3 * * *" in line
    assert line.endswith("never ran")


async def test_a_job_that_fails_is_told_with_its_error(
    config: Config, jobs: JobRepository, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - of today, for real
    await jobs.ask("clean", "me", now)
    await jobs.claim("clean", "runner", now + timedelta(seconds=1), 60)
    run = Finished(
        next_run=NOON,
        began=NOON,
        outcome="failed",
        error="no room",
        took_ms=7,
        failures=1,
        report={},
    )
    await jobs.finish("clean", "runner", run)

    assert await list_jobs(config, NOTHING) == 1

    assert "failed 2026-01-01 12:00:00, 7 ms: no room" in capsys.readouterr().out


async def test_a_user_without_a_name_may_ask_for_a_run(
    config: Config, jobs: JobRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)

    assert await run_job(config, CLEAN) == 0

    [job] = await jobs.all()
    assert job.asked_by == f"user {os.getuid()} at the command line"


async def test_before_any_server_ran_there_are_no_jobs(
    config: Config, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await list_jobs(config, NOTHING) == 0
    assert "No server has made its jobs known" in capsys.readouterr().out


async def test_a_job_is_asked_for_and_due_at_once(
    config: Config, jobs: JobRepository
) -> None:
    assert await run_job(config, CLEAN) == 0

    now = datetime.now(UTC)  # noqa: TID251 - of today, for real
    assert await jobs.due(now + timedelta(seconds=1)) == ["clean"]
    [state] = await jobs.all()
    assert str(state.asked_by).endswith("at the command line")


async def test_a_job_that_is_not_there_or_runs_is_refused(
    config: Config, jobs: JobRepository, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - of today, for real
    assert await run_job(config, argparse.Namespace(name="ghost")) == 1
    await jobs.ask("clean", "me", now)
    await jobs.claim("clean", "runner", now + timedelta(seconds=1), 60)

    assert await run_job(config, CLEAN) == 1

    told = capsys.readouterr().err
    assert "no job ghost" in told
    assert "clean is running" in told


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        ([], "serve"),
        (["serve"], "serve"),
        (["jobs"], "jobs"),
        (["jobs", "run", "clean"], "jobs run"),
        (["user", "role", "--email", "a", "--role", "operator"], "user role"),
        (["import", "file"], "import"),
    ],
)
def test_words_are_a_verb(words: list[str], verb: str) -> None:
    assert parser().parse_args(words).verb == verb
