"""What a tool is given besides its arguments: the shop, and whose turn it is."""

from dataclasses import dataclass
from datetime import datetime

from agent.shop import Shop
from messages.clock import Clock


@dataclass(frozen=True, slots=True)
class Visit:
    """One run's access to the shop.

    The shopper comes from the session, never from the model.
    """

    shop: Shop
    clock: Clock
    user_id: str
    turn_id: str

    def now(self) -> datetime:
        """Return the time that stock is told with."""
        return self.clock.now()

    def effect(self, call_id: str) -> str:
        """Name what a call changes: sent twice under it, it happens once."""
        return f"{self.turn_id}/{call_id}"
