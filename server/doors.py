"""The doors: accounts, the locks on every route, the sockets, and the window."""

from collections.abc import AsyncIterator
from functools import cache

from aiohttp import web

from commerce.user import PASSWORD_MIN_BYTES
from handlers.accounts import Accounts, Register
from handlers.broadcast import Shown
from handlers.guests import Guests
from handlers.keys import (
    ACCOUNTS,
    CATALOGUE,
    CLOCK,
    DOORS,
    GATE,
    JOBS,
    ORDERS,
    PORT,
    SESSIONS,
    SYSTEM,
    TICKETS,
    TOKENS,
    USERS,
    WINDOW,
)
from handlers.limits import Doors
from handlers.middleware import protect
from handlers.ops import WARD, Ward
from handlers.passwords import Passwords
from handlers.security import Gate
from handlers.sign_ins import SignIns
from handlers.sockets import SOCKETS, Sockets
from handlers.tickets import Tickets
from handlers.tokens import Lifetimes, Mint
from handlers.window import read_window
from messages.cart_view import shown
from server.config import ROOT
from server.faults import real
from server.parts import CHANGES, CONFIG, FEED, FLUSHES
from server.secret import signing_key
from server.vitals import Counts, NodeDoctor

WEB = ROOT / "web"


async def window(app: web.Application) -> AsyncIterator[None]:
    """Dress the shop's window: the browser client, read once."""
    app[WINDOW] = read_window(WEB)
    yield


async def locks(app: web.Application) -> AsyncIterator[None]:
    """Say who may come in, on every route there is."""
    config = app[CONFIG].accounts
    lifetimes = Lifetimes(
        access_s=config.access_token_s,
        refresh_s=config.refresh_token_s,
        refresh_grace_s=config.refresh_grace_s,
        ticket_s=config.ticket_s,
    )
    mint = Mint(signing_key(app[CONFIG]), real(app[CLOCK]), lifetimes)
    gate = app[GATE] = Gate(mint, app[PORT])
    # Heard of before they are read, so that none falls between.
    app[FEED].guard_sign_ins(app[CHANGES], gate, app[TOKENS])
    app[TICKETS] = Tickets(mint, gate, app[TOKENS])
    protect(app, mint, gate)
    yield


async def ended_sign_ins(app: web.Application) -> AsyncIterator[None]:
    """Know which sign-ins ended lately; by now the stream tells of new ends."""
    gate = app[GATE]
    gate.load(await app[TOKENS].revoked_since(gate.remembers_since()))
    yield


async def accounts(app: web.Application) -> AsyncIterator[None]:
    """Sign people up, in and out."""
    config = app[CONFIG]
    mint = app[GATE].mint
    passwords = Passwords(
        config.accounts.bcrypt_cost, queue=config.accounts.password_queue
    )
    app[DOORS] = Doors(app[PORT], mint.key, mint.fresh, config.proxies)
    sign_ins = SignIns(app[TOKENS], mint, app[GATE])
    app[ACCOUNTS] = Accounts(
        register=Register(app[USERS], passwords, common_passwords(), app[CLOCK]),
        users=app[USERS],
        passwords=passwords,
        sign_ins=sign_ins,
        guests=Guests(mint, sign_ins, app[USERS], app[PORT], app[SESSIONS]),
        doors=app[DOORS],
        mint=mint,
    )
    yield
    passwords.close()


async def ward(app: web.Application) -> AsyncIterator[None]:
    """Let operators see how this node does."""
    counts = Counts(app[CLOCK], app[JOBS], app[ORDERS], app[SESSIONS])
    doctor = NodeDoctor(app[SYSTEM], app[FLUSHES], app[SOCKETS], app[CATALOGUE], counts)
    app[WARD] = Ward(doctor, app[CLOCK])
    yield
    await app[WARD].stop()


async def sockets(app: web.Application) -> AsyncIterator[None]:
    """Let sockets hear of carts, conversations and stock."""
    catalogue = app[CATALOGUE]
    told = Shown(
        app[CLOCK], lambda cart: shown(cart, catalogue.by_sku, catalogue.available)
    )
    every = app[SOCKETS] = Sockets(app[PORT], app[CLOCK], app[SYSTEM].follow, told)
    deaf = catalogue.on_stock(every.news.changed)
    yield
    deaf()
    every.stop()


@cache
def common_passwords() -> frozenset[str]:
    """Return the passwords that anybody would try first, in lower case.

    More than 11,000 that are long enough to be tried here, from leaks, as counted by
    D. Wheeler, zxcvbn: Low-Budget Password Strength Estimation (USENIX Security 2016).
    """
    # Imported where it is used: the lists are most of the package.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(
        each for each in FREQUENCY_LISTS["passwords"] if len(each) >= PASSWORD_MIN_BYTES
    )
