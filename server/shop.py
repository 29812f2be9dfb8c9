"""The shop: the catalogue in memory, the actors, and the news from the database."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from actors.cart import cart_kind
from actors.conversation import Manners
from actors.coupon import coupon_kind
from actors.loyalty import loyalty_kind
from actors.order import order_kind
from actors.order_outside import Outside
from actors.runtime import Kind, System
from actors.session import session_kind
from actors.sign_in import Limits, sign_in_kind
from actors.stock import stock_kind
from agent.engine import GraphEngine
from agent.shop import Shop
from commerce.errors import CommerceError
from handlers.admin_product import PRODUCTS
from handlers.keys import (
    ADDRESSES,
    ALERTS,
    CATALOGUE,
    CLOCK,
    COUPONS,
    FLIGHTS,
    GATEWAY,
    IDEMPOTENCY,
    INSTRUMENTS,
    JOBS,
    LETTERS,
    ORDERS,
    PORT,
    PROGRAM,
    SESSIONS,
    SYSTEM,
    TOKENS,
    USERS,
    WAITLIST,
)
from scheduler.cleanup import DELETED_STAY
from server.config import ROOT, Config
from server.desk import desk
from server.doings import MeasuredJobs
from server.exchange import Exchange
from server.faults import Mortal
from server.feed import Feed
from server.measures import Flushes
from server.model import budget_of, configured_model
from server.parts import (
    BUDGET,
    CHANGES,
    CONFIG,
    DATABASE,
    FEED,
    FLUSHES,
    MEASURED_JOBS,
    MODEL,
    PARTS,
)
from server.sections import Accounts, Agent
from store.address import AddressRepository
from store.alert import AlertRepository
from store.catalogue import Catalogue
from store.changes import Changes
from store.client import prepare_actor_collection
from store.commit import MongoStorage
from store.coupon import CouponRepository
from store.dead_letter import DeadLetterRepository
from store.idempotency import IdempotencyRepository
from store.instrument import InstrumentRepository
from store.loyalty import LoyaltyRepository, read_program, read_tariff
from store.meaning import Meaning
from store.order import OrderRepository
from store.product import ProductRepository
from store.search import ProductIndex
from store.seed import seed
from store.session import SessionRepository
from store.stock import StockRepository
from store.synonyms import SYNONYMS, Synonyms
from store.token import TokenRepository
from store.user import UserRepository
from store.waitlist import WaitlistRepository

# A write is refused within 3 s when the database is away, however many wait for it.
ASK_WITHIN_S = 2.8
# With the sockets, the requests and the database this stays within 15 s.
STOP_WITHIN_S = 4.0
DATA = ROOT / "data"


async def collections(app: web.Application) -> AsyncIterator[None]:
    """Make collections and indexes, and put the demo shop in where that is wanted."""
    db = app[DATABASE]
    app[CLOCK] = app[PARTS].clock
    app[USERS] = UserRepository(db)
    app[TOKENS] = TokenRepository(db)
    app[SESSIONS] = SessionRepository(db)
    products = app[PRODUCTS] = ProductRepository(db)
    app[ADDRESSES] = AddressRepository(db)
    app[INSTRUMENTS] = InstrumentRepository(db)
    app[ORDERS] = OrderRepository(db)
    app[IDEMPOTENCY] = IdempotencyRepository(db)
    app[FLIGHTS] = {}
    app[COUPONS] = CouponRepository(db)
    app[JOBS] = app[MEASURED_JOBS] = MeasuredJobs(db)
    app[WAITLIST] = WaitlistRepository(db)
    app[ALERTS] = AlertRepository(db)
    app[PROGRAM] = read_program(DATA)
    app[LETTERS] = DeadLetterRepository(db)
    for each in (
        USERS,
        TOKENS,
        SESSIONS,
        ORDERS,
        IDEMPOTENCY,
        COUPONS,
        LETTERS,
        ALERTS,
        WAITLIST,
    ):
        await app[each].prepare()
    await products.prepare()
    await LoyaltyRepository(db).prepare()
    await prepare_actor_collection(db, "carts", reminds=True)
    await StockRepository(db).prepare()
    if app[CONFIG].seeds:
        await seed(db, DATA)
    yield


async def shelves(app: web.Application) -> AsyncIterator[None]:
    """Have an empty catalogue; the news will fill it."""
    db = app[DATABASE]
    meaning = Meaning()
    index = ProductIndex(Synonyms(DATA / SYNONYMS), meaning)
    app[CATALOGUE] = Catalogue(ProductRepository(db), StockRepository(db), index)
    # Nobody waits for it: until then, and without it, synonyms answer vague wishes.
    loading = asyncio.get_running_loop().run_in_executor(None, meaning.load)
    loading.add_done_callback(lambda _: app[CATALOGUE].understood_better())
    yield
    await loading


async def agent(app: web.Application) -> AsyncIterator[None]:
    """Have a model at hand, and the agent's graph compiled before anybody talks."""
    # On a thread: it takes a second, in which the loop must not stand still.
    await asyncio.to_thread(GraphEngine.warm)
    model, clock = app[PARTS].model, app[PARTS].clock
    budget = app[BUDGET] = budget_of(app[CONFIG], clock)
    if model is not None:
        app[MODEL] = model
        yield
        return
    async with configured_model(app[CONFIG].agent, budget, clock) as model:
        app[MODEL] = model
        yield


