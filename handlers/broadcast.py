"""What this node's sockets hear of the world, each event encoded once.

Two kinds of news. `Audience` carries what is published to topics (`session/<id>`,
`user/<id>`, `sign_in/<sid>`) to the sockets that follow them. `StockNews` carries what
can be bought: the newest per SKU, at most ten a second each, to every socket that did
not narrow it. Neither waits for any socket: outboxes take everything at once.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec import Struct

from commerce.cart import Cart
from commerce.product import Product, Variant
from commerce.stock import Stock, variant_status
from handlers import wire
from handlers.outbox import Outbox
from handlers.sweep import tick_after
from messages import frames
from messages.base import Event
from messages.cart import CartUpdated
from messages.cart_view import CartView
from messages.clock import Cancellable, Clock
from messages.frames import CartUpdate, Frame, InventoryUpdate
from messages.ops import told_to_operators
from messages.order import OrderUpdated
from messages.order_shown import order_view
from messages.session import ChatPassedOn, Framed
from messages.stock import (
    BackInStock,
    HoldExpired,
    HoldExpiring,
    HoldPlaced,
    StockDiffers,
    StockLow,
)

Ear = Callable[[Event, bytes], None]
"""Takes an event and its frame as bytes, empty where there is nothing to show."""

PER_SKU_EVERY_S = 0.1
# All warehouses together are one shelf to a shopper.
LOCATION = "warehouse"


class Follow(Protocol):
    """How a node hears a topic; the answer unfollows."""

    def __call__(
        self, topic: str, listener: Callable[[Event], None]
    ) -> Callable[[], None]:
        """Call `listener` with every event published to `topic`."""
        ...


class Shown:
    """Turns events into frames for browsers."""

    def __init__(self, clock: Clock, cart_view: Callable[[Cart], CartView]) -> None:
        self._clock = clock
        self._cart_view = cart_view

    def __call__(self, event: Event) -> Frame | None:
        """Return what a browser is shown of `event`; None: nothing."""
        if isinstance(event, Framed):
            return event.frame
        if isinstance(event, CartUpdated):
            return CartUpdate(
                timestamp=self._clock.now(),
                version=event.cart.version,
                actor=event.by,
                cart=self._cart_view(event.cart),
            )
        if isinstance(event, OrderUpdated):
            now = self._clock.now()
            return frames.OrderUpdate(timestamp=now, order=order_view(event.order))
        if isinstance(event, HoldPlaced | HoldExpiring | HoldExpired):
            return self._of_hold(event)
        return self._of_stock(event)

    def _of_stock(self, event: Event) -> Frame | None:
        now = self._clock.now()
        if isinstance(event, StockLow | StockDiffers | ChatPassedOn):
            return told_to_operators(event, now)
        if isinstance(event, BackInStock):
            return frames.BackInStock(
                timestamp=now,
                product_id=event.product_id,
                sku=event.sku,
                available=event.available,
            )
        return None

    def _of_hold(self, event: HoldPlaced | HoldExpiring | HoldExpired) -> Frame:
        now = self._clock.now()
        if isinstance(event, HoldExpired):
            return frames.HoldExpired(
                timestamp=now, sku=event.sku, quantity=event.quantity
            )
        frame = frames.Hold if isinstance(event, HoldPlaced) else frames.HoldExpiring
        return frame(
            timestamp=now,
            sku=event.sku,
            quantity=event.quantity,
            expires_at=event.expires_at,
            # A countdown must not depend on how right the shopper's own clock is.
            server_now=now,
        )


class Audience:
    """Who on this node follows which topic; followed once, however many listen."""

    def __init__(self, follow: Follow, shown: Callable[[Event], Frame | None]) -> None:
        self._follow = follow
        self._shown = shown
        self._rooms: dict[str, dict[Ear, None]] = {}
        self._unfollow: dict[str, Callable[[], None]] = {}

    def join(self, topic: str, ear: Ear) -> Callable[[], None]:
        """Let `ear` hear `topic`; the answer leaves, a second time without effect."""
        if topic not in self._rooms:
            self._rooms[topic] = {}
            self._unfollow[topic] = self._follow(
                topic, lambda event: self._tell(topic, event)
            )
        self._rooms[topic][ear] = None
        return lambda: self._leave(topic, ear)

    def count(self, topic: str) -> int:
        """Return how many listen to `topic` here."""
        return len(self._rooms.get(topic, ()))

    def tell(self, topic: str, event: Event) -> None:
        """Let the listeners of this node alone hear `event`."""
        self._tell(topic, event)

    def _tell(self, topic: str, event: Event) -> None:
        room = self._rooms.get(topic)
        if room is None:
            # The last one left while this event was told to others.
            return
        frame = self._shown(event)
        encoded = b"" if frame is None else wire.said(frame)
        for ear in tuple(room):
            ear(event, encoded)

    def _leave(self, topic: str, ear: Ear) -> None:
        room = self._rooms.get(topic)
        if room is None or ear not in room:
            return
        del room[ear]
        if not room:
            del self._rooms[topic]
            self._unfollow.pop(topic)()


class _Change(Struct, frozen=True):
    """What is to be told of one SKU."""

    product_id: str
    sku: str
    units: int
    version: int


class StockNews:
    """Tells sockets what can be bought now.

    Changes gather for one rest of 50 ms, longer when sockets times changes would cost
    too much, and only the newest of a SKU is told.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pending: dict[str, _Change] = {}
        self._told_at: dict[str, float] = {}
        self._rest_until = 0.0
        self._timer: Cancellable | None = None
        self._all: dict[Outbox, None] = {}
        self._narrowed: dict[Outbox, frozenset[str]] = {}
        self._by_sku: dict[str, dict[Outbox, None]] = {}

    def changed(self, product: Product, variant: Variant, stock: Stock) -> None:
        """Tell soon how much there is of `variant`; a listener of the Catalogue."""
        self._pending[variant.sku] = _Change(
            product.id, variant.sku, stock.free, stock.version
        )
        self._arm()

    def join(self, outbox: Outbox) -> None:
        """Tell `outbox` of everything."""
        self._forget(outbox)
        self._all[outbox] = None

    def leave(self, outbox: Outbox) -> None:
        """Tell `outbox` no more; a second time without effect."""
        self._forget(outbox)
        self._all.pop(outbox, None)

    def narrow(self, outbox: Outbox, skus: Iterable[str]) -> None:
        """Tell `outbox` of `skus` too, and of nothing it did not ask for by name."""
        self._wanting(outbox, {*self._narrowed.get(outbox, ()), *skus})

    def without(self, outbox: Outbox, skus: Iterable[str] | None) -> None:
        """Tell `outbox` no more of `skus` (None: of none at all)."""
        wanted = self._narrowed.get(outbox, frozenset())
        self._wanting(outbox, set() if skus is None else wanted.difference(skus))

    def skus(self, outbox: Outbox) -> frozenset[str] | None:
        """Return what `outbox` asked for by name; None: it hears everything."""
        return self._narrowed.get(outbox)

    def stop(self) -> None:
        """Tell nobody any more."""
        self._pending.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wanting(self, outbox: Outbox, skus: Iterable[str]) -> None:
        self.leave(outbox)
        self._narrowed[outbox] = frozenset(skus)
        for sku in self._narrowed[outbox]:
            self._by_sku.setdefault(sku, {})[outbox] = None

    def _forget(self, outbox: Outbox) -> None:
        for sku in self._narrowed.pop(outbox, ()):
            del self._by_sku[sku][outbox]
            if not self._by_sku[sku]:
                del self._by_sku[sku]

    def _arm(self) -> None:
        # Even a first change waits for the end of its loop turn: changes come in waves.
        if self._timer is None:
            rest_s = max(0.0, self._rest_until - self._clock.monotonic())
            self._timer = self._clock.call_later(rest_s, self._flush)

    def _flush(self) -> None:
        self._timer = None
        now = self._clock.monotonic()
        frames = self._due(now)
        writes = self._fan_out(frames)
        self._rest_until = now + tick_after(writes)
        if self._pending:
            self._arm()

    def _due(self, now: float) -> dict[str, bytes]:
        recent = {
            sku: at for sku, at in self._told_at.items() if now - at < PER_SKU_EVERY_S
        }
        due = [change for sku, change in self._pending.items() if sku not in recent]
        for change in due:
            del self._pending[change.sku]
            recent[change.sku] = now
        self._told_at = recent
        return {change.sku: self._frame(change) for change in due}

    def _fan_out(self, frames: dict[str, bytes]) -> int:
        if not frames:
            return 0
        joined = b"".join(frames.values())
        for outbox in self._all:
            outbox.states(joined, frames.items())
        writes = len(self._all) * len(frames)
        for sku, frame in frames.items():
            for outbox in self._by_sku.get(sku, ()):
                outbox.state(sku, frame)
                writes += 1
        return writes

    def _frame(self, change: _Change) -> bytes:
        return wire.said(
            InventoryUpdate(
                timestamp=self._clock.now(),
                product_id=change.product_id,
                sku=change.sku,
                new_quantity=change.units,
                stock_status=variant_status(change.units),
                location=LOCATION,
                version=change.version,
            )
        )
