"""The catalogue leaves as JSON lines and comes back as it was."""

import argparse
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.catalogue import export_catalogue, import_catalogue
from server.catalogue_lines import BadLines, read
from server.config import Config
from server.shop import DATA
from store.client import Database, close, connect
from store.product import ProductRepository
from store.seed import seed
from store.stock import StockRepository

WAREHOUSE: dict[str, Any] = {
    "type": "warehouse",
    "warehouse": {
        "id": "east",
        "name": "East",
        "city": "Newark",
        "state": "NJ",
        "country": "US",
        "priority": 1,
    },
}


def warehouse(**changed: Any) -> dict[str, Any]:
    return {**WAREHOUSE, "warehouse": {**WAREHOUSE["warehouse"], **changed}}


def line(product_id: str = "lamp", **changed: Any) -> dict[str, Any]:
    product = {
        "id": product_id,
        "name": "Lamp",
        "description": "Bright.",
        "category": "Home",
        "brand": "Make",
        "price": 4999,
        "currency": "USD",
        "variants": [{"sku": product_id}],
        "created_at": "2026-01-01T00:00:00Z",
        **changed,
    }
    on_hand = {product_id: {"east": 3}}
    return {"type": "product", "product": product, "on_hand": on_hand}


@pytest.fixture
async def db(config: Config) -> AsyncIterator[Database]:
    opened = await connect(config.store.mongodb_url, config.store.database)
    yield opened
    await opened.client.drop_database(opened.name)
    close(opened)


def written(folder: Path, *lines: Any) -> argparse.Namespace:
    file = folder / "lines.jsonl"
    texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    file.write_text("\n".join(texts))
    return argparse.Namespace(file=file)


async def test_a_catalogue_comes_back_byte_for_byte(
    config: Config, db: Database, tmp_path: Path
) -> None:
    await seed(db, DATA)
    first = argparse.Namespace(file=tmp_path / "first.jsonl")
    second = argparse.Namespace(file=tmp_path / "second.jsonl")
    await export_catalogue(config, first)
    for name in await db.list_collection_names():
        await db.drop_collection(name)

    assert await import_catalogue(config, first) == 0
    assert await export_catalogue(config, second) == 0

    assert first.file.read_bytes() == second.file.read_bytes()
    assert len(first.file.read_bytes().splitlines()) == 203


async def test_the_same_file_again_changes_nothing(
    config: Config,
    db: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = written(tmp_path, WAREHOUSE, line(), line("rug", name="Rug"))

    await import_catalogue(config, asked)
    await import_catalogue(config, asked)

    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "2 products added, 0 changed, 0 were there.",
        "0 products added, 0 changed, 2 were there.",
    ]
    assert told.err.splitlines() == ["2 of 2", "2 of 2"]
    assert (await ProductRepository(db).get("rug")).version == 1


async def test_a_changed_line_changes_its_product_and_no_stock(
    config: Config, db: Database, tmp_path: Path
) -> None:
    await import_catalogue(config, written(tmp_path, WAREHOUSE, line()))
    sold = {"$set": {"on_hand.east": 1}}
    await db["stock"].update_one({"_id": "lamp"}, sold)

    await import_catalogue(config, written(tmp_path, WAREHOUSE, line(price=3999)))

    lamp = await ProductRepository(db).get("lamp")
    assert (lamp.price, lamp.version) == (3999, 2)
    assert (await StockRepository(db).get("lamp")).on_hand == {"east": 1}


async def test_times_that_are_not_stored_so_finely_are_the_same_again(
    config: Config, db: Database, tmp_path: Path
) -> None:
    fine = line(created_at="2026-01-01T01:00:00.123456+01:00")
    for _ in range(2):
        await import_catalogue(config, written(tmp_path, WAREHOUSE, fine))

    assert (await ProductRepository(db).get("lamp")).version == 1


async def test_what_nobody_counted_can_be_counted_afterwards(
    config: Config, db: Database, tmp_path: Path
) -> None:
    asked = written(tmp_path, WAREHOUSE, {**line(), "on_hand": {}})

    await import_catalogue(config, asked)

    stock = await StockRepository(db).get("lamp")
    assert (stock.product_id, stock.on_hand) == ("lamp", {})


