"""Tickets: 30 seconds, one use, fit for a URL, to open a socket with."""

from datetime import datetime, timedelta
from typing import Protocol

from handlers.errors import NotSignedIn
from handlers.keys import Identity
from handlers.security import Gate
from handlers.tokens import Bearer, Mint


class SpentTickets(Protocol):
    """Remembers, for all nodes, which tickets were used."""

    async def spend_ticket(self, jti: str, expires_at: datetime) -> bool:
        """Return True for exactly one caller."""
        ...


class Tickets:
    """Issues tickets and takes each of them once."""

    def __init__(self, mint: Mint, gate: Gate, spent: SpentTickets) -> None:
        self._mint = mint
        self._gate = gate
        self._spent = spent

    @property
    def lifetime_s(self) -> int:
        """How long a ticket is good."""
        return self._mint.lifetimes.ticket_s

    def issue(self, identity: Identity) -> str:
        """Return a ticket for `identity`; the socket it opens ends with its token."""
        bearer = Bearer(user_id=identity.user_id, role=identity.role, sid=identity.sid)
        until = int(identity.expires_at.timestamp())
        return self._mint.token("ticket", bearer, self.lifetime_s, until=until)

    async def redeem(self, ticket: str) -> Identity:
        """Return whom the ticket admits, and use it up. Raises NotSignedIn."""
        claims = self._mint.read(ticket, "ticket")
        # Kept a while longer than it is good, so that clocks need not agree.
        keep_until = self._mint.clock.now() + timedelta(seconds=2 * self.lifetime_s)
        if not await self._spent.spend_ticket(claims["jti"], keep_until):
            raise NotSignedIn
        # Asked last: whoever signs out while we wait is let in no more.
        return self._gate.identity(claims, until=claims.get("until"))
