"""Products and stock without a database, and the demo shop in memory."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from commerce.errors import Conflict, ProductNotFound
from commerce.product import Product
from commerce.stock import Stock
from commerce.warehouse import Warehouse
from store.catalogue import Catalogue
from store.meaning import Meaning
from store.search import ProductIndex
from store.seed import Demo, read
from store.synonyms import Synonyms

DATA = Path(__file__).parent.parent / "data"


class FakeProductRepository:
    """Fulfils what `store.product.ProductRepository` promises, in a dict."""

    def __init__(self, products: Sequence[Product] = ()) -> None:
        self.products = {each.id: each for each in products}

    async def prepare(self) -> None:
        """Nothing to prepare."""

    async def load_all(self) -> list[Product]:
        return [self.products[each] for each in sorted(self.products)]

    async def get(self, product_id: str) -> Product:
        try:
            return self.products[product_id]
        except KeyError:
            raise ProductNotFound(product_id, id=product_id) from None

    async def add(self, product: Product) -> Product:
        if product.id in self.products:
            raise Conflict(f"{product.id} is taken", id=product.id)
        self._check_skus(product)
        self.products[product.id] = product
        return product

    async def add_missing(self, products: Sequence[Product]) -> int:
        missing = [each for each in products if each.id not in self.products]
        self.products.update({each.id: each for each in missing})
        return len(missing)

    async def put(self, product: Product) -> Product:
        stored = await self.get(product.id)
        if stored.version != product.version:
            raise Conflict(f"{product.id} moved on", version=stored.version)
        self._check_skus(product)
        saved = replace(product, version=product.version + 1)
        self.products[product.id] = saved
        return saved

    async def retire(self, product_id: str) -> Product:
        stored = await self.get(product_id)
        if not stored.retired:
            stored = replace(stored, retired=True, version=stored.version + 1)
            self.products[product_id] = stored
        return stored

    def _check_skus(self, product: Product) -> None:
        ours = {each.sku for each in product.variants}
        for other in self.products.values():
            if other.id != product.id and ours & {v.sku for v in other.variants}:
                raise Conflict("a sku is taken", skus=sorted(ours))


class FakeStockRepository:
    """Stock and warehouses as they were handed in."""

    def __init__(
        self, stocks: Sequence[Stock] = (), warehouses: Sequence[Warehouse] = ()
    ) -> None:
        self.stocks = {each.sku: each for each in stocks}
        self.places = tuple(warehouses)

    async def load_all(self) -> list[Stock]:
        return list(self.stocks.values())

    async def get(self, sku: str) -> Stock:
        try:
            return self.stocks[sku]
        except KeyError:
            raise ProductNotFound(sku, sku=sku) from None

    async def warehouses(self) -> list[Warehouse]:
        return list(self.places)


def demo() -> Demo:
    """The demo shop as its file tells it."""
    return read(DATA)


def index() -> ProductIndex:
    """An empty index with the project's synonyms."""
    return ProductIndex(Synonyms())


def empty_catalogue() -> Catalogue:
    """A catalogue without products; put what the test needs."""
    return Catalogue(FakeProductRepository(), FakeStockRepository(), index())


def demo_catalogue(meaning: Meaning | None = None) -> Catalogue:
    """The demo shop in memory, ready to be asked; about 60 ms."""
    shop = demo()
    own = ProductIndex(Synonyms(), meaning)
    catalogue = Catalogue(FakeProductRepository(), FakeStockRepository(), own)
    catalogue.warehouses = tuple(shop.warehouses)
    for product in shop.products:
        catalogue.put_product(product)
    for stock in shop.stocks:
        catalogue.put_stock(stock)
    return catalogue
