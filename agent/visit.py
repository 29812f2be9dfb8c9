"""What a tool is given besides its arguments: the shop, and whose turn it is."""

from dataclasses import dataclass, field
from datetime import datetime

from agent.cart_seen import CartSeen
from agent.shop import Shop
from commerce.cart import is_guest
from commerce.errors import AccountRequired
from commerce.quote import OneAtATime, Quote
from messages.clock import Clock


@dataclass(slots=True)
class Noticeboard:
    """What a run's tools leave for the run itself: a quote, a wish for a person."""

    quote: Quote | None = None
    handed_off: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One run's access to the shop.

    The shopper comes from the session, never from the model, and so does `confirmed`:
    what the shopper's own frame or request allowed, and this run is to do.
    """

    shop: Shop
    clock: Clock
    user_id: str
    turn_id: str
    confirmed: Quote | None = None
    seen: CartSeen = field(default_factory=CartSeen)
    board: Noticeboard = field(default_factory=Noticeboard)

    def now(self) -> datetime:
        """Return the time that stock is told with."""
        return self.clock.now()

    def effect(self, call_id: str) -> str:
        """Name what a call changes: sent twice under it, it happens once."""
        return f"{self.turn_id}/{call_id}"

    def account(self) -> str:
        """Return the shopper's id if it is an account's. Raises AccountRequired."""
        if is_guest(self.user_id):
            raise AccountRequired("sign up or sign in first")
        return self.user_id

    def propose(self, quote: Quote) -> None:
        """Stop the run for the shopper to confirm `quote`. Raises OneAtATime."""
        if self.board.quote is not None:
            raise OneAtATime("one thing at a time is confirmed")
        self.board.quote = quote
