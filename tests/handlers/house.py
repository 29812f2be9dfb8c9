"""An application with the real middlewares, accounts and tokens for tests to visit."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from random import Random
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from prometheus_client import CollectorRegistry

from actors.runtime import LoopClock, System
from actors.runtime.testing import ManualClock, MemoryStorage
from actors.sign_in import Limits, sign_in_kind
from commerce.errors import CommerceError
from handlers import auth, health, openapi
from handlers.accounts import Accounts, Register
from handlers.guests import Guests
from handlers.health import request_times
from handlers.keys import (
    ACCOUNTS,
    CLOCK,
    DOORS,
    GATE,
    METRICS_TOKEN,
    ORIGINS,
    PORT,
    READINESS,
    REGISTRY,
    REQUEST_TIMES,
    STOPPING,
    TICKETS,
    TOKENS,
    USERS,
)
from handlers.limits import Doors
from handlers.middleware import protect
from handlers.passwords import Passwords
from handlers.security import Gate
from handlers.sign_ins import SignIns
from handlers.tickets import Tickets
from handlers.tokens import Bearer, Mint
from messages.base import Command, Event
from messages.loyalty import GetMembership, Membership
from messages.session import AdoptSession
from store.client import Database
from store.token import TokenRepository
from store.user import UserRepository

KEY = "a key that only these tests know, 32 bytes and more"
PASSWORD = "correct horse battery"
ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
SHOP = "https://shop.example.com"


class FakeConversations:
    """Who owns which conversation."""

    def __init__(self) -> None:
        self.owned: dict[str, list[str]] = {}

    async def ids_of_user(self, user_id: str) -> list[str]:
        return [*self.owned.get(user_id, ())]

    def adopt(self, session_id: str, command: AdoptSession) -> None:
        theirs = self.owned.get(command.guest_id, [])
        if session_id in theirs:
            theirs.remove(session_id)


class FakePort:
    """Nobody lives here: it remembers what was asked and answers as told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Command[Any]]] = []
        self.published: list[tuple[str, Event]] = []
        self.refusals: dict[type[Command[Any]], Exception] = {}
        self.behind: Any = None
        """A running System that gets what is asked, if there is one."""
        self.conversations = FakeConversations()

    async def ask(self, key: str, command: Command[Any], **more: Any) -> Any:
        self.asked.append((key, command))
        if type(command) in self.refusals:
            raise self.refusals[type(command)]
        if self.behind is not None and command.to == "sign_in":
            return await self.behind.ask(key, command, **more)
        if isinstance(command, AdoptSession):
            self.conversations.adopt(key, command)
        if isinstance(command, GetMembership):
            return Membership(user_id=key, tier="silver", balance=120)
        return None

    def tell(self, key: str, command: Command[Any], *, sender: str = "") -> None:
        self.asked.append((key, command))
        if self.behind is not None:
            self.behind.tell(key, command, sender=sender)

    def publish(self, topic: str, event: Event) -> None:
        self.published.append((topic, event))

    def heard(self, command: type[Command[Any]]) -> list[tuple[str, Command[Any]]]:
        return [each for each in self.asked if isinstance(each[1], command)]


@asynccontextmanager
async def counting(house: "House", limits: Limits) -> AsyncIterator[None]:
    """Let the doors of `house` count, and let so much pass."""
    house.port.behind = System(
        [sign_in_kind(limits)],
        MemoryStorage(),
        house.clock,
        refusals=CommerceError,
        random=Random(0),
    )
    await house.port.behind.start()
    yield
    await house.port.behind.kill()


class House:
    """One application, with all that a test may want to reach around it."""

    client: TestClient[web.Request, web.Application]

    def __init__(
        self,
        database: Database,
        routes: Iterable[web.RouteTableDef] = (),
        origins: Iterable[str] = (SHOP,),
    ) -> None:
        # aiohttp-jwt reads the wall's clock: ours must begin where that one stands.
        self.clock = ManualClock(start=LoopClock().now())
        self.port = FakePort()
        self.conversations = self.port.conversations
        self.users = UserRepository(database)
        self.tokens = TokenRepository(database)
        self.mint = Mint(KEY, self.clock)
        self.gate = Gate(self.mint, self.port)
        self.passwords = Passwords(cost=4)
        self.tickets = Tickets(self.mint, self.gate, self.tokens)
        self.doors = Doors(
            self.port, KEY, self.mint.fresh, (ip_network("127.0.0.0/8"),)
        )
        self.app = self._app(routes, origins)

    async def prepare(self) -> None:
        await self.users.prepare()
        await self.tokens.prepare()

    def token(
        self, role: Any = "customer", user_id: str = "ada", sid: str = "s"
    ) -> str:
        bearer = Bearer(user_id=user_id, role=role, sid=sid)
        return self.mint.token("access", bearer, 3600)

    async def get(self, path: str, token: str = "", **more: Any) -> ClientResponse:
        return await self.client.get(path, headers=bearing(token), **more)

    async def post(
        self, path: str, body: Any = None, token: str = "", **headers: str
    ) -> ClientResponse:
        return await self.client.post(
            path, json=body, headers={**headers, **bearing(token)}
        )

    async def sign_up(self, **changed: Any) -> dict[str, Any]:
        answer = await self.post("/api/auth/signup", {**ADA, **changed})
        assert answer.status == 201, await answer.text()
        tokens: dict[str, Any] = await answer.json()
        return tokens

    async def be_guest(self) -> dict[str, Any]:
        tokens: dict[str, Any] = await (await self.post("/api/auth/guest")).json()
        return tokens

    def _app(
        self, routes: Iterable[web.RouteTableDef], origins: Iterable[str]
    ) -> web.Application:
        app = web.Application(client_max_size=64 * 1024)
        for each in (auth.routes, health.routes, openapi.routes, *routes):
            app.add_routes(each)
        register = Register(
            self.users, self.passwords, frozenset({"password1"}), self.clock
        )
        sign_ins = SignIns(self.tokens, self.mint, self.gate)
        guests = Guests(self.mint, sign_ins, self.users, self.port, self.conversations)
        app[ACCOUNTS] = Accounts(
            register=register,
            users=self.users,
            passwords=self.passwords,
            sign_ins=sign_ins,
            guests=guests,
            doors=self.doors,
            mint=self.mint,
        )
        app[PORT] = self.port
        app[CLOCK] = self.clock
        app[USERS] = self.users
        app[TOKENS] = self.tokens
        app[TICKETS] = self.tickets
        app[GATE] = self.gate
        app[DOORS] = self.doors
        app[ORIGINS] = frozenset(origins)
        app[REGISTRY] = CollectorRegistry()
        app[REQUEST_TIMES] = request_times(app[REGISTRY])
        app[METRICS_TOKEN] = ""
        app[READINESS] = {}
        app[STOPPING] = asyncio.Event()
        protect(app, self.mint, self.gate)
        return app


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


async def code(answer: ClientResponse) -> tuple[int, str]:
    """Return the status of a problem and its code, after checking its form."""
    assert answer.content_type == "application/problem+json", await answer.text()
    told = await answer.json()
    assert told["status"] == told["status_code"] == answer.status
    assert told["detail"] == told["error"]
    assert told["request_id"] == answer.headers["X-Request-ID"]
    return answer.status, told["code"]
