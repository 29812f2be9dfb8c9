"""From exceptions to problem documents (RFC 9457): the one table of statuses."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web
from msgspec import UNSET, Struct, UnsetType

from commerce.errors import (
    CommerceError,
    Conflict,
    Malformed,
    NotFound,
    PaymentRefused,
    TooOften,
)
from handlers.errors import Fault, Refusal
from messages.base import Unavailable, encode_json
from store.port import StorageError

PROBLEM_JSON = "application/problem+json"

# The first match along the exception's ancestors decides.
STATUSES: Mapping[type[Exception], int] = {
    Malformed: 422,
    NotFound: 404,
    Conflict: 409,
    TooOften: 429,
    PaymentRefused: 402,
    CommerceError: 400,
    Unavailable: 503,
    StorageError: 503,
}


class Problem(Struct, frozen=True, kw_only=True):
    """What a client reads when the answer is no.

    `error` and `status_code` repeat `detail` and `status` for older clients.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    error: str
    status_code: int
    details: Mapping[str, Any] | UnsetType = UNSET
    decline_code: str | UnsetType = UNSET
    """Why a payment was refused, as far as the customer may know."""
    errors: Sequence[Fault] | UnsetType = UNSET


def problem(
    request_id: str, refusal: Refusal, details: Mapping[str, Any] | None = None
) -> web.Response:
    """Return `refusal` as the document a client gets."""
    document = Problem(
        type=f"urn:souk:problem:{refusal.code}",
        title=HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        detail=refusal.detail,
        code=refusal.code,
        request_id=request_id,
        error=refusal.detail,
        status_code=refusal.status,
        details=details or UNSET,
        decline_code=(details or {}).get("decline_code", UNSET),
        errors=refusal.errors or UNSET,
    )
    return web.Response(
        body=encode_json(document),
        status=refusal.status,
        headers=refusal.headers,
        content_type=PROBLEM_JSON,
    )


def from_commerce(error: CommerceError, request_id: str) -> web.Response:
    """Return a shop's no; its numbers stand in `details`.

    A Malformed may name the body's `field` that it is about.
    """
    headers = _limit_headers(error) if isinstance(error, TooOften) else None
    faults: tuple[Fault, ...] = ()
    if isinstance(error, Malformed):
        field = error.details.get("field")
        faults = (Fault(("body", field) if field else ("body",), error.message),)
    refusal = Refusal(
        _status(error), error.code, error.message, headers=headers, errors=faults
    )
    return problem(request_id, refusal, error.details)


def from_trouble(error: Unavailable | StorageError, request_id: str) -> web.Response:
    """Return trouble outside as 503 with Retry-After; its inside is not told."""
    wait_s = error.retry_after_s if isinstance(error, Unavailable) else 1.0
    refusal = Refusal(
        _status(error),
        "unavailable",
        "The shop is overloaded or its database is away; try again shortly.",
        headers={"Retry-After": _whole_seconds(wait_s)},
    )
    return problem(request_id, refusal)


def from_http(error: web.HTTPException, request_id: str) -> web.Response:
    """Return aiohttp's own refusal (404, 405, 413...) as a problem."""
    phrase = HTTPStatus(error.status).phrase
    code, detail = _HTTP.get(
        error.status, (phrase.lower().replace(" ", "_"), f"{phrase}.")
    )
    kept = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    return problem(request_id, Refusal(error.status, code, detail, headers=kept))


def bug(request_id: str) -> web.Response:
    """Return the answer to a request that hit a bug: its id, and nothing of it."""
    refusal = Refusal(
        500,
        "internal_error",
        "Something went wrong on our side; the request id finds it in our log.",
    )
    return problem(request_id, refusal)


_HTTP: Mapping[int, tuple[str, str]] = {
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("body_too_large", "The body is larger than 64 KiB."),
    417: ("expectation_failed", "Only 'Expect: 100-continue' is understood."),
}


def _status(error: Exception) -> int:
    return next(
        STATUSES[ancestor] for ancestor in type(error).__mro__ if ancestor in STATUSES
    )


def _limit_headers(error: TooOften) -> dict[str, str]:
    told = error.details
    policy, wait = f'"{told["policy"]}"', _whole_seconds(told["retry_after_s"])
    return {
        "Retry-After": wait,
        "RateLimit": f"{policy};r=0;t={wait}",
        "RateLimit-Policy": f"{policy};q={told['limit']};w={told['window_s']}",
    }


def _whole_seconds(seconds: float) -> str:
    return str(max(1, math.ceil(seconds)))
