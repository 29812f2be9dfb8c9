"""What may be set, where it comes from, and what production refuses to start with.

The stronger first: the command line, the environment, `.env`, `config.toml`. Every key
can be set as `SOUK__SECTION__KEY`; a few go by plain names as well.
"""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from handlers.limits import Network
from server.sections import (
    Accounts,
    Agent,
    Faults,
    Fulfilment,
    Jobs,
    Log,
    Payments,
    Server,
    Store,
)

ROOT = Path(__file__).parents[1]
DEFAULTS = ROOT / "config.toml"

# One that stands in an example is no secret.
EXAMPLE_KEYS = {"change-me", "change-me-change-me-change-me-1234", "secret"}
KEY_BYTES = 32

PLAIN_NAMES: Mapping[str, tuple[str, str]] = {
    "PORT": ("server", "port"),
    "HOST": ("server", "host"),
    "APP_ENV": ("server", "environment"),
    "CORS_ORIGINS": ("server", "cors_origins"),
    "SENTRY_DSN": ("log", "sentry_dsn"),
    "MONGODB_URL": ("store", "mongodb_url"),
    "MONGODB_DB_NAME": ("store", "database"),
    "JWT_SECRET_KEY": ("accounts", "jwt_key"),
    "OPENAI_API_KEY": ("agent", "openai_api_key"),
    "OPENAI_BASE_URL": ("agent", "openai_base_url"),
}
# These hold lists; in the environment they are written with commas.
LISTS = {("server", "cors_origins"), ("server", "proxies")}


class BadConfig(Exception):
    """The server cannot start like this; every line says what to change."""


class Config(BaseSettings):
    """Everything that may be set."""

    model_config = SettingsConfigDict(
        env_prefix="SOUK__",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    server: Server
    store: Store
    accounts: Accounts
    agent: Agent
    payments: Payments
    jobs: Jobs
    fulfilment: Fulfilment
    faults: Faults
    log: Log

    @property
    def production(self) -> bool:
        """Whether people depend on this server."""
        return self.server.environment == "production"

    @property
    def seeds(self) -> bool:
        """Whether to put the demo shop into the database at start."""
        return self.store.seed == "always" or (
            self.store.seed == "auto" and not self.production
        )

    @property
    def simulates_fulfilment(self) -> bool:
        """Whether orders are packed, shipped and delivered by themselves."""
        said = self.fulfilment.simulate
        return said == "always" or (said == "auto" and not self.production)

    @property
    def shows_docs(self) -> bool:
        """Whether /docs and /redoc are there."""
        return self.server.docs == "always" or (
            self.server.docs == "auto" and not self.production
        )

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks whose X-Forwarded-For is believed."""
        return tuple(ipaddress.ip_network(text) for text in self.server.proxies)


def load(
    environment: Mapping[str, str],
    *,
    path: Path = DEFAULTS,
    dotenv: Path = Path(".env"),
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> Config:
    """Return the configuration. Raises BadConfig, naming everything that is wrong."""
    if not path.is_file():
        raise BadConfig(f"{path}: there is no such file (--config)")

    class Layered(Config):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: Any, **__: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            given = {k: v for k, v in dotenv_values(dotenv).items() if v is not None}
            return (
                Known(settings_cls, options or {}),
                Known(settings_cls, _by_section(environment)),
                Known(settings_cls, _by_section(given)),
                TomlConfigSettingsSource(settings_cls, path),
                # A file of one's own need only say what is different.
                TomlConfigSettingsSource(settings_cls, DEFAULTS),
            )

    try:
        config = Layered()  # type: ignore[call-arg]  # the sources fill it
    except ValidationError as wrong:
        raise BadConfig("\n".join(_told(wrong))) from None
    except ValueError as wrong:
        raise BadConfig(f"{path}: {wrong}") from None
    faults = [*_faults(config), *(unsafe(config) if config.production else ())]
    if faults:
        raise BadConfig("\n".join(faults))
    return config


class Known(PydanticBaseSettingsSource):
    """A layer that is known already."""

    def __init__(
        self, settings_cls: type[BaseSettings], layer: Mapping[str, Any]
    ) -> None:
        super().__init__(settings_cls)
        self._layer = dict(layer)

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002 - the base class asks so
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """Return one section of the layer."""
        return self._layer.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the layer."""
        return self._layer


def _by_section(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in environment.items():
        place = PLAIN_NAMES.get(name)
        if name.upper().startswith("SOUK__"):
            section, _, key = name.lower().removeprefix("souk__").partition("__")
            place = (section, key)
        # `MONGODB_URL=` in a file means that it is not set.
        if place is None or (not value and name in PLAIN_NAMES):
            continue
        parts = [part.strip() for part in value.split(",")]
        many = tuple(part for part in parts if part)
        found.setdefault(place[0], {})[place[1]] = many if place in LISTS else value
    return found


def _told(wrong: ValidationError) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in error['loc'])}: "
        + ("unknown key" if error["type"] == "extra_forbidden" else error["msg"])
        for error in wrong.errors(include_url=False, include_input=False)
    ]


def _faults(config: Config) -> list[str]:
    faults = []
    for text in config.server.proxies:
        try:
            ipaddress.ip_network(text)
        except ValueError:
            faults.append(f"server.proxies: {text} is no network such as 10.0.0.0/8")
    faults += [
        f"server.cors_origins: {origin} is no origin such as https://a.example"
        for origin in config.server.cors_origins
        if origin != "*" and not _is_origin(origin)
    ]
    agent = config.agent
    if agent.daily_cost_cents and not (
        agent.input_price_cents or agent.output_price_cents
    ):
        faults.append(
            "agent.daily_cost_cents: it takes agent.input_price_cents and"
            " agent.output_price_cents to know what a day cost"
        )
    if config.jobs.webhook_url and len(config.jobs.webhook_secret) < 16:
        faults.append("jobs.webhook_secret: a webhook takes 16 characters or more")
    key = config.accounts.jwt_key
    if key and len(key.encode()) < KEY_BYTES:
        faults.append(
            f"accounts.jwt_key (JWT_SECRET_KEY): {len(key.encode())} bytes are too few,"
            f" it takes {KEY_BYTES} or more"
        )
    return faults


def _is_origin(text: str) -> bool:
    """Tell whether browsers write an origin so; another writing would fit none."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    usual = port is not None and port == {"https": 443, "http": 80}.get(parts.scheme)
    plain = text.isascii() and not set("@*") & {*parts.netloc} and not usual
    return bool(host) and plain and text == f"{parts.scheme}://{parts.netloc}".lower()


def unsafe(config: Config) -> list[str]:
    """Return what production refuses of it, a line for each."""
    faults = []
    key = config.accounts.jwt_key
    if not key:
        faults.append("accounts.jwt_key (JWT_SECRET_KEY): production needs one")
    elif key in EXAMPLE_KEYS or len(set(key)) < 8:
        faults.append("accounts.jwt_key (JWT_SECRET_KEY): this one is no secret")
    if config.jobs.webhook_url and not _safe(config.jobs.webhook_url):
        faults.append("jobs.webhook_url: only https is safe in production")
    faults += [
        f"server.cors_origins (CORS_ORIGINS): {origin} is not safe in production"
        for origin in config.server.cors_origins
        if not _safe(origin)
    ]
    return faults


def _safe(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
