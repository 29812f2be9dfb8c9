"""The API to read and to try: Swagger UI at /docs, ReDoc at /redoc, no site but ours.

Their files come with the package drf-spectacular-sidecar, whose Django nobody here
imports. Where it is not installed the pages say how to install it.
"""

import gzip
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from aiohttp import web

from handlers.etag import tagged
from handlers.keys import WINDOW
from handlers.openapi import documented
from handlers.security import public
from handlers.window import FOR_A_WHILE, TYPES, File

routes = web.RouteTableDef()

PACKAGE = "drf-spectacular-sidecar"
INSTALL = f"pip install --no-deps -c constraints.txt {PACKAGE}"
FOLDER = "drf_spectacular_sidecar/static/drf_spectacular_sidecar"
# What the pages need, and no more: the maps are for whoever mends those bundles.
FILES: Mapping[str, str] = {
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "redoc.standalone.js": "redoc/bundles/redoc.standalone.js",
}
# ReDoc asks its makers' site for a logo; a pixel of our own does as well.
LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
PIXEL = b"data:image/gif;base64,R0lGODlhAQABAAAAACw="
# Scripts are ours alone. ReDoc makes its styles as it goes; Swagger UI brings a file.
POLICY = (
    "default-src 'self'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'"
)


@routes.get("/docs")
@documented(statuses=(501,))
@public
async def show_docs(request: web.Request) -> web.Response:
    """Show the API to try it out, in Swagger UI."""
    return _page(request, "docs", "swagger-ui-bundle.js", style="swagger-ui.css")


@routes.get("/redoc")
@documented(statuses=(501,))
@public
async def show_redoc(request: web.Request) -> web.Response:
    """Show the API to read it, in ReDoc."""
    return _page(request, "redoc", "redoc.standalone.js")


@routes.get("/static/vendor/{file}")
@documented(statuses=(304,))
@public
async def show_vendor_file(request: web.Request) -> web.Response:
    """Show one file of Swagger UI or ReDoc."""
    found = vendor_files().get(request.match_info["file"])
    if found is None:
        raise web.HTTPNotFound
    takes_zip = "gzip" in request.headers.get("Accept-Encoding", "")
    body = found.zipped if takes_zip and found.zipped is not None else found.body
    headers = {**FOR_A_WHILE, "Vary": "Accept-Encoding"}
    if body is found.zipped:
        headers["Content-Encoding"] = "gzip"
    return tagged(request, body, headers=headers, content_type=found.content_type)


@cache
def vendor_files() -> Mapping[str, File]:
    """Return the files that are installed, by name; read when first asked for."""
    try:
        folder = Path(str(distribution(PACKAGE).locate_file(FOLDER)))
    except PackageNotFoundError:
        return {}
    return {
        name: _file(folder / place)
        for name, place in FILES.items()
        if (folder / place).is_file()
    }


def _file(path: Path) -> File:
    body = path.read_bytes().replace(LOGO, PIXEL)
    content_type = TYPES.get(path.suffix, "text/css")
    return File(body, content_type, gzip.compress(body, 6, mtime=0))


def _page(
    request: web.Request, name: str, script: str, style: str = ""
) -> web.Response:
    if script not in vendor_files():
        return _html(501, "", f"<p>These pages are not installed here. To have them: "
            f"<code>{escape(INSTALL)}</code></p>")  # fmt: skip
    ours = f"/static/{request.app[WINDOW].digest}/reference/{name}.js"
    links = (
        f'<link rel="stylesheet" href="/static/vendor/{style}">' if style else "",
        f'<script src="/static/vendor/{script}" defer></script>',
        f'<script src="{ours}" type="module"></script>',
    )
    styles = "style-src 'self'" if style else "style-src 'self' 'unsafe-inline'"
    return _html(200, "".join(links), '<div id="reference"></div>', styles)


def _html(
    status: int, head: str, body: str, styles: str = "style-src 'self'"
) -> web.Response:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="/static/icon.svg">'
        f"<title>Souk: the API</title>{head}</head><body>{body}</body></html>"
    )
    headers = {
        "Content-Security-Policy": f"{POLICY}; {styles}",
        "Cache-Control": "no-cache",
    }
    return web.Response(
        text=text, status=status, content_type="text/html", headers=headers
    )