async def actors(app: web.Application) -> AsyncIterator[None]:
    """Start the actors; stopping drains and commits."""
    clock, random = app[PARTS].clock, app[PARTS].random
    owner = secrets.token_hex(8)
    storage = MongoStorage(app[DATABASE], clock=clock, owner=owner)
    if (stop_at := app[CONFIG].faults.stop_at) and not app[CONFIG].production:
        storage = Mortal(app[DATABASE], clock=clock, owner=owner)
        storage.dies(stop_at)
    app[FLUSHES] = Flushes()
    storage.on_flush = app[FLUSHES].took_place
    exchange = Exchange()
    tariff = read_tariff(DATA)
    front = desk(app, DATA, tariff, deleted_days=DELETED_STAY.days)
    shop = Shop(app[CATALOGUE], exchange, front)
    engine = GraphEngine(shop, app[MODEL], clock, app[BUDGET].limits)
    outside = Outside(
        shelf=app[CATALOGUE],
        gateway=app[GATEWAY],
        program=app[PROGRAM],
        tariff=tariff,
    )
    every = kinds(app[CONFIG], outside, app[CATALOGUE], engine)
    system = System(
        every,
        storage,
        clock,
        refusals=CommerceError,
        random=random,
        ask_within_s=ASK_WITHIN_S,
        stop_within_s=STOP_WITHIN_S,
    )
    exchange.system = app[SYSTEM] = app[PORT] = system
    changes = app[CHANGES] = Changes(
        app[DATABASE], owner=owner, clock=clock, random=random
    )
    products = ProductRepository(app[DATABASE])
    feed = app[FEED] = Feed(app[CATALOGUE], products, system, clock)
    feed.listen(changes, every)
    app[ADDRESSES].follow(changes)
    app[INSTRUMENTS].follow(changes)
    await system.start()
    try:
        yield
    finally:
        await system.stop()
        await storage.close()


async def news(app: web.Application) -> AsyncIterator[None]:
    """Open the change streams, then read everything: nothing falls between."""
    await app[FEED].start()
    await app[CHANGES].start()
    try:
        await app[CHANGES].ready()
        await app[CATALOGUE].load()
        yield
    finally:
        await app[CHANGES].close()
        await app[FEED].close()


def kinds(
    config: Config, outside: Outside, catalogue: Catalogue, engine: GraphEngine
) -> Sequence[Kind]:
    """Return every kind of actor there is."""
    return (
        cart_kind(catalogue, outside.program, outside.tariff),
        stock_kind(catalogue),
        loyalty_kind(outside.program),
        coupon_kind(),
        order_kind(outside),
        session_kind(engine, manners(config.agent)),
        sign_in_kind(limits(config.accounts)),
    )


def manners(agent: Agent) -> Manners:
    """Return how conversations are held."""
    return Manners(
        double_texting=agent.double_texting,
        run_s=agent.run_s,
        handoff_wait_s=agent.handoff_wait_s,
    )


def limits(accounts: Accounts) -> Limits:
    """Return what the doors let pass."""
    return Limits(
        window_s=accounts.limit_window_s,
        per_account_and_address=accounts.failures_per_account_and_address,
        per_account=accounts.failures_per_account,
        address=accounts.failures_per_address,
        signup=accounts.signups_per_address,
        guest=accounts.guests_per_address,
        refresh=accounts.refreshes_per_address,
    )
