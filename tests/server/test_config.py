"""Where settings come from, and what production refuses."""

import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from server.config import DEFAULTS, PLAIN_NAMES, BadConfig, Config, load

KEY = "a-real-key-of-more-than-32-bytes-0123456789"
PRODUCTION = {"APP_ENV": "production", "JWT_SECRET_KEY": KEY}


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    return tmp_path / "no.env"


def test_the_file_gives_the_defaults(nothing: Path) -> None:
    config = load({}, dotenv=nothing)

    assert config.server.port == 8000
    assert config.server.host == "127.0.0.1"
    assert config.accounts.bcrypt_cost == 12
    assert not config.production
    assert config.seeds


def test_the_stronger_source_wins(tmp_path: Path) -> None:
    file, dotenv = tmp_path / "my.toml", tmp_path / ".env"
    file.write_text('[server]\nport = 1\nhost = "a"\n[store]\ndatabase = "a"\n')
    dotenv.write_text("HOST=b\nSOUK__SERVER__PORT=2\nMONGODB_DB_NAME=b\nOTHER=1\n")
    environment = {"PORT": "3", "MONGODB_DB_NAME": "c"}

    config = load(
        environment, path=file, dotenv=dotenv, options={"server": {"port": 4}}
    )

    found = (config.server.port, config.server.host, config.store.database)
    assert found == (4, "b", "c")


def test_every_plain_name_is_a_key() -> None:
    for section, key in PLAIN_NAMES.values():
        assert key in Config.model_fields[section].annotation.model_fields  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("PORT", "81", ("server", "port", 81)),
        ("HOST", "::", ("server", "host", "::")),
        ("MONGODB_URL", "mongodb://a", ("store", "mongodb_url", "mongodb://a")),
        ("OPENAI_API_KEY", "k", ("agent", "openai_api_key", "k")),
        ("OPENAI_BASE_URL", "http://m", ("agent", "openai_base_url", "http://m")),
        ("SENTRY_DSN", "https://s", ("log", "sentry_dsn", "https://s")),
        ("JWT_SECRET_KEY", KEY, ("accounts", "jwt_key", KEY)),
        ("CORS_ORIGINS", "", ("server", "cors_origins", ())),
        (
            "CORS_ORIGINS",
            "https://a.example, http://localhost:3000,",
            ("server", "cors_origins", ("https://a.example", "http://localhost:3000")),
        ),
        (
            "CORS_ORIGINS",
            "capacitor://localhost, http://[::1]:8080",
            ("server", "cors_origins", ("capacitor://localhost", "http://[::1]:8080")),
        ),
        (
            "SOUK__SERVER__PROXIES",
            "10.0.0.0/8,::1",
            ("server", "proxies", ("10.0.0.0/8", "::1")),
        ),
        ("souk__log__level", "debug", ("log", "level", "debug")),
    ],
)
def test_plain_names_and_long_ones_work(
    nothing: Path, name: str, value: str, found: tuple[str, str, Any]
) -> None:
    config = load({name: value}, dotenv=nothing)

    section, key, expected = found
    assert getattr(getattr(config, section), key) == expected


