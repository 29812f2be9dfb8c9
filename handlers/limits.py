"""Where a request comes from, and whether it came too often (`actors/sign_in.py`)."""

import hashlib
import hmac
import ipaddress
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiohttp import web

from commerce.errors import NotFound, Refused, TooOften
from commerce.user import User, email_key
from messages.base import Command, Port, Unavailable
from messages.sign_in import Forgive, Knock, TryAccount

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# One customer of a provider gets a whole /64: its addresses are one address.
IPV6_PREFIX = 64


class Doors:
    """Counts attempts; addresses are kept as keyed hashes only."""

    def __init__(
        self,
        port: Port,
        secret: str,
        fresh: Callable[[], str],
        proxies: Sequence[Network] = (),
    ) -> None:
        self._port = port
        self._secret = secret.encode()
        self._fresh = fresh
        self._proxies = proxies

    def address(self, request: web.Request) -> str:
        """Return the hashed network address that `request` comes from."""
        found = self._client(request)
        return self._hash(f"address:{found}")

    async def use(self, door: str, address: str) -> None:
        """Count one use of `door` from `address`. Raises TooOften."""
        await self._port.ask(f"{door}/{address}", Knock(self._fresh()))

    @asynccontextmanager
    async def sign_in(
        self, email: str, user: User | None, address: str
    ) -> AsyncIterator["Attempt"]:
        """Count one sign-in as failed unless the block says that it was none.

        Raises TooOften. Where the block ends in trouble of ours nothing is counted.
        """
        attempt = Attempt(self._port, self._fresh())
        await attempt.count(f"address/{address}", Knock(attempt.id))
        known = user is not None and address in user.known_addresses
        account = f"account/{self._hash(f'account:{email_key(email)}')}"
        try:
            await attempt.count(account, TryAccount(attempt.id, address, known))
            yield attempt
        except Unavailable:
            attempt.forgive()
            raise

    def coupon(self, user_id: str) -> AbstractAsyncContextManager[None]:
        """Count one coupon code as failed if the block says that it is none or no good.

        Raises TooOften.
        """
        return self._guess(f"coupon/{user_id}")

    def instrument(self, user_id: str) -> AbstractAsyncContextManager[None]:
        """Count one card, UPI id or gift card as failed if the block refuses it.

        Who may try any number of codes finds those that are worth money. Raises
        TooOften.
        """
        return self._guess(f"instrument/{user_id}")

    @asynccontextmanager
    async def _guess(self, door: str) -> AsyncIterator[None]:
        attempt = Attempt(self._port, self._fresh())
        await attempt.count(door, Knock(attempt.id))
        try:
            yield
        except (NotFound, Refused):
            raise
        except BaseException:
            attempt.forgive()
            raise
        attempt.forgive()

    def _client(self, request: web.Request) -> str:
        # From the nearest hop outwards: the first that is no proxy of ours is who asks.
        # What stands further left was written by strangers.
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        nearest = _network_address(request.remote or "")
        while hops and any(nearest in proxy for proxy in self._proxies):
            nearest = _network_address(hops.pop())
        if nearest.version == 6:
            whole = ipaddress.ip_network((nearest, IPV6_PREFIX), strict=False)
            return str(whole)
        return str(nearest)

    def _hash(self, text: str) -> str:
        # Keyed: the few billion addresses there are could be hashed and compared.
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:32]


class Attempt:
    """One try to sign in, counted at the doors it passed."""

    def __init__(self, port: Port, attempt_id: str) -> None:
        self.id = attempt_id
        self._port = port
        self._passed: list[str] = []

    async def count(self, door: str, command: Command[None]) -> None:
        """Count at `door`. Raises TooOften, and then forgets the doors before it."""
        try:
            await self._port.ask(door, command)
        except (TooOften, Unavailable):
            self.forgive()
            raise
        self._passed.append(door)

    def forgive(self) -> None:
        """It was no failure: no door counts it any more."""
        for door in self._passed:
            self._port.tell(door, Forgive(self.id))
        self._passed.clear()


def _network_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    # Some proxies write the port as well: 192.0.2.1:443, [2001:db8::1]:443.
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        # A unix socket, or a proxy that writes nonsense: all of these share a count.
        return ipaddress.IPv4Address(0)
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
