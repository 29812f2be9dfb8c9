"""Who waits for a variant that is sold out, and was told that it is back."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from commerce.errors import Refused

MOST_WAITED_FOR = 100
"""Whoever waits for more than this hears of nothing in particular."""


class InStock(Refused):
    """It can be bought now, so that there is nothing to wait for."""

    code = "in_stock"


class Waiting(Struct, frozen=True, kw_only=True):
    """One customer's wish to hear of one variant; `told_at` is when it was back.

    Being told ends the wait: to hear of the next time one joins again.
    """

    user_id: str
    sku: str
    since: datetime
    told_at: datetime | None = None

    @property
    def status(self) -> Literal["waiting", "back_in_stock"]:
        """Return how it stands."""
        return "waiting" if self.told_at is None else "back_in_stock"
