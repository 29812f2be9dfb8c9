"""One variant's stock: counts, moves, holds and guards its units.

The rules are in `commerce.stock` and `commerce.hold`. Operators change it through
commands; anybody may edit `on_hand` in the database by hand and is adopted, never
overwritten. A hold ends at its time, whoever is there to see it: every command first
gives back what is over.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

from msgspec.structs import replace

from actors.runtime import Kind
from actors.stock_holds import HoldingActor
from commerce import hold as holds
from commerce import stock as rules
from commerce.stock import Stock
from commerce.warehouse import Warehouse, misplaced, sendable
from messages.stock import (
    AdjustStock,
    GetAvailable,
    GetStock,
    Held,
    HoldUnits,
    LapseHolds,
    ReleaseHold,
    Restock,
    Scrap,
    SetStock,
    ShipHold,
    StockCommand,
    StockItem,
    TransferStock,
)


class Places(Protocol):
    """Who knows the shop's warehouses."""

    @property
    def warehouses(self) -> Sequence[Warehouse]:
        """Every warehouse there is."""
        ...


class StockActor(HoldingActor):
    """Owns the stock of one variant; key = sku."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.places = places

    def initial(self, key: str) -> Stock:
        """Return the stock of what is not sold here."""
        return Stock(sku=key)

    def opened(self) -> None:
        """Adopt what was edited, and end what ended, while no server ran."""
        self._alert(self.state)
        if rules.counted(holds.summed(self.state)) != self.state:
            self.become(self._adopted(self.state))
        if self.state.holds:
            self._look()

    def adopt(self, found: Stock) -> Stock:
        """Take over what somebody wrote by hand, under a version of its own."""
        self._alert(found)
        adopted = self._adopted(found)
        self._arm(self._watch.first(adopted))
        return adopted

    def woke(self) -> None:
        """Look at the holds: one of them wants something done."""
        self._look()

    def receive(self, command: StockCommand) -> Stock | Held | int | None:
        """Answer with the stock as it then is, or what the command asks for."""
        self._end_lapsed()
        match command:
            case GetStock():
                return rules.known(self.state)
            case GetAvailable(besides):
                there = sendable(self.state, self.places.warehouses)
                return holds.free_besides(there, besides)
            case AdjustStock() | SetStock() | TransferStock() | StockItem():
                return self._count(command)
            case HoldUnits():
                return self._hold(command)
            case ReleaseHold() | ShipHold() | Restock() | Scrap() | LapseHolds():
                self._settle(command)
                return None
            case _:
                assert_never(command)

    def _settle(
        self, command: ReleaseHold | ShipHold | Restock | Scrap | LapseHolds
    ) -> None:
        """Do what has no answer, and may be asked again."""
        match command:
            case ReleaseHold(hold_id, until):
                self._keep(holds.uncommit(self.state, hold_id, until))
            case ShipHold(hold_id):
                self._keep(holds.ship(self.state, hold_id))
            case Restock(effect, warehouse, units):
                stock = rules.restock(self._checked(None, warehouse), warehouse, units)
                self._become(stock, f"return {effect}")
            case Scrap(effect, warehouse, units):
                stock = rules.scrap(self._checked(None, warehouse), warehouse, units)
                self._become(stock, f"return {effect}")
            case LapseHolds():
                self._timer_fired()

    # Counting

    def _count(
        self, command: AdjustStock | SetStock | TransferStock | StockItem
    ) -> Stock:
        match command:
            case AdjustStock():
                stock = self._checked(command.expected_version, command.warehouse)
                stock = rules.adjust(stock, command.warehouse, command.delta)
                return self._become(stock, command.reason)
            case SetStock():
                stock = self._checked(command.expected_version, command.warehouse)
                stock = rules.recount(stock, command.warehouse, command.on_hand)
                return self._become(stock, command.reason)
            case TransferStock(source, target, quantity):
                stock = self._checked(command.expected_version, source, target)
                stock = rules.transfer(stock, source, target, quantity)
                return self._become(stock, "transfer")
            case StockItem(product_id, on_hand):
                rules.check_places(on_hand, self._places())
                stock = rules.begin(self.state, product_id, on_hand)
                return self._become(stock, "new")

    def _checked(self, expected_version: int | None, *warehouses: str) -> Stock:
        rules.check_places(warehouses, self._places())
        return rules.checked(self.state, expected_version)

    def _places(self) -> set[str]:
        # A warehouse that somebody wrote into the document by hand is one, too.
        return {each.id for each in self.places.warehouses}.union(self.state.on_hand)

    def _become(self, stock: Stock, reason: str) -> Stock:
        before = self.state
        if stock is before:
            return stock
        self._keep(stock)
        self.log.info(
            "stock.changed",
            reason=reason,
            before=dict(before.on_hand),
            on_hand=dict(stock.on_hand),
            version=stock.version,
        )
        return self.state

    def _adopted(self, found: Stock) -> Stock:
        # Whoever replaced the document by hand may have dropped the version: it must
        # not go back, or listeners would take the news for old.
        version = max(self.state.version, found.version) + 1
        now = self.clock.now()
        found = rules.counted(holds.summed(found))
        return self._watched(replace(found, version=version, changed_at=now))

    def _alert(self, stock: Stock) -> None:
        if places := misplaced(stock, self.places.warehouses):
            self.log.error("stock.misplaced", warehouses=places)
        if uncounted := rules.uncounted(stock):
            self.log.error("stock.uncounted", warehouses=uncounted)
        elif oversubscribed := rules.oversubscribed(stock):
            self.log.error(
                "stock.oversubscribed",
                warehouses=oversubscribed,
                on_hand=dict(stock.on_hand),
                held=dict(stock.held),
                committed=dict(stock.committed),
                holds=holds.in_places(stock, oversubscribed),
            )


def stock_kind(places: Places) -> Kind:
    """Return what the runtime must know of stock."""
    make: Callable[[], StockActor] = lambda: StockActor(places)  # noqa: E731
    return Kind(
        name="stock",
        actor=make,
        state=Stock,
        commands=StockCommand,
        collection="stock",
        # Edited by people in the database: a commit compares it with what was seen.
        guards=("on_hand",),
        unreadable={"on_hand": rules.UNCOUNTED},
        reminds=True,
    )
