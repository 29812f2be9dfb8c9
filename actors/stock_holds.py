"""How a stock item holds: set aside for a while, sold, shipped, given back, lapsed.

The base of the stock actor. A live item has one timer, armed for the first moment that
a hold wants anything, made anew whenever the item comes to memory. The reminder saved
with each commit is for when nobody lives: a restart, or another node, wakes by it.
"""

from datetime import datetime

from msgspec.structs import replace

from actors.runtime import Actor
from actors.stock_watch import Watch
from commerce import hold as rules
from commerce.errors import HoldLapsed
from commerce.stock import Hold, Stock, watched
from messages.base import Event
from messages.clock import Cancellable
from messages.stock import (
    OPERATORS,
    Held,
    HoldExpired,
    HoldExpiring,
    HoldPlaced,
    HoldUnits,
    LapseHolds,
    StockCommand,
    StockLow,
    cart_hold_id,
)


class HoldingActor(Actor[StockCommand, Stock]):
    """What an item does with its holds; whoever counts it stands in `actors.stock`."""

    def __init__(self) -> None:
        super().__init__()
        self._watch = Watch()
        # The one timer, and when it fires.
        self._timer: tuple[datetime, Cancellable] | None = None

    # What is asked of it

    def _hold(self, command: HoldUnits) -> Held:
        now = self.clock.now()
        if command.until <= now and command.hold_id not in self.state.holds:
            raise HoldLapsed(
                f"{self.key}: {command.hold_id} would be over already",
                sku=self.key,
                hold=command.hold_id,
            )
        stock, made = rules.hold(
            self.state,
            command.hold_id,
            command.units,
            now=now,
            expires_at=command.until,
            prefer=command.prefer,
            owner=command.user_id,
            instead_of=self._given_up(command),
            sell=command.sell,
        )
        if stock is not self.state:
            self._keep(stock, command.hold_id)
            if not made.committed:
                placed = HoldPlaced(self.key, made.units, made.expires_at)
                self._tell(made, placed)
        return held(command.hold_id, made)

    def _given_up(self, command: HoldUnits) -> tuple[str, ...]:
        """Return what is given up for a hold: what the same user's cart holds, too."""
        in_cart = cart_hold_id(command.user_id, self.key)
        if in_cart == command.hold_id or in_cart not in self.state.holds:
            return command.instead_of
        return tuple(dict.fromkeys((*command.instead_of, in_cart)))

    def _keep(self, stock: Stock, hold_id: str | None = None) -> None:
        """Become `stock`, in which at most the hold `hold_id` is new."""
        before = self.state
        if stock is before:
            return
        stock = replace(self._watched(stock), changed_at=self.clock.now())
        self._watch.follow(before, stock, hold_id)
        self.become(stock)
        if stock.holds:
            self._expect()

    # What time does

    def _end_lapsed(self) -> None:
        """Give back what is over, if anything may be, before a command is heard."""
        first = self._watch.first(self.state)
        if first is not None and first <= self.clock.now():
            self._lapse()

    def _timer_fired(self) -> None:
        self._timer = None
        self._look()

    def _look(self) -> None:
        """Give back what is over, warn of what soon is, and wait for the next."""
        self._lapse()
        for hold in self._watch.to_warn(self.state, self.clock.now()).values():
            self._tell(hold, HoldExpiring(self.key, hold.units, hold.expires_at))
        self._watch.read(self.state)
        self._expect()

    def _lapse(self) -> None:
        before, now = self.state, self.clock.now()
        stock, over = rules.lapse(before, now)
        if over:
            self.become(replace(self._watched(stock), changed_at=now))
        for each in over:
            lapsed = before.holds[each]
            self._tell(lapsed, HoldExpired(self.key, lapsed.units))

    def _expect(self) -> None:
        first = self._watch.first(self.state)
        self._arm(first)
        self.remind(first)

    def _arm(self, first: datetime | None) -> None:
        """Have the holds looked at at `first`, by a timer if no earlier one runs."""
        if first is None:
            return
        if self._timer is not None:
            if self._timer[0] <= first:
                return
            self._timer[1].cancel()
        delay_s = max(0.0, (first - self.clock.now()).total_seconds())
        self._timer = first, self.after(delay_s, LapseHolds())

    def _tell(self, hold: Hold, event: Event) -> None:
        if hold.owner:
            self.publish(f"user/{hold.owner}", event)

    def _watched(self, after: Stock) -> Stock:
        kept, warn = watched(self.state, after, self.clock.now())
        if warn:
            self.log.warning("stock.low", available=kept.free)
            self.publish(OPERATORS, StockLow(kept.sku, kept.free, kept.version))
        return kept


def held(hold_id: str, hold: Hold) -> Held:
    """Return what whoever asked for `hold` is told of it."""
    return Held(hold_id, hold.places, hold.expires_at)
