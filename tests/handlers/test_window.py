"""The browser client's files over HTTP, and the pictures of the products."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from handlers.pictures import read_pictures
from handlers.window import read_window
from tests.handlers.shop import FILES, Shop, made, open_shop

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"


@pytest.fixture
async def shop(aiohttp_client: Any) -> AsyncIterator[Shop]:
    async with open_shop(aiohttp_client) as opened:
        yield opened


async def test_the_front_page_names_files_that_never_change(shop: Shop) -> None:
    answer = await shop.client.get("/")
    named = re.findall(r'(?:src|href)="(/static/[^"#]+)', await answer.text())

    assert answer.content_type == "text/html"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert named
    for each in named:
        file = await shop.client.get(each)
        assert file.status == 200, each
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_a_file_has_its_type_and_a_tag(shop: Shop) -> None:
    module = await shop.client.get("/static/souk.js")
    again = await shop.client.get(
        "/static/souk.js", headers={"If-None-Match": module.headers["ETag"]}
    )

    assert module.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert module.headers["Cache-Control"] == "public, no-cache"
    assert await module.read() == (WEB / "souk.js").read_bytes()
    assert again.status == 304


@pytest.mark.parametrize("never", ["", "gzip;q=0", "br, gzip ; q=0.0, *"])
async def test_a_file_is_zipped_for_those_who_can_unzip_it(
    shop: Shop, never: str
) -> None:
    plain = await shop.client.get("/static/souk.js", headers={"Accept-Encoding": never})
    zipped = await shop.client.get("/static/souk.js")

    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert zipped.headers["Vary"] == "Accept-Encoding"
    assert int(zipped.headers["Content-Length"]) < len(await plain.read()) / 2
    assert zipped.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize(
    "path", ["nothing.js", "0000000000000000/souk.js", "..%2fconfig.toml", "pages/"]
)
async def test_what_is_not_there_is_not_found(shop: Shop, path: str) -> None:
    assert await shop.code("GET", f"/static/{path}") == (404, "not_found")


async def test_a_changed_file_changes_the_address_of_all(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for each in ("shapes.svg", "colours.json"):
        (tmp_path / "pictures" / each).write_bytes(
            (WEB / "pictures" / each).read_bytes()
        )
    (tmp_path / "index.html").write_text('<script src="/static/one.js">')
    (tmp_path / "one.js").write_text("1")
    before = read_window(tmp_path)

    (tmp_path / "one.js").write_text("2")
    after = read_window(tmp_path)

    assert before.digest != after.digest
    assert after.digest.encode() in after.files["index.html"].body


async def test_a_product_and_each_of_its_colours_have_a_picture(shop: Shop) -> None:
    shirt = await shop.client.get("/static/products/shirt.svg")
    red = await shop.client.get("/static/products/shirt-red-s.svg")
    blue = await shop.client.get("/static/products/shirt-blue-m.svg")

    assert shirt.content_type == "image/svg+xml"
    assert shirt.headers["Cache-Control"] == "public, max-age=3600"
    # The product is shown in its first colour.
    assert await shirt.read() == await red.read() != await blue.read()
    ET.fromstring(await blue.text())


async def test_the_longest_sku_has_a_picture_too(shop: Shop) -> None:
    shop.catalogue.put_product(made(99, "s" * 64))

    answer = await shop.client.get(f"/static/products/{'s' * 64}.svg")

    assert answer.status == 200


async def test_a_product_nobody_sells_has_no_picture(shop: Shop) -> None:
    assert await shop.code("GET", "/static/products/moon.svg") == (
        404,
        "product_not_found",
    )


def drawn(tags: tuple[str, ...], color: str | None) -> tuple[str, bytes]:
    product: Any = SimpleNamespace(tags=tags, brand="Make", category="Home")
    pictures = FILES.pictures
    return pictures.shape(product).name, pictures.draw(product, color)


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        (("backpack", "laptop"), "backpack"),
        (("laptop", "gaming"), "laptop"),
        (("formal", "shoes", "derby"), "derby"),
        (("nothing", "known"), "parcel"),
    ],
)
def test_the_most_special_drawing_is_taken(tags: tuple[str, ...], name: str) -> None:
    assert drawn(tags, "Black")[0] == name


def test_the_same_picture_is_drawn_every_time() -> None:
    assert drawn(("kettle",), "Plaid") == drawn(("kettle",), "Plaid")


def test_a_colour_is_known_by_the_word_that_says_most() -> None:
    colour = FILES.pictures.colour

    assert colour("Brick Red") == colour("Brick") != colour("Red")


def test_every_demo_product_has_a_light_drawing_and_colours_with_a_name() -> None:
    pictures = read_pictures(WEB / "pictures")
    named = json.loads((WEB / "pictures" / "colours.json").read_text())
    products = json.loads((ROOT / "data" / "catalog.json").read_text())["products"]

    for told in products:
        product: Any = SimpleNamespace(**{**told, "tags": tuple(told["tags"])})
        assert pictures.shape(product).name != "parcel", told["name"]
        for color in told["colors"]:
            assert any(word in named for word in re.split(r"[ /]", color)), color
            assert len(pictures.draw(product, color)) < 3000
