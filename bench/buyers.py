"""Customers of a running shop: accounts, carts, orders; and who runs the shop."""

import asyncio
import secrets
import subprocess
import sys
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from msgspec import Struct

from bench.line import post

AT_ONCE = 64
PASSWORD = "correct horse battery"
HOME = {
    "street": "1 Main Street",
    "city": "Reno",
    "state": "NV",
    "zip_code": "89501",
    "country": "US",
}
# A test card of the mock bank that is always accepted.
CARD = {"type": "card", "brand": "visa", "last_four": "4242"}
# What lets one machine be hundreds of customers, who are not what is measured.
CROWD = {
    "SOUK__ACCOUNTS__BCRYPT_COST": "4",
    "SOUK__ACCOUNTS__PASSWORD_QUEUE": "1000",
    "SOUK__ACCOUNTS__SIGNUPS_PER_ADDRESS": "1000000",
    "SOUK__ACCOUNTS__FAILURES_PER_ADDRESS": "1000000",
}

ORDERS = "/api/orders"

T = TypeVar("T")


class Answer(Struct, frozen=True):
    """What the shop said, and after how many seconds."""

    status: int
    body: Any
    after_s: float
    retry_after: str = ""


class Visitor:
    """One signed-in user of the shop."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self.http = http
        self.url = url
        self.token = token
        self._token = {"Authorization": f"Bearer {token}"}

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> Answer:
        """Return the answer, whatever its status."""
        begun = time.perf_counter()
        headers |= self._token
        async with self.http.request(
            method, self.url + path, json=body, headers=headers
        ) as answer:
            told = await answer.json(content_type=None)
        after_s, again = time.perf_counter() - begun, answer.headers.get("Retry-After")
        return Answer(answer.status, told, after_s, again or "")

    async def socket(self, session: str = "") -> aiohttp.ClientWebSocketResponse:
        """Open a chat of one's own; its welcome has been read."""
        token = self._token["Authorization"].removeprefix("Bearer ")
        path = f"/ws/chat/{session or secrets.token_hex(8)}?token={token}"
        socket = await self.http.ws_connect(self.url + path)
        welcome = await socket.receive()
        if welcome.type is not aiohttp.WSMsgType.TEXT:
            raise RuntimeError(f"not let in: {welcome}")
        return socket

    async def sure(self, method: str, path: str, body: object = None) -> Any:
        """Return the body of an answer that must be a good one."""
        answer = await self.ask(method, path, body)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body}")
        return answer.body


class Buyer(Visitor):
    """A customer who has told where to send things and how to pay."""

    cart_id = ""
    address_id = ""
    method_id = ""

    async def settle_in(self) -> None:
        """Tell address and card."""
        self.cart_id = (await self.sure("GET", "/api/cart"))["id"]
        address = await self.sure("POST", "/api/users/addresses", HOME)
        self.address_id = address["id"]
        method = await self.sure("POST", "/api/users/payment-methods", CARD)
        self.method_id = method["id"]

    async def fill(self, sku: str) -> None:
        """Have exactly one of `sku` in the cart."""
        await self.sure("DELETE", "/api/cart")
        await self.sure("POST", "/api/cart/items", {"sku": sku})

    async def order(self, key: str | None = None, gift: str = "") -> Answer:
        """Order the cart; `key` makes a repeat harmless, `gift` is used up first."""
        headers = {"Idempotency-Key": key} if key else {}
        wish = {**self._wish(), **({"gift_cards": [gift]} if gift else {})}
        return await self.ask("POST", ORDERS, wish, **headers)

    def order_bytes(self) -> bytes:
        """Return the request that orders the cart."""
        return post(self.url, ORDERS, self._token, self._wish())

    def _wish(self) -> dict[str, str]:
        return {
            "cart_id": self.cart_id,
            "delivery_address_id": self.address_id,
            "payment_method_id": self.method_id,
        }


async def together(work: Iterable[Awaitable[T]], at_once: int = AT_ONCE) -> list[T]:
    """Return what all of `work` gives, `at_once` of it under way at a time."""
    waiting = enumerate(work)
    done: dict[int, T] = {}

    async def lane() -> None:
        for number, each in waiting:
            done[number] = await each

    await asyncio.gather(*(lane() for _ in range(at_once)))
    return [done[number] for number in sorted(done)]


async def buyers(http: aiohttp.ClientSession, url: str, many: int) -> Sequence[Buyer]:
    """Sign up `many` customers."""
    crowd = secrets.token_hex(8)

    async def one(number: int) -> Buyer:
        account = {
            "email": f"{crowd}{number}@example.com",
            "username": f"{crowd}{number}",
            "password": PASSWORD,
        }
        async with http.post(f"{url}/api/auth/signup", json=account) as answer:
            answer.raise_for_status()
            buyer = Buyer(http, url, (await answer.json())["access_token"])
        await buyer.settle_in()
        return buyer

    return await together(one(number) for number in range(many))


async def operator(
    http: aiohttp.ClientSession, url: str, environment: Mapping[str, str]
) -> Visitor:
    """Make an operator by the command line, as one does, and sign in."""
    name = f"op{secrets.token_hex(3)}"
    email = f"{name}@example.com"
    told = ("--email", email, "--username", name, "--password", PASSWORD)
    making = await asyncio.to_thread(
        subprocess.run,
        [
            *(sys.executable, "-m", "server", "user", "create"),
            *("--role", "operator", *told),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if making.returncode:
        raise RuntimeError(making.stdout + making.stderr)
    account = {"email": email, "password": PASSWORD}
    async with http.post(f"{url}/api/auth/signin", json=account) as answer:
        answer.raise_for_status()
        return Visitor(http, url, (await answer.json())["access_token"])


async def stock_up(by: Visitor, sku: str, units: int) -> None:
    """Have exactly `units` of `sku` to sell, all of them in one warehouse."""
    path = f"/api/admin/inventory/{sku}"
    stock = await by.sure("GET", path)
    first, *others = sorted(stock["on_hand"])
    for warehouse in others:
        owed = stock["held"].get(warehouse, 0) + stock["committed"].get(warehouse, 0)
        count = {"warehouse": warehouse, "on_hand": owed, "reason": "bench"}
        await by.sure("PUT", path, count)
    owed = stock["held"].get(first, 0) + stock["committed"].get(first, 0)
    count = {"warehouse": first, "on_hand": owed + units, "reason": "bench"}
    await by.sure("PUT", path, count)


async def listed(by: Visitor, path: str) -> list[Any]:
    """Return every entry of one of the operators' lists."""
    found: list[Any] = []
    join = "&" if "?" in path else "?"
    while True:
        page = await by.sure("GET", f"{path}{join}limit=100&offset={len(found)}")
        found += page
        if len(page) < 100:
            return found


def mongod_of(pid: int) -> int:
    """Return the process id of the database that the server `pid` started."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            if "mongod" in Path(f"/proc/{child}/comm").read_text():
                return int(child)
    raise RuntimeError(f"{pid} has no mongod of its own")
