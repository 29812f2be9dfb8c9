"""Where a handler finds what it needs; `server/app.py` fills every key once.

The layer that needs a thing declares the key. Application keys hold what lives as long
as the server, request keys what is known of one request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from aiohttp import web
from msgspec import Struct
from prometheus_client import CollectorRegistry, Histogram

if TYPE_CHECKING:
    from actors.runtime import System
    from commerce.tier import Program
    from gateway.port import Gateway
    from handlers.accounts import Accounts
    from handlers.limits import Doors
    from handlers.passwords import Passwords
    from handlers.security import Gate
    from handlers.tickets import Tickets
    from handlers.tokens import Mint
    from handlers.window import Window
    from messages.base import Port
    from messages.clock import Clock
    from store.address import AddressRepository
    from store.alert import AlertRepository
    from store.catalogue import Catalogue
    from store.coupon import CouponRepository
    from store.dead_letter import DeadLetterRepository
    from store.idempotency import Answered, IdempotencyRepository
    from store.instrument import InstrumentRepository
    from store.job import JobRepository
    from store.order import OrderRepository
    from store.session import SessionRepository
    from store.token import TokenRepository
    from store.user import UserRepository
    from store.waitlist import WaitlistRepository

Role = Literal["guest", "customer", "operator"]


class Identity(Struct, frozen=True):
    """Who asks: the account or guest, and the sign-in session it asks under."""

    user_id: str
    role: Role
    sid: str
    expires_at: datetime
    """When the access token ends, and with it a socket that was opened by it."""


PORT: web.AppKey[Port] = web.AppKey("port")
"""How a handler asks actors."""
SYSTEM: web.AppKey[System] = web.AppKey("system")
"""The running actors: topics to follow, metrics, the live list."""
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
CATALOGUE: web.AppKey[Catalogue] = web.AppKey("catalogue")
"""Products, stock and search, in memory."""
WINDOW: web.AppKey[Window] = web.AppKey("window")
"""The files of the browser client."""
USERS: web.AppKey[UserRepository] = web.AppKey("users")
TOKENS: web.AppKey[TokenRepository] = web.AppKey("tokens")
"""Sign-in sessions, their refresh tokens, spent tickets."""
SESSIONS: web.AppKey[SessionRepository] = web.AppKey("sessions")
"""Conversations by owner."""
PROGRAM: web.AppKey[Program] = web.AppKey("program")
"""The loyalty program: tiers and what points are worth."""
COUPONS: web.AppKey[CouponRepository] = web.AppKey("coupons")
ADDRESSES: web.AppKey[AddressRepository] = web.AppKey("addresses")
"""Where customers have things sent."""
INSTRUMENTS: web.AppKey[InstrumentRepository] = web.AppKey("instruments")
"""With what customers pay: tokens, never numbers."""
GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway")
ORDERS: web.AppKey[OrderRepository] = web.AppKey("orders")
JOBS: web.AppKey[JobRepository] = web.AppKey("jobs")
"""What time asks for, and how it went."""
ALERTS: web.AppKey[AlertRepository] = web.AppKey("alerts")
"""What operators must hear of."""
WAITLIST: web.AppKey[WaitlistRepository] = web.AppKey("waitlist")
"""Who waits for what is sold out."""
IDEMPOTENCY: web.AppKey[IdempotencyRepository] = web.AppKey("idempotency")
"""Requests that must not be done twice."""
FLIGHTS: web.AppKey[dict[str, asyncio.Future[Answered | None]]] = web.AppKey("flights")
"""Those that are being answered here, so that their repeats wait; see `once`."""
LETTERS: web.AppKey[DeadLetterRepository] = web.AppKey("letters")
"""Mail that could not be delivered."""
GATE: web.AppKey[Gate] = web.AppKey("gate")
"""Tells who a token belongs to, without a database read."""
MINT: web.AppKey[Mint] = web.AppKey("mint")
"""Makes and reads signed tokens."""
TICKETS: web.AppKey[Tickets] = web.AppKey("tickets")
"""One-use tickets that open a socket."""
PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords")
ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts")
"""Signs people up, in and out."""
DOORS: web.AppKey[Doors] = web.AppKey("doors")
"""Counts attempts per account and per address."""
ORIGINS: web.AppKey[frozenset[str]] = web.AppKey("origins")
"""The origins of other sites whose scripts may call us (CORS_ORIGINS)."""
READINESS: web.AppKey[Mapping[str, Callable[[], Awaitable[bool]]]] = web.AppKey(
    "readiness"
)
"""What must hold before requests are sent here, each by name."""
REGISTRY: web.AppKey[CollectorRegistry] = web.AppKey("registry")
"""What /metrics shows."""
REQUEST_TIMES: web.AppKey[Histogram] = web.AppKey("request_times")
METRICS_TOKEN: web.AppKey[str | None] = web.AppKey("metrics_token")
"""Who may read /metrics: empty is everybody, None is nobody."""
STOPPING: web.AppKey[asyncio.Event] = web.AppKey("stopping")
"""Set when the server begins to drain: no new sockets, old ones close 1001."""

IDENTITY: web.RequestKey[Identity] = web.RequestKey("identity")
REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id")
