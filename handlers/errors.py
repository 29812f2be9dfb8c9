"""What a handler reads and how it answers: body, query, rendered, and refusals.

Handlers have no `try`: they let refusals pass, and `problems.py` turns them into
documents. What is malformed is refused here, before any rule of the shop is asked.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Never, TypeVar

from aiohttp import web
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, ValidationError

from messages.base import encode_json

JSON = "application/json"
MAX_BODY_BYTES = 64 * 1024

Model = TypeVar("Model", bound=BaseModel)


class Fault(Struct, frozen=True):
    """One thing wrong in a request: where, and what."""

    loc: Sequence[str | int]
    msg: str


class Refusal(Exception):
    """The request itself is refused, whatever the shop's rules say."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Fault] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = errors


class NotSignedIn(Refusal):
    """401: no token, or one that is worth nothing; the reason is never told."""

    def __init__(
        self,
        code: str = "not_signed_in",
        detail: str = "Sign in first: this needs a valid Bearer token.",
    ) -> None:
        super().__init__(401, code, detail, headers={"WWW-Authenticate": "Bearer"})


class NotAllowed(Refusal):
    """403: signed in, but this takes another role."""

    def __init__(self, detail: str = "This takes another role than yours.") -> None:
        super().__init__(403, "forbidden", detail)


class Body(BaseModel):
    """Base of every JSON body: types are exact, unknown fields are refused.

    A whole number is written without a point: 46.0 is refused, although JSON Schema
    would have it, because nobody who counts things writes so on purpose.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class Query(BaseModel):
    """Base of every query: text is converted, unknown names are refused."""

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, hide_input_in_errors=True
    )


def rendered(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return `value` (a Struct, builtins, or JSON bytes already encoded) as JSON."""
    encoded = value if isinstance(value, bytes) else encode_json(value)
    return web.Response(body=encoded, status=status, headers=headers, content_type=JSON)


async def body(request: web.Request, model: type[Model]) -> Model:
    """Return the JSON body as `model`.

    Raises Refusal: 415 for another content type, 422 for anything malformed.
    """
    _refuse_other_types(request)
    return read(await request.read(), model)


def read(raw: bytes, model: type[Model]) -> Model:
    """Return the JSON text `raw` as `model`. Raises Refusal 422."""
    _refuse_what_parsers_disagree_on(raw)
    try:
        return model.model_validate_json(raw)
    except ValidationError as wrong:
        malformed(_faults(wrong, "body"))


def query(request: web.Request, model: type[Model]) -> Model:
    """Return the query as `model`. Raises Refusal 422; a name twice is one too."""
    given = request.query
    once = dict(given)
    if len(once) != len(given):
        # Its keys are told once each, its items as often as they came.
        times = Counter(name for name, _ in given.items())
        names = [name for name in times if times[name] > 1]
        malformed([Fault(("query", name), "Given more than once") for name in names])
    try:
        return model.model_validate(once)
    except ValidationError as wrong:
        malformed(_faults(wrong, "query"))


def malformed(faults: Sequence[Fault]) -> Never:
    """Refuse with 422, naming `faults`."""
    where = ".".join(str(part) for part in faults[0].loc)
    raise Refusal(
        422, "malformed", f"{where}: {faults[0].msg}", errors=faults
    ) from None


def _refuse_other_types(request: web.Request) -> None:
    # Without any body there is no type to be wrong: that is a 422, like `{}`.
    if not request.body_exists:
        return
    utf_8 = (request.charset or "utf-8").lower() in {"utf-8", "utf8"}
    plain = request.headers.get("Content-Encoding", "identity") == "identity"
    if request.content_type != JSON or not utf_8 or not plain:
        raise Refusal(
            415,
            "unsupported_media_type",
            "The body must be application/json in UTF-8, not compressed.",
        )


def _refuse_what_parsers_disagree_on(raw: bytes) -> None:
    # A name twice means one thing to one parser and another to the next; NaN and
    # Infinity are no JSON at all. The first pass only looks for these.
    try:
        json.loads(
            raw.decode(), object_pairs_hook=_once_each, parse_constant=_no_number
        )
    except RecursionError:
        malformed([Fault(("body",), "Nested too deeply")])
    except ValueError as wrong:
        # UnicodeDecodeError, JSONDecodeError and Python's bound on digits are all
        # ValueErrors; only our own words and the decoder's are safe to repeat.
        safe = isinstance(wrong, (json.JSONDecodeError, _Disagreement))
        malformed([Fault(("body",), str(wrong) if safe else "Not valid JSON")])


class _Disagreement(ValueError):
    """Valid to some parsers only."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Disagreement("An object holds the same name twice")
    return found


def _no_number(constant: str) -> Never:
    raise _Disagreement(f"{constant} is not JSON")


def _faults(wrong: ValidationError, place: str) -> list[Fault]:
    return [
        Fault((place, *error["loc"]), error["msg"].removeprefix("Value error, "))
        for error in wrong.errors(include_url=False, include_input=False)
    ]