async def test_a_changed_warehouse_is_changed(
    config: Config, db: Database, tmp_path: Path
) -> None:
    await import_catalogue(config, written(tmp_path, WAREHOUSE))

    await import_catalogue(config, written(tmp_path, warehouse(state="PA")))

    [east] = await StockRepository(db).warehouses()
    assert east.state == "PA"


async def test_a_shelf_that_nobody_can_read_leaves_as_one_that_nobody_counted(
    config: Config, db: Database, tmp_path: Path
) -> None:
    await import_catalogue(config, written(tmp_path, WAREHOUSE, line()))
    await db["stock"].update_one({"_id": "lamp"}, {"$set": {"on_hand.east": "many"}})
    asked = argparse.Namespace(file=tmp_path / "out.jsonl")

    assert await export_catalogue(config, asked) == 0
    assert await import_catalogue(config, asked) == 0


async def test_a_product_that_nobody_can_read_is_not_left_out_in_silence(
    config: Config,
    db: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = written(tmp_path, WAREHOUSE, line(), line("rug"))
    await import_catalogue(config, asked)
    await db["products"].update_one({"_id": "rug"}, {"$set": {"price": "dear"}})
    out = argparse.Namespace(file=tmp_path / "out.jsonl")

    left = await export_catalogue(config, out)
    brought = await import_catalogue(config, asked)

    told = capsys.readouterr().err
    assert (left, brought, out.file.exists()) == (1, 1, False)
    assert "Nothing was exported: rug" in told
    assert "Stopped: rug" in told


async def test_a_file_that_cannot_be_written_is_told(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = argparse.Namespace(file=tmp_path / "none" / "out.jsonl")

    assert await export_catalogue(config, asked) == 1
    assert "No such file" in capsys.readouterr().err


BAD: list[tuple[Any, str]] = [
    ("{", "truncated"),
    ("[]", "Expected `object`"),
    ({"type": "ghost"}, "ghost"),
    (line(price=-1), "price"),
    (line(price="1"), "price"),
    (line(price=1.5), "price"),
    (line(name=""), "name"),
    (line(images=["javascript:alert(1)"]), "images"),
    (line(variants=[{"sku": "lamp"}, {"sku": "lamp"}]), "same sku"),
    (line(variants=[{"sku": "other"}]), "no variant lamp"),
    ({**line(), "on_hand": {"lamp": {"moon": 1}}}, "no warehouse moon"),
    ({**line(), "on_hand": {"lamp": {"east": -1}}}, "stock"),
    ({**line(), "more": 1}, "unknown field `more`"),
    (line("rug"), "rug stands on line 2 already"),
    (WAREHOUSE, "warehouse east stands on line 1 already"),
    (warehouse(id=""), "should match pattern"),
    (warehouse(id="a.b"), "should match pattern"),
    (line(rating=6), "rating"),
    (line(reviews_count=-1), "reviews_count"),
    (line(version=2**70), "version"),
    (line(created_at="2026-01-01T00:00:00"), "created_at"),
    (line(created_at="0001-01-01T00:00:00+01:00"), "out of range"),
]


@pytest.mark.parametrize(("bad", "told"), BAD)
def test_a_bad_line_is_named(tmp_path: Path, bad: Any, told: str) -> None:
    asked = written(tmp_path, WAREHOUSE, line("rug"), bad)

    with pytest.raises(BadLines) as refused:
        read(asked.file)

    [fault] = str(refused.value).splitlines()
    assert fault.startswith("line 3: ")
    assert told in fault


async def test_of_a_file_with_a_bad_line_nothing_is_saved(
    config: Config, db: Database, tmp_path: Path
) -> None:
    asked = written(tmp_path, WAREHOUSE, line("rug"), "{")

    assert await import_catalogue(config, asked) == 1

    assert await ProductRepository(db).load_all() == []


async def test_a_sku_of_another_product_stops_the_import_and_says_so(
    config: Config,
    db: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await import_catalogue(config, written(tmp_path, WAREHOUSE, line()))
    thief = line("thief", variants=[{"sku": "lamp"}])
    asked = written(tmp_path, WAREHOUSE, {**thief, "on_hand": {}})

    assert await import_catalogue(config, asked) == 1

    assert "Stopped: thief" in capsys.readouterr().err
    assert [each.id for each in await ProductRepository(db).load_all()] == ["lamp"]


async def test_a_file_that_is_not_there_is_told(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = argparse.Namespace(file=tmp_path / "none")

    assert await import_catalogue(config, asked) == 1
    assert "No such file" in capsys.readouterr().err
