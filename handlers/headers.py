"""The headers that every answer has, and which other sites may read it."""

from typing import Any

from aiohttp import web
from multidict import istr

from handlers.errors import Refusal
from handlers.keys import ORIGINS, REQUEST_ID

X_REQUEST_ID = istr("X-Request-ID")
# The page needs its own scripts, styles and pictures, and our socket; nothing else.
# Product pictures may come from anywhere by https.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' https: data:; connect-src 'self' ws: wss:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)
SECURITY_HEADERS = (
    (istr("Content-Security-Policy"), CONTENT_POLICY),
    (istr("Cross-Origin-Opener-Policy"), "same-origin"),
    (istr("Cross-Origin-Resource-Policy"), "same-origin"),
    (istr("Permissions-Policy"), "camera=(), geolocation=(), microphone=()"),
    (istr("Referrer-Policy"), "no-referrer"),
    # Without TLS browsers ignore it (RFC 6797, section 8.1).
    (istr("Strict-Transport-Security"), "max-age=31536000"),
    (istr("X-Content-Type-Options"), "nosniff"),
    (istr("X-Frame-Options"), "DENY"),
)
EXPOSED = (
    "ETag, Idempotent-Replayed, Link, RateLimit, RateLimit-Policy, Retry-After, "
    "X-Request-ID, X-Total-Count"
)
ASK_AGAIN_AFTER_S = 86_400


async def decorate(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers that every answer has, sockets included."""
    headers = response.headers
    headers[X_REQUEST_ID] = request.get(REQUEST_ID, "")
    headers["Server"] = "souk"
    for name, value in SECURITY_HEADERS:
        if name not in headers:
            headers[name] = value
    if "ETag" not in headers and "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    _share(request, headers)


def _share(request: web.Request, headers: Any) -> None:
    if not request.app[ORIGINS]:
        return
    # Caches must not hand one origin's answer to another.
    headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
    origin = request.headers.get("Origin")
    if may_call(request, origin):
        headers["Access-Control-Allow-Origin"] = origin or "*"
        headers["Access-Control-Expose-Headers"] = EXPOSED
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def may_call(request: web.Request, origin: str | None) -> bool:
    """Tell whether pages of another site may call us, and connect to us."""
    listed = request.app[ORIGINS]
    return origin in listed or "*" in listed


def preflight(request: web.Request, origin: str) -> web.Response:
    """Answer a browser that asks whether a page of `origin` may call us."""
    if not may_call(request, origin):
        raise Refusal(403, "origin_not_allowed", "This origin is not allowed.")
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
            "Access-Control-Allow-Headers": (
                "Authorization, Content-Type, Idempotency-Key, If-Match, "
                "If-None-Match, X-Request-ID"
            ),
            "Access-Control-Max-Age": str(ASK_AGAIN_AFTER_S),
        },
    )
