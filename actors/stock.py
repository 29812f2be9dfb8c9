"""One variant's stock: counts, moves and guards its units by `commerce.stock`.

Operators change it through commands; anybody may edit `on_hand` in the database by hand
and is adopted, never overwritten.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

from msgspec.structs import replace

from actors.runtime import Actor, Kind
from commerce import stock as rules
from commerce.stock import Stock
from commerce.warehouse import Warehouse
from messages.stock import (
    AdjustStock,
    GetAvailable,
    GetStock,
    SetStock,
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


class StockActor(Actor[StockCommand, Stock]):
    """Owns the stock of one variant; key = sku."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.places = places

    def initial(self, key: str) -> Stock:
        """Return the stock of what is not sold here."""
        return Stock(sku=key)

    def opened(self) -> None:
        """Adopt an edit that was made while no server ran."""
        self._alert(self.state)
        if rules.counted(self.state) != self.state:
            self.become(self._adopted(self.state))

    def adopt(self, found: Stock) -> Stock:
        """Take over what somebody wrote by hand, under a version of its own."""
        self._alert(found)
        return self._adopted(found)

    def receive(self, command: StockCommand) -> Stock | int:
        """Answer with the stock as it then is, or how many can be bought."""
        match command:
            case GetStock():
                return rules.known(self.state)
            case GetAvailable():
                return rules.known(self.state).free
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
            case _:
                assert_never(command)

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
        stock = replace(self._watched(stock), changed_at=self.clock.now())
        self.become(stock)
        self.log.info(
            "stock.changed",
            reason=reason,
            before=dict(before.on_hand),
            on_hand=dict(stock.on_hand),
            version=stock.version,
        )
        return stock

    def _adopted(self, found: Stock) -> Stock:
        # Whoever replaced the document by hand may have dropped the version: it must
        # not go back, or listeners would take the news for old.
        version = max(self.state.version, found.version) + 1
        now = self.clock.now()
        found = replace(rules.counted(found), version=version, changed_at=now)
        return self._watched(found)

    def _watched(self, after: Stock) -> Stock:
        kept, warn = rules.watched(self.state, after, self.clock.now())
        if warn:
            self.log.warning("stock.low", available=kept.free)
        return kept

    def _alert(self, stock: Stock) -> None:
        if uncounted := rules.uncounted(stock):
            self.log.error("stock.uncounted", warehouses=uncounted)
        elif oversubscribed := rules.oversubscribed(stock):
            self.log.error(
                "stock.oversubscribed",
                warehouses=oversubscribed,
                on_hand=dict(stock.on_hand),
                held=dict(stock.held),
                committed=dict(stock.committed),
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
    )
