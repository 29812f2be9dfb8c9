"""Serving: from the first breath to an orderly end."""

import asyncio
import gc
import signal
import sys
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import structlog
from aiohttp import web

from server.app import build, drained
from server.config import Config
from server.database import borrowed
from server.parts import GONE, Parts
from server.shop import DATA
from store.client import reaching
from store.seed import seed

log = structlog.get_logger()

T = TypeVar("T")

# By then `drained` has waited for them.
CUT_OFF_WITHIN_S = 0.5

# uvloop lets one connection in for each listener and turn of the loop, and under load a
# turn takes milliseconds: of 64 who came at once the last waited for 130.
LISTENERS = 16
BACKLOG = 1024

# Requests make few cycles: looking for them rarely costs little memory. A look at what
# is young is short (5 ms, 10 at what is older), because it comes often; each object is
# looked at as often as before.
GC_THRESHOLDS = (5_000, 2, 1_000)

FIRST_STEPS = """\
Souk is ready at {url}

  The shop:         {url}/
  For operators:    {url}/ops
  What is sold:     curl {url}/api/products/search?q=speaker
  Be a guest:       curl -X POST {url}/api/auth/guest
  Talk to us:       {ws}/ws/chat/hello?token=<access_token>
  All addresses:    {url}/openapi.json
"""


class CannotStart(Exception):
    """Something outside keeps the server from starting; the message says what."""


async def serve(config: Config, parts: Parts | None = None) -> int:
    """Serve until told to stop; 0 is an orderly end, 1 a lost database."""
    stop = _stop_signals()
    app = build(config, parts)
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        # Counts from the connection's first moment: half a request head ends it, too.
        keepalive_timeout=config.server.idle_s,
        shutdown_timeout=CUT_OFF_WITHIN_S,
    )
    try:
        sites = await _unless(stop, _opened(runner, config))
        if sites is None:
            log.info("server.stopped_while_starting")
            return 0
        _set_aside_what_stays()
        _say(FIRST_STEPS, _address(runner, config))
        await _either(stop, app[GONE])
        log.info("server.stopping", database_gone=app[GONE].is_set())
        for site in sites:
            await site.stop()
        await drained(app)
    finally:
        # Whoever is left is cut off; then the stages end in reverse.
        await runner.cleanup()
    log.info("server.stopped")
    return 0 if stop.is_set() else 1


async def _opened(runner: web.AppRunner, config: Config) -> Sequence[web.BaseSite]:
    """Start the stages, then open the door. Raises CannotStart."""
    try:
        await runner.setup()
        return await listen(runner, config.server.host, config.server.port)
    except OSError as trouble:
        raise CannotStart(str(trouble)) from trouble


async def listen(
    runner: web.BaseRunner, host: str, port: int
) -> Sequence[web.BaseSite]:
    """Let people in at `host` and `port`, many at once. Raises OSError."""
    loop = asyncio.get_running_loop()
    bound = await loop.create_server(asyncio.Protocol, host, port, start_serving=False)
    sites = [
        web.SockSite(runner, each.dup(), backlog=BACKLOG)
        for each in bound.sockets
        for _ in range(LISTENERS)
    ]
    bound.close()
    for site in sites:
        await site.start()
    return sites


async def demo(config: Config) -> int:
    """Put the demo shop into the database."""
    async with borrowed(config, Parts().clock) as db:
        with reaching():
            done = await seed(db, DATA)
    _say(
        f"New: {done.products} products, {done.stocks} stock items, "
        f"{done.warehouses} warehouses.\n"
    )
    return 0


def _set_aside_what_stays() -> None:
    """Let the collector look at what is new only: catalogue and code never die.

    A full collection would stop every socket for as long as it looks at them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


async def _either(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(each.wait()) for each in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for each in waits:
        each.cancel()


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what `work` returns; None: it was told to stop, and is cancelled."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return None


def _stop_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    return stop


def _address(runner: web.AppRunner, config: Config) -> str:
    host, port = config.server.host, runner.addresses[0][1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{shown}:{port}"


def _say(text: str, url: str = "") -> None:
    sys.stdout.write(text.format(url=url, ws=url.replace("http", "ws", 1)))
    sys.stdout.flush()
