"""Whether this server lives, is ready, and how it does."""

import hmac
from typing import Literal

from aiohttp import web
from msgspec import Struct
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from handlers.errors import NotSignedIn, Refusal, rendered
from handlers.keys import METRICS_TOKEN, READINESS, REGISTRY, STOPPING
from handlers.openapi import documented
from handlers.security import public

routes = web.RouteTableDef()


class Alive(Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


def request_times(registry: CollectorRegistry) -> Histogram:
    """Return what `served` counts and times requests with, seen in `registry`."""
    return Histogram(
        "souk_request_seconds",
        "Time to answer a request, by route template",
        ("method", "route", "status"),
        registry=registry,
        buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5),
    )


@routes.get("/health/live")
@documented(answer=Alive)
@public
async def show_alive(_request: web.Request) -> web.Response:
    """Say that the process answers; asks nobody."""
    return rendered(Alive())


@routes.get("/health/ready")
@documented(answer=Alive)
@public
async def show_ready(request: web.Request) -> web.Response:
    """Say whether to send requests here: the database answers, actors are owned."""
    if request.app[STOPPING].is_set():
        raise _not_ready("This server is going away.")
    for name, check in request.app[READINESS].items():
        if not await check():
            raise _not_ready(f"Not ready: {name}.")
    return rendered(Alive())


@routes.get("/metrics")
@documented(statuses=(401, 404))
@public
async def show_metrics(request: web.Request) -> web.Response:
    """Show counters for Prometheus; where a token is configured, only with it."""
    token = request.app[METRICS_TOKEN]
    if token is None:
        raise web.HTTPNotFound
    given = request.headers.get("Authorization", "")
    if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise NotSignedIn
    return web.Response(
        body=generate_latest(request.app[REGISTRY]),
        headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4},
    )


def _not_ready(why: str) -> Refusal:
    return Refusal(503, "not_ready", why, headers={"Retry-After": "1"})
