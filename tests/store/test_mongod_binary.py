"""Where no mongod runs: why, what stands in, and what to do about it."""

import os
import subprocess
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import store.embedded
from actors.runtime.clock import LoopClock
from store.child import command_line
from store.embedded import NoDatabase, PrivateMongod
from store.mongod_binary import candidates, why_not
from tests.store.program import program, running

MISSING = "error while loading shared libraries: libcurl.so.4: cannot open shared"


async def test_a_missing_library_is_named(tmp_path: Path) -> None:
    broken = program(tmp_path, f"echo '{MISSING} object file' >&2; exit 127")

    reason = await why_not(broken)

    assert reason == f"{broken} misses the library libcurl.so.4"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -ILL $$", "AVX"),
        ("echo 'old kernel' >&2; exit 3", "code 3: old kernel"),
        ("exit 3", "said nothing"),
        (
            "echo 'Error loading shared library libssl.so.3: No such file' ; exit 127",
            "misses the library libssl.so.3",
        ),
    ],
)
async def test_why_a_program_does_not_run_is_said(
    tmp_path: Path, script: str, said: str
) -> None:
    reason = await why_not(program(tmp_path, script))

    assert reason is not None
    assert said in reason


async def test_a_program_for_another_machine_is_named(tmp_path: Path) -> None:
    alien = tmp_path / "mongod"
    alien.write_bytes(b"\xcf\xfa\xed\xfe not for here")
    alien.chmod(0o755)

    assert "no program for this machine" in (await why_not(alien) or "")


async def test_a_program_that_runs_has_nothing_against_it() -> None:
    assert await why_not(candidates()[0]) is None


def test_a_mongod_on_the_path_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = program(tmp_path, "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert candidates()[0] == own


async def test_without_mongod_the_stand_in_runs_and_says_so(tmp_path: Path) -> None:
    broken = program(tmp_path, f"echo '{MISSING} object file' >&2; exit 127")

    with capture_logs() as logs:
        async with running(tmp_path / "data", [broken]) as (mongod, db):
            await db.things.insert_one({"_id": "lamp"})
            assert mongod.kind == "secantusdb"
        async with running(tmp_path / "data", [broken]) as (_, db):
            assert await db.things.count_documents({}) == 1

    warning = next(each for each in logs if each["event"] == "database.stand_in")
    assert warning["log_level"] == "warning"
    assert "libcurl.so.4" in str(warning["reasons"])


async def test_where_nothing_runs_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = program(tmp_path, f"echo '{MISSING} object file' >&2; exit 127")
    monkeypatch.setattr(store.embedded, "secantus_command", lambda: None)

    with pytest.raises(NoDatabase) as told:
        await PrivateMongod(tmp_path / "d", LoopClock(), programs=[broken]).start()

    assert "libcurl.so.4" in str(told.value)
    assert "MONGODB_URL" in str(told.value)
    assert "install" in str(told.value)


async def test_a_stand_in_that_fails_is_told_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = program(tmp_path, "echo 'no room' >&2; exit 1", "stand-in")
    monkeypatch.setattr(store.embedded, "secantus_command", lambda: [str(broken)])

    with pytest.raises(NoDatabase, match=r"no room.*MONGODB_URL"):
        await PrivateMongod(tmp_path / "d", LoopClock(), programs=[]).start()


async def test_no_stand_in_takes_the_place_of_data_that_mongod_wrote(
    tmp_path: Path,
) -> None:
    async with running(tmp_path):
        pass

    with pytest.raises(NoDatabase, match="MONGODB_URL"):
        await PrivateMongod(tmp_path, LoopClock(), programs=[]).start()


async def test_a_database_that_ends_at_once_leaves_its_last_words(
    tmp_path: Path,
) -> None:
    script = """
        test "$1" = --version && exit 0
        echo '{"s":"F","msg":"the disk is full","attr":{"left":0}}'
        exit 100
    """
    mongod = program(tmp_path, script)

    with pytest.raises(NoDatabase, match="the disk is full"):
        await PrivateMongod(tmp_path / "d", LoopClock(), programs=[mongod]).start()


def test_a_process_that_ended_has_no_command_line() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()

    assert command_line(str(gone.pid)) == ""
    assert command_line("nobody") == ""
    assert "python" in command_line(str(os.getpid()))
