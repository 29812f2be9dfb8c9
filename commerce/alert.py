"""What operators must hear of, whoever listens at that moment."""

from datetime import datetime

from msgspec import Struct

MOST_TRIES = 20
"""A webhook that fails so often in a row, over half a day, is given up for an alert."""


class Alert(Struct, frozen=True, kw_only=True):
    """Few of `sku` can be bought since `at`; what became of telling the webhook.

    `next_try` is None where nothing more is sent: it was, it was given up, or there is
    no webhook.
    """

    id: str
    sku: str
    product_id: str
    available: int
    at: datetime
    sent_at: datetime | None = None
    next_try: datetime | None = None
    tries: int = 0
    error: str | None = None


def low_stock(sku: str, product_id: str, available: int, at: datetime) -> Alert:
    """Return the alert of one crossing: the same crossing is the same alert."""
    return Alert(
        id=f"low/{sku}/{int(at.timestamp() * 1000)}",
        sku=sku,
        product_id=product_id,
        available=available,
        at=at,
    )