def test_proxies_are_networks(nothing: Path) -> None:
    config = load({"SOUK__SERVER__PROXIES": "10.0.0.0/8,192.0.2.1"}, dotenv=nothing)

    assert config.proxies == (ip_network("10.0.0.0/8"), ip_network("192.0.2.1/32"))


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"PORT": "many"}, "server.port"),
        ({"PORT": "70000"}, "server.port"),
        ({"SOUK__SERVER__PROT": "1"}, "server.prot: unknown key"),
        ({"SOUK__SEVER__PORT": "1"}, "sever: unknown key"),
        ({"APP_ENV": "staging"}, "server.environment"),
        ({"JWT_SECRET_KEY": "short"}, "accounts.jwt_key (JWT_SECRET_KEY): 5 bytes"),
        ({"CORS_ORIGINS": "a.example"}, "a.example is no origin"),
        ({"CORS_ORIGINS": "https://a.example/path"}, "is no origin"),
        ({"CORS_ORIGINS": "https://["}, "is no origin"),
        ({"CORS_ORIGINS": "https://a.example:x"}, "is no origin"),
        ({"CORS_ORIGINS": "https://A.example"}, "is no origin"),
        ({"CORS_ORIGINS": "https://a.example:443"}, "is no origin"),
        ({"CORS_ORIGINS": "https://*.a.example"}, "is no origin"),
        ({"CORS_ORIGINS": "https://ada@a.example"}, "is no origin"),
        ({"CORS_ORIGINS": "https://b\u00fccher.example"}, "is no origin"),
        ({"SOUK__SERVER__PROXIES": "10.0.0.0/33"}, "10.0.0.0/33 is no network"),
        ({"SOUK__ACCOUNTS__BCRYPT_COST": "3"}, "accounts.bcrypt_cost"),
        ({"MONGODB_DB_NAME": "a b"}, "store.database"),
        ({"SOUK__AGENT__DAILY_COST_CENTS": "500"}, "it takes agent.input_price_cents"),
    ],
)
def test_what_is_wrong_is_told_by_name(
    nothing: Path, environment: dict[str, str], told: str
) -> None:
    with pytest.raises(BadConfig) as wrong:
        load(environment, dotenv=nothing)

    assert told in str(wrong.value)


def test_a_wrong_secret_is_not_repeated(nothing: Path) -> None:
    with pytest.raises(BadConfig) as wrong:
        load({"JWT_SECRET_KEY": "hunter2-hunter2"}, dotenv=nothing)

    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nprot = 1\n", "server.prot: unknown key"),
        ("[sever]\nport = 1\n", "sever: unknown key"),
        ("port = 1\n", "port: unknown key"),
        ("[server\n", "my.toml"),
    ],
)
def test_unknown_keys_in_the_file_are_refused_by_name(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "my.toml"
    file.write_text(text)

    with pytest.raises(BadConfig) as wrong:
        load({}, path=file, dotenv=tmp_path / "no.env")

    assert told in str(wrong.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"gone\.toml"):
        load({}, path=tmp_path / "gone.toml")


def test_production_starts_with_a_key_and_seeds_nothing(nothing: Path) -> None:
    config = load(
        {**PRODUCTION, "CORS_ORIGINS": "https://a.example,http://localhost:3000"},
        dotenv=nothing,
    )

    assert config.production
    assert not config.seeds


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"JWT_SECRET_KEY": ""}, "production needs one"),
        ({"JWT_SECRET_KEY": "x" * 31}, "31 bytes are too few"),
        ({"JWT_SECRET_KEY": "x" * 64}, "no secret"),
        ({"JWT_SECRET_KEY": "change-me-change-me-change-me-1234"}, "no secret"),
        ({"CORS_ORIGINS": "*"}, "* is not safe"),
        ({"SOUK__JOBS__WEBHOOK_URL": "https://["}, "only https is safe"),
        ({"CORS_ORIGINS": "http://a.example"}, "http://a.example is not safe"),
        ({"CORS_ORIGINS": "https://a.example,http://192.0.2.1"}, "192.0.2.1 is not"),
    ],
)
def test_production_refuses_what_is_unsafe(
    nothing: Path, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(BadConfig) as wrong:
        load({**PRODUCTION, **changed}, dotenv=nothing)

    assert told in str(wrong.value)


def test_every_key_stands_in_the_file_with_a_comment() -> None:
    lines = DEFAULTS.read_text().splitlines()
    told = tomllib.loads(DEFAULTS.read_text())

    for section, field in Config.model_fields.items():
        assert field.annotation is not None
        for key in field.annotation.model_fields:
            assert key in told[section]
            [at] = [n for n, line in enumerate(lines) if line.startswith(f"{key} = ")]
            assert lines[at - 1].startswith("# "), key
