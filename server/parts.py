"""What the house is put together from, and how its stages hand things on."""

import asyncio
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from aiohttp import web

from actors.runtime.clock import LoopClock
from agent.budget import Budget
from agent.model import Model
from gateway.port import Gateway
from messages.clock import Clock
from server.config import Config
from store.changes import Changes
from store.client import Database

if TYPE_CHECKING:
    from server.doings import MeasuredJobs
    from server.feed import Feed
    from server.measures import Flushes


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything outside that a test may want to replace, each by its name."""

    clock: Clock = field(default_factory=LoopClock)
    random: Random = field(default_factory=SystemRandom)
    model: Model | None = None
    """What the agent speaks with; None: as the configuration says."""
    gateway: Gateway | None = None
    """Who moves money; None: the mock, on the shop's own database."""


CONFIG: web.AppKey[Config] = web.AppKey("config")
PARTS: web.AppKey[Parts] = web.AppKey("parts")
MODEL: web.AppKey[Model] = web.AppKey("model")
BUDGET: web.AppKey[Budget] = web.AppKey("budget")
"""What language models may cost, and did."""
DATABASE: web.AppKey[Database] = web.AppKey("database")
GONE: web.AppKey[asyncio.Event] = web.AppKey("gone")
"""Set when a database of our own cannot be kept up: there is no point in going on."""
FEED: "web.AppKey[Feed]" = web.AppKey("feed")
CHANGES: web.AppKey[Changes] = web.AppKey("changes")
MEASURED_JOBS: "web.AppKey[MeasuredJobs]" = web.AppKey("measured_jobs")
FLUSHES: "web.AppKey[Flushes]" = web.AppKey("flushes")
