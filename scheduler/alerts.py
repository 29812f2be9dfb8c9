"""Low stock, told so that it is not lost: kept first, then sent to a webhook if any.

Sockets of operators hear of it at once, from the item itself. Here each crossing that
the stock documents tell of becomes one alert; what a webhook did not take is sent
again, later each time, under the same id.
"""

from asyncio import gather
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from msgspec.structs import replace

from commerce.alert import MOST_TRIES, Alert
from commerce.job import retry_at
from messages.clock import Clock
from scheduler.runner import Report
from store.alert import AlertRepository
from store.stock import StockRepository

log = structlog.get_logger()

AT_ONCE = 20
# Items are saved by several nodes in no order: so far back from the newest known.
OVERLAP = timedelta(minutes=1)
# What is older, such as after a restored backup, is nobody's alarm any more.
OLDEST = timedelta(days=7)


class NotTaken(Exception):
    """The webhook did not take an alert; the message says why."""


class Webhook(Protocol):
    """Who is told of alerts outside."""

    async def tell(self, alert: Alert, now: datetime) -> None:
        """Return once `alert` was taken. Raises NotTaken."""
        ...


async def tell_of_low_stock(
    clock: Clock,
    stock: StockRepository,
    alerts: AlertRepository,
    webhook: Webhook | None,
) -> Report:
    """Keep what is new, send what is due; count both."""
    now = clock.now()
    newest = await alerts.newest_at(now)
    since = now - OLDEST if newest is None else max(newest - OVERLAP, now - OLDEST)
    # Those that are known already are offered once more, and stay as they are.
    low = await stock.warned_since(since)
    new = await alerts.add(low, now if webhook is not None else None)
    told = {"new": new, "sent": 0, "failed": 0}
    if webhook is not None:
        # All at once: a webhook that answers nothing must not hold up what comes next.
        due = await alerts.to_send(now, limit=AT_ONCE)
        for sent in await gather(*(_sent(each, webhook, clock) for each in due)):
            await alerts.put(sent)
            told["sent" if sent.sent_at else "failed"] += 1
    return told


async def _sent(alert: Alert, webhook: Webhook, clock: Clock) -> Alert:
    """Return `alert` as it stands after it was sent, or was not taken."""
    tries = alert.tries + 1
    try:
        await webhook.tell(alert, clock.now())
    except NotTaken as no:
        return _not_taken(alert, tries, str(no), clock.now())
    return replace(alert, tries=tries, next_try=None, error=None, sent_at=clock.now())


def _not_taken(alert: Alert, tries: int, why: str, now: datetime) -> Alert:
    if tries >= MOST_TRIES:
        log.error("alert.given_up", alert=alert.id, tries=tries, why=why)
        return replace(alert, tries=tries, next_try=None, error=why)
    return replace(alert, tries=tries, next_try=retry_at(now, tries), error=why)
