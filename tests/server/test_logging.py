"""What is written, and that no secret is."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from aiohttp.http_exceptions import BadHttpMessage

from server.logging import HIDDEN, configure, hide_secrets


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_where_no_person_reads() -> None:
    stream = io.StringIO()
    configure("auto", "info", stream=stream)

    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("shop").info("cart.saved", sku="lamp")

    [line] = written(stream)
    assert (line["event"], line["sku"], line["request_id"]) == (
        *("cart.saved", "lamp"),
        "r1",
    )
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_a_person_gets_no_json() -> None:
    stream = Terminal()
    configure("auto", "info", stream=stream)

    structlog.get_logger().info("cart.saved", sku="lamp")

    assert "cart.saved" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_the_standard_librarys_lines_look_the_same() -> None:
    stream = io.StringIO()
    configure("json", "info", stream=stream)

    logging.getLogger("somebody").warning("lost %s", "token=secret&token=b")
    logging.getLogger("aiohttp.access").info("GET /")

    [line] = written(stream)
    assert (line["logger"], line["level"]) == ("somebody", "warning")


def test_a_traceback_is_part_of_its_line() -> None:
    stream = io.StringIO()
    configure("json", "info", stream=stream)

    try:
        raise ZeroDivisionError("one over nothing")
    except ZeroDivisionError:
        structlog.get_logger().exception("request.broke")

    [line] = written(stream)
    assert "ZeroDivisionError: one over nothing" in line["exception"]


def test_what_is_no_http_fills_no_log() -> None:
    out = io.StringIO()
    configure("json", "info", stream=out)
    server = logging.getLogger("aiohttp.server")

    for trouble in (BadHttpMessage("a NUL in a header"), ValueError("ours")):
        try:
            raise trouble
        except Exception:  # noqa: BLE001 - as aiohttp does
            server.exception("Error handling request")

    assert "NUL" not in out.getvalue()
    assert "ours" in out.getvalue()


def test_less_than_the_level_is_not_written() -> None:
    stream = io.StringIO()
    configure("json", "warning", stream=stream)

    structlog.get_logger().info("quiet")

    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "name",
    [
        *("password", "new_password", "access_token", "Authorization", "ticket"),
        *("api_key", "openai_api_key", "JWT_SECRET_KEY", "card_number", "sentry_dsn"),
    ],
)
def test_what_is_called_a_secret_is_hidden(name: str) -> None:
    told = hide_secrets(None, "info", {name: "hunter2", "deep": {name: "hunter2"}})

    assert told == {name: HIDDEN, "deep": {name: HIDDEN}}


@pytest.mark.parametrize(
    "text",
    [
        "GET /ws/chat/a?token=hunter2 done",
        "GET /ws/chat/a?x=1&ticket=hunter2",
        "mongodb://ada:hunter2@db/souk",
        "Bearer eyJhbGciOiJIUzI1NiJ9.hunter2.sig",
    ],
)
def test_what_looks_like_a_secret_is_hidden_in_any_text(text: str) -> None:
    told = hide_secrets(None, "info", {"event": text, "list": [text]})

    assert "hunter2" not in str(told)


def test_other_values_are_left_alone() -> None:
    told = {"event": "cart.saved", "sku": "lamp", "units": 2, "ids": ("a", "b")}

    assert hide_secrets(None, "info", dict(told)) == {**told, "ids": ["a", "b"]}


@pytest.mark.parametrize(
    "number", ["4242424242424242", "4242 4242 4242 4242", "3782-822463-10005"]
)
def test_a_cards_number_is_hidden_in_a_sentence(number: str) -> None:
    told = hide_secrets(None, "info", {"error": f"the bank said no to {number} again"})

    assert told == {"error": f"the bank said no to {HIDDEN} again"}


def test_an_id_of_digits_is_no_cards_number() -> None:
    told = {"request_id": "1234567890123456", "at": "2026-11-28T17:32:29.123456+00:00"}

    assert hide_secrets(None, "info", dict(told)) == told
