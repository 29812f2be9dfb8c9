"""Sending errors to Sentry, where SENTRY_DSN says so; without it nothing is loaded.

What is reported is what the log tells at error level, with its traceback: handlers,
actors and jobs all end there. Secrets are hidden as in the log, and neither bodies nor
local variables go along.
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from structlog.typing import EventDict

from server.config import BadConfig, Config
from server.logging import hidden

GRAVE = {"error", "critical"}
# A server that stops waits no longer for Sentry to take what is left.
FLUSH_WITHIN_S = 2.0


class Reporter:
    """A step of the log's pipeline that sends what is grave, and changes nothing."""

    def __init__(self, sdk: Any) -> None:
        self._sdk = sdk

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        """Send `event` if it is an error."""
        if event.get("level") in GRAVE:
            self._send(event)
        return event

    def close(self) -> None:
        """Wait, not long, until all is sent."""
        self._sdk.flush(FLUSH_WITHIN_S)

    def _send(self, event: EventDict) -> None:
        told = hidden({k: v for k, v in event.items() if k not in _OURS})
        error = _error(event.get("exc_info"))
        with self._sdk.new_scope() as scope:
            scope.set_tag("event", event["event"])
            if request_id := event.get("request_id"):
                scope.set_tag("request_id", request_id)
            if user_id := event.get("user_id"):
                scope.set_user({"id": user_id})
            scope.set_context("log", told)
            if error is None:
                self._sdk.capture_message(str(event["event"]), level=event["level"])
            else:
                self._sdk.capture_exception(error)


_OURS = {"exc_info", "_record", "_from_structlog"}


def reporter(config: Config) -> Reporter | None:
    """Return who reports, or None where nobody is to be told. Raises BadConfig."""
    if not config.log.sentry_dsn:
        return None
    try:
        import sentry_sdk
    except ImportError:
        raise BadConfig('log.sentry_dsn: pip install "souk[sentry]"') from None
    sentry_sdk.init(
        config.log.sentry_dsn,
        release=_release(),
        environment=config.server.environment,
        before_send=lambda event, _hint: hidden(event),
        # Its integrations would send breadcrumbs, bodies and variables by themselves.
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        send_default_pii=False,
    )
    return Reporter(sentry_sdk)


def _error(told: Any) -> BaseException | None:
    """Return the exception that a line tells of, in whichever form it does."""
    if isinstance(told, tuple):
        return told[1] if isinstance(told[1], BaseException) else None
    if isinstance(told, BaseException):
        return told
    return sys.exc_info()[1] if told else None


def _release() -> str:
    try:
        return f"souk@{version('souk')}"
    except PackageNotFoundError:
        return "souk"
