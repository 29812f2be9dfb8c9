"""Stopping without cutting anybody off: requests under way are answered first.

aiohttp's own shutdown drops what a connection still receives, so a request whose body
is on its way would wait in vain. Whoever stops a server therefore waits here first.
"""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

UNDER_WAY: "web.AppKey[UnderWay]" = web.AppKey("under_way")


class UnderWay:
    """The requests that are being answered now."""

    def __init__(self) -> None:
        self._count = 0
        self._stopping = False
        self._none = asyncio.Event()
        self._none.set()

    def began(self) -> None:
        """Count one more."""
        self._count += 1
        self._none.clear()

    def ended(self, response: web.StreamResponse | None) -> None:
        """Count one less; while stopping its connection is not used again."""
        self._count -= 1
        if not self._count:
            self._none.set()
        if self._stopping and response is not None and not response.prepared:
            response.force_close()

    async def drained(self) -> None:
        """Return when none is left; connections close after their answer."""
        self._stopping = True
        await self._none.wait()


@web.middleware
async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count the request while it is answered; the outermost middleware."""
    under_way, response = request.app[UNDER_WAY], None
    under_way.began()
    try:
        response = await handler(request)
        return response
    finally:
        under_way.ended(response)
