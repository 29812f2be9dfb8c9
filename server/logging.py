"""How the log looks: JSON lines, or colours on a terminal; never a secret in it.

Our own lines take the short way: filtered before anything is done, rendered to bytes,
written at once. Lines of libraries come by the standard library's logging and end up
looking the same.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any, Literal, TextIO

import msgspec
import structlog
from aiohttp.http_exceptions import HttpProcessingError
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
# Names that hold secrets wherever they turn up; and tokens that hide in texts.
SECRET_NAME = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key|jwt_?key|ticket|dsn"
    r"|card|cvc",
    re.IGNORECASE,
)
SECRET_TEXT = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JWT
    r"|(?<=[?&]token=)[^&\s\"']+|(?<=[?&]ticket=)[^&\s\"']+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in a URL
    r"|(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)"  # a card's number
)
# Ids and names are shorter; in a sentence or a traceback a number may be a card's.
SENTENCE = 33
# Libraries that say a lot at info which our own lines say better.
TALKATIVE = (
    "aiohttp.access",
    "asyncio",
    "pymongo",
    "httpx",
    "httpx2",
    "openai",
    "httpcore",
    "urllib3",
)

_encode = msgspec.json.Encoder(enc_hook=str).encode


def hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Hide what looks like a secret, by its name or by its form."""
    return _hidden_in(event)


def configure(
    form: Literal["auto", "json", "console"],
    level: str,
    *,
    stream: TextIO | None = None,
    report: Processor | None = None,
) -> None:
    """Route structlog and the standard library's logging to one stream of lines.

    `report` sees each of them while exceptions are still exceptions.
    """
    out = stream or sys.stderr
    console = form == "console" or (form == "auto" and out.isatty())
    least = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if report is not None:
        shared.append(report)
    if not console:
        shared.append(structlog.processors.format_exc_info)
    shared.append(hide_secrets)
    render: Processor = structlog.dev.ConsoleRenderer() if console else _as_json
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=stream is None,
    )
    _route_libraries(out, least, shared, render)


def _route_libraries(
    out: TextIO, least: int, shared: list[Processor], render: Processor
) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(least)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, least))
    logging.getLogger("aiohttp.server").filters = [NotOurTrouble()]


class NotOurTrouble(logging.Filter):
    """Keeps what a peer sent that is no HTTP out of the log: it got its 400.

    aiohttp logs each with a traceback, so anybody could fill the disk.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record may pass."""
        trouble = record.exc_info[1] if record.exc_info else None
        return not isinstance(trouble, HttpProcessingError)


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _encode(event).decode()


@lru_cache(maxsize=1024)
def _names_a_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _hidden_in(told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in told.items():
        if _names_a_secret(name):
            told[name] = HIDDEN
        elif type(value) not in _PLAIN:
            told[name] = hidden(value)
    return told


_PLAIN = {int, float, bool, type(None)}


def hidden(value: Any) -> Any:
    """Return `value` without what looks like a secret, however deep it lies."""
    if isinstance(value, str):
        return SECRET_TEXT.sub(HIDDEN, value) if _may_hide(value) else value
    if isinstance(value, Mapping):
        return _hidden_in({str(name): each for name, each in value.items()})
    if isinstance(value, (list, tuple)):
        return [hidden(each) for each in value]
    return value


def _may_hide(text: str) -> bool:
    return (
        len(text) >= SENTENCE
        or "eyJ" in text
        or "://" in text
        or "token=" in text
        or "ticket=" in text
    )
