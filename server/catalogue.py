"""Exporting and importing the catalogue, beside a server that runs or without one.

What is on hand counts only for variants that nobody counts yet: stock has an owner.
Every line is checked before the first is saved, a product is saved whole or not at all,
and the same file again changes nothing.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from actors.runtime.clock import LoopClock
from commerce.errors import CommerceError, Conflict, ProductNotFound
from commerce.product import Product
from commerce.stock import Stock, counted
from server.catalogue_lines import (
    BadLines,
    Line,
    ProductLine,
    WarehouseLine,
    read,
    written,
)
from server.config import Config
from server.database import borrowed
from store.client import Database
from store.product import ProductRepository
from store.stock import StockRepository

TELL_EVERY = 100


async def export_catalogue(config: Config, asked: argparse.Namespace) -> int:
    """Write the catalogue to the file, or to standard output; 0 if all of it is there.

    Whole or not at all: half an export would look like a smaller shop.
    """
    try:
        async with borrowed(config, LoopClock()) as db:
            lines = await _stored(db)
        _write(lines, asked.file)
    except (CommerceError, OSError) as wrong:
        sys.stderr.write(f"Nothing was exported: {wrong}\n")
        return 1
    return 0


def _write(lines: Sequence[Line], file: Path | None) -> None:
    if file is None:
        sys.stdout.buffer.writelines(map(written, _progress(lines)))
        sys.stdout.flush()
        return
    draft = file.with_name(f"{file.name}.new")
    with draft.open("wb") as out:
        out.writelines(map(written, _progress(lines)))
    draft.replace(file)


async def import_catalogue(config: Config, asked: argparse.Namespace) -> int:
    """Bring the file's catalogue into the database; 0 if all of it is there now."""
    try:
        lines = read(asked.file)
    except (OSError, BadLines) as wrong:
        sys.stderr.write(f"Nothing was imported:\n{wrong}\n")
        return 1
    async with borrowed(config, LoopClock()) as db:
        try:
            done = await bring(db, lines)
        except CommerceError as refusal:
            sys.stderr.write(
                f"Stopped: {refusal}\nWhat came before is saved; mended, the same file "
                "again goes on from there.\n"
            )
            return 1
    sys.stdout.write(
        f"{done['added']} products added, {done['changed']} changed, "
        f"{done['same']} were there.\n"
    )
    return 0


async def bring(db: Database, lines: Sequence[Line]) -> dict[str, int]:
    """Save what differs; return how many products were added, changed and the same.

    Raises Conflict where a sku is another product's.
    """
    products, stocks = ProductRepository(db), StockRepository(db)
    await products.prepare()
    places = [line.warehouse for line in lines if isinstance(line, WarehouseLine)]
    told = [line for line in lines if isinstance(line, ProductLine)]
    await stocks.put_warehouses(places)
    # Stock first: whoever sees a product finds what there is of it.
    counts = [stock for line in told for stock in _stocks(line)]
    await stocks.add_missing(counts, born=LoopClock().now())
    done = {"added": 0, "changed": 0, "same": 0}
    for line in _progress(told):
        done[await _save(products, line.product)] += 1
    return done


async def _save(products: ProductRepository, product: Product) -> str:
    while True:
        try:
            stored = await products.get(product.id)
        except ProductNotFound:
            await products.add(product)
            return "added"
        if replace(stored, version=product.version) == product:
            return "same"
        try:
            await products.put(replace(product, version=stored.version))
        except Conflict:
            # If an operator was only faster, the file has the last word.
            if (await products.get(product.id)).version == stored.version:
                raise
        else:
            return "changed"


async def _stored(db: Database) -> list[Line]:
    stocks = StockRepository(db)
    on_hand = {each.sku: _counted(each) for each in await stocks.load_all()}
    lines: list[Line] = [WarehouseLine(each) for each in await stocks.warehouses()]
    for product in await ProductRepository(db).every():
        skus = [each.sku for each in product.variants if each.sku in on_hand]
        lines.append(ProductLine(product, {sku: on_hand[sku] for sku in skus}))
    return lines


def _counted(stock: Stock) -> dict[str, int]:
    """Return what is on hand where somebody knows it."""
    return {place: units for place, units in stock.on_hand.items() if units >= 0}


def _stocks(line: ProductLine) -> list[Stock]:
    product = line.product
    every = [(each.sku, line.on_hand.get(each.sku, {})) for each in product.variants]
    return [
        counted(Stock(sku=sku, product_id=product.id, on_hand=dict(counts), version=1))
        for sku, counts in every
    ]


def _progress(every: Sequence[Any]) -> Iterator[Any]:
    """Yield each, telling how far it is: in place on a terminal, else now and then."""
    total, on_terminal = len(every), sys.stderr.isatty()
    for done, each in enumerate(every, 1):
        yield each
        if on_terminal:
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r{done} of {total}{end}")
            sys.stderr.flush()
        elif done % TELL_EVERY == 0 or done == total:
            sys.stderr.write(f"{done} of {total}\n")
