"""The sections of the configuration: which keys there are, and what each may be.

`config.toml` says what every key means and which value it has if nobody sets it.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from messages.session import DoubleTexting

Positive = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """Unknown keys are refused by name: a typing error must not pass for a setting."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Server(Section):
    """Where the server listens and whom it trusts."""

    environment: Literal["development", "production"]
    host: str
    port: Port
    cors_origins: tuple[str, ...]
    proxies: tuple[str, ...]
    drain_s: Positive
    idle_s: Positive
    metrics_token: str
    docs: Literal["auto", "always", "never"]


class Store(Section):
    """The database."""

    mongodb_url: str
    database: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,38}$")]
    path: Path
    seed: Literal["auto", "always", "never"]


class Accounts(Section):
    """Signing in, and how often."""

    jwt_key: str
    access_token_s: Positive
    refresh_token_s: Positive
    refresh_grace_s: Whole
    ticket_s: Positive
    bcrypt_cost: Annotated[int, Field(ge=4, le=16)]
    password_queue: Positive
    limit_window_s: Positive
    failures_per_account_and_address: Positive
    failures_per_account: Positive
    failures_per_address: Positive
    signups_per_address: Positive
    guests_per_address: Positive
    refreshes_per_address: Positive


class Agent(Section):
    """The model that the sales agent speaks with."""

    model: str
    openai_api_key: str
    openai_base_url: str
    first_token_s: Positive
    between_tokens_s: Positive
    run_tokens: Whole
    session_tokens: Whole
    daily_tokens: Whole
    daily_cost_cents: Whole
    run_calls: Positive
    run_writes: Whole
    run_s: Positive
    double_texting: DoubleTexting
    handoff_wait_s: Positive
    input_price_cents: Whole
    output_price_cents: Whole


class Payments(Section):
    """How good the mock provider's line is."""

    latency_ms: Annotated[int, Field(ge=0)]
    decline_percent: Annotated[int, Field(ge=0, le=100)]


class Jobs(Section):
    """What time asks for, and who outside is told of alerts."""

    enabled: bool
    webhook_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")]
    webhook_secret: str


class Fulfilment(Section):
    """Whether orders move on by themselves, and after how long."""

    simulate: Literal["auto", "always", "never"]
    process_after_s: Positive
    ship_after_s: Positive
    deliver_after_s: Positive


class Faults(Section):
    """What goes wrong on purpose; `server/faults.py` says how it is named."""

    stop_at: Annotated[
        str, Field(pattern=r"^((before|after) [a-z]+ [1-9]\d*( mongod)?)?$")
    ]
    now: AwareDatetime | Literal[""]


class Log(Section):
    """What is written about the server's doings."""

    format: Literal["auto", "json", "console"]
    level: Literal["debug", "info", "warning", "error"]
    sentry_dsn: str
