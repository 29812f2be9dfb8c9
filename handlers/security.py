"""Who may come in: every route is protected unless it says otherwise.

A token is worth something while its signature, its time and its sign-in session are
good. The session is asked from memory: `Gate` holds the few that ended while tokens of
theirs could still be about, fed by the change stream of `sign_ins`.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from aiohttp import web

from handlers.errors import NotAllowed, NotSignedIn
from handlers.keys import GATE, IDENTITY, Identity
from handlers.tokens import Mint, bearer_of, check_claims
from messages.base import Port
from messages.sign_in import SignedOut, sign_in_topic

H = TypeVar("H")

ACCESS = "__access__"
PUBLIC = "public"
OPERATOR = "operator"
SIGNED_IN = "signed_in"


def public(handler: H) -> H:
    """Open this route to everybody. A token that comes along is not even read."""
    setattr(handler, ACCESS, PUBLIC)
    return handler


def operator(handler: H) -> H:
    """Keep this route for operators: 403 for everybody else who is signed in."""
    setattr(handler, ACCESS, OPERATOR)
    return handler


def access_of(handler: Any) -> str:
    """Return `public`, `operator`, or `signed_in` for a route that says nothing."""
    said: str = getattr(handler, ACCESS, SIGNED_IN)
    return said


def identity(request: web.Request) -> Identity:
    """Return who asks. Only for protected routes: those always know."""
    return request[IDENTITY]


def account(request: web.Request) -> Identity:
    """Return who asks, if it is an account. Raises NotAllowed for a guest."""
    asker = request[IDENTITY]
    if asker.role == "guest":
        raise NotAllowed("This takes an account; sign up to get one.")
    return asker


def admitted(app: web.Application, access_token: str) -> Identity:
    """Return whom an access token speaks for, where no header brings it (sockets).

    Raises NotSignedIn.
    """
    return app[GATE].admit(access_token)


# Some 800 bytes each. Whoever is not among them is verified again.
MOST_KNOWN = 10_000


class Gate:
    """Tells who a token belongs to, and ends sign-in sessions on this node."""

    def __init__(self, mint: Mint, port: Port) -> None:
        self.mint = mint
        self._port = port
        # When by the wall, and by the clock that nobody sets.
        self._ended: OrderedDict[str, tuple[datetime, float]] = OrderedDict()
        self._known: dict[str, Identity] = {}

    def load(self, sids: Iterable[str]) -> None:
        """Know `sids` to be over, as found at start; tells nobody."""
        self._ended.update((sid, self._now()) for sid in sids)

    def end(self, sid: str) -> None:
        """Let nobody in under `sid` any more, and close its sockets."""
        if sid in self._ended:
            return
        self._forget_old()
        self._ended[sid] = self._now()
        self._port.publish(sign_in_topic(sid), SignedOut(sid))

    def remembers_since(self) -> datetime:
        """Return since when ended sessions matter: older ones have no token left."""
        return self.mint.clock.now() - timedelta(seconds=self._remembers_s)

    def admit(self, access_token: str) -> Identity:
        """Return whom an access token speaks for. Raises NotSignedIn."""
        return self.identity(self.mint.read(access_token, "access"))

    def identity(
        self, claims: Mapping[str, Any], *, until: int | None = None
    ) -> Identity:
        """Return whom verified claims speak for, if their session lives.

        `until` is the end of what they open, if not their own. Raises NotSignedIn.
        """
        bearer = bearer_of(claims)
        expires_at = self.mint.expiry(claims if until is None else {"exp": until})
        identity = Identity(bearer.user_id, bearer.role, bearer.sid, expires_at)
        if not self._lives(identity):
            raise NotSignedIn
        return identity

    def policy(self, request: web.Request, claims: Mapping[str, Any]) -> bool:
        """Let `request` in as whom verified claims say, or raise NotSignedIn.

        Returns False, as aiohttp-jwt asks whether the token is revoked.
        """
        check_claims(claims, "access")
        identity = request[IDENTITY] = self.identity(claims)
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[request.headers["Authorization"]] = identity
        return False

    def recognise(self, authorization: str) -> Identity | None:
        """Return whom `policy` let in by this very header, if they still may come in.

        A signature stays good; what may end is the token's time and its session.
        """
        identity = self._known.get(authorization)
        return identity if identity is not None and self._lives(identity) else None

    def _lives(self, identity: Identity) -> bool:
        if identity.sid in self._ended:
            return False
        return identity.expires_at > self.mint.clock.now()

    def _forget_old(self) -> None:
        # Old by both: a wall's clock that ran ahead comes back, and tokens with it.
        wall, steady = self.remembers_since(), self._now()[1] - self._remembers_s
        while self._ended:
            at, passed = next(iter(self._ended.values()))
            if at >= wall or passed >= steady:
                return
            self._ended.popitem(last=False)

    def _now(self) -> tuple[datetime, float]:
        return self.mint.clock.now(), self.mint.clock.monotonic()

    @property
    def _remembers_s(self) -> int:
        # Twice: clocks of other nodes, and the second that rounding takes.
        return 2 * self.mint.lifetimes.access_s
