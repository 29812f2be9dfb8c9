"""When a stock item must look at its holds: to warn of an end, then to end them.

A live item has one timer, armed for the first moment that anything is to be done; it
is made anew whenever the item comes to memory. The reminder saved with each commit is
for the time when nobody lives: a restart, or another node, wakes the item by it.
"""

from datetime import datetime, timedelta

from commerce.stock import Hold, Stock

WARN_BEFORE = timedelta(seconds=120)
"""How long before the end of a hold its owner is told of it."""


class Watch:
    """Knows the first moment at which a hold of one item wants something done.

    It may name a moment too early, where a hold went meanwhile, but never too late. A
    state that it did not see come (loaded, adopted, gone back to after a failed commit)
    is read through.
    """

    def __init__(self) -> None:
        self._seen: Stock | None = None
        self._first: datetime | None = None
        # Whoever was told that the end is near; forgotten with the memory, so that
        # after a restart somebody may be told twice.
        self._told: dict[str, datetime] = {}

    def first(self, stock: Stock) -> datetime | None:
        """Return when to look at the holds of `stock`; None: they want nothing."""
        if stock is not self._seen:
            self.read(stock)
        return self._first

    def read(self, stock: Stock) -> None:
        """Find that moment anew, exactly."""
        moments = (self._next(each, hold) for each, hold in _open(stock).items())
        self._seen, self._first = stock, min(moments, default=None)

    def follow(self, before: Stock, after: Stock, changed: str | None) -> None:
        """Go on from `before` to `after`, in which at most the hold `changed` is new.

        Cheap however many holds there are: a hot item takes hundreds a second.
        """
        first = self.first(before)
        hold = after.holds.get(changed or "")
        if changed is not None and hold is not None and not hold.committed:
            mine = self._next(changed, hold)
            first = mine if first is None else min(first, mine)
        self._seen, self._first = after, first

    def to_warn(self, stock: Stock, now: datetime) -> dict[str, Hold]:
        """Return, once each, the holds whose owner must hear that they soon end."""
        due = {
            each: hold
            for each, hold in _open(stock).items()
            if hold.expires_at - WARN_BEFORE <= now
            and self._told.get(each) != hold.expires_at
        }
        kept = {each: at for each, at in self._told.items() if each in stock.holds}
        self._told = kept | {each: hold.expires_at for each, hold in due.items()}
        return due

    def _next(self, hold_id: str, hold: Hold) -> datetime:
        told = self._told.get(hold_id) == hold.expires_at
        return hold.expires_at if told else hold.expires_at - WARN_BEFORE


def _open(stock: Stock) -> dict[str, Hold]:
    return {each: hold for each, hold in stock.holds.items() if not hold.committed}
