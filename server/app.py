"""The composition: `build` reads from top to bottom as the order of starting.

Every stage is a `cleanup_ctx`, so that stopping unwinds them in reverse: the doors
first, the database last.
"""

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
)

from handlers import (
    admin_actor,
    admin_alert,
    admin_chat,
    admin_coupon,
    admin_job,
    admin_letter,
    admin_order,
    admin_product,
    admin_return,
    admin_stock,
    admin_user,
    auth,
    cart,
    chat,
    chat_http,
    checkout,
    health,
    loyalty,
    openapi,
    ops,
    order,
    order_place,
    payment,
    product,
    reference,
    user,
    waitlist,
)
from handlers import window as shop_window
from handlers.draining import UNDER_WAY
from handlers.errors import MAX_BODY_BYTES
from handlers.health import request_times
from handlers.keys import (
    METRICS_TOKEN,
    ORIGINS,
    READINESS,
    REGISTRY,
    REQUEST_TIMES,
    STOPPING,
    SYSTEM,
)
from handlers.sockets import SOCKETS
from server.config import Config
from server.database import database
from server.doings import JobMeasures, SocketMeasures, Turns
from server.doors import accounts, ended_sign_ins, locks, sockets, ward, window
from server.faults import clock
from server.jobs import jobs
from server.measures import ActorMeasures, FlushMeasures, ModelMeasures
from server.parts import BUDGET, CONFIG, DATABASE, FLUSHES, MEASURED_JOBS, PARTS, Parts
from server.shop import actors, agent, collections, news, shelves
from server.till import payment_news, provider
from store import client
from store.port import StorageError

log = structlog.get_logger()

ROUTES = (
    auth.routes,
    product.routes,
    cart.routes,
    checkout.routes,
    order_place.routes,
    order.routes,
    payment.routes,
    loyalty.routes,
    user.routes,
    waitlist.routes,
    chat.routes,
    chat_http.routes,
    admin_product.routes,
    admin_stock.routes,
    admin_coupon.routes,
    admin_order.routes,
    admin_return.routes,
    admin_job.routes,
    ops.routes,
    admin_alert.routes,
    admin_actor.routes,
    admin_letter.routes,
    admin_chat.routes,
    admin_user.routes,
    health.routes,
    openapi.routes,
)
# Sockets get this long to be told why they are closed.
SOCKETS_CLOSE_WITHIN_S = 2


def build(config: Config, parts: Parts | None = None) -> web.Application:
    """Return the application; it starts by its stages and stops by their reverse."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    for routes in ROUTES:
        app.add_routes(routes)
    if not config.production:
        app.add_routes(payment.simulations)
    if config.shows_docs:
        app.add_routes(reference.routes)
    app.add_routes(shop_window.routes)
    app[CONFIG] = config
    app[PARTS] = parts or Parts(clock=clock(config))
    app.cleanup_ctx.extend(
        (
            database,
            collections,
            shelves,
            agent,
            provider,
            window,
            actors,
            locks,
            news,
            payment_news,
            ended_sign_ins,
            accounts,
            sockets,
            ward,
            jobs,
            watched,
        )
    )
    app.on_shutdown.append(_say_goodbye)
    return app


async def watched(app: web.Application) -> AsyncIterator[None]:
    """Let machines see how this one does."""
    config = app[CONFIG]
    app[ORIGINS] = frozenset(config.server.cors_origins)
    registry = app[REGISTRY] = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    registry.register(ActorMeasures(app[SYSTEM]))
    registry.register(FlushMeasures(app[FLUSHES]))
    registry.register(ModelMeasures(app[BUDGET]))
    registry.register(Turns(app[SYSTEM]))
    registry.register(SocketMeasures(app[SOCKETS]))
    registry.register(JobMeasures(app[MEASURED_JOBS]))
    app[REQUEST_TIMES] = request_times(registry)
    token = config.server.metrics_token
    app[METRICS_TOKEN] = None if config.production and not token else token
    app[STOPPING] = asyncio.Event()

    async def database_answers() -> bool:
        try:
            await client.ping(app[DATABASE])
        except StorageError:
            return False
        return True

    app[READINESS] = {"database": database_answers}
    yield


async def drained(app: web.Application) -> None:
    """Return when nobody is left to be answered, or the time for it is over.

    To be called once nobody can connect any more. Sockets are closed first: their
    requests would otherwise never end.
    """
    await _say_goodbye(app)
    try:
        async with asyncio.timeout(app[CONFIG].server.drain_s):
            await app[UNDER_WAY].drained()
    except TimeoutError:
        log.warning("requests.cut_off")


async def _say_goodbye(app: web.Application) -> None:
    """Tell every socket that the server goes; a second time there are none."""
    app[STOPPING].set()
    try:
        async with asyncio.timeout(SOCKETS_CLOSE_WITHIN_S):
            await chat.close_all(app)
    except TimeoutError:
        log.warning("sockets.left_open")
