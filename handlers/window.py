"""The browser client: its files, read once at start, and the products' pictures.

`/static/<digest>/...` is what pages ask for: the digest is made of all files, so that
what it names never changes and is kept for ever, and a page's modules, which name each
other relatively, are always of one age. `/static/...` is the same with a tag.
"""

import gzip
import mimetypes
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from aiohttp import web
from msgspec import Struct

from commerce.errors import ProductNotFound
from commerce.product import Product
from handlers.etag import tagged
from handlers.keys import CATALOGUE, WINDOW
from handlers.openapi import documented
from handlers.page import path_id
from handlers.pictures import Pictures, read_pictures
from handlers.security import public
from store.catalogue import Catalogue

routes = web.RouteTableDef()

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
# A product's picture changes when its colours do: seldom, and nobody is misled.
FOR_A_WHILE = {"Cache-Control": "public, max-age=3600"}
# Systems disagree about these, and a module of the wrong type is not run.
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml"}
# Below this a gzip header weighs more than what is saved.
WORTH_ZIPPING = 512
# A weight of nothing means never (RFC 9110, 12.5.3).
_TAKES_ZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)


class File(Struct, frozen=True):
    """One file as it is sent."""

    body: bytes
    content_type: str
    zipped: bytes | None = None


class Window(Struct, frozen=True):
    """Everything that a browser is shown."""

    files: Mapping[str, File]
    digest: str
    pictures: Pictures


def read_window(folder: Path) -> Window:
    """Return the files of `folder` by their path in it, the pages pointing at them."""
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    whole = blake2b(digest_size=8)
    for name, body in found.items():
        whole.update(b"%s\0%d\0%s" % (name.encode(), len(body), body))
    digest = whole.hexdigest()
    files = {name: _file(name, body, digest) for name, body in found.items()}
    return Window(files, digest, read_pictures(folder / "pictures"))


@routes.get("/")
@documented(statuses=(304,))
@public
async def show_shop(request: web.Request) -> web.Response:
    """Show the shop: the one page of the browser client."""
    return _sent(request, request.app[WINDOW].files["index.html"])


@routes.get("/ops")
@documented(statuses=(304,))
@public
async def show_operations(request: web.Request) -> web.Response:
    """Show the operators' page; what it shows takes an operator's token."""
    return _sent(request, request.app[WINDOW].files["ops.html"])


@routes.get("/static/products/{file}")
@documented(statuses=(304,))
@public
async def show_picture(request: web.Request) -> web.Response:
    """Show the picture of a product, or of one variant: `<sku>.svg`."""
    catalogue = request.app[CATALOGUE]
    product, color = _pictured(catalogue, path_id(request, "file", ending=".svg"))
    drawn = request.app[WINDOW].pictures.draw(product, color)
    return tagged(request, drawn, headers=FOR_A_WHILE, content_type=TYPES[".svg"])


@routes.get("/static/{path:.+}")
@documented(statuses=(304,))
@public
async def show_file(request: web.Request) -> web.Response:
    """Show one file of the browser client."""
    window, path = request.app[WINDOW], request.match_info["path"]
    digest, _, rest = path.partition("/")
    fixed = digest == window.digest
    found = window.files.get(rest if fixed else path)
    if found is None:
        raise web.HTTPNotFound
    return _sent(request, found, FOR_EVER if fixed else {})


def _sent(
    request: web.Request, file: File, headers: Mapping[str, str] | None = None
) -> web.Response:
    told = request.headers.get("Accept-Encoding", "")
    zipped = file.zipped if _TAKES_ZIP.search(told) else None
    sent = {**(headers or {}), "Vary": "Accept-Encoding"}
    if zipped is not None:
        sent["Content-Encoding"] = "gzip"
    return tagged(
        request, zipped or file.body, headers=sent, content_type=file.content_type
    )


def _file(name: str, body: bytes, digest: str) -> File:
    suffix = Path(name).suffix
    content_type = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "text/plain"
    if suffix == ".html":
        body = body.replace(b'"/static/', f'"/static/{digest}/'.encode())
    zipped = gzip.compress(body, mtime=0) if len(body) > WORTH_ZIPPING else None
    return File(body, content_type, zipped)


def _pictured(catalogue: Catalogue, sku: str) -> tuple[Product, str | None]:
    """Return what goes by `sku`, and in which colour. Raises ProductNotFound."""
    try:
        product, variant = catalogue.by_sku(sku)
    except ProductNotFound:
        product = catalogue.product(sku)
        return product, product.colors[0] if product.colors else None
    return product, variant.color
