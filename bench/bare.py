"""The yardstick for HTTP: aiohttp alone, answering the same bytes.

`python -m bench.bare FILE` serves what FILE holds and prints its address.
"""

import sys
from pathlib import Path

import uvloop
from aiohttp import web

from bench.server import free_port


def main(body: bytes) -> None:
    """Answer `body` to every GET on a free port of the loopback."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    web.run_app(
        app,
        host="127.0.0.1",
        port=free_port(),
        print=lambda line: print(line, flush=True),
        access_log=None,
        loop=uvloop.new_event_loop(),
    )


main(Path(sys.argv[1]).read_bytes())
