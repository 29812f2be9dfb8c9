"""The key that signs tokens: configured, or in development kept beside the data."""

import os
import secrets
from pathlib import Path

import structlog

from server.config import Config

log = structlog.get_logger()

FILE = "jwt_key"


def signing_key(config: Config) -> str:
    """Return the configured key; development makes one and keeps it for the next start.

    Otherwise every restart would sign everybody out.
    """
    if config.accounts.jwt_key:
        return config.accounts.jwt_key
    file = config.store.path / FILE
    if file.exists():
        return file.read_text()
    key = secrets.token_urlsafe(48)
    _keep(file, key)
    log.warning("jwt_key.invented", kept_in=str(file), instead="set JWT_SECRET_KEY")
    return key


def _keep(file: Path, key: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written whole under another name first: a crash never leaves half a key.
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
