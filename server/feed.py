"""What changed in the database goes to whoever must know: one path for all causes.

Stock and products go to the catalogue in memory, and from there to the sockets. A
document that somebody wrote by hand goes to its owner, who adopts it by a commit of its
own, which then comes by here as well. Ended sign-ins close the gate.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import aiojobs
import structlog

from actors.runtime import Kind, System
from commerce.errors import Conflict, ProductNotFound
from handlers.security import Gate
from messages.clock import Clock
from store.catalogue import Catalogue
from store.changes import Change, Changes
from store.client import reaching
from store.port import StorageError
from store.product import COLLECTION as PRODUCTS
from store.product import ProductRepository
from store.stock import WAREHOUSES, stock_of
from store.token import TokenRepository

log = structlog.get_logger()

STOCK = "stock"
SIGN_INS = "sign_ins"
READ_AGAIN_AFTER_S = 1.0


class Feed:
    """Carries changes from the streams into this node's memory."""

    def __init__(
        self,
        catalogue: Catalogue,
        products: ProductRepository,
        system: System,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._products = products
        self._system = system
        self._clock = clock
        # Stock as stored, so that a change of one count needs no look-up.
        self._stocks: dict[str, dict[str, Any]] = {}
        self._stale: dict[str, None] = {}
        # What must be read whole, as after a stream lost its history, by collection.
        self._missed: dict[str, Callable[[], Awaitable[None]]] = {}
        self._news = asyncio.Event()
        self._jobs = aiojobs.Scheduler(limit=None)

    def listen(self, changes: Changes, kinds: Iterable[Kind]) -> None:
        """Ask `changes` for all that this node must hear of; before it starts."""
        changes.follow(STOCK, self._stock_changed, self._stock_found)
        # With a snapshot, so that what a cut stream missed is found; the catalogue
        # reads the products itself.
        changes.follow(PRODUCTS, self._product_changed, lambda _: None)
        moved = self._warehouses_changed
        changes.follow(WAREHOUSES, lambda _: moved(), on_lost=moved)
        for kind in kinds:
            if kind.durable:
                self._guard(changes, kind)

    def guard_sign_ins(
        self, changes: Changes, gate: Gate, tokens: TokenRepository
    ) -> None:
        """Let `gate` know of sign-ins that end elsewhere, or by hand."""

        def ended(change: Change) -> None:
            if change.kind == "delete" or change.fields.get("revoked_at"):
                gate.end(change.key)

        async def read_ended() -> None:
            for sid in await tokens.revoked_since(gate.remembers_since()):
                gate.end(sid)

        def missed() -> None:
            self._missed[SIGN_INS] = read_ended
            self._news.set()

        changes.follow(SIGN_INS, ended, on_lost=missed)

    async def start(self) -> None:
        """Begin to read products that changed."""
        await self._jobs.spawn(self._read_stale())

    async def close(self) -> None:
        """Stop reading."""
        await self._jobs.close()

    def _guard(self, changes: Changes, kind: Kind) -> None:
        def adopt(change: Change) -> None:
            if change.foreign:
                self._system.refresh(kind.name, change.key)

        def missed() -> None:
            # A hand may have written while the history was lost; whoever sleeps will
            # read when it wakes.
            for each in self._system.actors(kind.name, top=sys.maxsize):
                self._system.refresh(kind.name, each.key)

        changes.follow(kind.collection, adopt, on_lost=missed, echoes=False)

    def _stock_found(self, documents: Sequence[Mapping[str, Any]]) -> None:
        self._stocks = {each["_id"]: dict(each) for each in documents}
        for document in documents:
            self._catalogue.put_stock(stock_of(document))

    def _stock_changed(self, change: Change) -> None:
        if change.kind == "delete":
            self._stocks.pop(change.key, None)
            self._catalogue.remove_stock(change.key)
            return
        if change.kind == "update":
            document = self._stocks.setdefault(change.key, {"_id": change.key})
            _patch(document, change)
        else:
            document = self._stocks[change.key] = dict(change.fields)
        self._catalogue.put_stock(stock_of(document))

    def _warehouses_changed(self) -> None:
        self._missed[WAREHOUSES] = self._catalogue.load_warehouses
        self._news.set()

    def _product_changed(self, change: Change) -> None:
        if change.kind == "delete":
            self._catalogue.remove_product(change.key)
        else:
            self._mark(change.key)

    def _mark(self, product_id: str) -> None:
        self._stale[product_id] = None
        self._news.set()

    async def _read_stale(self) -> None:
        # One reader, so that an older reading never overtakes a newer one.
        while True:
            await self._news.wait()
            self._news.clear()
            await self._read_missed()
            while self._stale:
                product_id = next(iter(self._stale))
                del self._stale[product_id]
                await self._read(product_id)

    async def _read_missed(self) -> None:
        for name in tuple(self._missed):
            # What is missed while it is read must be read once more.
            read = self._missed.pop(name)
            try:
                await read()
            except StorageError as trouble:
                self._missed[name] = read
                log.warning("missed.unread", collection=name, why=str(trouble))
                await self._clock.sleep(READ_AGAIN_AFTER_S)
                self._news.set()

    async def _read(self, product_id: str) -> None:
        try:
            with reaching():
                product = await self._products.get(product_id)
            self._catalogue.put_product(product)
        except ProductNotFound:
            self._catalogue.remove_product(product_id)
        except Conflict as wrong:
            # The last readable one stays on sale.
            log.warning("product.unreadable", id=product_id, why=wrong.message)
        except StorageError as trouble:
            log.warning("product.unread", id=product_id, why=str(trouble))
            await self._clock.sleep(READ_AGAIN_AFTER_S)
            self._mark(product_id)


def _patch(document: dict[str, Any], change: Change) -> None:
    """Bring `document` up to date by the dotted paths of an update."""
    for path, value in change.fields.items():
        *outer, last = path.split(".")
        inner = document
        for name in outer:
            found = inner.get(name)
            inner[name] = dict(found) if isinstance(found, Mapping) else {}
            inner = inner[name]
        inner[last] = value
    for path in change.removed:
        *outer, last = path.split(".")
        inner = document
        for name in outer:
            inner = inner.get(name, {})
        inner.pop(last, None)
