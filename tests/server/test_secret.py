import stat
from pathlib import Path

from server.config import load
from server.secret import signing_key

KEY = "a-real-key-of-more-than-32-bytes-0123456789"


def test_a_configured_key_is_used(tmp_path: Path) -> None:
    config = load(
        {"JWT_SECRET_KEY": KEY, "SOUK__STORE__PATH": str(tmp_path)},
        dotenv=tmp_path / "none",
    )

    assert signing_key(config) == KEY
    assert list(tmp_path.iterdir()) == []


def test_an_invented_key_outlives_a_restart_and_is_nobody_elses(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "souk"
    config = load({"SOUK__STORE__PATH": str(folder)}, dotenv=tmp_path / "none")

    first = signing_key(config)

    assert signing_key(config) == first
    assert len(first.encode()) >= 32
    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_two_shops_invent_different_keys(tmp_path: Path) -> None:
    keys = {
        signing_key(load({"SOUK__STORE__PATH": str(tmp_path / name)}, dotenv=tmp_path))
        for name in "ab"
    }

    assert len(keys) == 2
