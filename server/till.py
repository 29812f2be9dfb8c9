"""Money: the provider that is asked for it, and the news that comes from there."""

from collections.abc import AsyncIterator

import aiojobs
import structlog
from aiohttp import web

from gateway.book import Book
from gateway.entry import Entry
from gateway.gift_cards import GiftCard
from gateway.mock import MockGateway, Settings
from gateway.payment import PaymentEvent
from gateway.port import Gateway
from handlers.keys import CLOCK, GATEWAY, PORT
from messages.base import Port, Unavailable
from messages.clock import Clock
from messages.order import PaymentNews
from server.config import ROOT
from server.parts import CONFIG, DATABASE, PARTS
from store.payment import PaymentRepository

INSTRUMENTS = ROOT / "data" / "coupons.json"
LOOK_EVERY_S = 0.5

log = structlog.get_logger()


async def provider(app: web.Application) -> AsyncIterator[None]:
    """Have somebody at hand who moves money: the mock, if no other is given."""
    given = app[PARTS].gateway
    app[GATEWAY] = given if given is not None else await _mock(app)
    yield


async def payment_news(app: web.Application) -> AsyncIterator[None]:
    """Let orders hear of their payments, and the provider do what is due."""
    gateway, clock = app[GATEWAY], app[CLOCK]
    deaf = gateway.follow(Ear(app[PORT]))
    jobs = aiojobs.Scheduler(limit=None)
    await jobs.spawn(_look_after(gateway, clock))
    yield
    deaf()
    await jobs.close()


class Ear:
    """Tells an order that something happened to a payment of its own."""

    def __init__(self, port: Port) -> None:
        self._port = port

    async def __call__(self, event: PaymentEvent) -> None:
        """Return once the order knows. Raises Unavailable: tell it again."""
        if event.kind == "refund.failed":
            log.error(
                "refund.failed",
                order_id=event.payment.order_id,
                payment_id=event.payment.id,
                amount=event.refund.amount if event.refund else None,
            )
        news = PaymentNews(event.payment.id)
        await self._port.ask(event.payment.order_id, news)


async def _mock(app: web.Application) -> Gateway:
    ledger = PaymentRepository(app[DATABASE], Entry, GiftCard)
    await ledger.prepare()
    said = app[CONFIG].payments
    return MockGateway(
        ledger,
        Book(INSTRUMENTS.read_bytes()),
        app[PARTS].clock,
        app[PARTS].random,
        Settings(
            latency_s=said.latency_ms / 1000,
            decline_rate=said.decline_percent / 100,
        ),
    )


async def _look_after(gateway: Gateway, clock: Clock) -> None:
    while True:
        try:
            await gateway.wake(clock.now())
        except Unavailable as trouble:
            log.warning("gateway.away", trouble=str(trouble))
        except ExceptionGroup:
            # One page's bug must not stop the others; each is told with its trace.
            log.exception("gateway.broke")
        await clock.sleep(LOOK_EVERY_S)
