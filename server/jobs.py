"""Composes what the jobs need, and the one who runs them."""

import secrets
from collections.abc import AsyncIterator

from aiohttp import web

from handlers.keys import CATALOGUE, CLOCK, JOBS, PORT, SESSIONS, TOKENS, WAITLIST
from scheduler.jobs import Needs, every
from scheduler.runner import Runner
from server.parts import CONFIG, PARTS


async def jobs(app: web.Application) -> AsyncIterator[None]:
    """Do what time asks for; stopping cuts off what runs."""
    if not app[CONFIG].jobs.enabled:
        yield
        return
    runner = Runner(
        every(_needs(app)),
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


def _needs(app: web.Application) -> Needs:
    return Needs(
        clock=app[CLOCK],
        port=app[PORT],
        catalogue=app[CATALOGUE],
        sessions=app[SESSIONS],
        tokens=app[TOKENS],
        waitlist=app[WAITLIST],
    )
