"""The shop window: all products and their stock in memory, encoded once.

No read touches MongoDB. The feed calls `put_product` and `put_stock` for whatever
changed, in any order and as often as it likes; older news than what is known is
ignored. A product's JSON is kept until that product or its stock changes; a list is
these pieces joined.

A retired product is gone from lists, search and `product`; `by_sku` still tells of it,
because carts hold it until their owner looks, but none of it can be bought.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from commerce.errors import ProductNotFound
from commerce.product import Product, Variant
from commerce.stock import Stock
from commerce.warehouse import Warehouse, sendable
from messages.base import encode_json
from messages.product import ProductPage, ProductQuery, ProductView, seen
from store.encoded import Answer, Encoded
from store.listing import Listing
from store.sources import Index, ProductSource, StockSource

StockListener = Callable[[Product, Variant, Stock], None]


class Catalogue:
    """Every product and its stock, as this node knows them now."""

    def __init__(
        self, products: ProductSource, stocks: StockSource, index: Index
    ) -> None:
        self.warehouses: tuple[Warehouse, ...] = ()
        self._product_source = products
        self._stock_source = stocks
        self._index = index
        self._products: dict[str, Product] = {}
        self._homes: dict[str, tuple[Product, Variant]] = {}
        self._stocks: dict[str, Stock] = {}
        # What can be bought, by sku; of retired products nothing.
        self._free: dict[str, int] = {}
        self._encoded = Encoded(self._look)
        self._listing: Listing | None = None
        self._facets: bytes | None = None
        self._listeners: list[StockListener] = []

    async def load(self) -> None:
        """Read everything; again, it takes over what changed and what is gone.

        Open the feed before: what arrives while this reads is not undone by it.
        """
        products, stocks = set(self._products), set(self._stocks)
        await self.load_warehouses()
        for product in await self._product_source.load_all():
            self.put_product(product)
            products.discard(product.id)
        for stock in await self._stock_source.load_all():
            self.put_stock(stock)
            stocks.discard(stock.sku)
        for product_id in products:
            self.remove_product(product_id)
        for sku in stocks:
            self.remove_stock(sku)

    async def load_warehouses(self) -> None:
        """Read the warehouses; there are few, and they change seldom."""
        self.warehouses = tuple(await self._stock_source.warehouses())
        for stock in self._stocks.values():
            self._stock_changed(stock)

    # What is there

    def product(self, product_id: str) -> Product:
        """Return a product on sale. Raises ProductNotFound."""
        product = self._products.get(product_id)
        if product is None or product.retired:
            raise ProductNotFound(f"{product_id} is not sold here", id=product_id)
        return product

    def products(self) -> tuple[Product, ...]:
        """Return every product that is known, retired ones too, by id."""
        return tuple(sorted(self._products.values(), key=lambda each: each.id))

    def by_sku(self, sku: str) -> tuple[Product, Variant]:
        """Return a variant and its product, retired or not. Raises ProductNotFound."""
        try:
            return self._homes[sku]
        except KeyError:
            raise ProductNotFound(f"{sku} is not sold here", sku=sku) from None

    def available(self, sku: str) -> int:
        """Return how many of `sku` can be bought now. Raises ProductNotFound."""
        self.by_sku(sku)
        return self._free.get(sku, 0)

    def stock(self, sku: str) -> Stock:
        """Return a variant's stock, without what no warehouse could send.

        Raises ProductNotFound.
        """
        product, _ = self.by_sku(sku)
        stock = self._stocks.get(sku) or Stock(sku=sku, product_id=product.id)
        return sendable(stock, self.warehouses)

    # What is asked

    def query(self, query: ProductQuery) -> ProductPage:
        """Return the page of products that `query` asks for."""
        return self._shelf().page(query, self._free)

    def search(self, text: str, limit: int) -> list[Product]:
        """Return up to `limit` products meant by `text`, best first."""
        found = self._index.find(text)[:limit]
        return [self._products[each] for each in found]

    def facets(self) -> bytes:
        """Return what lists can be narrowed by, as JSON of `Facets`."""
        if self._facets is None:
            self._facets = encode_json(self._shelf().facets())
        return self._facets

    # How it is told

    def encoded(self, ids: Iterable[str]) -> bytes:
        """Return the JSON array of these products, in this order.

        Raises ProductNotFound.
        """
        return self._encoded.many(ids)

    def encoded_one(self, product_id: str) -> bytes:
        """Return one product's JSON. Raises ProductNotFound."""
        return self._encoded.one(product_id)

    def remembered(self, name: str, make: Callable[[], Answer]) -> Answer:
        """Return what `make` gives, the same for `name` until any product changes.

        For answers made of what is on sale alone.
        """
        return self._encoded.remembered(name, make)

    @property
    def etag(self) -> str:
        """A tag (unquoted) of everything on sale; the same content is the same tag.

        Made of content alone, so that it holds across restarts and nodes.
        """
        return self._encoded.tag()

    def etag_of(self, page: ProductPage) -> str:
        """A tag (unquoted) of one page, unmoved by what happens to other products."""
        return self._encoded.tag_of(page)

    # What changed

    def put_product(self, product: Product) -> None:
        """Take over a product unless a newer version of it is known.

        The same version again is taken: people edit products in the database by hand.
        """
        known = self._products.get(product.id)
        before: dict[str, int] = {}
        if known is not None:
            if product.version < known.version or product == known:
                return
            skus = [each.sku for each in known.variants]
            before = {sku: self._free.get(sku, 0) for sku in skus}
            self._forget(known)
        self._products[product.id] = product
        for variant in product.variants:
            self._homes[variant.sku] = (product, variant)
            self._count(variant.sku)
        self._listing = self._facets = None
        if product.retired:
            self._index.remove(product.id)
        else:
            self._index.put(product)
            self._encoded.put(product.id)
        # What was taken off sale, or put back, is news to whoever looks at it.
        for sku in before.keys() & {each.sku for each in product.variants}:
            if self._free[sku] != before[sku]:
                self._tell(self.stock(sku))

    def remove_product(self, product_id: str) -> None:
        """Forget a product that was deleted; an unknown one is fine."""
        known = self._products.get(product_id)
        if known is not None:
            self._forget(known)
            self._index.remove(product_id)

    def understood_better(self) -> None:
        """The index finds more by words than before: forget what it found so far."""
        self._listing = None
        self._encoded.forget_answers()

    def put_stock(self, stock: Stock) -> None:
        """Take over a variant's stock unless that version or a newer one is known.

        Of a product that is not known yet it is kept until that arrives.
        """
        known = self._stocks.get(stock.sku)
        if known is not None and stock.version <= known.version:
            return
        self._stocks[stock.sku] = stock
        self._stock_changed(stock)

    def remove_stock(self, sku: str) -> None:
        """Forget a variant's stock that was deleted: none of it can be bought."""
        known = self._stocks.pop(sku, None)
        if known is not None:
            self._stock_changed(
                Stock(sku=sku, product_id=known.product_id, version=known.version + 1)
            )

    def on_stock(self, listener: StockListener) -> Callable[[], None]:
        """Call `listener` whenever more or less of a variant on sale can be bought.

        Returns how to stop it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _stock_changed(self, stock: Stock) -> None:
        home = self._homes.get(stock.sku)
        if home is None:
            return
        before = self._free.get(stock.sku, 0)
        if self._count(stock.sku) == before:
            return
        self._encoded.put(home[0].id)
        self._tell(stock)

    def _tell(self, stock: Stock) -> None:
        product, variant = self._homes[stock.sku]
        now = replace(stock, free=self._free[stock.sku])
        for listener in tuple(self._listeners):
            listener(product, variant, now)

    def _count(self, sku: str) -> int:
        """Bring `_free` of one variant up to date and return it."""
        product, _ = self._homes[sku]
        stock = self._stocks.get(sku)
        units = 0
        if stock is not None and not product.retired:
            units = max(0, sendable(stock, self.warehouses).free)
        before = self._free.get(sku, 0)
        self._free[sku] = units
        if self._listing is not None and (units > 0) != (before > 0):
            self._listing.forget_buyable()
        return units

    def _forget(self, product: Product) -> None:
        del self._products[product.id]
        for variant in product.variants:
            if self._homes.get(variant.sku, (product, variant))[0].id == product.id:
                self._homes.pop(variant.sku, None)
                self._free.pop(variant.sku, None)
        self._encoded.remove(product.id)
        self._listing = self._facets = None

    def _look(self, product_id: str) -> tuple[ProductView, datetime]:
        product = self.product(product_id)
        return seen(product, self._free), product.created_at

    def _shelf(self) -> Listing:
        if self._listing is None:
            on_sale = [each for each in self._products.values() if not each.retired]
            self._listing = Listing(on_sale, self._index.find)
        return self._listing
