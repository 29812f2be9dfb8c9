"""Composes what the jobs need, and the one who runs them."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
from aiohttp import web

from handlers.keys import (
    ALERTS,
    CATALOGUE,
    CLOCK,
    JOBS,
    ORDERS,
    PORT,
    SESSIONS,
    TOKENS,
    WAITLIST,
)
from scheduler.alerts import Webhook
from scheduler.fulfilment import Delays
from scheduler.jobs import Needs, every
from scheduler.runner import Runner
from server.config import Config
from server.parts import CONFIG, DATABASE, PARTS
from server.webhook import SignedWebhook
from store.guest import GuestRepository
from store.loyalty import LoyaltyRepository
from store.stock import StockRepository


async def jobs(app: web.Application) -> AsyncIterator[None]:
    """Do what time asks for; stopping cuts off what runs."""
    if not app[CONFIG].jobs.enabled:
        yield
        return
    async with AsyncExitStack() as open_until_stopped:
        webhook = await _webhook(app[CONFIG], open_until_stopped)
        runner = Runner(
            every(_needs(app, webhook)),
            app[JOBS],
            app[CLOCK],
            name=secrets.token_hex(8),
            random=app[PARTS].random,
        )
        await runner.start()
        try:
            yield
        finally:
            await runner.stop()


def _needs(app: web.Application, webhook: Webhook | None) -> Needs:
    db = app[DATABASE]
    return Needs(
        clock=app[CLOCK],
        port=app[PORT],
        catalogue=app[CATALOGUE],
        alerts=app[ALERTS],
        guests=GuestRepository(db),
        loyalty=LoyaltyRepository(db),
        orders=app[ORDERS],
        sessions=app[SESSIONS],
        stock=StockRepository(db),
        tokens=app[TOKENS],
        waitlist=app[WAITLIST],
        webhook=webhook,
        fulfilment=_delays(app[CONFIG]),
    )


async def _webhook(config: Config, until: AsyncExitStack) -> Webhook | None:
    told = config.jobs
    if not told.webhook_url:
        return None
    http = await until.enter_async_context(aiohttp.ClientSession())
    return SignedWebhook(http, told.webhook_url, told.webhook_secret)


def _delays(config: Config) -> Delays | None:
    if not config.simulates_fulfilment:
        return None
    told = config.fulfilment
    return Delays(
        process_after_s=told.process_after_s,
        ship_after_s=told.ship_after_s,
        deliver_after_s=told.deliver_after_s,
    )
